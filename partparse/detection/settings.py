"""How persons, parts and objects are detected, and persons grown and tracked."""

from dataclasses import dataclass, fields
from pathlib import Path

from partparse.detection.yolo.settings import DetectorSettings
from partparse.errors import InputError
from partparse.files.atomic import read_json
from partparse.files.weights import CARD


@dataclass(frozen=True)
class FrameTrainSettings(DetectorSettings):
    """How a detector of whole frames is trained."""

    frame_stride: int
    """Annotated frames 1, 1 + stride, … are trained on."""


@dataclass(frozen=True)
class FramePredictSettings:
    """What counts as found in a frame."""

    score: float
    """Lowest score kept."""
    iou: float
    """Of two boxes that overlap more, the better one is kept."""
    most: int
    """Boxes kept in a frame."""
    batch: int
    """Frames that go through the network at once."""


@dataclass(frozen=True)
class PersonTrainSettings(FrameTrainSettings):
    """How the person detector is trained."""


@dataclass(frozen=True)
class PersonPredictSettings(FramePredictSettings):
    """What counts as a detected person."""


@dataclass(frozen=True)
class PartPictureSettings:
    """How a part detector's pictures are made."""

    image_size: int
    """Longer side of a crop, pixels."""
    crop_margin: float
    """What is added to a person's box on each axis before it is cut out, in its sides."""
    dot_radius: float
    """Radius of a keypoint's dot, in longer sides of the crop."""
    dot_score: float
    """Keypoints below this score are not drawn."""
    dots: bool
    """Whether keypoints are drawn at all."""

    @classmethod
    def read(cls, model: Path) -> "PartPictureSettings":
        """Those of a trained detector. Raises InputError where its card lacks them."""
        card = read_json(model / CARD)
        try:
            return cls(**card["pictures"])
        except (KeyError, TypeError) as error:
            raise InputError(f"{model / CARD}: not the card of a part detector: {error}") from None


@dataclass(frozen=True)
class PartTrainSettings(DetectorSettings):
    """How the part detector is trained."""

    frame_stride: int
    """Annotated frames 1, 1 + stride, … are trained on."""
    crop_margin: float
    """What is added to a person's box on each axis before it is cut out, in its sides."""
    dot_radius: float
    """Radius of a keypoint's dot, in longer sides of the crop."""
    dot_score: float
    """Keypoints below this score are not drawn."""

    def pictures(self, dots: bool) -> PartPictureSettings:
        """How the pictures of a detector trained with these settings are made."""
        own = {field.name for field in fields(PartPictureSettings)} - {"dots"}
        return PartPictureSettings(**{name: getattr(self, name) for name in own}, dots=dots)


@dataclass(frozen=True)
class PartPredictSettings:
    """How parts are predicted."""

    batch: int
    """Crops that go through the network at once."""


@dataclass(frozen=True)
class GrowthSettings:
    """How person boxes grow."""

    score: float
    """Keypoints at or above this score are taken into the box."""


@dataclass(frozen=True)
class FramePartSettings(FramePredictSettings):
    """Which boxes of each part, and of persons, count in a frame, and which can be a person's."""

    containment: float
    """Least share of a part's box that lies in its person's."""


@dataclass(frozen=True)
class ObjectTrainSettings(FrameTrainSettings):
    """How the object detector is trained."""


@dataclass(frozen=True)
class ObjectPredictSettings(FramePredictSettings):
    """What counts as a detected object."""


@dataclass(frozen=True)
class TrackSettings:
    """Which persons are tracked, on which frames, and how."""

    stride: int
    """Persons are detected on every n-th frame, and on the scored ones."""
    score: float
    """Lowest score of a detected person that is tracked."""
    start: float
    """Lowest score that starts a track; those below only continue one."""
    patience: int
    """Frames with detections that a track survives without its person."""
