"""Which persons and parts of the one-stage detector count."""

from partparse.detection.settings import FramePartSettings
from partparse.running.settings import Count, Share
from partparse.states.methods import Method


class OneStagePredictSettings(FramePartSettings):
    """Which persons and parts found in a frame count."""

    person_score: Share
    """Lowest score of a person kept."""
    persons: Count
    """Persons in a frame at most (the challenge: 10)."""


METHOD = Method(names="onestage", rules="onestage", own_boxes=True)
