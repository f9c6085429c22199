"""A made-up submission and its truth, as tables and as the challenge's files.

python -m benchmarks.made_up.submission FOLDER VIDEOS

Each video has 52 scored frames of ten persons with ten parts, the most that a submission holds; two
of the persons are true. `FOLDER/KIND/SHARD.parquet` are the tables that the workflow has before it
writes and scores a submission, `FOLDER/files` holds the four JSON files.
"""

import multiprocessing
import sys
from pathlib import Path

SCORED = 52
"""Scored frames of a video."""
PERSONS, STATES, ACTIONS = 10, 74, 24
SHARD = 78
"""Videos of a shard, at most."""
KINDS = ("parses", "actions", "truth", "annotations", "frames")


def main() -> None:
    """Make the shards, each by a new process, then the files."""
    folder, videos = Path(sys.argv[1]), int(sys.argv[2])
    shards = range(0, videos, SHARD)
    with multiprocessing.Pool(1, maxtasksperchild=1) as pool:
        pool.starmap(
            make_shard, [(folder, first, min(SHARD, videos - first)) for first in shards], 1
        )
        pool.apply(write_files, (folder,))


def make_shard(folder: Path, first: int, videos: int) -> None:
    """Write the tables of some videos."""
    from benchmarks.made_up.tables import Size, make_up, make_world
    from partparse import tables
    from partparse.states.rows import parse

    size = Size(videos, SCORED, PERSONS, 1, STATES, ACTIONS)
    made = make_up(size, make_world(size, seed=0), first, f"video_{first:04d}")
    given = made.given
    parses = parse(given.persons, given.parts["dots"], given.states["method_0"])
    for kind, table, schema in (
        ("parses", parses, tables.PARSES),
        ("actions", given.actions["net"], tables.ACTIONS),
        ("truth", made.truth, tables.TRUTH),
        ("annotations", made.annotations, tables.ANNOTATIONS),
        ("frames", made.frames, tables.FRAMES),
    ):
        tables.write(table, folder / kind / f"{first:04d}.parquet", schema)


def write_files(folder: Path) -> None:
    """Write the JSON files of all shards."""
    from partparse import tables
    from partparse.challenge.format import STRIDE, TRUTH
    from partparse.challenge.submission import submitted_lengths, write_submission
    from partparse.challenge.writer import write_results

    schemas = (tables.PARSES, tables.ACTIONS, tables.TRUTH, tables.ANNOTATIONS, tables.FRAMES)
    parses, actions, truth, annotations, frames = (
        tables.read_all(paths_of(folder, kind), schema)
        for kind, schema in zip(KINDS, schemas, strict=True)
    )
    lengths = submitted_lengths(frames)
    write_submission(folder / "files", parses, tables.predicted_action(actions), lengths)
    write_results(folder / "files", TRUTH, truth, annotations, lengths, stride=STRIDE)


def paths_of(folder: Path, kind: str) -> list[Path]:
    """The tables of one kind, by shard."""
    return sorted((folder / kind).glob("*.parquet"))


if __name__ == "__main__":
    main()
