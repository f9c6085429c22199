"""Frames with their boxes as the official baseline's network takes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor

from partparse import boxes
from partparse.augment import View, view_picture
from partparse.boxes import Integers
from partparse.frames.cache import read_frame
from partparse.recognition.clips import fixed_crops
from partparse.states.persons import PersonParts
from partparse.tables import BOX, FRAME_KEY, OBJECT_KEY
from partparse.vocabulary import PARTS, swap_order

_PADDING = 114  # near the mean colour: beside pictures that are smaller than others of the batch
_SWAPPED = swap_order(PARTS)


class FrameBatch(NamedTuple):
    """F frames with N persons and M objects; boxes are outer edges in pixels of the pictures."""

    pictures: Tensor  # (F, H, W, 3) uint8 RGB, padded at the right and below
    sizes: Tensor  # (F, 2) width and height of each picture without the padding
    thumbnails: Tensor  # (F, S, S, 3) uint8 RGB: the centre of each frame, for the TSN
    persons: Tensor  # (N, 4)
    parts: Tensor  # (N, 10, 4), NaN where there is none
    states: Tensor  # (N, 10) index of the state, -1 where it is not known
    counted: Tensor  # (N,) bool: persons that the frame's action is judged by
    frame_of_person: Tensor  # (N,)
    objects: Tensor  # (M, 4), the best scored first
    frame_of_object: Tensor  # (M,)


class Frame(NamedTuple):
    """One frame, in NumPy's arrays; as in `FrameBatch`."""

    picture: NDArray[np.uint8]
    thumbnail: NDArray[np.uint8]
    persons: boxes.Floats
    parts: boxes.Floats
    states: Integers
    counted: NDArray[np.bool_]
    objects: boxes.Floats


@dataclass(frozen=True)
class FrameReader:
    """Reads frames in the sizes that the network was trained with."""

    cache: Path  # folder of the frames
    side: int  # pixels of a picture's shorter side
    thumbnail: int  # pixels of the square that the TSN sees

    def read(
        self,
        video: str,
        number: int,
        persons: PersonParts,
        objects: boxes.Floats,
        view: View,
        *,
        zoom: float = 1.0,
        counted: NDArray[np.bool_] | None = None,
    ) -> Frame:
        """Frame `number` (from 1) of a video, with the persons of this frame.

        Args:
            objects: (M, 4) inclusive boxes in pixels of the frame.
            view: how the frame is seen; a mirror exchanges the sides of the parts.
            zoom: factor of the picture's side.
            counted: persons that the action is judged by; None: all.
        """
        whole = view_picture(read_frame(self.cache, video, number), view)
        height, width = whole.shape[:2]
        own: boxes.Floats = persons.boxes
        part_boxes: boxes.Floats = persons.part_boxes
        states = persons.states
        if view.mirrored:
            own, objects = boxes.mirror(own, width), boxes.mirror(objects, width)
            part_boxes = boxes.mirror(part_boxes, width)[:, _SWAPPED]
            states = states[:, _SWAPPED]
        factor = self.side * zoom / min(height, width)
        size = max(1, round(width * factor)), max(1, round(height * factor))
        scale = np.tile([size[0] / width, size[1] / height], 2)
        return Frame(
            cv2.resize(
                whole, size, interpolation=cv2.INTER_AREA if factor < 1 else cv2.INTER_LINEAR
            ),
            fixed_crops(whole[None], self.thumbnail, 1)[0, 0],
            boxes.to_edges(own) * scale,
            boxes.to_edges(part_boxes) * scale,
            states,
            np.ones(len(own), bool) if counted is None else counted,
            boxes.to_edges(objects) * scale,
        )


def join_frames(frames: Sequence[Frame]) -> FrameBatch:
    """A batch of frames, their pictures padded to the largest."""
    shapes = np.array([frame.picture.shape[:2] for frame in frames])
    height, width = shapes.max(0)
    pictures = np.full((len(frames), height, width, 3), _PADDING, np.uint8)
    for slot, frame in zip(pictures, frames, strict=True):
        slot[: frame.picture.shape[0], : frame.picture.shape[1]] = frame.picture
    number = np.arange(len(frames))

    def joined(name: str, kind: torch.dtype) -> Tensor:
        return torch.as_tensor(np.concatenate([getattr(f, name) for f in frames])).to(kind)

    return FrameBatch(
        torch.from_numpy(pictures),
        torch.as_tensor(shapes[:, ::-1].copy()).float(),
        torch.from_numpy(np.stack([frame.thumbnail for frame in frames])),
        joined("persons", torch.float32),
        joined("parts", torch.float32),
        joined("states", torch.long),
        joined("counted", torch.bool),
        torch.as_tensor(np.repeat(number, [len(frame.persons) for frame in frames])),
        joined("objects", torch.float32),
        torch.as_tensor(np.repeat(number, [len(frame.objects) for frame in frames])),
    )


class ObjectBoxes:
    """The objects of each frame, from OBJECTS or DETECTED_OBJECTS."""

    def __init__(self, objects: pd.DataFrame) -> None:
        """Take a table, whose objects are numbered by falling score where they have one."""
        table = objects.sort_values(OBJECT_KEY, ignore_index=True)
        self._box = table[BOX].to_numpy(float)
        self._rows = table.groupby(FRAME_KEY).indices

    def of(self, video: str, frame: int) -> boxes.Floats:
        """(M, 4) inclusive boxes in pixels of the frame."""
        return self._box[self._rows.get((video, frame), np.empty(0, np.int64))]
