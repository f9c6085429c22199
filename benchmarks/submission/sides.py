"""What scores and writes submissions in `compare.py`: ours, and the least that it takes."""

import os
import shutil
from pathlib import Path

from pyarrow import parquet

from benchmarks.made_up.submission import paths_of
from partparse import cli, tables
from partparse.challenge.format import PREDICTION, STRIDE, TRUTH, parts_file, read_blocks
from partparse.challenge.submission import submitted_lengths
from partparse.challenge.writer import write_results
from partparse.files.json_pieces import no_cycles, read_pieces
from partparse.running.command_line import run
from scripts import score_parses

WRITTEN = ("parses", "actions", "frames")


def score_files(folder: str) -> None:
    """`partparse evaluate`."""
    cli.main(["evaluate", folder, folder])


def parse_files(folder: str) -> None:
    """Parse the JSON alone, and let each piece go."""
    with no_cycles():
        for kind in (TRUTH, PREDICTION):
            for _ in read_pieces(read_blocks(Path(folder), parts_file(kind))):
                pass


def score_tables(folder: str) -> None:
    """`scripts/score_parses.py`."""
    given: list[str] = []
    for kind in ("parses", "actions", "truth", "annotations", "frames"):
        given += [f"--{kind}", *map(str, paths_of(Path(folder), kind))]
    out = Path(folder) / "scores"
    for name in ("videos", "parts", "actions"):
        given += [f"--{name}-out", str(out / f"{name}.csv")]
    words = ["--method", "m", "--split", "test", "--stride", str(STRIDE), *given]
    run(score_parses.score_parses, words)


def read_tables(folder: str) -> None:
    """Read the two large tables as Arrow, unchecked."""
    for kind in ("parses", "annotations"):
        for path in paths_of(Path(folder), kind):
            parquet.read_table(path, partitioning=None)


def write_files(folder: str, out: str) -> None:
    """Write the challenge's files (not their zip) from tables."""
    parses, actions, frames = (paths_of(Path(folder), kind) for kind in WRITTEN)
    write_results(
        Path(out),
        PREDICTION,
        tables.predicted_action(tables.read_all(actions, tables.ACTIONS)),
        tables.read_all_coded(parses, tables.PARSES),
        submitted_lengths(tables.read_all(frames, tables.FRAMES)),
        stride=STRIDE,
    )


def copy_file(folder: str, out: str) -> None:
    """Read the tables unchecked, and write what was written already."""
    for path in paths_of(Path(folder), "parses"):
        parquet.read_table(path, partitioning=None)
    copy = Path(out).with_name("copy.json")
    shutil.copyfile(Path(folder) / "files" / parts_file(PREDICTION), copy)
    with copy.open("rb+") as written:
        os.fsync(written.fileno())
