"""Pictures put together of several persons: each leaves open what it has no label of itself."""

import random
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

from partparse import tables
from partparse.detection.part_pictures import PartCrops
from partparse.detection.settings import DetectorSettings, PartPictureSettings
from partparse.detection.unlabelled_parts import unknown_classes
from partparse.detection.yolo.data import TrainingPictures
from partparse.detection.yolo.detector import load_architecture
from partparse.detection.yolo.loss import UnknownRegionsModel
from partparse.detection.yolo.training import _trainer_arguments
from partparse.frames.picture_cache import picture_path
from partparse.learning.batches import Division
from partparse.tables import BOX
from partparse.vocabulary import PARTS, PERSON
from tests.samples.detection import TRAINING

# isort: split
import cv2
from ultralytics.cfg import get_cfg

SIZE, CELL = 64, 8
HAND = PARTS.index("left_hand")
SETTINGS = DetectorSettings.of(
    {name: value for name, value in TRAINING.items() if name != "frame_stride"}
    | {"image_size": SIZE, "scale": [1.0, 1.0], "shift": 0.0, "mirror": 0.0, "colour": 0.0}
    | {"mosaic": 1.0}
)


@pytest.fixture
def crops(tmp_path: Path) -> PartCrops:
    """A red person with all parts, and a blue one of whom the hip alone is labelled."""
    rows: list[tuple] = []
    for frame, colour, parts in ((1, (0, 0, 255), PARTS), (2, (255, 0, 0), ("hip",))):
        path = picture_path(tmp_path, "v", frame)
        path.parent.mkdir(exist_ok=True)
        cv2.imwrite(str(path), np.full((SIZE, SIZE, 3), colour, np.uint8))
        rows.append(("v", frame, 1, PERSON, 0, 0, SIZE - 1, SIZE - 1, None))
        rows += [("v", frame, 1, part, 24, 24, 39, 39, "none") for part in parts]
    table = pd.DataFrame(rows, columns=["video", "frame", "person", "part", *BOX, "state"])
    pictures = PartPictureSettings(
        image_size=SIZE, crop_margin=0.0, dot_radius=0.0, dot_score=1.0, dots=None
    )
    return PartCrops(tables.ANNOTATIONS.validate(table), None, tmp_path, pictures)


def test_an_unlabelled_part_is_no_background_in_a_mosaic(crops: PartCrops) -> None:
    """The left hand that one person has labelled says nothing about the other person's."""
    torch.manual_seed(0)
    model = UnknownRegionsModel(load_architecture("yolov5n.yaml", 10), nc=10, verbose=False)
    model.args = get_cfg(overrides={"epochs": 1})
    model.unknown = torch.from_numpy(unknown_classes(PARTS)).float()
    model.train()
    arguments = _trainer_arguments(SETTINGS, Path("unused"), Division(1, 1, 8), 0)
    pictures = TrainingPictures(crops, SETTINGS, get_cfg(overrides=arguments))
    random.seed(0)
    np.random.seed(0)
    of_both = wrong = 0
    for index in (0, 1) * 4:
        item = pictures[index]
        preds = model(item["img"][None].float() / 255)
        preds["scores"].retain_grad()
        model.init_criterion()(preds, pictures.collate_fn([item]))[0].sum().backward()
        side = SIZE // CELL
        pushed = preds["scores"].grad[0, HAND, : side**2].reshape(side, side) != 0
        middles = item["img"][:, CELL // 2 :: CELL, CELL // 2 :: CELL]
        red, blue = middles[0] > 200, middles[2] > 200
        assert pushed[red].all()
        if red.any():
            of_both += int(blue.sum())
            wrong += int(pushed[blue].sum())
    # ultralytics drops boxes, and so regions, of which less than a tenth is left in the picture
    assert of_both > 50
    assert wrong < 0.05 * of_both
