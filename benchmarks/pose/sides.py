"""What finds keypoints in `compare.py`: ours, mmpose's way, the network alone."""

from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from torch import nn

from benchmarks.checkout import settings
from benchmarks.pose.plain import locate, make_model
from benchmarks.side import Work
from partparse import tables
from partparse.detection.pose.network import build_model
from partparse.detection.pose.prediction import PoseEstimator, predict_persons
from partparse.detection.pose.settings import PosePredictionSettings, PoseSettings
from partparse.running.program import claim

PREDICT = PosePredictionSettings(batch=64, mirror=False)
_WARM = 4  # frames


def locate_ours(cache: str, model: str, frames: str, persons: str, device: str) -> Work:
    """Keypoints of all persons, in batches across frames."""
    claim(1, int(device != "cpu"))
    train = _settings(model)
    estimator = PoseEstimator(_network(train), train.padding, PREDICT, device)

    def work(count: int) -> None:
        predict_persons(estimator, _table(count, _boxes(persons)), Path(cache), PREDICT.batch)

    work(_WARM)
    return partial(work, int(frames))


def locate_plainly(cache: str, model: str, frames: str, persons: str, device: str) -> Work:
    """The reference."""
    torch.set_num_threads(1)
    train = _settings(model)
    plain = make_model(train, _network(train).state_dict(), device)
    files = [Path(cache) / "v000" / f"img_{n:05d}.jpg" for n in range(1, int(frames) + 1)]
    locate(plain, files[:_WARM], _boxes(persons))
    return partial(locate, plain, files, _boxes(persons))


def network_alone(cache: str, model: str, frames: str, persons: str, device: str) -> Work:
    """The network on as many crops, its batch norms folded, in our batches."""
    del cache
    claim(1, int(device != "cpu"))
    train = _settings(model)
    estimator = PoseEstimator(_network(train), train.padding, PREDICT, device)
    width, height = estimator.input_size
    crops = np.zeros((PREDICT.batch, height, width, 3), np.uint8)
    estimator.heatmaps(crops[:_WARM])
    count = int(frames) * int(persons)

    def work() -> None:
        for start in range(0, count, PREDICT.batch):
            estimator.heatmaps(crops[: min(PREDICT.batch, count - start)])

    return work


def _settings(model: str) -> PoseSettings:
    return PoseSettings.of(settings("pose", "train") | {"network": model})


def _network(settings: PoseSettings) -> nn.Module:
    torch.manual_seed(0)
    return build_model(settings).eval()


def _boxes(persons: str) -> np.ndarray:
    """Of the persons in each frame of 340 x 256 pixels."""
    left = np.linspace(10, 200, int(persons))
    return np.stack([left, left * 0 + 20, left + 120, left * 0 + 240], axis=1)


def _table(frames: int, boxes: np.ndarray) -> pd.DataFrame:
    rows = [
        ("v000", frame, number, *box)
        for frame in range(1, frames + 1)
        for number, box in enumerate(boxes, start=1)
    ]
    return pd.DataFrame(rows, columns=["video", "frame", "person", *tables.BOX])
