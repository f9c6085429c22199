"""The metric on tables: what the submission that is written of them would score."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.types import union_categoricals

from partparse import tables
from partparse.boxes import Floats, Integers, round_pixels
from partparse.challenge import format as challenge
from partparse.challenge.submission import limit_persons
from partparse.errors import InputError
from partparse.metric.psc import Evaluation, Parts, Persons, mean_correctness
from partparse.row_keys import FRAMES, codes, find, owners
from partparse.sampling import scored_rows
from partparse.tables import BOX
from partparse.vocabulary import PARTS, PERSON

log = logging.getLogger("partparse")

_NAMES = sorted([*PARTS, PERSON])  # as the tables are sorted, so that few need it done again


def evaluate_tables(
    truth: pd.DataFrame,
    annotations: pd.DataFrame,
    actions: pd.DataFrame,
    parses: pd.DataFrame,
    lengths: pd.DataFrame,
    *,
    stride: int = challenge.STRIDE,
) -> Evaluation:
    """Score tables as the submission that `challenge.submission` writes of them is scored.

    Args:
        truth: TRUTH table; its videos are scored.
        annotations: ANNOTATIONS table; rows of other videos and frames are ignored.
        actions: columns video, action: the predicted action of each video.
        parses: PARSES table; persons and precision are limited as in a submission.
        lengths: columns video, frames: how far the submission's frames go
            (`partparse.challenge.submission.submitted_lengths`).
        stride: frames 1, 1 + stride, … are scored.

    Raises:
        InputError: for a scored video that `actions` or `lengths` lacks, or a part whose person
            has no row.
    """
    videos = pd.Index(truth["video"])
    chosen = _of_videos(actions, "action", videos, "the predicted actions")
    length = _of_videos(lengths, "frames", videos, "the submission's frames")
    scored = scored_rows(annotations, stride)
    true = _Rows.of(scored, videos, "annotations")
    predicted = _Rows.of(limit_persons(parses), videos, "parses")
    persons, held = _persons(true, predicted, length)
    partner = persons.partners()
    parts = _parts(true, predicted, np.append(held, -1)[partner])
    near, right, correct = parts.hits()
    result = pd.DataFrame(
        {
            "video": truth["video"].to_numpy(),
            "psc": mean_correctness(persons, parts, correct, len(videos)),
            "correct": (chosen == truth["action"].to_numpy()).astype(int),
        }
    )
    hits = pd.DataFrame(
        {
            "video": pd.Categorical.from_codes(true.video[true.parts], videos),
            "frame": true.frame[true.parts],
            "person": true.person[true.parts],
            "part": pd.Categorical.from_codes(true.name[true.parts], _NAMES),
            "matched": partner[true.owner] >= 0,
            "box_hit": near,
            "state_hit": right,
            "correct": correct,
        }
    )
    return Evaluation(result, hits)


def judged(truth: pd.DataFrame, annotations: pd.DataFrame) -> pd.DataFrame:
    """The rows of a TRUTH table whose videos are annotated; the others' PSC would be 1.

    They are in the order of their names: sums over videos must not hang on their shards.
    """
    annotated = truth["video"].isin(annotations["video"].unique())
    for video in truth.loc[~annotated, "video"]:
        log.warning("video %s: no person is annotated in it; it is not scored", video)
    return truth[annotated].sort_values("video")


def require_judged(truth: pd.DataFrame, annotations: pd.DataFrame, split: str) -> pd.DataFrame:
    """`judged`, for a split that is to be scored; InputError where no video is left."""
    left = judged(truth, annotations)
    if left.empty:
        raise InputError(
            f"{split}: no video with a known action and annotated persons, so there is nothing "
            "to score; expected annotations of its videos (after adding some: -R read_dataset)"
        )
    return left


def match_persons(
    annotations: pd.DataFrame, parses: pd.DataFrame, videos: Iterable[str]
) -> pd.DataFrame:
    """The metric's assignment of predicted to annotated persons, whatever their IoU.

    Returns columns video, frame, person (annotated), partner (predicted, 0 where none is left
    over), iou (float32; -1 where they are disjoint; the metric matches above 0.5).
    """
    index = pd.Index(videos)
    true, predicted = (
        _Rows.of(table, index, what)
        for table, what in ((annotations, "annotations"), (parses, "parses"))
    )
    persons, held = _persons(true, predicted, np.full(len(index), FRAMES))
    partner, iou = persons.assigned()
    numbers = np.append(predicted.person[predicted.persons], 0)
    return pd.DataFrame(
        {
            "video": index.to_numpy()[true.video[true.persons]],
            "frame": true.frame[true.persons].astype(np.int32),
            "person": true.person[true.persons].astype(np.int32),
            "partner": numbers[np.append(held, -1)[partner]],
            "iou": iou,
        }
    )


def _of_videos(table: pd.DataFrame, column: str, videos: pd.Index, what: str) -> NDArray[Any]:
    values = table.set_index("video")[column]
    if absent := challenge.missing(videos, values.index):
        raise InputError(f"{what}: no video {absent[0]!r}; expected every video of the truth")
    return values.reindex(videos).to_numpy()


@dataclass(frozen=True)
class _Rows:
    """A table of persons and parts, sorted by its key, with its columns as numbers."""

    video: Integers  # (R,) position among the videos
    frame: Integers  # (R,) number
    person: Integers  # (R,) number
    name: Integers  # (R,) position in _NAMES
    table: pd.DataFrame  # (R rows) with the columns of BOX, and state, missing for persons
    persons: Integers  # (N,) positions of the persons' rows
    parts: Integers  # (P,) positions of the parts' rows
    owner: Integers  # (P,) the part's person, as an index into `persons`

    @classmethod
    def of(cls, table: pd.DataFrame, videos: pd.Index, what: str) -> "_Rows":
        """From an ANNOTATIONS or PARSES table; rows of other videos are left out."""
        video = codes(table["video"], videos)
        if (video < 0).any():
            table, video = table[video >= 0], video[video >= 0]
        name = codes(table["part"], pd.Index(_NAMES))
        frame, person = (table[column].to_numpy(np.int64) for column in ("frame", "person"))
        place, numbers = pd.factorize(person, sort=True)  # the numbers may be of any size
        size = (max(len(videos), 1), FRAMES, max(len(numbers), 1), len(_NAMES))
        key = np.ravel_multi_index((video, frame, place, name), size)
        if (key[1:] < key[:-1]).any():
            order = np.argsort(key, kind="stable")
            table, key = table.iloc[order], key[order]
            video, frame, person, name = (of[order] for of in (video, frame, person, name))
        is_person = name == _NAMES.index(PERSON)
        persons, parts = np.flatnonzero(is_person), np.flatnonzero(~is_person)
        owner = owners(key // len(_NAMES), persons)[parts]
        if (owner < 0).any():
            row = table.iloc[parts[np.argmin(owner)]]
            raise InputError(
                f"{what}: video {row['video']}, frame {row['frame']}, person {row['person']} has "
                f"a {row['part']} but no row of its own; expected one with part = {PERSON}"
            )
        return cls(video, frame, person, name, table, persons, parts, owner)

    def boxes(self, rows: Integers) -> Floats:
        """(len(rows), 4) float64: of many rows, few are asked for."""
        columns = [self.table[name].to_numpy()[rows] for name in BOX]
        return np.stack(columns, axis=1).astype(float)

    @property
    def frame_key(self) -> Integers:
        """(N,) a number for each person's video and frame, sorted."""
        return self.video[self.persons] * FRAMES + self.frame[self.persons]


def _persons(true: _Rows, predicted: _Rows, length: Integers) -> tuple[Persons, Integers]:
    """The persons in the frames with true ones, and (M,) which predicted persons these are."""
    frames, true_frame = np.unique(true.frame_key, return_inverse=True)
    video, number = np.divmod(frames, FRAMES)
    present = number <= length[video]
    place = find(predicted.frame_key, frames)
    held = np.flatnonzero((place >= 0) & np.append(present, False)[place])
    persons = Persons(
        frame_video=video,
        frame_present=present,
        true_frame=true_frame,
        true_boxes=true.boxes(true.persons),
        predicted_frame=place[held],
        predicted_boxes=round_pixels(predicted.boxes(predicted.persons[held])),
    )
    return persons, held


def _parts(true: _Rows, predicted: _Rows, partner: Integers) -> Parts:
    """The true parts; their proposal is that of `partner`, an index into predicted.persons."""
    # a slot for each part of each predicted person: the position of its row, or -1
    slots = np.full((len(predicted.persons) + 1, len(_NAMES)), -1, np.int64)
    slots[predicted.owner, predicted.name[predicted.parts]] = predicted.parts
    row = slots[partner[true.owner], true.name[true.parts]]
    answered = np.flatnonzero(row >= 0)
    state, names = pd.factorize(true.table["state"].iloc[true.parts])
    return Parts(
        person=true.owner,
        boxes=true.boxes(true.parts),
        state=state,
        proposal_part=answered,
        proposal_boxes=round_pixels(predicted.boxes(row[answered])),
        proposal_state=codes(predicted.table["state"].iloc[row[answered]], pd.Index(names)),
        proposals=(row >= 0).astype(np.int64),
    )


def evaluate_shards(
    truth: pd.DataFrame,
    annotations: Sequence[pd.DataFrame],
    actions: pd.DataFrame,
    parses: Iterable[pd.DataFrame],
    lengths: pd.DataFrame,
    *,
    stride: int = challenge.STRIDE,
) -> Evaluation:
    """`evaluate_tables` of all shards together; the order of `Evaluation.parts` is theirs.

    It takes what that does, but several ANNOTATIONS and PARSES tables. Of the latter each is let go
    before the next. Raises InputError as that does, or where a video is in two of them.
    """
    annotated = [(set(table["video"].unique()), table) for table in annotations]

    def score(videos: set[str], table: pd.DataFrame) -> Evaluation:
        own = truth[truth["video"].isin(videos)]
        near = [each for names, each in annotated if names & videos] or [annotations[0][:0]]
        joined = near[0] if len(near) == 1 else pd.concat(near, ignore_index=True)
        return evaluate_tables(own, joined, actions, table, lengths, stride=stride)

    found: list[Evaluation] = []
    seen: set[str] = set()
    for table in parses:
        videos = set(table["video"].unique())
        if twice := sorted(videos & seen):
            raise InputError(f"parses: video {twice[0]} is in two tables; expected it in one")
        seen |= videos
        found.append(score(videos, table))
    found.append(score(set(truth["video"]) - seen, tables.empty(tables.PARSES)))
    return _join(found, truth)


def _join(found: Sequence[Evaluation], truth: pd.DataFrame) -> Evaluation:
    """The evaluations of some videos each as that of all, in the order of `truth`."""
    videos = pd.concat([each.videos for each in found]).set_index("video")
    scored = videos.loc[truth["video"]].reset_index()
    rows = [each.parts for each in found if each.parts is not None]
    names = union_categoricals([table["video"] for table in rows])
    parts = pd.concat([table.drop(columns="video") for table in rows], ignore_index=True)
    parts.insert(0, "video", names)
    return Evaluation(scored, parts)
