"""The processes of a training that runs on several GPUs of one node."""

from typing import Any

import torch
from lightning.pytorch.plugins.environments import LightningEnvironment


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
