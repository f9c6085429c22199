"""Small tables and evidence that the tests of the decision share."""

from collections.abc import Iterable
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from benchmarks.made_up.tables import MadeUp, Size, make_up, make_world
from partparse import tables
from partparse.decision.box_fusion import Fused
from partparse.decision.boxes import Boxes
from partparse.decision.decide import complete
from partparse.decision.evidence import Evidence
from partparse.decision.fit import Truth
from partparse.decision.gather import box_sources, gather, method_names
from partparse.decision.geometry import fit_geometry
from partparse.decision.model import TrainingStatistics
from partparse.decision.priors import count_priors
from partparse.decision.settings import DecisionSettings
from partparse.decision.state_space import StateSpace
from partparse.row_keys import codes
from partparse.tables import BOX
from partparse.vocabulary import PARTS

STATES = ("none", "bend", "turn")
SPACE = StateSpace((STATES,) * len(PARTS))
ALL_STEPS = DecisionSettings(
    calibrate=True,
    stack=True,
    smooth=True,
    boxes="mbr",
    slots=True,
    joint=True,
    fallback=True,
    pseudo_videos=3.0,
    pseudo_pairs=20.0,
    seed=0,
)
NO_STEP = ALL_STEPS.replace(
    calibrate=False,
    stack=False,
    smooth=False,
    boxes="first",
    slots=False,
    joint=False,
    fallback=False,
)
SIDE = np.array([0, 0, 49, 99])
"""A person's box at the origin."""


def box_at(x: float, y: float = 0, width: float = 50, height: float = 100) -> list[float]:
    """A box by its upper left corner."""
    return [x, y, x + width - 1, y + height - 1]


def persons_table(rows: Iterable[tuple[Any, ...]]) -> pd.DataFrame:
    """PERSONS of (video, frame, person, box, score, track); the last two may be left out."""
    table = pd.DataFrame(
        [
            (*row[:3], *row[3], *(row[4:] or (0.9,)), *((-1,) if len(row) < 6 else ()))
            for row in rows
        ],
        columns=["video", "frame", "person", *BOX, "score", "track"],
    )
    return tables.PERSONS.validate(table)


def evidence_of(
    persons: pd.DataFrame,
    states: ArrayLike | None = None,
    actions: ArrayLike | None = None,
    videos: tuple[str, ...] | None = None,
) -> Evidence:
    """Evidence of PERSONS: their own boxes, as parts too, and one method, by default unsure."""
    videos = tuple(sorted(persons["video"].unique()) if videos is None else videos)
    persons = persons.sort_values(["video", "frame", "person"], ignore_index=True)
    count, box = len(persons), persons[BOX].to_numpy(float)
    score = persons["score"].to_numpy(float)
    shares = np.full((1, count, len(STATES)), 1 / 3) if states is None else np.asarray(states)
    return Evidence(
        persons=persons,
        videos=videos,
        video=codes(persons["video"], videos),
        states=[np.log(shares).astype(np.float32) for _ in PARTS],
        person_boxes=box[None].copy(),
        person_scores=score[None].copy(),
        part_boxes=np.repeat(box[None, :, None], len(PARTS), axis=2),
        part_scores=np.repeat(score[None, :, None], len(PARTS), axis=2),
        quality=np.zeros((count, 4)),
        keypoints=np.full((count, 17, 3), np.nan),
        origin=np.zeros(count, np.int64),
        actions=np.full((1, len(videos), 2), 0.5) if actions is None else np.asarray(actions),
    )


def boxes_of(
    evidence: Evidence,
    matched: ArrayLike | None = None,
    annotated: float = 1.0,
    hit: float = 1.0,
) -> Boxes:
    """What is decided of the boxes of `evidence`: its first hypotheses."""
    shape = (len(evidence), len(PARTS))
    return Boxes(
        Fused(evidence.person_boxes[0][:, None], np.ones((len(evidence), 1))),
        Fused(evidence.part_boxes[0], np.full(shape, 0.5)),
        matched=np.ones(len(evidence)) if matched is None else np.asarray(matched, float),
        annotated=np.full(shape, annotated),
        hit=np.full(shape, hit),
    )


SHAPE = Size(videos=0, frames=5, persons=6, methods=3, states=3, actions=3)
WORLD = make_world(SHAPE, seed=0)


@cache
def made_up(split: str, videos: int) -> MadeUp:
    """Made-up tables of a split; do not change them."""
    seed = ("train", "val", "test").index(split)
    return make_up(replace(SHAPE, videos=videos), WORLD, seed, split)


@cache
def statistics() -> TrainingStatistics:
    """What 30 made-up training videos tell."""
    train = made_up("train", 30)
    space = StateSpace.of(train.annotations, WORLD.states)
    priors = count_priors(
        train.annotations,
        train.tracked,
        train.truth.set_index("video")["action"],
        WORLD.actions,
        space,
        stride=5,
        pseudo_videos=ALL_STEPS.pseudo_videos,
        pseudo_pairs=ALL_STEPS.pseudo_pairs,
    )
    return TrainingStatistics(
        actions=WORLD.actions,
        methods=tuple(method_names(train.given)),
        action_models=tuple(train.given.actions),
        box_sources=tuple(box_sources(train.given)),
        space=space,
        priors=priors,
        geometry=fit_geometry(train.annotations, train.given.keypoints),
        stride=5,
    )


def evidence_in(made: MadeUp) -> Evidence:
    """The complete evidence of made-up tables."""
    videos = made.truth["video"].tolist()
    return complete(gather(made.given, videos, WORLD.actions, statistics().space), statistics())


def truth_in(made: MadeUp) -> Truth:
    """What made-up tables are judged against."""
    return Truth(made.truth, made.annotations, made.frames)
