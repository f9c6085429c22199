"""What the programs of stages are given: their job, and files with tables, frames, all names.

    def train_persons(*, annotations: Annotations, frames: Frames, job: Job, …) -> None: ...

The command line names the files, of several shards where a stage looks at several; the function
gets what is in them, read once the job has its cores and GPUs.
"""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import pandera.pandas as pa

from partparse import tables
from partparse.errors import InputError
from partparse.files.csv_tables import read_csvs
from partparse.vocabulary import Vocabulary


@dataclass(frozen=True)
class Job:
    """What a program may use, and what its half-done work is found again by."""

    version: int = 0
    """Of the stage's code: what was kept of a job with another one is not used."""
    threads: int = field(default_factory=lambda: len(os.sched_getaffinity(0)))
    """Cores."""
    gpus: int = 0
    """GPUs that no other job has."""

    @property
    def device(self) -> str:
        """The torch device: the visible GPU if the job was given one, else the CPU.

        Raises InputError where the job was given more, which only `train_model` makes use of.
        """
        if self.gpus > 1:
            raise InputError(f"this program uses one GPU, not {self.gpus}: give its rule gpu=1")
        import torch

        return "cuda:0" if self.gpus > 0 and torch.cuda.is_available() else "cpu"


@dataclass(frozen=True)
class Files:
    """How an argument is read from the files that the command line names."""

    read: Callable[[Sequence[Path]], Any]


@dataclass(frozen=True)
class Pictures:
    """Extracted frames, or the flow between them."""

    table: pd.DataFrame  # FRAMES, or FLOW
    cache: Path  # the folder of the pictures, in which the tables lie as well


def _table(schema: pa.DataFrameSchema) -> Files:
    def read(paths: Sequence[Path]) -> pd.DataFrame:
        return tables.read(paths[0], schema) if len(paths) == 1 else tables.read_all(paths, schema)

    return Files(read)


def _pictures(schema: pa.DataFrameSchema) -> Files:
    table = _table(schema)
    return Files(lambda paths: Pictures(table.read(paths), paths[0].parent))


Videos = Annotated[pd.DataFrame, _table(tables.VIDEOS)]
Truth = Annotated[pd.DataFrame, _table(tables.TRUTH)]
Annotations = Annotated[pd.DataFrame, _table(tables.ANNOTATIONS)]
Objects = Annotated[pd.DataFrame, _table(tables.OBJECTS)]
Persons = Annotated[pd.DataFrame, _table(tables.PERSONS)]
DetectedObjects = Annotated[pd.DataFrame, _table(tables.DETECTED_OBJECTS)]
Keypoints = Annotated[pd.DataFrame, _table(tables.KEYPOINT_TABLE)]
Parts = Annotated[pd.DataFrame, _table(tables.PARTS_TABLE)]
Actions = Annotated[pd.DataFrame, _table(tables.ACTIONS)]
States = Annotated[pd.DataFrame, _table(tables.STATES)]
Parses = Annotated[pd.DataFrame, _table(tables.PARSES)]
Frames = Annotated[Pictures, _pictures(tables.FRAMES)]
Flow = Annotated[Pictures, _pictures(tables.FLOW)]
Names = Annotated[Vocabulary, Files(lambda paths: Vocabulary.read(paths[0]))]
Csv = Annotated[pd.DataFrame, Files(read_csvs)]
