"""The schemas of all tables, and their only reader and writer (Parquet).

Videos are strings; frames and persons are integers from 1. Boxes are four columns `x1, y1, x2,
y2`: pixels of the original frame, x right, y down, corners inclusive. Probabilities are columns
`p_NAME`, one for each action or state, float32, and sum to 1 in each row.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pandera.pandas as pa
import pyarrow as arrow
from pyarrow import parquet

from partparse.errors import SetupError
from partparse.files.atomic import atomic_path
from partparse.files.table_checks import is_sound
from partparse.vocabulary import KEYPOINTS, PARTS, PERSON

FRAME_KEY: list[str] = ["video", "frame"]
PERSON_KEY: list[str] = [*FRAME_KEY, "person"]
PART_KEY: list[str] = [*PERSON_KEY, "part"]
OBJECT_KEY: list[str] = [*FRAME_KEY, "object"]
BOX: list[str] = ["x1", "y1", "x2", "y2"]
SPLITS: tuple[str, ...] = ("train", "val", "test")
PROBABILITY = "p_"


def probability_columns(names: Iterable[str]) -> list[str]:
    """The column names of a distribution over `names`."""
    return [PROBABILITY + name for name in names]


def probability_names(frame: pd.DataFrame) -> list[str]:
    """The names whose distribution a table holds, in the order of its columns."""
    return [c.removeprefix(PROBABILITY) for c in frame.columns if c.startswith(PROBABILITY)]


def likeliest(frame: pd.DataFrame) -> np.ndarray:
    """The likeliest name in each row of a table with a distribution, (rows,) of str."""
    names = np.array(probability_names(frame), dtype=object)
    return names[frame[probability_columns(names)].to_numpy().argmax(axis=1)]


def predicted_action(actions: pd.DataFrame) -> pd.DataFrame:
    """Columns video, action: the likeliest action of each row of an ACTIONS table."""
    return pd.DataFrame({"video": actions["video"], "action": likeliest(actions)}).astype(str)


def _ordered(frame: pd.DataFrame) -> pd.Series:
    return (frame["x2"] >= frame["x1"]) & (frame["y2"] >= frame["y1"])


def _is_distribution(frame: pd.DataFrame) -> pd.Series:
    # all columns at once: pandera takes a millisecond for a check of each
    values = frame[probability_columns(probability_names(frame))].to_numpy(np.float32)
    sound = (values >= 0).all(axis=1) & np.isclose(values.sum(axis=1), 1.0, atol=1e-3)
    return pd.Series(sound, index=frame.index, dtype=bool)


_BOX_ORDER = pa.Check(_ordered, error="a box with x2 < x1 or y2 < y1")
_DISTRIBUTION = pa.Check(_is_distribution, error="probabilities below 0, or that do not sum to 1")

_VIDEO = {"video": pa.Column(str)}
_FRAME = _VIDEO | {"frame": pa.Column("int32", pa.Check.ge(1))}
_PERSON = _FRAME | {"person": pa.Column("int32", pa.Check.ge(1))}
_PART = _PERSON | {"part": pa.Column(str, pa.Check.isin([*PARTS, PERSON]))}
_BOXES = {column: pa.Column("float32") for column in BOX}
_SCORE = {"score": pa.Column("float32", pa.Check.in_range(0, 1))}
_PROBABILITIES = {f"^{PROBABILITY}.+$": pa.Column("float32", regex=True)}


def _schema(
    name: str, columns: dict[str, pa.Column], key: Sequence[str], checks: Sequence[pa.Check] = ()
) -> pa.DataFrameSchema:
    return pa.DataFrameSchema(
        columns, name=name, unique=list(key), checks=list(checks), strict=True, coerce=True
    )


VIDEOS = _schema(
    "videos",
    _VIDEO
    | {
        "split": pa.Column(str, pa.Check.isin(SPLITS)),
        "action": pa.Column(str, nullable=True),  # null for test
        "path": pa.Column(str),  # relative to the data set's root
        "source": pa.Column(str),  # changes when another file takes its place
        "frames": pa.Column("Int32", nullable=True),  # flist's count, else the container's
        "width": pa.Column("Int32", nullable=True),  # null where the video can't be opened
        "height": pa.Column("Int32", nullable=True),
        "fps": pa.Column("float64", nullable=True),
    },
    ["video"],
)
"""One row a video, as the data set describes it."""

TRUTH = _schema("truth", _VIDEO | {"action": pa.Column(str)}, ["video"])
"""The action of each video whose action is known, test included: read by evaluation alone."""

FRAMES = _schema(
    "frames",
    _VIDEO
    | {
        "frames": pa.Column("int32", pa.Check.ge(0)),  # written as img_00001.jpg, …
        "expected": pa.Column("Int32", nullable=True),  # what flist (else the container) says
        "width": pa.Column("int32"),  # 0 where no frame decodes
        "height": pa.Column("int32"),
        "fps": pa.Column("float64", nullable=True),
        "problem": pa.Column(str, nullable=True),  # null: all frames are there
        "source": pa.Column(str),  # changes with the video and with how the pictures are made
    },
    ["video"],
)
"""What frame extraction got out of each video."""

TIMES = _schema(
    "times",
    # presentation time in seconds after the first frame; null in a folder of pictures
    _FRAME | {"time": pa.Column("float64", pa.Check.ge(0), nullable=True)},
    FRAME_KEY,
)
"""When a player shows each extracted frame."""

FLOW = _schema(
    "flow",
    _VIDEO
    | {
        "frames": pa.Column("int32", pa.Check.ge(0)),  # of the flow: img_00001.jpg, … in its cache
        "width": pa.Column("int32"),  # of the flow, in pixels; 0 where there is none
        "height": pa.Column("int32"),
        "problem": pa.Column(str, nullable=True),  # null: every frame has its flow
        "source": pa.Column(str),  # changes with the frames and with how the flow is measured
    },
    ["video"],
)
"""What flow extraction got out of each video's frames."""

ANNOTATIONS = _schema(
    "annotations",
    _PART | _BOXES | {"state": pa.Column(str, nullable=True)},  # null on the person's row
    PART_KEY,
    [_BOX_ORDER],
)
"""Ground truth: a row for each person (part = "person") and each annotated part."""

OBJECTS = _schema(
    "objects",
    _FRAME | {"object": pa.Column("int32", pa.Check.ge(1)), "name": pa.Column(str)} | _BOXES,
    OBJECT_KEY,
    [_BOX_ORDER],
)
"""Annotated objects."""

PERSONS = _schema(
    "persons",
    _PERSON | _BOXES | _SCORE | {"track": pa.Column("int32")},  # -1: not tracked
    PERSON_KEY,
    [_BOX_ORDER],
)
"""Detected persons; `person` counts from 1 by the detector's falling score."""

DETECTED_OBJECTS = _schema(
    "detected objects",
    _FRAME
    | {"object": pa.Column("int32", pa.Check.ge(1)), "name": pa.Column(str)}
    | _BOXES
    | _SCORE,
    OBJECT_KEY,
    [_BOX_ORDER],
)
"""Detected objects; `object` counts from 1 by falling score."""

KEYPOINT_COLUMNS: list[str] = [f"{name}_{value}" for name in KEYPOINTS for value in "xys"]
"""`nose_x, nose_y, nose_s, left_eye_x, …`: pixels of the frame, and the score in [0, 1]."""

KEYPOINT_TABLE = _schema(
    "keypoints", _PERSON | {column: pa.Column("float32") for column in KEYPOINT_COLUMNS}, PERSON_KEY
)
"""17 COCO keypoints of each person."""

PARTS_TABLE = _schema("parts", _PART | _BOXES | _SCORE, PART_KEY, [_BOX_ORDER])
"""Detected parts of each person: at most one box a part."""

ACTIONS = _schema("actions", _VIDEO | _PROBABILITIES, ["video"], [_DISTRIBUTION])
"""An action model's distribution for each video."""

STATES = _schema("states", _PART | _PROBABILITIES, PART_KEY, [_DISTRIBUTION])
"""A state method's distribution for each part of each person."""

CATEGORY_STATISTICS = _schema(
    "category statistics",
    {
        "action": pa.Column(str),
        "part": pa.Column(str, pa.Check.isin(PARTS)),
        "count": pa.Column("int64", pa.Check.ge(0)),  # annotated states of the pair
    }
    | _PROBABILITIES,
    ["action", "part"],
    [_DISTRIBUTION],
)
"""The distribution over states for every pair of an action and a part, from training videos."""

_STATE = {
    "state": pa.Column(str, nullable=True),  # null on the person's row
    # of the state, as whoever chose it has it; null as well
    "state_probability": pa.Column("float32", pa.Check.in_range(0, 1.001), nullable=True),
}

PARSES = _schema("parses", _PART | _BOXES | _SCORE | _STATE, PART_KEY, [_BOX_ORDER])
"""What a submission is made of: persons (part = "person", no state) and parts with a state.

`score` is the detector's, of the person or the part; it says nothing of the state.
"""
PARSE_COLUMNS: list[str] = list(PARSES.columns)

_SCORES = {name: pa.Column("float64", nullable=True) for name in ("probability", "psc", "score")}
EXPECTED = _schema("expected scores", _VIDEO | {"action": pa.Column(str)} | _SCORES, ["video"])
"""What a decision expects of each video: the action's probability, the PSC, and their product."""

_SECONDS = {"seconds": pa.Column("float64", pa.Check.ge(0), nullable=True)}  # after frame 1

# the same person's in all frames; -1: not tracked
_FOLLOWED = {"track": pa.Column("int32")} | _SECONDS

PARSED = _schema(
    "parse of a video",
    _PART | _BOXES | _SCORE | _STATE | _FOLLOWED,
    PART_KEY,
    [_BOX_ORDER],
)
"""PARSES of a video, with the time of each frame and the track of each person."""

POSED = _schema(
    "keypoints of a parse",
    _PERSON | {column: pa.Column("float32") for column in KEYPOINT_COLUMNS} | _FOLLOWED,
    PERSON_KEY,
)
"""KEYPOINT_TABLE of the persons of PARSED, with the time and the track of each."""

TRACKS = _schema(
    "tracks",
    _FRAME
    | {"track": pa.Column("int32", pa.Check.ge(1))}
    | _BOXES
    | _SCORE
    | {"detected": pa.Column(bool)}  # else the box lies between those before and after
    | _SECONDS,
    [*FRAME_KEY, "track"],
    [_BOX_ORDER],
)
"""Where tracked persons are, frame by frame."""


VOTES = _schema(
    "votes",
    _PART
    | {
        "state": pa.Column(str),
        "votes": pa.Column("int32", pa.Check.ge(1)),  # methods that gave the part this state
        "ballots": pa.Column("int32", pa.Check.ge(1)),  # methods that gave it any
    },
    PART_KEY,
)
"""What a vote decided for each part, and how clearly."""


PROBLEMS = _schema(
    "problems",
    _VIDEO | {"stage": pa.Column(str), "reason": pa.Column(str)},
    ["video", "stage"],
)
"""The videos that a stage has not, or not all of, and why; it gave them nothing it has not got."""


_EMPTY: dict[tuple[str | None, tuple[str, ...]], pd.DataFrame] = {}
"""What `empty` has made, by the schema's name: it takes pandera longer than a table with rows."""


def empty(schema: pa.DataFrameSchema, names: Sequence[str] = ()) -> pd.DataFrame:
    """A table without rows; `names` are those of its distribution, where it has one."""
    made = schema.name, tuple(names)
    if made not in _EMPTY:
        columns = [c for c in schema.columns if not c.startswith("^")] + probability_columns(names)
        _EMPTY[made] = schema.validate(pd.DataFrame({column: [] for column in columns}))
    return _EMPTY[made].copy()


def nothing_found(
    schema: pa.DataFrameSchema, names: Sequence[str], videos: Sequence[str]
) -> pd.DataFrame:
    """A table of videos in which nothing was found: no rows, but for ACTIONS all equally likely."""
    table = empty(schema, names)
    if schema is not ACTIONS:
        return table
    even = dict.fromkeys(probability_columns(names), np.float32(1 / max(len(names), 1)))
    return schema.validate(table.reindex(range(len(videos))).assign(video=list(videos), **even))


def write(frame: pd.DataFrame, path: Path, schema: pa.DataFrameSchema) -> None:
    """Check `frame` against `schema`, sort it by its key, and write it atomically.

    Raises pandera's SchemaError where the table does not fit: that is a fault of the program.
    """
    frame = checked(frame.reset_index(drop=True), schema)
    frame = frame.sort_values(schema.unique, kind="stable")
    table = arrow.Table.from_pandas(frame, preserve_index=False)
    # a dictionary of floats that are all different costs most of the time and makes files larger
    floats = [field.name for field in table.schema if arrow.types.is_floating(field.type)]
    with atomic_path(path) as temporary:
        parquet.write_table(
            table,
            temporary,
            compression="zstd",
            use_dictionary=[name for name in table.column_names if name not in floats],
            use_byte_stream_split=floats,
        )


def read(path: Path, schema: pa.DataFrameSchema) -> pd.DataFrame:
    """Read one table and check it. Raises InputError that names the file."""
    table, frame = _read(path, schema)
    return frame if table is None else _plain(table).to_pandas()


def _read(
    path: Path, schema: pa.DataFrameSchema
) -> tuple[arrow.Table, None] | tuple[None, pd.DataFrame]:
    """A table with text as dictionaries, if a quick look shows that it is right; else checked."""
    text = [name for name, column in schema.columns.items() if _is_text(column)]
    try:
        table = parquet.read_table(path, partitioning=None, read_dictionary=text)
        if is_sound(table, schema):
            return table, None
        return None, _validated(_plain(table).to_pandas(), schema)
    except FileNotFoundError:
        raise SetupError(f"{path}: no such table") from None
    except (arrow.ArrowInvalid, OSError) as error:
        raise SetupError(f"{path}: not a readable Parquet table: {error}") from None
    except pa.errors.SchemaError as error:
        raise SetupError(f"{path}: not a {schema.name} table: {error}") from None


def _is_text(column: pa.Column) -> bool:
    return str(column.dtype) == "str" or str(column.dtype).startswith("string")


def _plain(table: arrow.Table) -> arrow.Table:
    """The table with its text as such."""
    for place, field in enumerate(table.schema):
        if arrow.types.is_dictionary(field.type):
            values = table.column(place).cast(field.type.value_type)
            table = table.set_column(place, field.name, values)
    return table


def checked(frame: pd.DataFrame, schema: pa.DataFrameSchema) -> pd.DataFrame:
    """The frame with the schema's types; SchemaError, one line, says what does not fit."""
    try:
        quick = _coded(arrow.Table.from_pandas(frame, preserve_index=False))
    except (arrow.ArrowInvalid, arrow.ArrowTypeError):
        return _validated(frame, schema)
    return frame if is_sound(quick, schema) else _validated(frame, schema)


def _validated(frame: pd.DataFrame, schema: pa.DataFrameSchema) -> pd.DataFrame:
    try:
        return schema.validate(frame)
    except pa.errors.SchemaErrors as errors:
        # of a wrong set of columns pandera makes pages: the first of them says enough
        first = errors.schema_errors[0]
        raise pa.errors.SchemaError(schema, frame, str(first).splitlines()[0]) from None


def read_all(paths: Iterable[Path], schema: pa.DataFrameSchema) -> pd.DataFrame:
    """Read the shards of one table as a single frame, in the order of `paths`."""
    frames = [read(path, schema) for path in paths]
    if not frames:
        raise ValueError(f"no {schema.name} table given")
    return pd.concat(frames, ignore_index=True)


def read_all_coded(paths: Iterable[Path], schema: pa.DataFrameSchema) -> pd.DataFrame:
    """`read_all` with text as categories: a third of its time and memory for tables of parts."""
    shards = []
    for path in paths:
        table, frame = _read(path, schema)
        if table is None:
            table = _coded(arrow.Table.from_pandas(frame, preserve_index=False))
        shards.append(table.select(sorted(table.column_names)).replace_schema_metadata())
    return arrow.concat_tables(shards).unify_dictionaries().to_pandas()


def _coded(table: arrow.Table) -> arrow.Table:
    """The table with its text as dictionaries, as `read_dictionary` makes them."""
    for place, field in enumerate(table.schema):
        if field.type in (arrow.string(), arrow.large_string()):
            values = table.column(place).cast(arrow.string()).dictionary_encode()
            table = table.set_column(place, field.name, values)
    return table


def pack_keypoints(frame: pd.DataFrame) -> np.ndarray:
    """(rows, 17, 3) array of x, y, score from a keypoints table."""
    return frame[KEYPOINT_COLUMNS].to_numpy(np.float32).reshape(len(frame), len(KEYPOINTS), 3)


def unpack_keypoints(keys: pd.DataFrame, keypoints: np.ndarray) -> pd.DataFrame:
    """A keypoints table from its keys (video, frame, person) and a (rows, 17, 3) array."""
    values = pd.DataFrame(
        np.asarray(keypoints, np.float32).reshape(len(keys), len(KEYPOINT_COLUMNS)),
        columns=KEYPOINT_COLUMNS,
        index=keys.index,
    )
    return pd.concat([keys[PERSON_KEY], values], axis=1)
