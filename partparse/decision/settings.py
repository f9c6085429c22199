"""What the decision may do: each step can be left out, so that its worth can be measured."""

from typing import Literal, get_args

from partparse.running.settings import Positive, Settings

Fusion = Literal["first", "median", "weighted", "mbr"]
FUSIONS: tuple[Fusion, ...] = get_args(Fusion)


class DecisionSettings(Settings):
    """The steps of `decide`, each done where it clearly helps on val, and their parameters."""

    calibrate: bool
    """The methods' distributions and the action models' are calibrated on val."""
    stack: bool
    """The best methods on val speak of the states, or a mean, pool or regression of all, and the
    submitted action model or a pool of all of the action; else the methods' probabilities are
    averaged, and the submitted action model speaks alone."""
    smooth: bool
    """States are smoothed along tracks by a hidden Markov model."""
    boxes: Fusion
    """How hypotheses of a box become one: first (no fusion), median, weighted or mbr."""
    slots: bool
    """The ten slots of a frame are filled with what helps on val; else with the given persons."""
    joint: bool
    """The action is chosen with the states, by the score that is expected; else the likeliest."""
    fallback: bool
    """Where a method, the vote or the choice by category is clearly better on val, it is given."""
    pseudo_videos: Positive
    """Videos' worth of all actions' states that each action's statistics lean on."""
    pseudo_pairs: Positive
    """Pairs of following states of all actions that each action's transitions lean on."""
    seed: int
    """Of the draws for mbr and of cross-fitting."""
