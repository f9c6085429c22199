"""One training loop for all networks, from a data set of examples to a model folder.

A model folder holds weights.pt (a plain state dict), model.json (what it was made from),
metrics.csv and TensorBoard's files.
"""

import logging
import shutil
from collections.abc import Callable, Iterable, Mapping, Sized
from pathlib import Path
from typing import Any, cast

import lightning
import torch
from lightning.pytorch.callbacks import EMAWeightAveraging
from lightning.pytorch.loggers import TensorBoardLogger
from lightning.pytorch.plugins.environments import LightningEnvironment
from torch import nn
from torch.utils.data import DataLoader, Dataset, Sampler

from partparse.files.weights import CARD, WEIGHTS, digest
from partparse.learning.batches import Batches, Division, Epochs, ResumableLoader, divide
from partparse.learning.callbacks import FiniteGuard, Rehearsed, TimedCheckpoint
from partparse.learning.precision import avoid_endless_backward, precision_of
from partparse.learning.pretrained import load_pretrained
from partparse.learning.settings import FitSettings
from partparse.learning.task import History, Task
from partparse.running.arguments import Job
from partparse.running.processes import is_helper
from partparse.running.program import seed_everything, write_model_card
from partparse.running.resuming import cache_key, prepare_work, work_path

_LAST = "last.ckpt"
_LOGS = "logs"
_log = logging.getLogger("partparse")


def train_model(
    make_network: Callable[[], nn.Module],
    make_task: Callable[[nn.Module], Task],
    training: Dataset,
    *,
    settings: FitSettings,
    out: Path,
    job: Job,
    stage: str,
    made_from: Mapping[str, Any],
    facts: Mapping[str, Any],
    weights: Path | None = None,
    load: Callable[[nn.Module, Path], None] = load_pretrained,
    prepare: Callable[[nn.Module], None] | None = None,
    sampler: Sampler | None = None,
    collate: Callable | None = None,
    validation: DataLoader | None = None,
    validate_every: int = 1,
    packages: Iterable[str] = (),
) -> None:
    """Fit a network and write the model folder `out`, which appears in one piece.

    A run that was killed goes on exactly from its last checkpoint, be it amid an epoch. That is
    kept beside `out` until the end, and used if nothing that it depends on has changed.

    Args:
        make_network: builds the network with random weights; called after seeding.
        make_task: what is minimised.
        training: examples by (epoch, item), see `partparse.learning.batches`.
        settings: epochs, batch, optimiser; all of them go into the card.
        out: the model folder.
        job: on more than one GPU as many processes train, each with its share of the batch
            (`divide`).
        stage: the name that the model card gives.
        made_from: all else that the result depends on (see `cache_key`): the examples above all.
        facts: further entries of the model card.
        weights: file that the network starts from; None: random weights.
        load: puts that file into the network.
        prepare: changes the network after its weights were loaded (frozen batch norms).
        sampler: order of the examples; None: each once an epoch.
        collate: examples to a batch; None: torch's own.
        validation: watched only, never fitted on nor chosen by.
        validate_every: epochs between two looks at it.
        packages: whose versions the card gives beside torch's and Lightning's.

    Raises:
        InputError: a loss or weights that are not finite; `weights` that do not fit; a batch that
            cannot be divided.
    """
    machine = devices(job.gpus)
    division = divide(settings.batch, settings.device_batch, machine["devices"])
    device = "cuda" if machine["accelerator"] == "gpu" else "cpu"
    precision = precision_of(settings.precision, device)
    held = None if weights is None else digest(weights)
    run = cache_key(
        {
            "version": job.version,
            "settings": settings,
            # what auto means here: on another kind of machine, a killed run begins again
            "precision": precision,
            "made_from": made_from,
            "weights": held,
            "torch": str(torch.__version__),
            **job.cut,
        }
    )
    work = work_path(out) if is_helper() else prepare_work(out, run)
    seed_everything(settings.seed)
    # deterministic algorithms would fill all memory with NaN before an operation writes there
    torch.utils.deterministic.fill_uninitialized_memory = False
    network = make_network()
    avoid_endless_backward(network, precision, device)
    if weights is not None:
        load(network, weights)
    if prepare is not None:
        prepare(network)
    order = sampler or Epochs(len(cast(Sized, training)), settings.seed)
    loader = ResumableLoader(
        training,
        Batches(order, division),
        collate_fn=collate,
        num_workers=settings.workers,
        persistent_workers=settings.workers > 0,
        pin_memory=job.gpus > 0 and torch.cuda.is_available(),
    )
    task = make_task(network)
    task.batches = loader.batches
    kept = work / _LAST if (work / _LAST).is_file() else None
    if kept:
        _log.info("going on from %s", kept)
    _trainer(
        stage,
        settings,
        work,
        precision=precision,
        check_val_every_n_epoch=validate_every,
        accumulate_grad_batches=division.passes,
        **_cut(job, division),
        **machine,
    ).fit(task, loader, validation, ckpt_path=kept, weights_only=True)
    if is_helper():
        raise SystemExit  # the first process writes the result
    result = work / "model"
    shutil.copytree(work / _LOGS, result, dirs_exist_ok=True)
    state = {k: v.detach().cpu().contiguous() for k, v in network.state_dict().items()}
    torch.save(state, result / WEIGHTS)
    write_model_card(
        result / CARD,
        stage=stage,
        settings=settings.model_dump(),
        seed=settings.seed,
        packages=("lightning", *packages),
        precision=precision,
        initial_weights_sha256=held,
        **{"trained_on": {"examples": len(cast(Sized, training))}, **facts, **job.cut},
    )
    if out.exists():
        shutil.rmtree(out)
    result.rename(out)
    shutil.rmtree(work)


def _cut(job: Job, division: Division) -> dict[str, Any]:
    """Lightning's arguments for a training that ends early, as if its epoch were over then."""
    if job.rehearsal_steps is None:
        return {}
    return {
        "max_steps": job.rehearsal_steps,
        "limit_train_batches": job.rehearsal_steps * division.passes,
        "callbacks": [Rehearsed()],
    }


def _trainer(
    stage: str,
    settings: FitSettings,
    work: Path,
    *,
    callbacks: Iterable[lightning.Callback] = (),
    **options: Any,
) -> lightning.Trainer:
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)
    return lightning.Trainer(
        max_epochs=settings.epochs,
        gradient_clip_val=settings.gradient_norm,
        logger=TensorBoardLogger(work, name=None, version=_LOGS),
        callbacks=[
            FiniteGuard(stage, work / _LAST),
            History(work / _LOGS / "metrics.csv"),
            *([] if settings.ema is None else [EMAWeightAveraging(decay=settings.ema)]),
            TimedCheckpoint(work / _LAST, settings.checkpoint_minutes),
            *callbacks,
        ],
        num_sanity_val_steps=0,
        use_distributed_sampler=False,
        deterministic="warn",
        enable_progress_bar=False,
        enable_model_summary=False,
        **options,
    )


def devices(gpus: int) -> dict[str, Any]:
    """Lightning's arguments for `gpus` GPUs; for the CPU where there are none.

    A training on several is one of the same batch: it is divided (`Batches`), gradients are
    averaged, and batch norms see what all devices compute at a time.
    """
    if gpus == 0 or not torch.cuda.is_available():
        return processes("cpu", 1)
    return processes("gpu", gpus) | {"sync_batchnorm": gpus > 1}


def processes(accelerator: str, number: int) -> dict[str, Any]:
    """Lightning's arguments for so many processes, each on its own device."""
    return {
        "accelerator": accelerator,
        "devices": number,
        # not every head is used in every step (persons without context, parts without labels)
        "strategy": "ddp_find_unused_parameters_true" if number > 1 else "auto",
        # Slurm starts a job's program once; the helpers are started by Lightning
        "plugins": [LightningEnvironment()],
    }
