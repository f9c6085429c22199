"""Which persons and parts of the one-stage detector count."""

from partparse.detection.settings import DetectorInit, FramePartSettings, FrameTrainSettings
from partparse.running.settings import Count, Settings, Share
from partparse.states.methods import Method


class OneStagePredictSettings(FramePartSettings):
    """Which persons and parts found in a frame count."""

    person_score: Share
    """Lowest score of a person kept."""
    persons: Count
    """Persons in a frame at most (the challenge: 10)."""


class OneStageSettings(Settings):
    """Detector of (part, state) pairs in whole frames, with persons and parts of its own."""

    init: DetectorInit
    train: FrameTrainSettings
    predict: OneStagePredictSettings


METHOD = Method(names="onestage", rules="onestage", own_boxes=True, settings=OneStageSettings)
