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
    stage: str = ""
    """What the stage is called in a table of problems."""
    problems_out: Path | None = None
    """Table to write: the videos that were left out, and why. None: none is left out."""
    stop_on_fault: bool = False
    """Stop at a fault that nobody expected, instead of leaving the video out."""
    rehearsal_steps: int | None = None
    """Optimiser steps after which a training ends, to see that it runs. None: it is not cut."""

    @property
    def device(self) -> str:
        """The torch device: the visible GPU if the job was given one, else the CPU.

        Raises InputError where the job was given more, which only trainings of networks make use
        of.
        """
        if self.gpus > 1:
            raise InputError(f"this program uses one GPU, not {self.gpus}: give its rule gpu=1")
        import torch

        return "cuda:0" if self.gpus > 0 and torch.cuda.is_available() else "cpu"

    @property
    def cut(self) -> dict[str, int]:
        """Of a training that is cut: what its card says, and its half-done work is told apart by.

        One that is not has neither.
        """
        return {} if self.rehearsal_steps is None else {"rehearsal_steps": self.rehearsal_steps}


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
Times = Annotated[pd.DataFrame, _table(tables.TIMES)]
Flow = Annotated[Pictures, _pictures(tables.FLOW)]
Problems = Annotated[pd.DataFrame, _table(tables.PROBLEMS)]
Names = Annotated[Vocabulary, Files(lambda paths: Vocabulary.read(paths[0]))]
Csv = Annotated[pd.DataFrame, Files(read_csvs)]

MEANINGS = {
    "actions": "Tables of the videos' actions: a probability of each.",
    "annotations": "Tables of the videos' annotated persons and parts.",
    "choice": "Ranking of the methods by action.",
    "final": "The method that is submitted.",
    "folds": "Of val, for cross-fitting.",
    "frames": "Tables of the videos' frames, or flow; the pictures lie beside them.",
    "init": "Folder of a model whose weights a training starts from.",
    "keypoints": "Tables of the persons' keypoints.",
    "method": "Whose parses they are.",
    "model": "Folder of the model.",
    "objects": "Tables of the videos' objects.",
    "oracles": "Oracle ladders.",
    "out": "File or folder to write.",
    "parses": "Tables of the persons' and parts' boxes and chosen states.",
    "parts": "Tables of the persons' parts.",
    "persons": "Tables of the videos' persons.",
    "problems": "Tables of the videos that were left out, and why.",
    "references": "What all methods are compared to.",
    "root": "Folder of the data set.",
    "run": "Folder that a finished run was made in.",
    "score": "Persons are drawn from this score on.",
    "scores": "Scores of all methods.",
    "settings": "Those of the config for this stage.",
    "split": "Of the videos.",
    "stride": "Every how many frames is scored.",
    "times": "Tables of when frames are shown.",
    "tracked": "Tables of persons over time, with tracks; --keypoints are theirs.",
    "truth": "Tables of the videos' true actions.",
    "videos": "Tables of the videos.",
    "vocabulary": "All names.",
}
"""What the options are that mean the same in every program: their functions need not say it."""


def meaning_of(name: str) -> str | None:
    """What an option is, if it is one of these, or what is written besides."""
    return MEANINGS["out"] if name.endswith("_out") else MEANINGS.get(name)
