"""The processes of a training that runs on several GPUs of one node."""

import ctypes
import os
import signal
from typing import Any

import torch
from lightning.pytorch.plugins.environments import LightningEnvironment

_PR_SET_PDEATHSIG = 1  # of Linux's prctl


def is_helper() -> bool:
    """True in the processes that Lightning starts beside the first: it runs the program again."""
    return int(os.environ.get("LOCAL_RANK", "0")) > 0


def end_with_the_first() -> None:
    """Let the kernel end this process when the one that started it ends, however that happens.

    So no helper goes on computing on a GPU that a killed job has given back.
    """
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)


def devices(gpus: int) -> dict[str, Any]:
    """Lightning's arguments for `gpus` GPUs; for the CPU where there are none.

    A training on several is one of the same batch: it is divided (`Batches`), gradients are
    averaged and batch norms see all of it.
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
