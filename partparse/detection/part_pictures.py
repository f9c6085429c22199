"""The pictures that a part detector sees: crops of persons, with or without dots.

How they are made stands in the detector's model.json, so that prediction makes the very pictures
that the detector was trained on.
"""

import random
from pathlib import Path

import numpy as np
import pandas as pd

from partparse import tables
from partparse.augment import Picture, View, mirror_keypoints, mirror_labels, view_picture
from partparse.boxes import Floats, clip
from partparse.detection.crops import Crop, crop_windows, cut
from partparse.detection.dots import disturb_dots, draw_dots
from partparse.detection.settings import PartPictureSettings
from partparse.detection.unlabelled_parts import UNKNOWN_PARTS
from partparse.detection.yolo.data import Example
from partparse.frames.cache import read_frame
from partparse.row_keys import codes, person_keys
from partparse.tables import BOX, FRAME_KEY, PERSON_KEY
from partparse.vocabulary import KEYPOINTS, PARTS, PERSON


def pack_keypoints_of(persons: pd.DataFrame, keypoints: pd.DataFrame | None) -> Floats:
    """Keypoints (N, 17, 3) of the rows of a table with PERSON_KEY; NaN where a person has none."""
    if keypoints is None:
        return np.broadcast_to(np.float32(np.nan), (len(persons), len(KEYPOINTS), 3))
    joined = persons[PERSON_KEY].merge(keypoints, on=PERSON_KEY, how="left", validate="one_to_one")
    return tables.pack_keypoints(joined)


def draw_person(
    crop: Crop, keypoints: Floats, view: View, settings: PartPictureSettings
) -> Picture:
    """A person's crop as the detector sees it: as `view` has it, then with its dots.

    In this order, since a dot's colour says which keypoint it is: dots drawn before would tell
    the mirrored person's hands apart the wrong way round, and lose their colours.
    """
    picture, points = view_picture(crop.picture, view), crop.points_to_crop(keypoints)
    if view.mirrored:
        points = mirror_keypoints(points, picture.shape[1])
    draw_dots(picture, points, settings)
    return picture


class PartCrops:
    """Crops of annotated persons with annotated parts, as training pictures.

    Where the crop has no label of a part, all of it is a region in which the part may be seen.
    """

    names = (*PARTS, *UNKNOWN_PARTS)

    def __init__(
        self,
        annotations: pd.DataFrame,
        keypoints: pd.DataFrame | None,
        cache: Path,
        settings: PartPictureSettings,
        *,
        noise: float = 0,
        hide: float = 0,
    ) -> None:
        """Take the rows of ANNOTATIONS to train on, and predicted keypoints of their persons.

        `noise` and `hide` are those of `disturb_dots`; its longer side is the crop's.
        """
        self._cache = cache
        self._settings = settings
        self._noise, self._hide = noise, hide
        is_person = annotations["part"] == PERSON
        persons = annotations[is_person].sort_values(PERSON_KEY, ignore_index=True)
        parts = annotations[~is_person]
        self._videos = list(persons["video"].unique())
        key, part_key = (person_keys(table, self._videos) for table in (persons, parts))
        persons = persons[np.isin(key, part_key)]
        # columns, as there are millions: an array a person takes more room than what is in it
        self._video = codes(persons["video"], self._videos).astype(np.int32)
        self._frame = persons["frame"].to_numpy(np.int32)
        self._person_box = persons[BOX].to_numpy(np.float32)
        self._keypoints = pack_keypoints_of(persons, keypoints)
        order = np.argsort(part_key, kind="stable")
        edges = person_keys(persons, self._videos)
        self._first = np.searchsorted(part_key[order], edges)
        self._last = np.searchsorted(part_key[order], edges, side="right")
        self._part_box = parts[BOX].to_numpy(np.float32)[order]
        self._class = codes(parts["part"], PARTS)[order].astype(np.int8)

    def __len__(self) -> int:
        """How many persons there are."""
        return len(self._frame)

    def load(self, index: int, view: View) -> Example:
        """A crop and its parts, clipped to it, and the regions of those that it lacks."""
        video, number = self._videos[self._video[index]], int(self._frame[index])
        frame = read_frame(self._cache, video, number)
        height, width = frame.shape[:2]
        person = self._person_box[index].astype(float)
        window = crop_windows(person, self._settings.crop_margin, width, height)
        crop = cut(frame, window, self._settings.image_size)
        keypoints = self._keypoints[index]
        if self._noise or self._hide:
            # Python's generator is the one that a training seeds for each epoch
            rng = np.random.default_rng(random.getrandbits(64))
            side = (window[2:] - window[:2]).max() + 1
            keypoints = disturb_dots(keypoints, self._noise * side, self._hide, rng)
        picture = draw_person(crop, keypoints, view, self._settings)
        size = picture.shape[1], picture.shape[0]
        own = slice(self._first[index], self._last[index])
        box = crop.boxes_to_crop(self._part_box[own])
        classes = self._class[own].astype(np.int64)
        if view.mirrored:
            box, classes = mirror_labels(box, classes, PARTS, size[0])
        inside = clip(box, size)
        seen = (box[:, :2] <= inside[:, 2:]).all(axis=1) & (box[:, 2:] >= 0).all(axis=1)
        lacking = np.setdiff1d(np.arange(len(PARTS)), classes[seen])
        everything = np.array([[0, 0, size[0] - 1, size[1] - 1]], float)
        return Example(
            picture,
            np.concatenate([inside[seen], everything.repeat(len(lacking), axis=0)]),
            np.concatenate([classes[seen], len(PARTS) + lacking]),
        )


def cut_persons(persons: pd.DataFrame, cache: Path, settings: PartPictureSettings) -> list[Crop]:
    """The crop of each row of PERSONS, which are sorted by frame: each is read once."""
    crops: list[Crop] = []
    for (video, number), rows in persons.groupby(FRAME_KEY, sort=False):
        frame = read_frame(cache, str(video), int(number))
        height, width = frame.shape[:2]
        windows = crop_windows(rows[BOX], settings.crop_margin, width, height)
        crops.extend(cut(frame, window, settings.image_size) for window in windows)
    return crops
