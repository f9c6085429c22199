"""Keypoints of persons whose boxes are known, many persons at a time.

mmpose's own way for pictures (`inference_topdown`) takes one frame at a time and its whole
picture where a frame has no box. Here crops of many frames share a batch: the affine is mmpose's
(`GetBBoxCenterScale` and `TopdownAffine`, plain or unbiased as the net's codec asks), the net's
own head decodes the heat maps, and the inverse of the affine takes the points back to the frame.
"""

import copy
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np
import pandas as pd

from partparse import tables
from partparse.augment import Picture
from partparse.boxes import Floats
from partparse.detection.pose.network import load_model
from partparse.detection.pose.settings import PosePredictionSettings
from partparse.frames.cache import read_frame
from partparse.running.arguments import Job, Pictures
from partparse.running.loading import loaded_once
from partparse.running.prediction import Output, Predictor, Rows
from partparse.sampling import scored_rows
from partparse.tables import PERSON_KEY
from partparse.vocabulary import KEYPOINTS, swap_order

if TYPE_CHECKING:
    import torch
    from torch import nn

_CPU_PIXELS = 32 * 96 * 128


@dataclass(frozen=True)
class Crops:
    """Persons cut out of frames."""

    pictures: Picture  # (N, height, width, 3) RGB
    matrices: Floats  # (N, 2, 3): the affine from pixels of the frame to pixels of the crop


class PoseEstimator:
    """A trained pose net, ready for crops."""

    def __init__(
        self, model: "nn.Module", padding: float, settings: PosePredictionSettings, device: str
    ) -> None:
        """Take the net to `device`; `padding` is the side of a crop in sides of the box."""
        from mmcv.cnn.utils import fuse_conv_bn

        # batch norms join the convolutions before them, a fifth of the time. In a copy, since
        # a net that is still trained needs its own
        self._model = fuse_conv_bn(copy.deepcopy(model).eval()).to(device)
        self._padding = padding
        self._settings = settings
        self._unbiased = type(model.head.decoder).__name__ == "UDPHeatmap"

    @property
    def input_size(self) -> tuple[int, int]:
        """Width and height of a crop in pixels."""
        width, height = self._model.head.decoder.input_size
        return int(width), int(height)

    def crop(self, picture: Picture, boxes: Floats) -> Crops:
        """Cut the persons with boxes (N, 4), xyxy pixels, out of a (H, W, 3) RGB frame."""
        matrices = crop_matrices(boxes, self.input_size, self._padding, self._unbiased)
        width, height = self.input_size
        pictures = np.empty((len(boxes), height, width, 3), np.uint8)
        for crop, matrix in zip(pictures, matrices, strict=True):
            cv2.warpAffine(picture, matrix, (width, height), dst=crop, flags=cv2.INTER_LINEAR)
        return Crops(pictures, matrices)

    def locate(self, crops: Crops) -> Floats:
        """Keypoints (N, 17, 3): x, y in pixels of the frame, and the heat map's peak in [0, 1].

        A point lies within its crop, which may reach out of the frame.
        """
        points, scores = self._decode(self.heatmaps(crops.pictures))
        points = np.clip(points, 0, np.array(self.input_size) - 1)
        points = invert(crops.matrices, points)
        return np.concatenate([points, np.clip(scores, 0, 1)[..., None]], axis=-1)

    def heatmaps(self, pictures: Picture) -> "torch.Tensor":
        """(N, 17, height / 4, width / 4) of crops (N, height, width, 3), RGB."""
        import torch

        from partparse.detection.batching import forward_in_batches

        device = self._model.data_preprocessor.mean.device
        # NHWC seen as NCHW is torch's channels-last layout, the net's own
        batch = torch.from_numpy(pictures).permute(0, 3, 1, 2)
        with torch.inference_mode():
            return forward_in_batches(self._forward, batch, device, _CPU_PIXELS)

    def _forward(self, batch: "torch.Tensor") -> "torch.Tensor":
        from mmpose.models.utils.tta import flip_heatmaps

        normalise = self._model.data_preprocessor
        batch = (batch.float() - normalise.mean) / normalise.std
        heatmaps: torch.Tensor = self._model.head(self._model.extract_feat(batch))
        if not self._settings.mirror:
            return heatmaps
        mirrored = flip_heatmaps(
            self._model.head(self._model.extract_feat(batch.flip(-1))),
            flip_indices=swap_order(KEYPOINTS),
            shift_heatmap=self._model.test_cfg["shift_heatmap"],
        )
        return (heatmaps + mirrored) / 2

    def _decode(self, heatmaps: "torch.Tensor") -> tuple[Floats, Floats]:
        """Points (N, 17, 2) in pixels of the crops and scores (N, 17)."""
        # the decoder treats each map alike: those of all persons at once are one long person
        maps = heatmaps.cpu().numpy().reshape(-1, *heatmaps.shape[2:])
        points, scores = self._model.head.decoder.decode(maps)
        shape = heatmaps.shape[:2]
        return points.reshape(*shape, 2), scores.reshape(shape)


def crop_matrices(
    boxes: Floats, input_size: tuple[int, int], padding: float, unbiased: bool
) -> Floats:
    """mmpose's affines (N, 2, 3) from the frame to crops of `input_size` (width, height).

    A crop shares its box's centre, is `padding` times as large, and is widened or heightened to
    the shape of `input_size`. `unbiased` is UDP's affine, which maps centres of the outer pixels
    onto one another (size - 1) where the plain one maps outer edges.
    """
    from mmpose.structures.bbox import bbox_xyxy2cs, get_udp_warp_matrix, get_warp_matrix

    width, height = input_size
    # a box one pixel wide and high has no extent between its centres of pixels
    box = np.asarray(boxes, np.float32)
    centre, scale = bbox_xyxy2cs(box, padding=padding)
    scale = np.maximum(scale, 1)
    scale = np.maximum(scale, scale[:, ::-1] * [width / height, height / width])
    affine = get_udp_warp_matrix if unbiased else get_warp_matrix
    matrices = [
        affine(c, s, 0.0, output_size=input_size) for c, s in zip(centre, scale, strict=True)
    ]
    return np.array(matrices, float).reshape(-1, 2, 3)


def invert(matrices: Floats, points: Floats) -> Floats:
    """Take points (N, K, 2) back through the affines (N, 2, 3) that they went through."""
    moved = points - matrices[:, None, :, 2]
    return np.linalg.solve(matrices[:, None, :, :2], moved[..., None])[..., 0]


def select_persons(persons: pd.DataFrame, frames: pd.DataFrame, stride: int) -> pd.DataFrame:
    """The rows on scored frames (1, 1 + stride, …) that were extracted, sorted by their key."""
    return scored_rows(persons, stride, frames).sort_values(PERSON_KEY, ignore_index=True)


@loaded_once
def load_estimator(model: Path, settings: PosePredictionSettings, device: str) -> PoseEstimator:
    """The pose net of a folder with weights.pth and model.json, on `device`."""
    net, trained = load_model(model)
    return PoseEstimator(net, trained.padding, settings, device)


def load_pose_estimator(
    model: Path, settings: PosePredictionSettings, frames: Pictures, job: Job
) -> Predictor:
    """What makes the KEYPOINT_TABLE of `persons`, sorted by their key.

    `model` is as in `load_estimator`; of `frames` the pictures are looked at.
    """
    estimator = load_estimator(model, settings, job.device)

    def locate(rows: Rows) -> list[pd.DataFrame]:
        persons = rows["persons"]
        points = predict_persons(estimator, persons, frames.cache, settings.batch)
        return [tables.unpack_keypoints(persons, points)]

    return Predictor(locate, [Output(tables.KEYPOINT_TABLE)], [model], {"settings": settings})


def predict_persons(
    estimator: PoseEstimator, persons: pd.DataFrame, cache: Path, batch: int
) -> Floats:
    """Keypoints (rows, 17, 3) of persons; rows of one frame stand together."""
    starts = range(0, len(persons), batch)
    crops = (_crop_persons(estimator, persons.iloc[i : i + batch], cache) for i in starts)
    return np.concatenate([estimator.locate(group) for group in crops]).astype(np.float32)


def _crop_persons(estimator: PoseEstimator, persons: pd.DataFrame, cache: Path) -> Crops:
    boxes = persons[tables.BOX].to_numpy(float)
    frames = list(zip(persons["video"].tolist(), persons["frame"].tolist(), strict=True))
    crops = []
    # not pandas' groupby: it takes a tenth of the time of a small net
    for (video, frame), rows in groupby(range(len(frames)), key=frames.__getitem__):
        crops.append(estimator.crop(read_frame(cache, video, frame), boxes[list(rows)]))
    return Crops(
        np.concatenate([group.pictures for group in crops]),
        np.concatenate([group.matrices for group in crops]),
    )
