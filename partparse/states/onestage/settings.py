"""Which persons and parts of the one-stage detector count."""

from dataclasses import dataclass

from partparse.detection.settings import FramePartSettings
from partparse.states.methods import Method


@dataclass(frozen=True)
class OneStagePredictSettings(FramePartSettings):
    """Which persons and parts found in a frame count."""

    person_score: float
    """Lowest score of a person kept."""
    persons: int
    """Persons kept in a frame."""


METHOD = Method(names="onestage", rules="onestage", own_boxes=True)
