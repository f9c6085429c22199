"""Training pictures for ultralytics that are made when they are asked for.

ultralytics reads folders of pictures and label files. Here a `Source` hands over pictures and
boxes instead, so crops, dots and mirrored labels need no files.
"""

import random
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import torch
from ultralytics.data.augment import Compose, Format, v8_transforms
from ultralytics.data.dataset import YOLODataset
from ultralytics.utils.instance import Instances

from partparse import boxes
from partparse.augment import Picture, View
from partparse.boxes import Floats, Integers
from partparse.detection.settings import DetectorSettings
from partparse.detection.yolo.detector import resize_longer


@dataclass(frozen=True)
class Example:
    """A picture and what is to be found in it."""

    picture: Picture  # (H, W, 3) RGB
    boxes: Floats  # (N, 4) inclusive pixels of the picture
    classes: Integers  # (N,) indices into the names of the classes


class Source(Protocol):
    """Training pictures by number."""

    def __len__(self) -> int:
        """How many there are."""

    def load(self, index: int, view: View) -> Example:
        """The picture with that number, seen as `view` says."""


class TrainingPictures(torch.utils.data.Dataset):
    """A source in the shape that ultralytics' augmentation and trainer expect."""

    cache = "ram"  # tells mosaic to draw from all pictures instead of those it saw last
    collate_fn = staticmethod(YOLODataset.collate_fn)

    def __init__(self, source: Source, settings: DetectorSettings, hyp: Any) -> None:
        """Take a source; `hyp` is ultralytics' bag of arguments."""
        self.source = source
        self.settings = settings
        self.data: dict[str, Any] = {}
        self.transforms = self._transforms(hyp)

    def _transforms(self, hyp: Any) -> Compose:
        transforms = v8_transforms(self, self.settings.image_size, hyp)
        # `bgr` is the share of pictures whose channels stay as they are: ours are RGB already
        transforms.append(Format(bbox_format="xywh", normalize=True, batch_idx=True, bgr=1.0))
        return transforms

    def close_mosaic(self, hyp: Any) -> None:
        """Build the augmentation anew without mixing pictures, for the last epochs."""
        hyp.mosaic = hyp.mixup = 0.0
        self.transforms = self._transforms(hyp)

    def __len__(self) -> int:
        """How many pictures there are."""
        return len(self.source)

    def __getitem__(self, index: int) -> dict[str, Any]:
        """A picture after augmentation, as ultralytics' batches are made of."""
        return self.transforms(self.get_image_and_label(index))

    def get_image_and_label(self, index: int) -> dict[str, Any]:
        """A picture before augmentation; mosaic and mixup call this too."""
        example = self.source.load(index, _random_view(self.settings))
        height, width = example.picture.shape[:2]
        picture = resize_longer(example.picture, self.settings.image_size)
        edges = boxes.to_edges(example.boxes) / [width, height, width, height]
        return {
            "im_file": str(index),
            "img": picture,
            "ori_shape": (height, width),
            "resized_shape": picture.shape[:2],
            "ratio_pad": (picture.shape[0] / height, picture.shape[1] / width),
            "cls": example.classes.astype(np.float32)[:, None],
            "instances": Instances(
                edges.astype(np.float32),
                np.zeros((0, 1000, 2), np.float32),
                bbox_format="xyxy",
                normalized=True,
            ),
        }


def _random_view(settings: DetectorSettings) -> View:
    strength = settings.colour
    return View(
        mirrored=random.random() < settings.mirror,
        hue=random.uniform(-0.015, 0.015) * strength,
        saturation=1 + random.uniform(-0.7, 0.7) * strength,
        brightness=1 + random.uniform(-0.4, 0.4) * strength,
    )
