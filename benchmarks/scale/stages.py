"""Time and memory of the stages that work on tables alone, by running their programs.

Two kinds: a stage of shards reads the tables of some videos, a stage of splits reads all shards of
a split. The tables of a shard of the official size are made up once; other shards are the same with
other names of videos. Six methods are two, taken three times: what they cost does not change.
"""

import json
import multiprocessing
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.checkout import stage
from benchmarks.made_up.dataset import SHARDS, VIDEOS
from benchmarks.usage import Usage, run_all
from partparse.challenge.format import PREDICTION, actions_file, parts_file

TEST_VIDEOS = VIDEOS["test"] // SHARDS["test"] + 1
SCORED = 52
"""Scored frames of a test video."""
PERSONS = 10
METHODS = 6
STRIDE = "5"
GROUPS = ("head", "hand", "arm", "hip", "leg", "foot")


@dataclass(frozen=True)
class Tables:
    """Made-up tables, one of each kind a shard."""

    folder: Path
    times: float
    """How many times the official number of videos."""

    def of(self, kind: str, shard: str = "test-000") -> str:
        """The path of a shard's table."""
        return str(self.folder / kind / f"{shard}.parquet")

    def all(self, kind: str, split: str = "test") -> list[str]:
        """The paths of a split's tables."""
        return [
            self.of(kind, f"{split}-{number:03d}")
            for number in range(round(SHARDS[split] * self.times))
        ]

    def csv(self, name: str) -> str:
        """The path of a small table."""
        return str(self.folder / f"{name}.csv")


def read_shards(root: Path, folder: Path, shards: int) -> list[list[str]]:
    """The commands that read the first shards of a made-up data set (1x)."""
    vocabulary = str(folder / "vocabulary.json")
    common = {"root": root, "val_share": 0.2124, "seed": 0, "shards": SHARDS["train"]}
    lists = [
        stage("list_shard", **common, shard=f"train-{n:03d}", out=folder / f"{n}.csv")
        for n in range(shards)
    ]
    run_all([stage("read_vocabulary", root=root, out=vocabulary), *lists], 2)
    kinds = ("videos", "annotations", "objects", "truth")
    return [
        stage(
            "read_dataset",
            root=root,
            shard_list=folder / f"{n}.csv",
            vocabulary=vocabulary,
            **{f"{kind}_out": folder / kind / f"train-{n:03d}.parquet" for kind in kinds},
        )
        for n in range(shards)
    ]


def shard_stages(tables: Tables) -> Iterator[tuple[str, list[str]]]:
    """Name and command of each stage of shards, in an order in which they can run."""
    out = Tables(tables.folder / "out", tables.times)
    persons, actions = tables.of("persons"), tables.of("actions")
    yield (
        "grow_persons",
        stage(
            "grow_persons",
            persons=persons,
            keypoints=tables.of("keypoints"),
            frames=tables.of("frames"),
            settings='{"score": 0.5}',
            out=out.of("grown"),
        ),
    )
    weights = {"0": dict.fromkeys(GROUPS, 1.0), "1": dict.fromkeys(GROUPS, 2.0)}
    yield (
        "fuse_states, 2 methods",
        stage(
            "fuse_states",
            states=[f"{n}={tables.of(f'states_{n}')}" for n in range(2)],
            weights=json.dumps(weights),
            out=out.of("fused"),
        ),
    )
    yield "parse_states", parse_first(tables, 1)
    yield "parse_states", parse_first(tables, 0)
    parses = [f"{n}={tables.of(f'parses_{n % 2}')}" for n in range(METHODS)]
    common = {"split": "test", "folds": 5}
    yield (
        f"vote, {METHODS} methods",
        stage(
            "vote",
            **common,
            parses=parses,
            ranking=tables.csv("ranking"),
            iou=0.8,
            parses_out=out.of("vote"),
            votes_out=out.of("votes"),
        ),
    )
    yield (
        f"choose_by_category, {METHODS} methods",
        stage(
            "choose_by_category",
            **common,
            parses=parses,
            choice=tables.csv("ranking"),
            actions=actions,
            parses_out=out.of("chosen"),
            chosen_out=out.csv("chosen"),
        ),
    )


def parse_first(tables: Tables, method: int = 0) -> list[str]:
    """The command that makes the parses of the first shard of test by a method."""
    return stage(
        "parse_states",
        persons=tables.of("persons"),
        parts=tables.of("parts"),
        states=tables.of(f"states_{method}"),
        out=tables.of(f"parses_{method}"),
    )


def split_stages(tables: Tables) -> Iterator[tuple[str, list[str]]]:
    """Name and command of each stage of splits, in an order in which they can run."""
    out = tables.folder / "out"
    kinds = ("parses_0", "actions", "truth", "annotations", "frames")
    parses, actions, truth, annotations, frames = (tables.all(kind) for kind in kinds)
    judged = {
        "method": "0",
        "split": "test",
        "parses": parses,
        "actions": actions,
        "truth": truth,
        "annotations": annotations,
        "frames": frames,
        "stride": STRIDE,
    }
    yield (
        "fit_category",
        stage(
            "fit_category",
            videos=tables.all("videos", "train"),
            annotations=tables.all("annotations", "train"),
            vocabulary=tables.folder / "vocabulary.json",
            settings='{"pseudo_count": 0.5}',
            out=out / "category.parquet",
        ),
    )
    yield (
        "score_parses",
        stage(
            "score_parses",
            **judged,
            videos_out=out / "videos.csv",
            parts_out=out / "parts.csv",
            actions_out=out / "actions.csv",
        ),
    )
    yield "score_oracles", stage("score_oracles", **judged, out=out / "oracles.csv")
    yield (
        "evaluate_detection",
        stage(
            "evaluate_detection",
            root=tables.folder,
            annotations=annotations,
            persons=tables.all("persons"),
            used=tables.all("persons"),
            parts=[f"dots={path}" for path in tables.all("parts")],
            stride=STRIDE,
            measures_out=out / "detection.csv",
            curves_out=out / "curves.csv",
        ),
    )
    submission = {"frames": frames, "stride": STRIDE}
    zipped = out / "submission" / "submission.zip"
    yield (
        "write_submission",
        stage(
            "write_submission",
            **submission,
            parses=parses,
            actions=actions,
            parts_out=out / "submission" / parts_file(PREDICTION),
            actions_out=out / "submission" / actions_file(PREDICTION),
            zip_out=zipped,
        ),
    )
    yield (
        "check_submission",
        stage("check_submission", **submission, submission=zipped, out=out / "checked.txt"),
    )


def measure(stages: Iterator[tuple[str, list[str]]]) -> Iterator[tuple[str, Usage]]:
    """Run stages one after the other."""
    for name, command in stages:
        yield name, run_all([command], 1)


def make_shard(tables: Tables, videos: int) -> None:
    """Make the tables of one shard of test, and the ranking of methods."""
    _apart(_make_shard, tables, videos)


def copy_shards(tables: Tables) -> None:
    """Make all other shards of test, and of train, from the first ones."""
    for split, kinds in (
        ("test", ("parses_0", "actions", "truth", "annotations", "frames", "persons", "parts")),
        ("train", ("videos", "annotations")),
    ):
        for kind in kinds:
            _apart(_copy_shards, tables, kind, split)


def _apart(work: object, *arguments: object) -> None:
    """In a process of its own: Linux counts this one's memory to those that it starts."""
    with multiprocessing.Pool(1) as pool:
        pool.apply(work, arguments)  # type: ignore[arg-type]


def _make_shard(tables: Tables, videos: int) -> None:
    from dataclasses import replace

    import pandas as pd

    from benchmarks.made_up.tables import Size, make_up, make_world
    from partparse import tables as schemas

    size = Size(videos, SCORED, PERSONS, 2, 74, 24)
    world = make_world(size, seed=0)
    world = replace(world, actions=tuple(f"action_{number:02d}" for number in range(24)))
    made = make_up(size, world, seed=0)
    given = made.given
    for kind, table, schema in (
        ("persons", given.persons, schemas.PERSONS),
        ("keypoints", given.keypoints, schemas.KEYPOINT_TABLE),
        ("parts", given.parts["dots"], schemas.PARTS_TABLE),
        ("states_0", given.states["method_0"], schemas.STATES),
        ("states_1", given.states["method_1"], schemas.STATES),
        ("actions", given.actions["net"], schemas.ACTIONS),
        ("annotations", made.annotations, schemas.ANNOTATIONS),
        ("truth", made.truth, schemas.TRUTH),
        ("frames", made.frames, schemas.FRAMES),
    ):
        schemas.write(table, Path(tables.of(kind)), schema)
    ranked = [
        ("all", action, str(method), 1, 0.5, (method + place) % METHODS + 1)
        for place, action in enumerate(("*", *world.actions))
        for method in range(METHODS)
    ]
    columns = ["fold", "action", "method", "videos", "psc", "rank"]
    pd.DataFrame(ranked, columns=columns).to_csv(tables.csv("ranking"), index=False)


def _copy_shards(tables: Tables, kind: str, split: str) -> None:
    from benchmarks.made_up.tables import copy_table

    first, *others = map(Path, tables.all(kind, split))
    copy_table(first, others)


def remove(tables: Tables) -> None:
    """Delete all tables."""
    shutil.rmtree(tables.folder, ignore_errors=True)
