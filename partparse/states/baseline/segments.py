"""The training examples of the official baseline: segments of videos."""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import Dataset

from partparse import sampling
from partparse.augment import View
from partparse.states.baseline.frames import (
    Frame,
    FrameBatch,
    FrameReader,
    ObjectBoxes,
    join_frames,
)
from partparse.states.baseline.settings import BaselineTrainSettings
from partparse.states.persons import PersonParts
from partparse.tables import FRAME_KEY


class TrainingSegments(Dataset):
    """Videos as TSN samples them: a labelled frame out of each of equal segments, and the action.

    Items are (epoch, video): the same pair gives the same frames. All of a video are changed alike;
    boxes are jittered anew in each.
    """

    def __init__(
        self,
        persons: PersonParts,
        objects: pd.DataFrame,
        actions: Mapping[str, int],
        reader: FrameReader,
        settings: BaselineTrainSettings,
    ) -> None:
        """Take annotated persons, sorted by video and frame, and OBJECTS.

        `actions` are indices, by video; videos without one are left out.
        """
        self._persons = persons
        self._objects = ObjectBoxes(objects)
        self._reader = reader
        self._settings = settings
        self._rows = persons.keys.groupby(FRAME_KEY).indices
        labelled = persons.keys.drop_duplicates(FRAME_KEY).groupby("video")["frame"]
        self.videos = [
            (str(video), frames.to_numpy(int), actions[str(video)])
            for video, frames in labelled
            if video in actions
        ]

    def __len__(self) -> int:
        """Number of videos."""
        return len(self.videos)

    def __getitem__(self, key: tuple[int, int]) -> tuple[list[Frame], int]:
        """The frames of video `key[1]` in epoch `key[0]`, and its action."""
        epoch, item = key
        change = self._settings
        rng = np.random.default_rng([change.seed, epoch, item])
        video, numbers, action = self.videos[item]
        hue, saturation, brightness = rng.uniform(-1, 1, 3) * change.colour
        view = View(rng.random() < change.mirror, 0.05 * hue, 1 + saturation, 1 + brightness)
        zoom = rng.uniform(*change.scale)
        chosen = numbers[sampling.uniform(len(numbers), change.segments, rng)]
        frames = []
        for number in map(int, chosen):
            persons = self._persons.take(self._rows[video, number])
            persons = jitter(persons, change.box_jitter, rng)
            found = self._objects.of(video, number)
            frames.append(self._reader.read(video, number, persons, found, view, zoom=zoom))
        return frames, action


def jitter(persons: PersonParts, amount: float, rng: np.random.Generator) -> PersonParts:
    """Every corner moved by up to ± `amount` of its box's side, as detected boxes are off."""
    if amount == 0:
        return persons

    def moved(box: NDArray[np.float64]) -> NDArray[np.float64]:
        sides = np.tile(box[..., 2:] - box[..., :2] + 1, 2)
        return box + rng.uniform(-amount, amount, box.shape) * sides

    return PersonParts(
        persons.keys, moved(persons.boxes), moved(persons.part_boxes), persons.states
    )


def join_segments(videos: Sequence[tuple[list[Frame], int]]) -> tuple[FrameBatch, Tensor]:
    """The frames of all videos in one batch, and the action of each video."""
    frames = [frame for video, _ in videos for frame in video]
    return join_frames(frames), torch.tensor([action for _, action in videos])
