"""Annotated persons as the parser's training examples."""

from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import pandas as pd
from numpy.typing import NDArray
from torch.utils.data import Dataset

from partparse import boxes, tables
from partparse.augment import Picture, Pictures, View, view_picture
from partparse.boxes import Floats, Integers
from partparse.detection.pose.network import MIN_LABEL_SCORE
from partparse.row_keys import positions
from partparse.states.crops import Place, boxes_to_place, shake_parts
from partparse.states.parser.settings import ParserTrainSettings
from partparse.states.parser.tubes import TubeReader, keypoints_to_place
from partparse.states.persons import PersonParts
from partparse.tables import FRAME_KEY, PERSON_KEY
from partparse.vocabulary import KEYPOINTS, PARTS, swap_order

_HUE = 0.1  # turns of the colour circle, for a `colour` of 1
_ERASED = (0.15, 0.45)  # sides of what is painted over, in sides of the crop


class ParserExample(NamedTuple):
    """A person as the network sees it, and what it should say; boxes and points of the crop."""

    picture: Picture  # (S, S, 3) RGB
    motion: Pictures  # (T, S / 2, S / 2) grey
    boxes: NDArray[np.float32]  # (10, 4) of the parts, inclusive pixels; NaN: not annotated
    looked_at: NDArray[np.float32]
    """(10, 4) where features are pooled for the states; NaN: where the network finds the part."""
    keypoints: NDArray[np.float32]  # (17, 2) pixels; NaN: not known
    states: Integers  # (10,) indices; `UNKNOWN` where there is none
    action: int


class ParserExamples(Dataset):
    """A shaken view of a person, by (epoch, person): the same pair gives the same example."""

    def __init__(
        self,
        persons: PersonParts,
        keypoints: pd.DataFrame,
        actions: Integers,
        lengths: dict[str, int],
        *,
        cache: Path,
        settings: ParserTrainSettings,
    ) -> None:
        """Take the persons, and what is known of them.

        Args:
            persons: annotated ones.
            keypoints: KEYPOINT_TABLE of some of them.
            actions: (N,) that of each, an index.
            lengths: {video: frames}.
            cache: the folder of frames.
            settings: of the training.
        """
        self._persons = persons
        self._frames = list(persons.keys[FRAME_KEY].itertuples(index=False, name=None))
        self._keypoints = _known_keypoints(persons.keys, keypoints)
        self._actions = actions
        self._tubes = TubeReader(cache, lengths, settings)
        self._settings = settings

    def __len__(self) -> int:
        """How many persons there are."""
        return len(self._frames)

    def __getitem__(self, key: tuple[int, int]) -> ParserExample:
        """Person `key[1]` as it is seen in epoch `key[0]`."""
        epoch, item = key
        settings, size = self._settings, self._settings.crop_side
        rng = np.random.default_rng([settings.seed, epoch, item])
        place = Place.about(self._persons.boxes[item], settings.crop_margin).shaken(
            settings.shift, settings.zoom, settings.rotate, rng
        )
        own = self._persons.part_boxes[item]
        looked_at = shake_parts(
            own, settings.part_shift, settings.part_scale, settings.found_parts, rng
        )
        example = ParserExample(
            self._see(item, place, rng),
            self._tubes.motion(self._frames[item], place),
            boxes_to_place(own, place, size).astype(np.float32),
            boxes_to_place(looked_at, place, size).astype(np.float32),
            keypoints_to_place(self._keypoints[item], place, size).astype(np.float32),
            self._persons.states[item],
            int(self._actions[item]),
        )
        return mirror_example(example) if rng.random() < settings.mirror else example

    def _see(self, item: int, place: Place, rng: np.random.Generator) -> Picture:
        settings = self._settings
        crop = self._tubes.picture(self._frames[item], place)
        hue, saturation, brightness = rng.uniform(-settings.colour, settings.colour, 3)
        crop = view_picture(
            crop, View(hue=_HUE * hue, saturation=1 + saturation, brightness=1 + brightness)
        )
        if rng.random() < settings.erase:
            sides = (rng.uniform(*_ERASED, 2) * settings.crop_side).astype(int)
            x, y = (rng.integers(0, settings.crop_side - sides)).tolist()
            colour = rng.integers(0, 256, 3).tolist()
            crop = np.ascontiguousarray(crop)
            cv2.rectangle(crop, (x, y), (x + int(sides[0]), y + int(sides[1])), colour, cv2.FILLED)
        return crop


def mirror_example(example: ParserExample) -> ParserExample:
    """The example in a mirror, where a left hand is a right one; twice, it is as before."""
    parts, size = swap_order(PARTS), example.picture.shape[1]
    keypoints = example.keypoints[swap_order(KEYPOINTS)].copy()
    keypoints[:, 0] = size - 1 - keypoints[:, 0]
    return ParserExample(
        np.ascontiguousarray(example.picture[:, ::-1]),
        np.ascontiguousarray(example.motion[:, :, ::-1]),
        boxes.mirror(example.boxes, size)[parts].astype(np.float32),
        boxes.mirror(example.looked_at, size)[parts].astype(np.float32),
        keypoints,
        example.states[parts],
        example.action,
    )


def _known_keypoints(persons: pd.DataFrame, keypoints: pd.DataFrame) -> Floats:
    """(N, 17, 2) of persons (N rows with their key); NaN where nothing is known."""
    known = np.full((len(persons), len(KEYPOINTS), 2), np.nan)
    at = positions(keypoints, persons, PERSON_KEY)
    points = tables.pack_keypoints(keypoints)[at >= 0]
    known[at[at >= 0]] = np.where(points[..., 2:] >= MIN_LABEL_SCORE, points[..., :2], np.nan)
    return known
