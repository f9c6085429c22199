"""What of the decision is done: each step can be left out, so that its worth can be measured."""

from dataclasses import dataclass

from partparse.errors import InputError

FUSIONS = ("first", "median", "weighted", "mbr")


@dataclass(frozen=True)
class DecisionSettings:
    """The steps of `decide`, and what they need to know."""

    calibrate: bool
    """The methods' distributions and the action models' are calibrated on val."""
    stack: bool
    """A model fitted on val joins the methods, and another the action models; else the methods'
    probabilities are averaged, and the submitted action model speaks alone."""
    smooth: bool
    """States are smoothed along tracks by a hidden Markov model."""
    boxes: str
    """How hypotheses of a box become one: first (no fusion), median, weighted or mbr."""
    slots: bool
    """The ten slots of a frame are filled with what helps on val; else with the given persons."""
    joint: bool
    """The action is chosen with the states, by the score that is expected; else the likeliest."""
    pseudo_videos: float
    """Videos' worth of all actions' states that each action's statistics lean on."""
    pseudo_pairs: float
    """Pairs of following states of all actions that each action's transitions lean on."""
    seed: int

    def __post_init__(self) -> None:
        """Raise InputError for an unknown fusion, or counts that do not keep states possible."""
        if self.boxes not in FUSIONS:
            raise InputError(f"setting boxes: {self.boxes!r} is none of {', '.join(FUSIONS)}")
        for name in ("pseudo_videos", "pseudo_pairs"):
            if getattr(self, name) <= 0:
                raise InputError(f"setting {name}: {getattr(self, name)} is not above 0")
