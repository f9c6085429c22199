"""What the methods are that give a clip's classes to what is in it."""

from partparse.learning.settings import FrameStride, Init
from partparse.recognition.settings import ClassifierSettings
from partparse.states.methods import Method


class ClipSettings(ClassifierSettings):
    """States by clip classifiers: of the video, or of each part group."""

    init: Init


class SegmentSettings(ClipSettings):
    """Labels "part state" of a dense clip about a frame."""

    frame_stride: FrameStride


VIDEO = Method(names="video", rules="clip_labels", settings=ClipSettings)
SEGMENT = Method(names="segment", rules="clip_labels", settings=SegmentSettings)
GROUP = Method(names="group(_[A-Za-z0-9_]+)?", rules="group", by_group=True, settings=ClipSettings)
