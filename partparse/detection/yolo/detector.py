"""Object detectors of ultralytics: weights that are data, and predictions as arrays.

A detector is a folder with `weights.pt`: a plain dictionary of tensors, names and numbers, read
with `weights_only`, because ultralytics' own files are pickles that run code when they are read.

Pictures are RGB. Boxes are the project's (xyxy pixels, corners inclusive); ultralytics counts from
the outer edges of pixels, see `boxes.to_edges`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from ultralytics.nn.tasks import DetectionModel, torch_safe_load, yaml_model_load
from ultralytics.utils.nms import non_max_suppression
from ultralytics.utils.ops import xywh2xyxy

from partparse import boxes
from partparse.augment import Picture
from partparse.boxes import Floats, Integers
from partparse.detection.batching import forward_in_batches
from partparse.detection.settings import QUERY_NETWORKS, known_network
from partparse.detection.yolo.loss import MixedModel
from partparse.detection.yolo.queries import QueryModel, is_query, query_architecture
from partparse.errors import InputError
from partparse.files import weights
from partparse.files.atomic import atomic_path
from partparse.running.loading import loaded_once

_HELD = {"architecture", "names", "image_size", "state"}
_CPU_PIXELS = 16 * 192**2
PADDING = 114  # the grey that ultralytics pads pictures with, in training as well


def load_architecture(name: str, classes: int) -> dict[str, Any]:
    """The description of a network from its name or a path, see `settings.known_network`.

    Raises InputError where there is none of that name.
    """
    if name in QUERY_NETWORKS or name.endswith(".json"):
        return query_architecture(name, classes)
    try:
        architecture = yaml_model_load(known_network(name))
    except FileNotFoundError:
        raise InputError(f"{name}: no such file; expected a network's description") from None
    return {**architecture, "yaml_file": Path(name).name, "nc": classes}


def build_model(architecture: dict[str, Any]) -> DetectionModel | QueryModel:
    """The network of a description, with random weights."""
    if is_query(architecture):
        return QueryModel(architecture)
    return MixedModel(architecture, nc=architecture["nc"], verbose=False)


def read_pretrained(source: str, sha256: str | None) -> DetectionModel:
    """The network of an ultralytics checkpoint that matches its checksum.

    Args:
        source: name of the catalogue, path or URL.
        sha256: hexadecimal checksum of the file. Where the catalogue has none either it is
            refused: it is a pickle (read with only ultralytics' and torch's own classes allowed).

    Raises:
        InputError: the checksum is missing or differs, or the file holds no detector.
    """
    if weights.find_source(source, sha256).sha256 is None:
        raise InputError(f"weights {source}: expected weights_sha256 too, as the file is a pickle")
    path = weights.fetch(source, sha256)
    with weights.refusing_damage(f"weights {source}", "a checkpoint of ultralytics"):
        checkpoint, _ = torch_safe_load(path, safe_only=True)
        model = checkpoint.get("ema") or checkpoint["model"]
    if not isinstance(model, DetectionModel):
        raise InputError(f"weights {source}: expected a detector, got {type(model).__name__}")
    return model.float()


def copy_weights(folder: Path, model: DetectionModel | QueryModel) -> None:
    """Copy the weights of the detector in `folder` into `model`, where they have the same shape.

    That is all but the last layers for other classes. Raises InputError where the two are not of
    the same network, or `folder` holds no detector.
    """
    held, own = _read(folder)["state"], model.state_dict()
    if held.keys() != own.keys():
        raise InputError(
            f"{folder / weights.WEIGHTS}: weights of another network than the one to train"
        )
    fitting = {name: value for name, value in held.items() if value.shape == own[name].shape}
    model.load_state_dict(fitting, strict=False)


def _read(folder: Path) -> dict[str, Any]:
    """What `Detector.save` wrote. Raises InputError where it is missing or something else."""
    path = folder / weights.WEIGHTS
    try:
        with weights.refusing_damage(path, "the weights of a detector"):
            held = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    if not isinstance(held, dict) or held.keys() != _HELD:
        raise InputError(f"{path}: not the weights of a detector: expected {sorted(_HELD)}")
    return held


@dataclass(frozen=True)
class Detections:
    """What was found in one picture, by falling score."""

    boxes: Floats  # (N, 4) inclusive pixels of the picture
    scores: Floats  # (N,) in [0, 1]
    classes: Integers  # (N,) indices into the detector's names


class Detector:
    """A trained network with the names of its classes."""

    def __init__(
        self, model: DetectionModel | QueryModel, names: Sequence[str], image_size: int
    ) -> None:
        """Take a network; `image_size` is the longer side, in pixels, it was trained at."""
        self.model = model
        self.names = tuple(names)
        self.image_size = image_size

    def save(self, folder: Path) -> None:
        """Write `weights.pt` into `folder`."""
        with atomic_path(folder / weights.WEIGHTS) as temporary:
            torch.save(
                {
                    "architecture": self.model.yaml,
                    "names": list(self.names),
                    "image_size": self.image_size,
                    "state": {k: v.cpu() for k, v in self.model.state_dict().items()},
                },
                temporary,
            )

    @classmethod
    @loaded_once
    def load(cls, folder: Path, device: str) -> "Detector":
        """Read what `save` wrote, ready to predict on `device`.

        Raises InputError where the file is missing or something else.
        """
        held = _read(folder)
        model = build_model(held["architecture"])
        model.load_state_dict(held["state"])
        model.eval()
        if isinstance(model, DetectionModel):
            # end-to-end heads (v10, 26) have two branches; the one that needs suppression gives
            # every candidate, as the other architectures do
            model.set_head_attr(end2end=False)
            model.fuse(verbose=False)
        # channels last is a third faster on a CPU
        model = model.to(device, memory_format=torch.channels_last)
        return cls(model, held["names"], held["image_size"])

    def detect(
        self, pictures: Sequence[Picture], *, score: float, iou: float, most: int
    ) -> list[Detections]:
        """Objects in each RGB picture (H, W, 3).

        Args:
            pictures: of any sizes; they go through the network as one batch.
            score: lowest score kept.
            iou: of two boxes of a class that overlap more, the better one is kept.
            most: objects kept in a picture.
        """
        import torchvision  # noqa: F401  whose suppression ultralytics takes where it is loaded

        if not pictures:
            return []
        candidates, frames = self.candidates(pictures)
        # its default time limit drops the pictures that a busy machine has not come to
        kept = non_max_suppression(candidates, score, iou, max_det=most, max_time_img=float("inf"))
        found = []
        for rows, frame in zip(kept, frames, strict=True):
            values = rows.cpu().numpy().astype(float)
            found.append(
                Detections(frame.restore(values[:, :4]), values[:, 4], values[:, 5].astype(int))
            )
        return found

    def best(self, pictures: Sequence[Picture]) -> tuple[Floats, Floats]:
        """The best box of each class in each RGB picture, however low its score.

        Returns boxes (N, classes, 4) and scores (N, classes). No suppression is needed: a class
        has one box, and one candidate may be the best of two classes.
        """
        if not pictures:
            return np.zeros((0, len(self.names), 4)), np.zeros((0, len(self.names)))
        candidates, frames = self.candidates(pictures)
        scores, index = candidates[:, 4:].max(dim=2)
        chosen = candidates[:, :4].gather(2, index[:, None].expand(-1, 4, -1)).transpose(1, 2)
        edges = xywh2xyxy(chosen).cpu().numpy().astype(float)
        restored = [frame.restore(box) for frame, box in zip(frames, edges, strict=True)]
        return np.stack(restored), scores.cpu().numpy().astype(float)

    @torch.inference_mode()
    def candidates(self, pictures: Sequence[Picture]) -> tuple[torch.Tensor, list["Placed"]]:
        """Every candidate, (N, 4 + classes, candidates) as x, y, w, h, scores."""
        batch, frames = _letterbox(pictures, self.image_size)
        device = next(self.model.parameters()).device
        # NHWC seen as NCHW is torch's channels-last layout, the network's own
        tensor = torch.from_numpy(batch).permute(0, 3, 1, 2)

        def forward(some: torch.Tensor) -> torch.Tensor:
            candidates: torch.Tensor = self.model(some.float() / 255)[0]
            return candidates

        return forward_in_batches(forward, tensor, device, _CPU_PIXELS), frames


@dataclass(frozen=True)
class Placed:
    """Where a picture lies in the network's input."""

    scale: tuple[float, float]
    offset: tuple[int, int]
    width: int
    height: int

    def restore(self, edges: Floats) -> Floats:
        """Boxes (..., 4) of the network's input as inclusive pixels within the picture."""
        back = (edges - np.tile(self.offset, 2)) / np.tile(self.scale, 2)
        back = np.clip(back, 0, [self.width, self.height] * 2)
        return boxes.clip(boxes.from_edges(back), (self.width, self.height))


def resize_longer(picture: Picture, size: int) -> Picture:
    """The picture with its longer side `size` pixels long, its shape kept."""
    height, width = picture.shape[:2]
    scale = size / max(height, width)
    if scale == 1:
        return picture
    shape = max(round(width * scale), 1), max(round(height * scale), 1)
    how = cv2.INTER_AREA if scale < 0.5 else cv2.INTER_LINEAR
    return cv2.resize(picture, shape, interpolation=how)


def _letterbox(pictures: Sequence[Picture], size: int) -> tuple[Picture, list[Placed]]:
    """Resize to a longer side of `size`, and pad to a square, as in training.

    Padding to the batch's largest shape would be cheaper, but what is found in a picture would
    depend on its neighbours in the batch, and crops that are seen narrower than in training lose
    parts.
    """
    resized = [resize_longer(picture, size) for picture in pictures]
    batch = np.full((len(pictures), size, size, 3), PADDING, np.uint8)
    frames = []
    for slot, small, picture in zip(batch, resized, pictures, strict=True):
        inner_height, inner_width = small.shape[:2]
        top, left = (size - inner_height) // 2, (size - inner_width) // 2
        slot[top : top + inner_height, left : left + inner_width] = small
        outer_height, outer_width = picture.shape[:2]
        scale = inner_width / outer_width, inner_height / outer_height
        frames.append(Placed(scale, (left, top), outer_width, outer_height))
    return batch, frames
