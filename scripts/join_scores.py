"""Join what was measured to results/scores.csv, and to a text for the terminal."""

import argparse
from pathlib import Path

import pandas as pd

from partparse import tables
from partparse.files.atomic import atomic_path, write_text
from partparse.files.csv_tables import read_csv, read_csvs
from partparse.report.scores import as_text, main_detection, summarise
from partparse.running.program import run


def read_split_tables(paths: list[Path]) -> pd.DataFrame:
    """Join CSVs named SPLIT.csv, with the split as the first column."""
    frames = [read_csv(path).assign(split=path.stem) for path in paths]
    joined = pd.concat(frames, ignore_index=True)
    return joined[["split", *joined.columns.drop("split")]]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--videos", type=Path, nargs="+", required=True, help="scores by video")
    parser.add_argument("--oracles", type=Path, nargs="+", required=True, help="oracle ladders")
    parser.add_argument("--detection", type=Path, nargs="+", required=True, help="measures")
    parser.add_argument("--frames", type=Path, nargs="+", required=True, help="frames tables")
    parser.add_argument("--actions", type=Path, nargs="+", required=True, help="their scores")
    parser.add_argument("--out", type=Path, required=True, help="scores.csv to write")
    parser.add_argument("--actions-out", type=Path, required=True, help="actions.csv to write")
    parser.add_argument("--text", type=Path, required=True, help="text to write")
    args = parser.parse_args()
    scores = summarise(read_csvs(args.videos))
    actions = read_csvs(args.actions)
    for table, out in ((scores, args.out), (actions, args.actions_out)):
        with atomic_path(out) as path:
            table.to_csv(path, index=False)
    frames = tables.read_all(args.frames, tables.FRAMES)
    problems = frames.loc[frames["problem"].notna(), ["video", "frames", "expected", "problem"]]
    oracles = read_split_tables(args.oracles)
    detection = main_detection(read_split_tables(args.detection))
    write_text(args.text, as_text(scores, actions, oracles, detection, problems))


if __name__ == "__main__":
    run(main)
