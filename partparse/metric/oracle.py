"""The oracle ladder: what the score would be if one piece of the parse were the truth.

Each row starts from the method's own parses and actions and swaps in, for the persons that the
metric's assignment pairs, the named piece of the ground truth:

    ours                   nothing
    gt_action              the action of each video
    gt_states              the state of each predicted part that the matched true person has
    gt_part_boxes          the box of each part of the matched true person; a part that the
                           prediction lacks is added, with a state that is never right
    gt_part_boxes_states   both; added parts carry the true state
    gt_persons             the person boxes: a predicted person takes the box of the true one it
                           is assigned to, however small their IoU, as long as they overlap; true
                           persons that are left over are added, without parts
    all_gt                 the annotations themselves, and the action

Persons are matched as the metric does (IoU > 0.5), but for gt_persons. all_gt reaches 0.9999
unless a frame has more than the ten humans that a submission may hold. The rows are those that
the third place of 2021 published (GT action, GT states, GT part boxes, GT part boxes and states,
all GT), and the persons'.
"""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from partparse.challenge import format as challenge
from partparse.challenge.submission import limit_persons
from partparse.metric.psc import PERSON_IOU, Evaluation
from partparse.metric.rows import evaluate_tables, match_persons
from partparse.running.program import progress
from partparse.sampling import scored_rows
from partparse.tables import BOX, FRAME_KEY, PARSE_COLUMNS, PART_KEY, PERSON_KEY
from partparse.vocabulary import PERSON

NO_STATE = ""
"""The state of a part that was added without one: no data set has it, so it is never right."""

VIDEOS_AT_ONCE = 200  # that are swapped and scored at once: each row makes a table of its own


def oracle_ladder(
    truth: pd.DataFrame,
    annotations: pd.DataFrame,
    actions: pd.DataFrame,
    parses: pd.DataFrame,
    lengths: pd.DataFrame,
    *,
    stride: int = challenge.STRIDE,
) -> pd.DataFrame:
    """Columns row, score, video_accuracy, psc (mean over videos), a row a step of the ladder.

    The arguments are those of `partparse.metric.rows.evaluate_tables`.
    """
    annotations = scored_rows(annotations, stride)
    found: dict[str, list[pd.DataFrame]] = {}
    starts = range(0, max(len(truth), 1), VIDEOS_AT_ONCE)
    for start in progress(starts, f"oracles of {VIDEOS_AT_ONCE} videos at once"):
        some = truth.iloc[start : start + VIDEOS_AT_ONCE]
        tables = [
            t[t["video"].isin(some["video"])] for t in (annotations, actions, parses, lengths)
        ]
        for row, videos in _climb(some, *tables, stride=stride):
            found.setdefault(row, []).append(videos)
    ladder = []
    for row, pieces in found.items():
        result = Evaluation(pd.concat(pieces, ignore_index=True))
        accuracy, psc = result.videos[["correct", "psc"]].mean()
        ladder.append({"row": row, "score": result.score, "video_accuracy": accuracy, "psc": psc})
    return pd.DataFrame(ladder)


def _climb(
    truth: pd.DataFrame,
    annotations: pd.DataFrame,
    actions: pd.DataFrame,
    parses: pd.DataFrame,
    lengths: pd.DataFrame,
    *,
    stride: int,
) -> Iterator[tuple[str, pd.DataFrame]]:
    """Each step of the ladder, and what was found of some videos there (`Evaluation.videos`)."""
    parses = limit_persons(parses)
    pairs = match_persons(annotations, parses, truth["video"])
    parts = _partner_parts(annotations, pairs[pairs["iou"] > PERSON_IOU])
    last = annotations.groupby("video")["frame"].max()
    reach = lengths.set_index("video")["frames"].combine(last, max, fill_value=1)
    # the truth covers every frame that is scored, whatever could be decoded
    covered = reach.rename("frames").reset_index()

    def judge(chosen: pd.DataFrame, changed: pd.DataFrame, upto: pd.DataFrame) -> pd.DataFrame:
        return evaluate_tables(truth, annotations, chosen, changed, upto, stride=stride).videos

    yield "ours", judge(actions, parses, lengths)
    yield "gt_action", judge(truth, parses, lengths)
    for row, columns in (
        ("gt_states", ["state"]),
        ("gt_part_boxes", BOX),
        ("gt_part_boxes_states", [*BOX, "state"]),
    ):
        yield row, judge(actions, _swap_parts(parses, parts, columns), lengths)
    yield "gt_persons", judge(actions, _swap_persons(parses, annotations, pairs), lengths)
    yield "all_gt", judge(truth, annotations.assign(score=1.0), covered)


def _partner_parts(annotations: pd.DataFrame, matched: pd.DataFrame) -> pd.DataFrame:
    """The true parts of matched persons, under the number of the predicted person."""
    parts = annotations[annotations["part"] != PERSON].merge(
        matched[[*PERSON_KEY, "partner"]], on=PERSON_KEY
    )
    return parts.drop(columns="person").rename(columns={"partner": "person"})


def _swap_parts(parses: pd.DataFrame, parts: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
    """Put `columns` of the true parts into the parses; with boxes, absent parts are added."""
    ours, true = parses.set_index(PART_KEY), parts.set_index(PART_KEY)
    shared = ours.index.intersection(true.index)
    swapped = ours.copy()
    swapped.loc[shared, columns] = true.loc[shared, columns]
    if "x1" in columns:
        added = true.loc[true.index.difference(ours.index)].assign(
            score=1.0, state_probability=np.nan
        )
        if "state" not in columns:
            added["state"] = NO_STATE
        swapped = pd.concat([swapped, added])
    return swapped.reset_index()[PARSE_COLUMNS]


def _swap_persons(
    parses: pd.DataFrame, annotations: pd.DataFrame, pairs: pd.DataFrame
) -> pd.DataFrame:
    """Give the predicted persons the boxes of the true ones they overlap; add the other true."""
    boxes = annotations[annotations["part"] == PERSON]
    true = pairs.merge(boxes[[*PERSON_KEY, *BOX]], on=PERSON_KEY)
    overlapping = true["iou"] > 0
    given = true[overlapping].drop(columns="person").rename(columns={"partner": "person"})
    swapped = _swap_parts(parses, given.assign(part=PERSON), BOX)
    # given persons come first where there are more than a submission may hold
    is_given = pd.MultiIndex.from_frame(swapped[PERSON_KEY]).isin(
        pd.MultiIndex.from_frame(given[PERSON_KEY])
    )
    swapped.loc[is_given, "score"] = 1.0
    added = true[~overlapping].assign(part=PERSON, score=1.0, state=None, state_probability=np.nan)
    last = parses["person"].max() if len(parses) else 0
    added["person"] = last + 1 + added.groupby(FRAME_KEY).cumcount()
    return pd.concat([swapped, added[PARSE_COLUMNS]], ignore_index=True)
