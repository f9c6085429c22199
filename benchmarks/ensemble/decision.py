"""Time and memory of the decision over made-up tables of the official test set's size.

    python -m benchmarks.ensemble.decision
    python -m benchmarks.ensemble.decision --small

Tables of a val set are made, and `scripts/fit_decision.py` is run on them; then tables of a quarter
of the test videos, half and all are made, and `scripts/decide.py` is run on every shard by as many
processes at once as there are workers, as the workflow does. What is measured is these programs as
a whole: the start of Python, reading Parquet tables with all checks, deciding, writing. Making the
tables is not measured; it stands below the table. Tables were just written, so that they come from
the system's cache and not from a disk.

Columns: seconds by the clock from the first process's start to the last one's end; CPU seconds of
all processes, which other programs on the machine change less; the peak resident memory of the
largest process, and that times the processes that run at once: a bound of what is held.
"""

import argparse
import json
import multiprocessing
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.checkout import settings, stage
from benchmarks.printing import command_line, print_head, print_row
from benchmarks.usage import run_all

if TYPE_CHECKING:  # the measuring process stays small: Linux counts its memory to its children's
    import pandas as pd
    from pandera.pandas import DataFrameSchema

    from benchmarks.made_up.tables import MadeUp

COLUMNS = ("stage", "seconds", "CPU seconds", "peak MB a process", "peak MB in all")
SMALL = {
    "videos": 8,
    "frames": 6,
    "persons": 5,
    "methods": 2,
    "states": 6,
    "part_states": 4,
    "actions": 3,
    "train_videos": 100,
    "train_frames": 6,
    "val_videos": 24,
    "shards": 2,
}
"""What `--small` puts in the place of the official sizes."""
PARTS = ("dots", "plain")
TRAIN_VIDEOS = 50
"""Of a shard of train."""
DECISION = json.dumps(settings("decision"))
COMMON: dict[str, object] = {"folds": 5, "threads": 1}
STEPS = ("reading tables", "joining them", "deciding", "writing tables")


@dataclass(frozen=True)
class Bench:
    """What is made up, and where its tables are."""

    folder: Path
    args: argparse.Namespace

    def path(self, table: str, shard: str) -> str:
        """Where a shard's table is."""
        return str(self.folder / table / f"{shard}.parquet")

    def manifest(self, shard: str) -> dict[str, Any]:
        """Where the tables are that are decided on."""
        methods = [f"method_{number}" for number in range(self.args.methods)]
        return {
            **{name: self.path(name, shard) for name in ("persons", "tracks", "keypoints")},
            "parts": {name: self.path(f"parts_{name}", shard) for name in PARTS},
            "states": {name: self.path(f"states_{name}", shard) for name in methods},
            "actions": {"net": self.path("actions_net", shard)},
            "sources": {"mirrored": {"persons": self.path("mirrored", shard)}},
        }

    def fit(self, model: Path, train: Sequence[str], val: Sequence[str]) -> list[str]:
        """The command that fits the decision."""

        def paths(names: Sequence[str], shards: Sequence[str]) -> dict[str, list[str]]:
            return {name: [self.path(name, shard) for shard in shards] for name in names}

        manifest = {
            "val": [self.manifest(shard) for shard in val],
            "train": paths(("videos", "annotations", "tracks", "keypoints"), train),
            **paths(("truth", "annotations", "frames"), val),
        }
        return stage(
            "fit_decision",
            manifest=json.dumps(manifest),
            vocabulary=self.folder / "vocabulary.json",
            stride=5,
            settings=DECISION,
            **COMMON,
            out=model,
        )

    def decide(self, model: Path, shard: str) -> list[str]:
        """The command that decides on a shard."""
        return stage(
            "decide",
            manifest=json.dumps(self.manifest(shard)),
            split=shard.split("-", maxsplit=1)[0],
            model=model,
            **COMMON,
            parses_out=self.path("parses", shard),
            actions_out=self.path("decided", shard),
            probabilities_out=self.path("probabilities", shard),
            expected_out=self.folder / "expected" / f"{shard}.csv",
        )


def main() -> None:
    """Measure fit and decision, and print the table."""
    args = parse_arguments()
    with tempfile.TemporaryDirectory(dir=args.folder) as folder:
        bench = Bench(Path(folder), args)
        print_head(*COLUMNS)
        making = measure_all(bench)
    print(f"\nMaking the tables took {making:.0f} s, which are not counted.")


def measure_all(bench: Bench) -> float:
    """Print a row for each stage and the share of reading; returns the seconds of making tables."""
    args, model = bench.args, bench.folder / "model"
    making = timed(lambda: make_train(bench))
    val = cut("val", args.val_videos, args.shards)
    making += timed(lambda: make_shards(bench, val, args.val_persons))
    usage = run_all([bench.fit(model, name_train(bench), [name for name, _ in val])], 1)
    print_row(f"fit, {args.val_videos} videos", *usage.cells())
    empty(bench, val)
    for size in args.sizes:
        videos = round(args.videos * size)
        shards = cut("test", videos, args.shards)
        making += timed(lambda of=shards: make_shards(bench, of, args.persons))  # type: ignore[misc]
        commands = [bench.decide(model, name) for name, _ in shards]
        usage = run_all(commands, args.workers)
        print_row(f"decide, {videos} videos", *usage.cells())
        if size == args.sizes[-1]:
            with multiprocessing.Pool(1) as pool:
                steps = pool.apply(time_steps, (bench, model, shards[0][0]))
        empty(bench, shards)
    shares = zip(STEPS, steps, strict=True)
    print("\nOf a shard:", ", ".join(f"{n} {t / sum(steps):.0%} ({t:.1f} s)" for n, t in shares))
    return making


def parse_arguments() -> argparse.Namespace:
    """The arguments; the defaults are the official sizes."""
    parser = command_line(__doc__)
    parser.add_argument("--videos", type=int, default=932, help="of test")
    parser.add_argument("--frames", type=int, default=52, help="scored frames of a video")
    parser.add_argument("--persons", type=int, default=10, help="of a frame of test")
    parser.add_argument("--methods", type=int, default=6, help="that judge states")
    parser.add_argument("--states", type=int, default=74, help="that the methods know")
    parser.add_argument("--part-states", type=int, default=30, help="that a part can be in")
    parser.add_argument("--actions", type=int, default=24)
    parser.add_argument("--train-videos", type=int, default=3000, help="to count on")
    parser.add_argument("--train-frames", type=int, default=151, help="annotated ones of a video")
    parser.add_argument("--val-videos", type=int, default=809, help="to fit on")
    parser.add_argument("--val-persons", type=int, default=3, help="of a frame of val")
    parser.add_argument("--shards", type=int, default=12, help="of val, and of test")
    parser.add_argument("--workers", type=int, default=2, help="processes at once")
    parser.add_argument("--sizes", type=float, nargs="+", default=[0.25, 0.5, 1.0], metavar="SHARE")
    parser.add_argument("--folder", type=Path, help="for the tables; default: where others go")
    parser.add_argument("--small", action="store_true", help="sizes that take seconds")
    args = parser.parse_args()
    if args.small:
        vars(args).update(SMALL)
    return args


def timed(work: Callable[[], None]) -> float:
    """Seconds by the clock."""
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def cut(split: str, videos: int, shards: int) -> list[tuple[str, int]]:
    """Names of shards, and how many videos each has."""
    ends = [round(videos * shard / shards) for shard in range(shards + 1)]
    return [(f"{split}-{n}", last - first) for n, (first, last) in enumerate(pairwise(ends))]


def make_shards(bench: Bench, shards: Sequence[tuple[str, int]], persons: int) -> None:
    """Write the tables of shards."""
    with multiprocessing.Pool(bench.args.workers, maxtasksperchild=1) as pool:
        pool.starmap(make_shard, [(bench, name, videos, persons) for name, videos in shards])


def name_train(bench: Bench) -> list[str]:
    """The shards of train: all but the first are the same videos under other names."""
    return [f"train-{n}" for n in range(round(bench.args.train_videos / TRAIN_VIDEOS))]


def make_train(bench: Bench) -> None:
    """Write the vocabulary, and what is counted on training videos."""
    with multiprocessing.Pool(1) as pool:
        pool.apply(_make_train, (bench,))


def _make_train(bench: Bench) -> None:
    from benchmarks.made_up.tables import copy_table

    # of the persons that are made up a fifth is true, and those alone are in train's tables
    make_shard(bench, "train-0", TRAIN_VIDEOS, 5 * bench.args.val_persons)
    for table in ("annotations", "keypoints", "tracks", "videos"):
        first, *others = (Path(bench.path(table, n)) for n in name_train(bench))
        copy_table(first, others)


def empty(bench: Bench, shards: Sequence[tuple[str, int]]) -> None:
    """Delete the tables of shards."""
    for name, _ in shards:
        for path in bench.folder.glob(f"*/{name}.*"):
            path.unlink()


def make_shard(bench: Bench, name: str, videos: int, persons: int) -> None:
    """Write the tables of a shard."""
    import numpy as np

    from benchmarks.made_up.tables import Size, make_up, make_world
    from partparse import tables
    from partparse.vocabulary import PARTS, PERSON, Vocabulary

    args = bench.args
    is_train = name.startswith("train")
    frames = args.train_frames if is_train else args.frames
    size = Size(videos, frames, persons, args.methods, args.states, args.actions)
    world = make_world(size, seed=0, part_states=args.part_states)
    if is_train:
        size, world = replace(size, methods=0), replace(world, skill=world.skill[:0])
    made = make_up(size, world, sum(name.encode()), name.replace("-", "_"))
    given = made.given

    def write(table: str, frame: "pd.DataFrame | None", schema: "DataFrameSchema") -> None:
        if frame is not None:
            tables.write(frame, Path(bench.path(table, name)), schema)

    write("actions_net", given.actions["net"], tables.ACTIONS)
    annotations = made.annotations
    if is_train:  # about five parts a person, as the official set has them
        drawn = np.random.default_rng(0).random(len(annotations)) < 0.55
        annotations = annotations[drawn | (annotations["part"] == PERSON)]
    write("annotations", annotations, tables.ANNOTATIONS)
    write("mirrored", given.sources["mirrored"].persons, tables.PERSONS)
    write("persons", given.persons, tables.PERSONS)
    write("truth", made.truth, tables.TRUTH)
    for source, parts in given.parts.items():
        write(f"parts_{source}", parts, tables.PARTS_TABLE)
    if is_train:
        Vocabulary(world.actions, PARTS, world.states, ()).write(bench.folder / "vocabulary.json")
        write("tracks", made.tracked, tables.PERSONS)
        assert given.keypoints is not None
        posed = given.keypoints[given.keypoints["person"] <= persons // 5]
        write("keypoints", posed, tables.KEYPOINT_TABLE)
        write("videos", describe_videos(made), tables.VIDEOS)
    else:
        write("tracks", given.tracks, tables.PERSONS)
        write("keypoints", given.keypoints, tables.KEYPOINT_TABLE)
        write("frames", made.frames, tables.FRAMES)
        for method, states in given.states.items():
            write(f"states_{method}", states, tables.STATES)


def describe_videos(made: "MadeUp") -> "pd.DataFrame":
    """VIDEOS, as far as it is used."""
    return made.truth.assign(
        split="train", path="", source="", frames=1, width=1280, height=720, fps=25.0
    )


def time_steps(bench: Bench, folder: Path, shard: str) -> list[float]:
    """CPU seconds of each of `STEPS` of a decision on test videos, by a fitted model's folder."""
    from partparse import tables
    from partparse.decision.decide import complete, decide
    from partparse.decision.gather import gather
    from partparse.decision.inputs import ShardTables
    from partparse.decision.model import DecisionModel, TrainingStatistics
    from partparse.ensemble.folds import ALL
    from partparse.files.array_files import read_arrays

    statistics = read_arrays(TrainingStatistics, folder / "background.npz")
    model = read_arrays(DecisionModel, folder / f"{ALL}.npz")
    times = [time.process_time()]
    given = ShardTables(**bench.manifest(shard)).read()
    given = replace(given, states=dict(given.states))  # which the program reads one at a time
    times.append(time.process_time())
    videos = given.actions["net"]["video"].tolist()
    evidence = gather(given, videos, statistics.actions, statistics.space)
    evidence = complete(evidence, statistics)
    times.append(time.process_time())
    decided = decide(evidence, model, statistics)
    times.append(time.process_time())
    tables.write(decided.parses, Path(bench.path("parses", shard)), tables.PARSES)
    times.append(time.process_time())
    return [last - first for first, last in pairwise(times)]


if __name__ == "__main__":
    main()
