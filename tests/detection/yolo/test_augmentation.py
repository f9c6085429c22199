"""What ultralytics' augmentation does to pictures and boxes: these stay on their objects."""

import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from partparse.augment import View
from partparse.detection.settings import DetectorSettings
from partparse.detection.yolo.data import Example, TrainingPictures
from partparse.detection.yolo.training import _trainer_arguments
from partparse.learning.batches import Division
from tests.samples.detection import TRAINING

# isort: split
from ultralytics.cfg import get_cfg

SIZE = 128
STILL = {"scale": [1.0, 1.0], "shift": 0.0, "mirror": 0.0, "colour": 0.0, "image_size": SIZE}
SETTINGS = {name: value for name, value in TRAINING.items() if name != "frame_stride"} | STILL
COLOURS = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255]], np.uint8)


class Coloured:
    """A black picture for each colour, with one rectangle of it; the class is the colour's."""

    def __len__(self) -> int:
        return len(COLOURS)

    def load(self, index: int, view: View) -> Example:
        picture = np.zeros((96, SIZE, 3), np.uint8)
        x, y = 30 + 12 * index, 24 + 10 * index
        picture[y : y + 20, x : x + 36] = COLOURS[index]
        box = np.array([[x, y, x + 35, y + 19]], float)
        return Example(picture, box, np.array([index]))


def augmented(seed: int, **changes: Any) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Picture, classes and boxes (x1, y1, x2, y2: outer edges in pixels) of each training item."""
    settings = DetectorSettings.of(SETTINGS | changes)
    arguments = _trainer_arguments(settings, Path("unused"), Division(1, 1, 8), 0)
    pictures = TrainingPictures(Coloured(), settings, get_cfg(overrides=arguments))
    random.seed(seed)
    np.random.seed(seed)
    items = [pictures[index] for index in range(len(pictures))]
    return [(_picture(item), item["cls"].numpy()[:, 0].astype(int), _edges(item)) for item in items]


def _picture(item: dict[str, torch.Tensor]) -> np.ndarray:
    return item["img"].numpy().transpose(1, 2, 0).astype(int)


def _edges(item: dict[str, torch.Tensor]) -> np.ndarray:
    x, y, w, h = item["bboxes"].numpy().T * SIZE
    return np.stack([x - w / 2, y - h / 2, x + w / 2, y + h / 2], axis=1)


def extents(picture: np.ndarray, colour: int) -> list[np.ndarray]:
    """The outer edges of each patch of a colour."""
    others = np.delete(picture, colour, axis=2).max(axis=2)
    # half of a blended rectangle's strength is left; the grey of the padding has no colour
    mask = picture[..., colour] - others > 50
    count, labels = _patches(mask)
    found = []
    for label in range(1, count):
        ys, xs = np.nonzero(labels == label)
        if len(xs) > 20:
            found.append(np.array([xs.min(), ys.min(), xs.max() + 1, ys.max() + 1]))
    return found


def _patches(mask: np.ndarray) -> tuple[int, np.ndarray]:
    import cv2

    return cv2.connectedComponents(mask.astype(np.uint8))


AUGMENTATIONS = {
    "rotate": 25.0,
    "shear": 12.0,
    "perspective": 0.001,
    "scale": [0.6, 1.4],
    "shift": 0.2,
    "mosaic": 1.0,
}


@pytest.mark.parametrize("name", AUGMENTATIONS)
def test_boxes_stay_on_their_objects(name: str) -> None:
    still = augmented(0)
    moved = 0
    for seed in range(6):
        for (plain, _, _), (picture, classes, edges) in zip(
            still, augmented(seed, **{name: AUGMENTATIONS[name]}), strict=True
        ):
            moved += bool((picture != plain).mean() > 0.01)
            seen = [(c, patch) for c in range(3) for patch in extents(picture, c)]
            assert len(seen) >= 1
            for colour, patch in seen:
                own = edges[classes == colour]
                # a box is the hull of what its rectangle became: no side is off by more than
                # what a corner's blur hides
                off = np.abs(own - patch).max(axis=1).min(initial=np.inf)
                assert off <= 2.5, (seed, colour, patch, own)
    assert moved >= 12


def test_mosaic_shows_several_pictures() -> None:
    counts = [len(classes) for seed in range(4) for _, classes, _ in augmented(seed, mosaic=1.0)]
    assert max(counts) >= 3


def test_mixup_blends_two_pictures_and_keeps_the_boxes_of_both() -> None:
    blends = 0
    for seed in range(6):
        for picture, classes, edges in augmented(seed, mixup=1.0):
            assert len(classes) == 2
            blends += len(set(classes)) == 2
            for colour, box in zip(classes, edges, strict=True):
                x1, y1, x2, y2 = np.rint(box).astype(int)
                inside = picture[y1 + 2 : y2 - 2, x1 + 2 : x2 - 2, colour]
                assert (inside > 70).all()
    assert blends >= 6


def test_all_together_keep_the_classes_that_are_seen() -> None:
    for seed in range(6):
        for picture, classes, edges in augmented(seed, **AUGMENTATIONS):
            assert ((edges >= -0.01) & (edges <= SIZE + 0.01)).all()
            for colour in range(3):
                for patch in extents(picture, colour):
                    centre = (patch[:2] + patch[2:]) / 2
                    own = edges[classes == colour]
                    holds = ((own[:, :2] <= centre) & (own[:, 2:] >= centre)).all(axis=1)
                    # ultralytics drops what is nearly cut away
                    assert holds.any() or (patch[2:] - patch[:2]).min() < 8
