"""Detectors with random weights that find about as much as trained ones do."""

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import nn

from partparse.augment import Picture
from partparse.detection.yolo import detector as yolo
from partparse.detection.yolo.detector import Detector

# isort: split
from ultralytics.nn.tasks import DetectionModel

NETWORK = "yolo11n.yaml"
_SHARE = 0.02
"""Of all candidates that score more than `_SCORE`: some twenty of a picture of 192 pixels."""
_SCORE = 0.01


def make_detector(files: Sequence[Path], names: Sequence[str], size: int) -> Detector:
    """A detector whose batch norms and scores are fitted to some pictures."""
    torch.manual_seed(0)
    model = DetectionModel(
        yolo.load_architecture(NETWORK, len(names)), nc=len(names), verbose=False
    )
    detector = Detector(model, names, size)
    pictures = [cv2.imread(str(file), cv2.IMREAD_COLOR_RGB) for file in files]
    _fit_batch_norms(detector, pictures)
    _fit_scores(detector, pictures)
    return detector


def _fit_batch_norms(detector: Detector, pictures: Sequence[Picture]) -> None:
    # those of random weights hardly tell one picture from another
    for module in detector.model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = None
    detector.model.train()
    batch = torch.from_numpy(yolo._letterbox(pictures, detector.image_size)[0])
    with torch.no_grad():
        detector.model(batch.permute(0, 3, 1, 2).float() / 255)
    detector.model.eval()


def _fit_scores(detector: Detector, pictures: Sequence[Picture]) -> None:
    scores = detector.candidates(pictures)[0][:, 4:]
    edge = float(np.quantile(torch.logit(scores.double()).numpy(), 1 - _SHARE))
    shift = float(torch.logit(torch.tensor(_SCORE, dtype=torch.double))) - edge
    with torch.no_grad():
        for branch in detector.model.model[-1].cv3:
            branch[-1].bias += shift
