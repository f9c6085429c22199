"""Join the parses of several methods by voting."""

import argparse
from pathlib import Path

import pandas as pd

from partparse import tables
from partparse.ensemble.choice import method_order
from partparse.ensemble.folds import deciding_fold
from partparse.ensemble.voting import vote
from partparse.files.csv_tables import read_csv
from partparse.running.program import run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parses", nargs="+", required=True, help="METHOD=TABLE for each method")
    parser.add_argument("--ranking", type=Path, required=True, help="ranking of the methods")
    parser.add_argument("--split", required=True, help="split of the tables' videos")
    parser.add_argument("--folds", type=int, required=True, help="cross-fitting folds")
    parser.add_argument("--iou", type=float, required=True, help="above it, persons are the same")
    parser.add_argument("--votes", type=Path, required=True, help="votes table to write")
    parser.add_argument("--out", type=Path, required=True, help="parses table to write")
    args = parser.parse_args()
    parses = {
        method: tables.read_all_coded([Path(path)], tables.PARSES)
        for method, path in (entry.split("=", 1) for entry in args.parses)
    }
    ranking = read_csv(args.ranking)
    methods = list(parses)
    joined, votes = [tables.empty(tables.PARSES)], [tables.empty(tables.VOTES)]
    named = [table["video"].astype("category").cat.categories for table in parses.values()]
    videos = pd.Series(named[0].append(named[1:])).drop_duplicates()
    for fold, members in videos.groupby(deciding_fold(videos, args.split, args.folds)):
        chosen = {name: t[t["video"].isin(members)] for name, t in parses.items()}
        voted = vote(chosen, method_order(ranking, str(fold), methods), args.iou)
        joined.append(voted.parses)
        votes.append(voted.votes)
    tables.write(pd.concat(votes, ignore_index=True), args.votes, tables.VOTES)
    tables.write(pd.concat(joined, ignore_index=True), args.out, tables.PARSES)


if __name__ == "__main__":
    run(main)
