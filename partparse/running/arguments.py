"""What the programs of stages are given as files: tables, frames, the vocabulary.

    def train_persons(*, annotations: Annotations, frames: Frames, …) -> None: ...

The command line names the files, of several shards where a stage looks at several; the function
gets what is in them, read once the job has its cores and GPUs.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import pandera.pandas as pa

from partparse import tables
from partparse.files.csv_tables import read_csvs
from partparse.vocabulary import Vocabulary


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
