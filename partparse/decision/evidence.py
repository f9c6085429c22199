"""What all methods say of the persons of some videos, as arrays that the decision works on."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from partparse import tables
from partparse.boxes import Floats, Integers
from partparse.decision.state_space import StateSpace
from partparse.ensemble.folds import fold_of
from partparse.errors import InputError, SetupError
from partparse.row_keys import FRAMES, codes, find, person_keys
from partparse.tables import BOX
from partparse.vocabulary import PARTS

LEAST = 1e-6
"""Probabilities are taken to be at least this: a method that rules a state out may be wrong."""

_ORDER = 1 << 31  # folds enough to have no two videos in one

GIVEN, OTHER, FILLED = 0, 1, 2
"""Origins of persons: of the table that most methods speak of; of another detector; a frame inside
a track in which nobody found the person."""


@dataclass(frozen=True)
class Evidence:
    """N persons of V videos, sorted by video, frame and number, and what is known of each."""

    persons: pd.DataFrame  # PERSONS, index 0 to N - 1, `track` filled where there are tracks
    videos: tuple[str, ...]  # V names
    video: Integers  # (N,) position of each person's video
    states: list[Floats]
    """For each of the ten parts (M, N, K): ln P(state) by each method, float32; NaN in all of the
    K states where a method says nothing of a part."""
    person_boxes: Floats
    """(G, N, 4) hypotheses of the person's box; NaN where there is none. The first is the box of
    `persons`."""
    person_scores: Floats  # (G, N) in [0, 1]; NaN
    part_boxes: Floats  # (H, N, 10, 4) hypotheses of the parts' boxes; NaN where there is none
    part_scores: Floats  # (H, N, 10) in [0, 1]; NaN
    quality: Floats  # (N, Q) what tells how well a person can be judged, whatever the part
    keypoints: Floats  # (N, 17, 3) x, y, score; NaN where there are none
    origin: Integers  # (N,) `GIVEN`, `OTHER` or `FILLED`: how the person was found
    actions: Floats  # (A, V, C) P(action) by each action model

    def __len__(self) -> int:
        """N."""
        return len(self.persons)

    @cached_property
    def frame(self) -> Integers:
        """(N,) a number for each (video, frame), rising."""
        keys = self.video * FRAMES + self.persons["frame"].to_numpy(np.int64)
        return np.unique(keys, return_inverse=True)[1]

    def take(self, rows: Any) -> "Evidence":
        """The persons of some rows (a mask, or indices that rise); the videos stay."""
        if np.asarray(rows).dtype == bool and np.all(rows):
            return self  # what all say of all persons is large
        return replace(
            self,
            persons=self.persons.iloc[rows].reset_index(drop=True),
            states=[part[:, rows] for part in self.states],
            **{name: getattr(self, name)[rows] for name in BY_PERSON},
            **{name: getattr(self, name)[:, rows] for name in BY_SOURCE},
        )

    def without_boxes(self) -> "Evidence":
        """Without what states are not judged by: where some of the persons are taken, less is."""
        return replace(
            self,
            keypoints=self.keypoints[:, :0],
            **{name: getattr(self, name)[:0] for name in BY_SOURCE},
        )

    def without_states(self) -> "Evidence":
        """Without what is said of states, which is most of all."""
        return replace(self, states=[])


BY_PERSON = ("video", "quality", "keypoints", "origin")
BY_SOURCE = ("person_boxes", "person_scores", "part_boxes", "part_scores")
"""The arrays of `Evidence` whose persons are along the first, and along the second axis."""


def of_videos(evidence: Evidence, videos: Sequence[str]) -> Evidence:
    """The evidence of some of its videos, whose order stays."""
    kept = np.isin(np.array(evidence.videos, object), list(videos))
    some = evidence.take(kept[evidence.video])
    return replace(
        some,
        videos=tuple(np.array(evidence.videos, object)[kept]),
        video=(np.cumsum(kept) - 1)[some.video],
        actions=evidence.actions[:, kept],
    )


def halves_of(videos: Sequence[str]) -> Integers:
    """(V,) 0 or 1: two halves of the videos, as even as can be, in an order that names decide."""
    order = np.argsort([fold_of(video, _ORDER) for video in videos])
    half = np.empty(len(order), np.int64)
    half[order] = np.arange(len(order)) % 2
    return half


def video_halves(evidence: Evidence) -> Integers:
    """(N,) the half that each person's video is in."""
    return halves_of(evidence.videos)[evidence.video]


def join(pieces: Sequence[Evidence]) -> Evidence:
    """The evidence of several sets of videos as one, by name: the same whatever the sets."""
    names = [video for piece in pieces for video in piece.videos]
    order = sorted(range(len(names)), key=names.__getitem__)
    first = np.cumsum([0, *(len(piece.videos) for piece in pieces)])
    video = np.concatenate([p.video + at for p, at in zip(pieces, first[:-1], strict=True)])
    video = np.argsort(order)[video]
    rows = np.argsort(video, kind="stable")
    return replace(
        join_persons(pieces, rows),
        videos=tuple(names[place] for place in order),
        video=video[rows],
        actions=np.concatenate([piece.actions for piece in pieces], axis=1)[:, order],
    )


def join_persons(pieces: Sequence[Evidence], rows: Integers) -> Evidence:
    """The persons of all pieces, of which `rows` are taken; the videos stay those of the first."""

    def joined(arrays: Iterable[Any], axis: int) -> Any:
        return np.concatenate(list(arrays), axis=axis).take(rows, axis=axis)

    return replace(
        pieces[0],
        persons=pd.concat([p.persons for p in pieces]).iloc[rows].reset_index(drop=True),
        states=[joined(part, 1) for part in zip(*(p.states for p in pieces), strict=True)],
        **{name: joined((getattr(p, name) for p in pieces), 0) for name in BY_PERSON},
        **{name: joined((getattr(p, name) for p in pieces), 1) for name in BY_SOURCE},
    )


def read_states(
    table: pd.DataFrame, places: Integers, space: StateSpace, into: Sequence[Floats]
) -> None:
    """One method's STATES as ln P.

    Only the states of the space count; what the method gives to others is shared out.

    Args:
        table: STATES.
        places: (rows,) the person of each row, -1 for rows that are left out.
        space: the states of each part.
        into: for each part (persons, K), which is overwritten where the table has a row.
    """
    names = tables.probability_names(table)
    values = table[tables.probability_columns(names)].to_numpy(np.float32)
    part = codes(table["part"], PARTS)
    for index, (states, held) in enumerate(zip(space.states, into, strict=True)):
        columns = pd.Index(names).get_indexer(pd.Index(states))
        if (columns < 0).any():
            raise SetupError(f"a states table has no column for {states[int(np.argmin(columns))]}")
        own = np.flatnonzero((part == index) & (places >= 0))
        taken = np.maximum(values[np.ix_(own, columns)], LEAST)
        held[places[own]] = np.log(taken / taken.sum(axis=1, keepdims=True))


def read_parts(table: pd.DataFrame, places: Integers, persons: int) -> tuple[Floats, Floats]:
    """A PARTS_TABLE as boxes (persons, 10, 4) and scores (persons, 10), NaN where it has no row.

    `places` as in `read_states`; `persons` is how many there are.
    """
    boxes = np.full((persons, len(PARTS), 4), np.nan)
    scores = np.full((persons, len(PARTS)), np.nan)
    own = places >= 0
    part = codes(table["part"], PARTS)[own]
    boxes[places[own], part] = table[BOX].to_numpy(float)[own]
    scores[places[own], part] = table["score"].to_numpy(float)[own]
    return boxes, scores


def places_of(table: pd.DataFrame, persons: pd.DataFrame, videos: Sequence[str]) -> Integers:
    """(rows,) the position in `persons`, which is sorted, of each row's person, or -1."""
    return find(person_keys(table, videos), person_keys(persons, videos))


def read_actions(
    models: Mapping[str, pd.DataFrame], videos: Sequence[str], actions: Sequence[str]
) -> Floats:
    """(models, V, C) from ACTIONS tables. InputError where one lacks a video or an action."""
    columns = tables.probability_columns(actions)
    read = []
    for name, table in models.items():
        if absent := [column for column in columns if column not in table]:
            raise SetupError(f"actions of {name}: no column {absent[0]}")
        place = pd.Index(table["video"]).get_indexer(pd.Index(videos))
        if (place < 0).any():
            raise InputError(f"actions of {name}: no video {videos[int(np.argmin(place))]!r}")
        read.append(table[columns].to_numpy(float)[place])
    return np.stack(read)
