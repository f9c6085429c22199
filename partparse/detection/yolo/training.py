"""Training a detector with ultralytics' trainer.

Everything of ultralytics' training that would surprise stands in `_trainer_arguments` and
`_Trainer`, each with its reason.
"""

import importlib.metadata
import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from ultralytics.models.yolo.detect import DetectionTrainer
from ultralytics.utils import torch_utils

from partparse.detection.divergence import diverged, find_not_finite
from partparse.detection.settings import DetectorSettings
from partparse.detection.yolo.checkpoint import (
    Losses,
    restore_checkpoint,
    seed_epoch,
    write_checkpoint,
)
from partparse.detection.yolo.data import Source, TrainingPictures
from partparse.detection.yolo.detector import (
    Detector,
    build_model,
    copy_weights,
    load_architecture,
    read_pretrained,
)
from partparse.detection.yolo.loss import UnknownRegionsModel
from partparse.detection.yolo.queries import QueryModel, is_query
from partparse.errors import InputError
from partparse.files.csv_tables import write_csv
from partparse.files.weights import CARD, WEIGHTS, digest
from partparse.learning.batches import Division, divide
from partparse.running.arguments import Job
from partparse.running.pace import Pace, duration
from partparse.running.processes import is_helper, is_together, run_together
from partparse.running.program import seed_everything, write_model_card
from partparse.running.rehearsal import StepClock
from partparse.running.resuming import resumable_folder, work_path

_CHECKPOINT = "last.pt"
_PACKAGES = ("torch", "ultralytics")
_OOM_RETRIES = 3  # after which ultralytics gives up
LOG = logging.getLogger("partparse")


def train_detector(
    source: Source,
    names: Sequence[str],
    settings: DetectorSettings,
    out: Path,
    *,
    stage: str,
    pictures: Mapping[str, Any],
    job: Job,
    trained_on: Mapping[str, int],
    facts: Mapping[str, Any] | None = None,
    unknown: NDArray[np.bool_] | None = None,
    init: Path | None = None,
) -> None:
    """Train a detector and write the model folder `out`, which appears in one piece.

    It holds `weights.pt`, `training.csv` (losses and learning rate, a row an epoch) and
    `model.json`. The weights are the moving average that ultralytics keeps, after the last epoch:
    nothing is chosen by validation here, which is left to the evaluation of what the stage
    predicts.

    A training that was killed goes on from its last whole epoch, kept beside `out` until the end,
    and ends in the same weights, if nothing that it depends on has changed.

    Args:
        source: training pictures.
        names: of the classes.
        settings: how to train.
        out: the model folder.
        stage: the name that the model card and messages give.
        pictures: what the training pictures are made from (see `cache_key`): tables above all.
        job: on more than one GPU as many processes train, each with its share of the batch
            (`divide`); the program is then started again for each of them (`run_together`).
        trained_on: for the model card.
        facts: further entries of the model card.
        unknown: (kinds, classes), for pictures with regions in which some classes may be visible
            without a label; a box of class `len(names) + k` is a region that leaves those of row
            k open.
        init: folder of another detector, of the same network, whose weights training starts
            from (the person detector's have seen the same pictures); `settings.weights` come
            first.

    Raises:
        InputError: no pictures, an unknown network, unusable pretrained weights, or a loss that
            is no number any more; a batch that cannot be divided.
    """
    if not len(source):
        raise InputError(f"no pictures to train a detector of {', '.join(names)} on")
    division = divide(settings.batch, settings.device_batch, device_count(job))
    if division.devices > 1 and not is_together():
        run_together(division.devices)
        return
    made_from = {
        "version": job.version,
        "settings": settings,
        "pictures": pictures,
        "gpus": job.gpus,
        "init": None if init is None else digest(init / WEIGHTS),
        "packages": {name: importlib.metadata.version(name) for name in _packages(settings)},
        **job.cut,
    }
    # ultralytics' `select_device` would set torch to all cores but one, whatever the job was given
    torch_utils.NUM_THREADS = torch.get_num_threads()

    def fit(work: Path) -> _Trainer:
        trainer = _Trainer(
            source,
            names,
            settings,
            work,
            stage=stage,
            division=division,
            gpus=job.gpus,
            unknown=unknown,
            init=init,
            rehearsal_steps=job.rehearsal_steps,
        )
        trainer.train()
        return trainer

    if is_helper():
        fit(work_path(out))
        raise SystemExit  # the first process writes the result
    with resumable_folder(out, made_from) as (folder, work):
        trainer = fit(work)
        Detector(trainer.ema.ema.float().cpu(), names, settings.image_size).save(folder)
        write_csv(pd.DataFrame(trainer.losses), folder / "training.csv")
        write_card(folder, stage, settings, trained_on, {**(facts or {}), **job.cut})


def _packages(settings: DetectorSettings) -> tuple[str, ...]:
    """Whose versions a training depends on."""
    of_ultralytics = settings.network.endswith((".yaml", ".yml"))
    return _PACKAGES if of_ultralytics else (*_PACKAGES, "transformers")


def device_count(job: Job) -> int:
    """How many devices a training has: the job's GPUs, or the CPU where there are none."""
    return job.gpus if job.gpus > 0 and torch.cuda.is_available() else 1


def write_card(
    folder: Path,
    stage: str,
    settings: DetectorSettings,
    trained_on: Mapping[str, int],
    facts: Mapping[str, Any],
) -> None:
    """Write the model card of a detector into its folder."""
    write_model_card(
        folder / CARD,
        stage=stage,
        settings=settings.model_dump(),
        trained_on=trained_on,
        seed=settings.seed,
        packages=_packages(settings),
        **facts,
    )


class _Trainer(DetectionTrainer):
    """ultralytics' trainer with checkpoints of ours, without its files, validation and services."""

    def __init__(
        self,
        source: Source,
        names: Sequence[str],
        settings: DetectorSettings,
        work: Path,
        *,
        stage: str,
        division: Division,
        gpus: int,
        unknown: NDArray[np.bool_] | None,
        init: Path | None,
        rehearsal_steps: int | None,
    ) -> None:
        self.source = source
        self.class_names = names
        self.settings = settings
        self.unknown = unknown
        self.init = init
        self.stage = stage
        self.division = division
        self.passes = 0  # of the epoch, made so far
        self.rehearsal_steps = rehearsal_steps
        self.clock = StepClock()
        self.examples = 0  # of the step, so far
        self.checkpoint = work / _CHECKPOINT
        self.losses: Losses = []
        self.pace = self.epoch_pace = Pace()
        super().__init__(overrides=_trainer_arguments(settings, work, division, gpus))
        self.world_size = division.devices

    def run_callbacks(self, event: str) -> None:
        """Run ours; ultralytics' own callbacks talk to services: none runs."""
        if event == "on_train_epoch_start":
            seed_epoch(self)
            self.passes = 0
            self.clock.begin()
            # as if tried already: ultralytics would halve the batch, and the model be another one
            self._oom_retries = _OOM_RETRIES
            self.epoch_pace = Pace(len(self.train_loader))
            if self.epoch == self.start_epoch:
                self.pace = Pace(self.epochs - self.start_epoch)
        elif event == "on_train_batch_end":
            # ultralytics would go on, or start the epoch again from a file that we don't write
            if not torch.isfinite(self.loss):
                raise self._diverged(f"the loss is {float(self.loss.detach())}")
            if (line := self.epoch_pace.step()) and not is_helper():
                LOG.info("epoch %d/%d: steps %s", self.epoch + 1, self.epochs, line)
        elif event == "on_train_epoch_end":
            self._end_epoch()
        elif event == "on_train_end" and self.rehearsal_steps is not None and not is_helper():
            self.clock.tell()

    def _diverged(self, fault: str) -> InputError:
        return diverged(
            self.stage,
            fault,
            epoch=self.epoch + 1,
            epochs=self.epochs,
            learning_rate=self._learning_rate(),
            checkpoint=self.checkpoint,
        )

    def _learning_rate(self) -> float:
        return self.optimizer.param_groups[0]["lr"]

    def _end_epoch(self) -> None:
        """Keep and log the epoch; the last one's checkpoint is the model itself."""
        values = {name: float(value) for name, value in self.tloss.items()}
        row = {"epoch": self.epoch + 1, **values, "learning_rate": self._learning_rate()}
        self.losses.append(row)
        # a step can do it after a loss that is finite, and the average takes it over at once
        if name := find_not_finite(self.ema.ema.state_dict()):
            raise self._diverged(f"{name} is not finite")
        self.pace.step()
        if is_helper():
            return
        if self.epoch + 1 < self.epochs:
            write_checkpoint(self, self.losses, self.checkpoint)
        LOG.info(
            "epoch %d/%d, %s, %s left: %s",
            self.epoch + 1,
            self.epochs,
            duration(self.pace.seconds()),
            duration(self.pace.left()),
            ", ".join(f"{name} {value:.3f}" for name, value in values.items()),
        )

    def resume_training(self, ckpt: None) -> None:
        """Go on from the checkpoint; ultralytics asks for it when all is made ready."""
        if self.checkpoint.is_file():
            self.losses = restore_checkpoint(self, self.checkpoint)
            LOG.info("%s: going on after epoch %d/%d", self.stage, self.start_epoch, self.epochs)

    def optimizer_step(self) -> None:
        """Asked for after each pass: the step comes after the last of a batch, or of the epoch.

        ultralytics' own accumulation takes smaller steps in the warm-up, and steps across epochs.
        """
        self.passes += 1
        if self.passes % self.division.passes == 0 or self.passes == len(self.train_loader):
            super().optimizer_step()
            self.clock.step(self.examples * self.division.devices)
            self.examples = 0
            if self.clock.steps == self.rehearsal_steps:
                self.stop = True  # which ultralytics looks at after each pass

    def get_dataset(self) -> dict[str, Any]:
        names = dict(enumerate(self.class_names))
        return {"train": "", "val": "", "nc": len(names), "names": names, "channels": 3}

    def build_dataset(self, img_path: str, mode: str = "train", batch: int | None = None) -> Any:
        return TrainingPictures(self.source, self.settings, self.args)

    def setup_model(self) -> None:
        # ultralytics adds a process's number to the seed, and one where there are several
        seed_everything(self.settings.seed)
        classes = len(self.class_names)
        architecture = load_architecture(self.settings.network, classes)
        if self.unknown is None or is_query(architecture):
            self.model = build_model(architecture)
        else:
            self.model = UnknownRegionsModel(architecture, nc=classes, verbose=False)
        if self.unknown is not None:
            self.model.unknown = torch.from_numpy(self.unknown).float()
        if self.settings.weights is not None and isinstance(self.model, QueryModel):
            self.model.load_public(self.settings.weights, self.settings.weights_sha256)
        elif self.settings.weights is not None:
            self.model.names = self.data["names"]
            pretrained = read_pretrained(self.settings.weights, self.settings.weights_sha256)
            self.model.load(pretrained, verbose=False)
        elif self.init is not None:
            copy_weights(self.init, self.model)
        # channels last is a third faster on a CPU; ultralytics has it for CUDA alone
        self.model = self.model.to(memory_format=torch.channels_last)

    def _setup_scheduler(self) -> None:
        super()._setup_scheduler()
        if self.settings.schedule == "step":  # which ultralytics has not
            self.lf = lambda epoch: 0.1 ** sum(epoch >= drop for drop in self.settings.drops)
            self.scheduler = torch.optim.lr_scheduler.LambdaLR(self.optimizer, self.lf)

    def preprocess_batch(self, batch: dict[str, Any]) -> dict[str, Any]:
        self.examples += len(batch["img"])
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


def _trainer_arguments(
    settings: DetectorSettings, work: Path, division: Division, gpus: int
) -> dict[str, Any]:
    gpu = gpus > 0 and torch.cuda.is_available()
    at_once = division.devices * division.held
    # the check for 16-bit floats would download a network; bfloat16 goes without one
    half = "bf16" if gpu and torch.cuda.is_bf16_supported() else False
    return {
        "model": settings.network,
        "data": "none.yaml",  # never read: `get_dataset` stands in for it
        "project": str(work),
        "name": "run",
        "exist_ok": True,
        "pretrained": False,  # `setup_model` loads weights, after their checksum
        "device": ",".join(map(str, range(division.devices))) if gpu else "cpu",
        "imgsz": settings.image_size,
        "epochs": settings.epochs,
        "batch": at_once,
        # gradients are gathered up to a nominal batch of 64 otherwise; `optimizer_step` does it
        "nbs": at_once,
        "optimizer": settings.optimizer,
        "lr0": settings.learning_rate,
        "lrf": settings.last_rate,
        "cos_lr": settings.schedule == "cosine",
        "momentum": settings.momentum,
        "weight_decay": settings.weight_decay,
        "warmup_epochs": settings.warm_up,
        "warmup_bias_lr": settings.learning_rate,  # its 0.1 is meant for SGD and upsets AdamW
        "mosaic": settings.mosaic,
        "close_mosaic": settings.mosaic_off_epochs,
        "mixup": settings.mixup,
        "scale": list(settings.scale),
        "translate": settings.shift,
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
