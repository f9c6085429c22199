"""Training a detector with ultralytics' trainer, on pictures that are made when they are asked for.

ultralytics reads folders of pictures and label files. Here a `Source` hands over pictures and
boxes instead, so crops, dots and mirrored labels need no files. Everything of ultralytics that
would surprise stands in `_trainer_arguments` and `_Trainer`, each with its reason.
"""

import csv
import logging
import random
import shutil
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from partparse.augment import View
from partparse.detection import yolo_environment
from partparse.detection.yolo import (
    Detector,
    Picture,
    copy_weights,
    edges_from_inclusive,
    load_architecture,
    load_pretrained,
    resize_longer,
)
from partparse.errors import InputError

# isort: split
from ultralytics.data.augment import Compose, Format, v8_transforms
from ultralytics.data.dataset import YOLODataset
from ultralytics.models.yolo.detect import DetectionTrainer
from ultralytics.nn.tasks import DetectionModel
from ultralytics.utils.instance import Instances
from ultralytics.utils.loss import E2ELoss, v8DetectionLoss

LOG = logging.getLogger("partparse")


@dataclass(frozen=True)
class DetectorSettings:
    """How a detector is trained."""

    model: str
    """Network: the name of an ultralytics .yaml (yolo11n.yaml), or a path to one."""
    weights: str | None
    """Pretrained weights, a path or URL of a .pt; None: from scratch."""
    weights_sha256: str | None
    """Checksum of that file: required with `weights`."""
    image_size: int
    """Longer side of the network's input, pixels; a multiple of 32."""
    epochs: int
    """Passes over the training pictures."""
    batch: int
    """Pictures an optimiser step."""
    optimizer: str
    """ultralytics' name: SGD, AdamW, …"""
    learning_rate: float
    """Highest learning rate; falls linearly to a hundredth."""
    warmup_epochs: float
    """Epochs in which the learning rate rises."""
    mosaic: float
    """Share of the training pictures that are put together from four."""
    mosaic_off_epochs: int
    """Last epochs without mosaic."""
    mixup: float
    """Share of the training pictures that two are blended into."""
    scale: float
    """Resizing by 1 ± this factor."""
    translate: float
    """Shift by ± this share of the picture."""
    rotate: float
    """Rotation by ± degrees."""
    shear: float
    """Shear by ± degrees."""
    perspective: float
    """Perspective, ± this factor (0 to 0.001)."""
    mirror: float
    """Share of the training pictures that are mirrored, left and right exchanged."""
    colour: float
    """Strength of random changes of hue, saturation and brightness; 1: ultralytics' usual."""
    workers: int
    """Processes that load pictures for a GPU (0: the training's own; always so on a CPU)."""
    seed: int
    """Of the initial weights, the order and the augmentation."""


@dataclass(frozen=True)
class Example:
    """A picture and what is to be found in it."""

    picture: Picture
    """(H, W, 3) RGB."""
    boxes: NDArray[np.floating]
    """(N, 4) inclusive pixels of the picture."""
    classes: NDArray[np.int64]
    """(N,) indices into the names of the classes."""


class Source(Protocol):
    """Training pictures by number."""

    def __len__(self) -> int:
        """How many there are."""

    def load(self, index: int, view: View) -> Example:
        """The picture with that number, seen as `view` says."""


def train_detector(
    source: Source,
    names: Sequence[str],
    settings: DetectorSettings,
    out: Path,
    *,
    device: str,
    complete: bool = True,
    init: Path | None = None,
) -> None:
    """Train a detector and write `weights.pt` and `training.csv` (losses an epoch) into `out`.

    The weights are the moving average that ultralytics keeps, after the last epoch: nothing is
    chosen by validation here, which is left to the evaluation of what the stage predicts.

    Args:
        source: training pictures.
        names: of the classes.
        settings: how to train.
        out: folder, which exists.
        device: "cpu" or "cuda:0".
        complete: every object of every class is labelled in every picture. If not, a class
            without a label in a picture teaches nothing there: its object may be visible.
        init: folder of another detector, of the same network, whose weights training starts
            from; `settings.weights` come first.

    Raises:
        InputError: no pictures, an unknown network or unusable pretrained weights.
    """
    if not len(source):
        raise InputError(f"no pictures to train a detector of {', '.join(names)} on")
    yolo_environment.limit_ultralytics_threads()
    work = Path(tempfile.mkdtemp(prefix="partparse-training-"))
    try:
        trainer = _Trainer(
            source, names, settings, work, device=device, complete=complete, init=init
        )
        trainer.train()
        model = trainer.ema.ema.float().cpu()
        Detector(model, names, settings.image_size).save(out)
        _write_losses(trainer.losses, out / "training.csv")
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _write_losses(losses: list[dict[str, float]], path: Path) -> None:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(losses[0]))
        writer.writeheader()
        writer.writerows(losses)


class _Dataset(torch.utils.data.Dataset):
    """A source in the shape that ultralytics' augmentation and trainer expect."""

    cache = "ram"  # tells mosaic to draw from all pictures instead of those it saw last
    collate_fn = staticmethod(YOLODataset.collate_fn)

    def __init__(self, source: Source, settings: DetectorSettings, hyp: Any) -> None:
        self.source = source
        self.settings = settings
        self.data: dict[str, Any] = {}
        self.transforms = self._transforms(hyp)

    def _transforms(self, hyp: Any) -> Compose:
        transforms = v8_transforms(self, self.settings.image_size, hyp)
        # `bgr` is the share of pictures whose channels stay as they are: ours are RGB already
        transforms.append(Format(bbox_format="xywh", normalize=True, batch_idx=True, bgr=1.0))
        return transforms

    def close_mosaic(self, hyp: Any) -> None:
        """Build the augmentation anew without mixing pictures, for the last epochs."""
        hyp.mosaic = hyp.mixup = 0.0
        self.transforms = self._transforms(hyp)

    def __len__(self) -> int:
        return len(self.source)

    def __getitem__(self, index: int) -> dict[str, Any]:
        return self.transforms(self.get_image_and_label(index))

    def get_image_and_label(self, index: int) -> dict[str, Any]:
        """A picture before augmentation; mosaic and mixup call this too."""
        example = self.source.load(index, _random_view(self.settings))
        height, width = example.picture.shape[:2]
        picture = resize_longer(example.picture, self.settings.image_size)
        edges = edges_from_inclusive(example.boxes) / [width, height, width, height]
        return {
            "im_file": str(index),
            "img": picture,
            "ori_shape": (height, width),
            "resized_shape": picture.shape[:2],
            "ratio_pad": (picture.shape[0] / height, picture.shape[1] / width),
            "cls": example.classes.astype(np.float32)[:, None],
            "instances": Instances(
                edges.astype(np.float32),
                np.zeros((0, 1000, 2), np.float32),
                bbox_format="xyxy",
                normalized=True,
            ),
        }


def _random_view(settings: DetectorSettings) -> View:
    strength = settings.colour
    return View(
        mirrored=random.random() < settings.mirror,
        hue=random.uniform(-0.015, 0.015) * strength,
        saturation=1 + random.uniform(-0.7, 0.7) * strength,
        brightness=1 + random.uniform(-0.4, 0.4) * strength,
    )


class _LabelledClassesLoss(v8DetectionLoss):
    """The usual loss, but a class without a label in a picture has no classification loss there.

    Annotators left visible parts out, and a detector that takes those for background learns to
    miss them.
    """

    def loss(self, preds: dict[str, torch.Tensor], batch: dict[str, torch.Tensor]) -> tuple:
        pictures = preds["scores"].shape[0]
        labelled = torch.zeros(pictures, 1, self.nc, device=self.device)
        labelled[batch["batch_idx"].long(), 0, batch["cls"].view(-1).long()] = 1
        plain = torch.nn.functional.binary_cross_entropy_with_logits
        self.bce = lambda logits, target: plain(logits, target, reduction="none") * labelled
        return super().loss(preds, batch)


class _PartlyLabelledModel(DetectionModel):
    """A detector trained with `_LabelledClassesLoss`."""

    def init_criterion(self) -> Any:
        two_heads = getattr(self.model[-1], "one2one_cv2", None) is not None
        return E2ELoss(self, _LabelledClassesLoss) if two_heads else _LabelledClassesLoss(self)


class _Trainer(DetectionTrainer):
    """ultralytics' trainer without files, validation, checkpoints, plots and outside services."""

    def __init__(
        self,
        source: Source,
        names: Sequence[str],
        settings: DetectorSettings,
        work: Path,
        *,
        device: str,
        complete: bool,
        init: Path | None,
    ) -> None:
        self.source = source
        self.class_names = names
        self.settings = settings
        self.complete = complete
        self.init = init
        self.losses: list[dict[str, float]] = []
        self.started = time.monotonic()
        super().__init__(overrides=_trainer_arguments(settings, work, device))

    def run_callbacks(self, event: str) -> None:
        """Log an epoch in one line; ultralytics' own callbacks talk to services: none runs."""
        if event != "on_train_epoch_end":
            return
        values = {name: float(value) for name, value in self.tloss.items()}
        self.losses.append({"epoch": self.epoch + 1, **values})
        elapsed = time.monotonic() - self.started
        LOG.info(
            "epoch %d/%d: %s, %.0f s, %.0f s left",
            self.epoch + 1,
            self.epochs,
            ", ".join(f"{name} {value:.3f}" for name, value in values.items()),
            elapsed,
            elapsed / (self.epoch + 1) * (self.epochs - self.epoch - 1),
        )

    def get_dataset(self) -> dict[str, Any]:
        names = dict(enumerate(self.class_names))
        return {"train": "", "val": "", "nc": len(names), "names": names, "channels": 3}

    def build_dataset(self, img_path: str, mode: str = "train", batch: int | None = None) -> Any:
        return _Dataset(self.source, self.settings, self.args)

    def setup_model(self) -> None:
        kind = DetectionModel if self.complete else _PartlyLabelledModel
        classes = len(self.class_names)
        self.model = kind(
            load_architecture(self.settings.model, classes), nc=classes, verbose=False
        )
        if self.settings.weights is not None:
            self.model.names = self.data["names"]
            pretrained = load_pretrained(self.settings.weights, self.settings.weights_sha256)
            self.model.load(pretrained, verbose=False)
        elif self.init is not None:
            copy_weights(self.init, self.model)
        # channels last is a third faster on a CPU; ultralytics has it for CUDA alone
        self.model = self.model.to(memory_format=torch.channels_last)

    def preprocess_batch(self, batch: dict[str, Any]) -> dict[str, Any]:
        batch = super().preprocess_batch(batch)
        batch["img"] = batch["img"].contiguous(memory_format=torch.channels_last)
        return batch

    def get_validator(self) -> Any:
        return SimpleNamespace(metrics=SimpleNamespace(keys=[]))

    def validate(self) -> tuple[dict[str, float], float]:
        return {}, 0.0

    def save_metrics(self, metrics: dict[str, float]) -> None:
        pass

    def save_model(self) -> bool:
        return False

    def final_eval(self) -> None:
        pass


def _trainer_arguments(settings: DetectorSettings, work: Path, device: str) -> dict[str, Any]:
    gpu = device != "cpu"
    # the check for 16-bit floats would download a network; bfloat16 goes without one
    half = "bf16" if gpu and torch.cuda.is_bf16_supported() else False
    return {
        "model": settings.model,
        "data": "none.yaml",  # never read: `get_dataset` stands in for it
        "project": str(work),
        "name": "run",
        "pretrained": False,  # `setup_model` loads weights, after their checksum
        "device": device.removeprefix("cuda:") if gpu else "cpu",
        "imgsz": settings.image_size,
        "epochs": settings.epochs,
        "batch": settings.batch,
        # gradients are gathered up to a nominal batch of 64 otherwise: few steps on small sets
        "nbs": settings.batch,
        "optimizer": settings.optimizer,
        "lr0": settings.learning_rate,
        "warmup_epochs": settings.warmup_epochs,
        "warmup_bias_lr": settings.learning_rate,  # its 0.1 is meant for SGD and upsets AdamW
        "mosaic": settings.mosaic,
        "close_mosaic": settings.mosaic_off_epochs,
        "mixup": settings.mixup,
        "scale": settings.scale,
        "translate": settings.translate,
        "degrees": settings.rotate,
        "shear": settings.shear,
        "perspective": settings.perspective,
        # the source mirrors and recolours instead: ultralytics' flip knows nothing of left and
        # right, and its change of colours comes after the dots, whose colours mean something
        "fliplr": 0.0,
        "hsv_h": 0.0,
        "hsv_s": 0.0,
        "hsv_v": 0.0,
        "workers": settings.workers,
        "seed": settings.seed,
        "deterministic": True,
        "amp": half,
        "val": False,
        "plots": False,
        "save": False,
        "verbose": False,
    }
