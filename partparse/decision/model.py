"""What the decision knows: from training annotations for all videos, from val for each fold."""

from dataclasses import dataclass

from partparse.decision.action import ActionPool
from partparse.decision.boxes import BoxModel
from partparse.decision.geometry import Geometry
from partparse.decision.priors import Priors
from partparse.decision.slots import SlotPolicy
from partparse.decision.stacking import Stack
from partparse.decision.state_space import StateSpace
from partparse.decision.time import StateTime


@dataclass(frozen=True)
class TrainingStatistics:
    """Counted on training videos; the same for every fold."""

    actions: tuple[str, ...]  # names, in the order of all distributions over actions
    methods: tuple[str, ...]  # names, in the order of `Evidence.states`
    action_models: tuple[str, ...]  # names, in the order of `Evidence.actions`
    box_sources: tuple[str, ...]  # names, in the order of `Evidence.part_boxes`
    space: StateSpace
    priors: Priors
    geometry: Geometry | None  # None without keypoints
    stride: int  # frames from one scored frame to the next


@dataclass(frozen=True)
class DecisionModel:
    """Fitted on the val videos of all folds but one, or of all: what is done, and how."""

    actions: ActionPool
    stack: Stack
    time: StateTime
    boxes: BoxModel
    found: float  # share of the true parts whose person is matched
    policy: SlotPolicy
    joint: bool  # the action is chosen with the states; else the likeliest
    submitted: str | None = None
    """The method or ensemble that is submitted instead, as it is clearly better on val."""
