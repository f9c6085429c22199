"""Made-up evidence and models of the official sizes, on which states are decided."""

from dataclasses import dataclass, replace

import numpy as np

from benchmarks.made_up.tables import STRIDE, Size, make_up, make_world
from partparse.boxes import Integers
from partparse.decision.calibration import Temperatures
from partparse.decision.evidence import Evidence
from partparse.decision.gather import gather
from partparse.decision.pooling import LogPool
from partparse.decision.priors import Priors, count_priors
from partparse.decision.stacking import Shares, Stack
from partparse.decision.state_space import StateSpace
from partparse.decision.time import StateTime
from partparse.vocabulary import PARTS

SIZE = Size(videos=0, frames=52, persons=10, methods=6, states=74, actions=24)
PART_STATES = 30
"""That a part can be in."""
TRAIN_VIDEOS = 10


@dataclass(frozen=True)
class Case:
    """What states are decided by."""

    evidence: Evidence
    priors: Priors
    stack: Stack
    time: StateTime
    action: Integers
    """(V,)"""

    @property
    def prior(self) -> Shares:
        """P(state) by the videos' actions."""
        return [part[self.action][self.evidence.video] for part in self.priors.states]


def make_case(videos: int) -> Case:
    """The same number of videos makes the same case; a smaller one is not part of it."""
    world = make_world(SIZE, seed=0, part_states=PART_STATES)
    blind = replace(world, skill=world.skill[:0])
    train = make_up(replace(SIZE, videos=TRAIN_VIDEOS, methods=0), blind, 1, "train")
    space = StateSpace.of(train.annotations, world.states)
    priors = count_priors(
        train.annotations,
        train.tracked,
        train.truth.set_index("video")["action"],
        world.actions,
        space,
        stride=STRIDE,
        pseudo_videos=3,
        pseudo_pairs=20,
    )
    made = make_up(replace(SIZE, videos=videos), world, 0)
    evidence = gather(made.given, made.truth["video"].tolist(), world.actions, space)
    action = np.random.default_rng(0).integers(SIZE.actions, size=videos)
    return Case(evidence, priors, make_stack(space), StateTime(0.5, 0.1), action)


def make_stack(space: StateSpace) -> Stack:
    """A pool with any weights, as a fit would find them."""
    rng = np.random.default_rng(0)
    methods, parts, qualities = SIZE.methods, len(PARTS), 4
    pool = LogPool(
        rng.uniform(0, 0.4, methods + 1),
        rng.normal(0, 0.05, (parts, methods + 1)),
        rng.normal(0, 0.05, (qualities, methods + 1)),
        [rng.normal(0, 0.1, size) for size in space.sizes],
    )
    temperatures = Temperatures(
        rng.normal(0, 0.2, (methods, parts)), rng.uniform(0.01, 0.1, (methods, parts))
    )
    return Stack(temperatures, None, pool, None, np.zeros(qualities), np.ones(qualities))
