from pathlib import Path

import pandas as pd

from partparse import tables
from partparse.ensemble import voting
from partparse.ensemble.choice import method_order
from partparse.ensemble.folds import deciding_fold
from partparse.running.arguments import Csv, Job
from partparse.running.command_line import program
from partparse.running.prediction import Output, Rows, make_tables


@program
def vote(
    *,
    parses: dict[str, Path],
    ranking: Csv,
    split: str,
    folds: int,
    iou: float,
    job: Job,
    parses_out: Path,
    votes_out: Path,
) -> None:
    """Join the parses of several methods by voting.

    Args:
        parses: A shard's parses table of each method.
        ranking: Of the methods.
        iou: Persons of several methods above this overlap are the same.
    """
    given = {name: tables.read_all_coded([path], tables.PARSES) for name, path in parses.items()}

    def join(rows: Rows) -> list[pd.DataFrame]:
        joined, votes = [tables.empty(tables.PARSES)], [tables.empty(tables.VOTES)]
        named = [table["video"].astype("category").cat.categories for table in rows.values()]
        videos = pd.Series(named[0].append(named[1:])).drop_duplicates()
        for fold, members in videos.groupby(deciding_fold(videos, split, folds)):
            chosen = {name: t[t["video"].isin(members)] for name, t in rows.items()}
            voted = voting.vote(chosen, method_order(ranking, str(fold), list(rows)), iou)
            joined.append(voted.parses)
            votes.append(voted.votes)
        return [pd.concat(joined, ignore_index=True), pd.concat(votes, ignore_index=True)]

    outputs = [Output(tables.PARSES), Output(tables.VOTES)]
    make_tables(join, given, outputs, [parses_out, votes_out], job)
