"""What the decision knows: from training annotations for all videos, from val for each fold."""

from dataclasses import dataclass

from partparse.ensemble.action_pool import ActionPool
from partparse.ensemble.box_decision import BoxModel
from partparse.ensemble.geometry import Geometry
from partparse.ensemble.priors import Priors
from partparse.ensemble.slots import SlotPolicy
from partparse.ensemble.stacking import Stack
from partparse.ensemble.state_space import StateSpace
from partparse.ensemble.state_time import StateTime


@dataclass(frozen=True)
class Background:
    """Counted on training videos; the same for every fold."""

    actions: tuple[str, ...]
    """Names, in the order of all distributions over actions."""
    methods: tuple[str, ...]
    """Names, in the order of `Evidence.states`."""
    action_models: tuple[str, ...]
    """Names, in the order of `Evidence.actions`."""
    box_sources: tuple[str, ...]
    """Names, in the order of `Evidence.part_boxes`."""
    space: StateSpace
    priors: Priors
    geometry: Geometry | None
    """None without keypoints."""
    stride: int
    """Frames from one scored frame to the next."""


@dataclass(frozen=True)
class DecisionModel:
    """Fitted on the val videos of all folds but one, or of all."""

    actions: ActionPool
    stack: Stack
    time: StateTime
    boxes: BoxModel
    found: float
    """Share of the true parts whose person is matched."""
    policy: SlotPolicy
