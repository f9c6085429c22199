"""How persons, parts and objects are detected, and persons grown and tracked."""

import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field

from partparse.errors import InputError, meant
from partparse.files.atomic import read_json
from partparse.files.weights import CARD
from partparse.learning.settings import Checksum, DeviceBatch, FrameStride, Weights
from partparse.running.settings import Count, NotNegative, Number, Settings, Share, Whole

DetectorInit = Annotated[
    Literal["persons"] | None,
    Field(description="Detector that training starts from, of the same network; null: none."),
]

Dots = Literal["ours", "second_2021"]
"""How keypoints are drawn."""


_OTHERS = re.compile("-(cls|seg|pose|obb|sem|depth)|rtdetr")
"""In names of ultralytics' networks that are no detectors, or have a trainer of their own."""

QUERY_NETWORKS = ("rtdetrv2_r50", "dfine_l")
"""Detectors of the library transformers by name."""


def known_network(name: str) -> str:
    """The name of a detector, if it is a path or that of a network of either library.

    Raises InputError where it is neither. Whether there is a file at a path, is not asked.
    """
    if name in QUERY_NETWORKS or name.endswith(".json"):
        return name
    named = " or ".join(QUERY_NETWORKS)
    if not name.endswith((".yaml", ".yml")):
        expected = f"expected a .yaml, a .json, {named}; pretrained files go to `weights`"
        raise InputError(f"{name!r}; {expected}")
    if "/" in name or Path(name).is_file():
        return name
    stem, known = name.rpartition(".")[0], _architectures()
    # a letter behind the version is the size, which the file of all sizes has
    if not {stem, re.sub(r"(\d+)[nslmx]6?(?=$|-)", r"\1", stem)} & known:
        guess = meant(name, tuple(sorted(f"{one}.yaml" for one in known)))
        expected = f"expected a detector of ultralytics, {named}, or the path of a file"
        raise InputError(f"{name!r}{guess}; {expected}")
    return name


@cache
def _architectures() -> frozenset[str]:
    """The names of ultralytics' detectors, without sizes; finding it does not import it."""
    spec = find_spec("ultralytics")
    assert spec is not None and spec.origin is not None
    names = (path.stem for path in Path(spec.origin).parent.glob("cfg/models/*/*.yaml"))
    return frozenset(name for name in names if not _OTHERS.search(name))


class DetectorSettings(Settings):
    """How a detector is trained."""

    network: Annotated[str, AfterValidator(known_network)]
    """A .yaml of ultralytics (yolov5n, yolov8n, yolo11n, yolo26x, …), or a path; or rtdetrv2_r50
    or dfine_l of transformers, or a path to the config.json of another size of these."""
    weights: Weights
    weights_sha256: Checksum
    image_size: Annotated[int, Field(ge=32, multiple_of=32)]
    """Pixels, longer side; a multiple of 32."""
    epochs: Count
    """Passes over the training pictures."""
    batch: Count
    """Pictures an optimiser step, on any number of GPUs."""
    device_batch: DeviceBatch
    optimizer: Literal["SGD", "AdamW", "Adam", "Adamax", "NAdam", "RAdam", "RMSprop", "MuSGD"]
    """SGD, AdamW, Adam, Adamax, NAdam, RAdam, RMSprop or MuSGD."""
    learning_rate: NotNegative
    """The highest."""
    momentum: Share
    """Of SGD; the first beta of AdamW."""
    weight_decay: NotNegative
    """Of filters; biases and norms have none."""
    schedule: Literal["linear", "cosine", "step"]
    """linear or cosine (falls to `last_rate`), or step (a tenth at each of `drops`)."""
    last_rate: Share
    """Share of the highest rate that a linear or a cosine schedule ends with."""
    warm_up: NotNegative
    """Epochs in which the learning rate rises."""
    drops: tuple[Whole, ...]
    """Epochs at which a step schedule drops."""
    mosaic: Share
    """Share of pictures put together from four."""
    mosaic_off_epochs: Whole
    """Last epochs without mosaic and mixup."""
    mixup: Share
    """Share of pictures that two are blended into."""
    scale: tuple[Number, Number]
    """Least and greatest factor that pictures are resized by."""
    shift: NotNegative
    """Pictures are moved by up to ± this share of their sides."""
    rotate: Number
    """Degrees, ±."""
    shear: Number
    """Degrees, ±."""
    perspective: Number
    """± this factor (0 to 0.001)."""
    mirror: Share
    """Share of pictures mirrored, left and right exchanged."""
    colour: NotNegative
    """Strength of changes of hue, saturation and brightness; 1: ultralytics' usual."""
    workers: Whole
    """Processes that load pictures for a GPU; 0: none beside the training's own."""
    seed: int
    """Of the initial weights, the order and the augmentation."""


class FrameTrainSettings(DetectorSettings):
    """How a detector of whole frames is trained."""

    frame_stride: FrameStride


class FramePredictSettings(Settings):
    """What counts as found in a frame."""

    score: Share
    """Lowest score of a box kept."""
    iou: Share
    """NMS: of two boxes of a class with an IoU above this, the better one is kept."""
    most: Count
    """Boxes of a kind in a frame at most (the challenge: 10 persons)."""
    batch: Count
    """Frames that go through the network at once."""


class PersonTrainSettings(FrameTrainSettings):
    """How the person detector is trained."""


class PersonPredictSettings(FramePredictSettings):
    """What counts as a detected person."""


class ObjectTrainSettings(FrameTrainSettings):
    """How the object detector is trained."""


class ObjectPredictSettings(FramePredictSettings):
    """What counts as a detected object."""


class FramePartSettings(FramePredictSettings):
    """Which boxes of each part, and of persons, count in a frame, and which can be a person's."""

    containment: Share
    """Least share of a part's box that lies in its person's."""


class PartTrainSettings(DetectorSettings):
    """How the part detector is trained."""

    frame_stride: FrameStride
    crop_margin: NotNegative
    """Added to a person's box on each axis before it is cut out, in its sides."""
    dots: Dots
    """ours: a dot in a colour of its own for each keypoint; second_2021: a colour a part, and
    limbs, with the radius and the cut-off of that system's public code."""
    dot_radius: NotNegative
    """Radius of a keypoint's dot, in longer sides of the crop; of `ours`."""
    dot_score: Number
    """Keypoints below this score are not drawn; of `ours`."""
    dot_noise: NotNegative
    """Largest deviation of the noise of training's keypoints, in longer sides of the crop: the
    pose net is better on the videos that it was trained on than on others."""
    dot_hide: Share
    """Share of training's keypoints that are not drawn."""

    def pictures(self, dots: bool) -> "PartPictureSettings":
        """How the pictures of a detector trained with these settings are made."""
        own = set(PartPictureSettings.model_fields) & set(PartTrainSettings.model_fields)
        values = self.model_dump(include=own)
        return PartPictureSettings.of(values if dots else values | {"dots": None})


class PartPictureSettings(Settings):
    """How a part detector's pictures are made; as `PartTrainSettings` has it."""

    image_size: Count
    crop_margin: NotNegative
    dot_radius: NotNegative
    dot_score: Number
    dots: Dots | None
    """None: no keypoints are drawn."""

    @classmethod
    def read(cls, model: Path) -> Self:
        """Those of a trained detector. Raises InputError where its card lacks them."""
        card = read_json(model / CARD)
        try:
            return cls.of(card["pictures"])
        except (KeyError, TypeError, InputError) as error:
            raise InputError(f"{model / CARD}: not the card of a part detector: {error}") from None


class PartPredictSettings(Settings):
    """How parts are predicted."""

    batch: Count
    """Crops that go through the network at once."""


class GrowthSettings(Settings):
    """How person boxes grow."""

    score: Number
    """Keypoints at or above this score are taken into the box."""


class TrackSettings(Settings):
    """Which persons are tracked, on which frames, and how."""

    frame_stride: Count
    """Persons are detected on every n-th frame, and on the scored ones."""
    score: Share
    """Lowest score of a detected person that is tracked."""
    start: Share
    """Lowest score that starts a track; those below only continue one."""
    patience: Whole
    """Frames with detections that a track survives without its person."""
