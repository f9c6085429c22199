"""Training a detector with ultralytics' trainer.

Everything of ultralytics' training that would surprise stands in `_trainer_arguments` and
`_Trainer`, each with its reason.
"""

import csv
import logging
import shutil
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from partparse.detection import yolo_environment
from partparse.detection.detector_settings import DetectorSettings
from partparse.detection.yolo import Detector, copy_weights, load_architecture, load_pretrained
from partparse.detection.yolo_data import Source, TrainingPictures
from partparse.detection.yolo_loss import PartlyLabelledModel, UnknownRegionsModel
from partparse.errors import InputError

# isort: split
from ultralytics.models.yolo.detect import DetectionTrainer
from ultralytics.nn.tasks import DetectionModel

LOG = logging.getLogger("partparse")


def train_detector(
    source: Source,
    names: Sequence[str],
    settings: DetectorSettings,
    out: Path,
    *,
    device: str,
    complete: bool = True,
    unknown: NDArray[np.bool_] | None = None,
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
        unknown: (kinds, classes), for pictures with regions in which some classes may be visible
            without a label; a box of class `len(names) + k` is a region that leaves those of row
            k open.
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
            source,
            names,
            settings,
            work,
            device=device,
            complete=complete,
            unknown=unknown,
            init=init,
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
        unknown: NDArray[np.bool_] | None,
        init: Path | None,
    ) -> None:
        self.source = source
        self.class_names = names
        self.settings = settings
        self.complete = complete
        self.unknown = unknown
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
        return TrainingPictures(self.source, self.settings, self.args)

    def setup_model(self) -> None:
        classes = len(self.class_names)
        self.model = self._make_model(load_architecture(self.settings.model, classes), classes)
        if self.settings.weights is not None:
            self.model.names = self.data["names"]
            pretrained = load_pretrained(self.settings.weights, self.settings.weights_sha256)
            self.model.load(pretrained, verbose=False)
        elif self.init is not None:
            copy_weights(self.init, self.model)
        # channels last is a third faster on a CPU; ultralytics has it for CUDA alone
        self.model = self.model.to(memory_format=torch.channels_last)

    def _make_model(self, architecture: dict[str, Any], classes: int) -> DetectionModel:
        if self.unknown is not None:
            model = UnknownRegionsModel(architecture, nc=classes, verbose=False)
            model.unknown = torch.from_numpy(self.unknown).float()
            return model
        kind = DetectionModel if self.complete else PartlyLabelledModel
        return kind(architecture, nc=classes, verbose=False)

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
