"""The tables of scores: one for programs, one for the terminal."""

import pandas as pd

from partparse.detection.measure import ALL
from partparse.report.page import plain_text, text_table
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
    faulty = text_table("videos with problems", problems)
    return plain_text(
        text_table("scores", scores),
        text_table("action models", actions),
        text_table("oracle ladder (ground truth swapped into the submission)", oracles),
        text_table("detection", detection),
        faulty if len(problems) else "every video decoded whole and went through every stage",
    )
