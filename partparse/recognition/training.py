"""Training a clip classifier, from videos with a class each to a model folder.

A model folder holds weights.pt (a plain state dict), model.json (what it was made from),
metrics.csv and TensorBoard's files.
"""

import logging
import shutil
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import lightning
import torch
from lightning.pytorch.callbacks import ModelCheckpoint
from lightning.pytorch.loggers import TensorBoardLogger
from torch import nn
from torch.utils.data import DataLoader, Dataset

from partparse.cache_key import cache_key
from partparse.errors import InputError
from partparse.files import write_text
from partparse.program import seed_everything, write_model_card
from partparse.recognition.clips import (
    FrameReader,
    LabelledVideos,
    PredictionClips,
    ShuffledEpochs,
    TrainingClips,
)
from partparse.recognition.frozen_bn import freeze_batch_norms
from partparse.recognition.module import ClipClassifier, History
from partparse.recognition.registry import create
from partparse.recognition.settings import PredictSettings, TrainSettings
from partparse.recognition.weights import CARD, WEIGHTS, load_pretrained
from partparse.weights import digest, fetch

_LAST = "last.ckpt"
_LOGS = "logs"
_EXPECTED = (  # what Lightning warns of and we mean
    ".*does not have many workers.*",
    ".*number of training batches.*",
    ".*in eval mode at the start of training.*",
    ".*but have no `val_dataloader`.*",
    ".*exists and is not empty.*",
    ".*isinstance.treespec, LeafSpec.*",
)
_VALIDATION = PredictSettings(
    clips=1, crops=1, batch=1, precision="32-true", workers=0, memory_mb=0
)
_log = logging.getLogger("partparse")


def train(
    training: LabelledVideos,
    validation: LabelledVideos,
    classes: Sequence[str],
    settings: TrainSettings,
    *,
    cache: Path,
    out: Path,
    gpus: int,
    stage: str,
    version: int,
    initial: Path | None = None,
    facts: Mapping[str, Any] | None = None,
) -> None:
    """Train a network and write the model folder `out`, which appears in one piece.

    A run that was killed goes on exactly from its last checkpoint, kept beside `out` until the
    end, if nothing that it depends on has changed.

    Args:
        training: what the network is fitted on.
        validation: watched only, never fitted on nor chosen by; may be empty.
        classes: names; the targets are their indices.
        settings: network, clips, optimiser.
        cache: folder of the frames.
        out: the model folder.
        gpus: 0: the CPU; else one GPU, whatever the number.
        stage: the name that the model card gives.
        version: of this code; what another version left half done is not used.
        initial: model folder to start from (same network; its classes may differ), instead of
            `settings.weights`.
        facts: further entries of the model card.

    Raises:
        InputError: no video to train on; weights that do not fit.
    """
    if not training.videos:
        raise InputError(f"{stage}: no training video has both decoded frames and a label")
    weights = _starting_weights(settings, initial)
    run = cache_key(
        {
            "version": version,
            "settings": settings,
            "classes": list(classes),
            "training": [list(training.videos), list(training.targets)],
            "validation": [list(validation.videos), list(validation.targets)],
            "weights": None if weights is None else digest(weights),
            "torch": str(torch.__version__),
        }
    )
    work = _prepare_work(out, run)
    seed_everything(settings.seed)
    network = create(**settings.network, classes=len(classes))
    if weights is not None:
        load_pretrained(network, weights)
    if settings.freeze_bn:
        freeze_batch_norms(network)
    _fit(network, training, validation, settings, cache=cache, work=work, gpus=gpus)
    result = work / "model"
    shutil.copytree(work / _LOGS, result, dirs_exist_ok=True)
    torch.save(_plain_state(network), result / WEIGHTS)
    write_model_card(
        result / CARD,
        stage=stage,
        settings=asdict(settings),
        trained_on={"videos": len(training.videos), "classes": len(classes)},
        seed=settings.seed,
        packages=("lightning", "pytorchvideo"),
        classes=list(classes),
        initial_weights_sha256=None if weights is None else digest(weights),
        **(facts or {}),
    )
    _replace(result, out)
    shutil.rmtree(work)


def _fit(
    network: nn.Module,
    training: LabelledVideos,
    validation: LabelledVideos,
    settings: TrainSettings,
    *,
    cache: Path,
    work: Path,
    gpus: int,
) -> None:
    memory = settings.memory_mb * 2**20 // max(1, settings.workers)
    reader = FrameReader(cache, settings.frame_side, memory)
    loader = DataLoader(
        TrainingClips(training, reader, settings),
        batch_size=settings.batch,
        sampler=ShuffledEpochs(len(training.videos), settings.seed),
        num_workers=settings.workers,
        persistent_workers=settings.workers > 0,
        pin_memory=gpus > 0,
    )
    watched = DataLoader(_Watched(validation, reader, settings)) if validation.videos else None
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)
    last = work / _LAST
    if last.is_file():
        _log.info("going on from %s", last)
    with warnings.catch_warnings():
        for expected in _EXPECTED:
            warnings.filterwarnings("ignore", expected)
        _trainer(settings, work, gpus).fit(
            ClipClassifier(network, settings, steps_an_epoch=len(loader)),
            loader,
            watched,
            ckpt_path=last if last.is_file() else None,
            weights_only=True,
        )


def _trainer(settings: TrainSettings, work: Path, gpus: int) -> lightning.Trainer:
    checkpoints = ModelCheckpoint(
        work,
        filename=_LAST.removesuffix(".ckpt"),
        enable_version_counter=False,
        every_n_epochs=settings.checkpoint_every,
        save_on_train_epoch_end=True,
    )
    return lightning.Trainer(
        accelerator="gpu" if gpus > 0 and torch.cuda.is_available() else "cpu",
        devices=1,
        precision=settings.precision,
        max_epochs=settings.epochs,
        logger=TensorBoardLogger(work, name=None, version=_LOGS),
        callbacks=[History(work / _LOGS / "metrics.csv"), checkpoints],
        check_val_every_n_epoch=settings.validate_every,
        num_sanity_val_steps=0,
        use_distributed_sampler=False,
        deterministic="warn",
        enable_progress_bar=False,
        enable_model_summary=False,
    )


class _Watched(Dataset):
    """The validation videos: one central clip each, and the class."""

    def __init__(
        self, labelled: LabelledVideos, reader: FrameReader, settings: TrainSettings
    ) -> None:
        self._clips = PredictionClips(labelled.videos, reader, settings, _VALIDATION)
        self._targets = labelled.targets

    def __len__(self) -> int:
        return len(self._targets)

    def __getitem__(self, item: int) -> tuple[Any, int]:
        return self._clips[item], self._targets[item]


def _starting_weights(settings: TrainSettings, initial: Path | None) -> Path | None:
    if initial is not None:
        return initial / WEIGHTS
    if settings.weights is None:
        return None
    return fetch(settings.weights, settings.weights_sha256)


def _prepare_work(out: Path, run: str) -> Path:
    """The folder in which `out` is made: an earlier run's, if it was the same `run`."""
    work = out.with_name(f".{out.name}.training")
    record = work / "run.txt"
    if not record.is_file() or record.read_text(encoding="utf-8") != run:
        shutil.rmtree(work, ignore_errors=True)
        write_text(record, run)
    return work


def _plain_state(network: nn.Module) -> dict[str, torch.Tensor]:
    return {k: v.detach().cpu().contiguous() for k, v in network.state_dict().items()}


def _replace(folder: Path, out: Path) -> None:
    if out.exists():
        shutil.rmtree(out)
    folder.rename(out)
