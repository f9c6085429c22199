"""The tables of scores: one for programs, one for the terminal."""

import pandas as pd
from rich.console import Console
from rich.table import Table
from rich.text import Text

from partparse.detection.measure import ALL
from partparse.vocabulary import PERSON

SPLIT_ORDER = {"val": 0, "test": 1}


def summarise(videos: pd.DataFrame) -> pd.DataFrame:
    """Score of each method on each split.

    Args:
        videos: a row for each (split, method, video), columns psc, correct, value; `value` is
            what the video adds to the challenge's score.

    Returns:
        split, method, videos, score, action_top1, psc; methods in the order of their scores on
        the last split.
    """
    scores = videos.groupby(["split", "method"], as_index=False).agg(
        videos=("video", "size"),
        score=("value", "mean"),
        action_top1=("correct", "mean"),
        psc=("psc", "mean"),
    )
    scores["order"] = scores["split"].map(SPLIT_ORDER)
    return scores.sort_values(["order", "score"]).drop(columns="order").reset_index(drop=True)


def main_detection(measures: pd.DataFrame) -> pd.DataFrame:
    """The rows of the detection measures that speak of persons or of all parts together."""
    return measures[measures["part"].isin([PERSON, ALL])].drop(columns="part")


def as_text(
    scores: pd.DataFrame,
    actions: pd.DataFrame,
    oracles: pd.DataFrame,
    detection: pd.DataFrame,
    problems: pd.DataFrame,
) -> str:
    """All that `make demo` prints, as plain text."""
    console = Console(width=100, no_color=True, force_terminal=False)
    with console.capture() as capture:
        console.print(_table("scores", scores))
        console.print(_table("action models", actions))
        console.print(_table("oracle ladder (ground truth swapped into the submission)", oracles))
        console.print(_table("detection", detection))
        if len(problems):
            console.print(_table("videos with problems", problems))
        else:
            console.print("every video decoded whole")
    return capture.get()


def _table(title: str, frame: pd.DataFrame) -> Table:
    table = Table(title=title, title_justify="left")
    for column in frame.columns:
        number = pd.api.types.is_numeric_dtype(frame[column])
        table.add_column(str(column), justify="right" if number else "left")
    for row in frame.itertuples(index=False):
        # plain text: in a string rich takes brackets for markup
        table.add_row(*(Text(_text(cell)) for cell in row))
    return table


def _text(cell: object) -> str:
    return f"{cell:.4f}" if isinstance(cell, float) else str(cell)
