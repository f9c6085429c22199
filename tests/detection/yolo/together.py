"""Trainings of detectors in several processes: as on that many GPUs, but on the CPU.

python -m tests.detection.yolo.together OUT PROCESSES SETTINGS
"""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from partparse.augment import View
from partparse.detection.yolo import training
from partparse.detection.yolo.data import Example
from partparse.running.processes import is_helper
from tests.detection.yolo.test_detector import Rectangles, settings, train

SETTINGS: dict[str, Any] = {
    "network": "yolov5n.yaml",
    "optimizer": "SGD",
    "learning_rate": 0.0,
    "warm_up": 0,
    "image_size": 64,
    "batch": 8,
    "mosaic": 0.0,
    "mirror": 0.0,
    "scale": [1.0, 1.0],
    "shift": 0.0,
    "colour": 0.0,
}
"""Without augmentation, which each process draws for itself, and with weights that stay."""


class Alike(Rectangles):
    """The same picture over and over.

    ultralytics weighs a pass's loss by what is labelled in the pass, and batch norms see the pass
    alone: so those of a divided batch would differ a little. The object is large, as the weight of
    few and small ones is cut off.
    """

    def load(self, index: int, view: View) -> Example:
        picture = super().load(0, view).picture
        return Example(picture, np.array([[5.0, 1.0, 57.0, 36.0]]), np.zeros(1, np.int64))


def gradients_of(out: Path, **changes: Any) -> list[Tensor]:
    """The gradient of each step of a training with twelve pictures, as (parameters,)."""
    found: list[Tensor] = []
    step = training.DetectionTrainer.optimizer_step

    def note(self: training.DetectionTrainer) -> None:
        gradients = (p.grad.flatten() for p in self.model.parameters() if p.grad is not None)
        found.append(torch.cat(list(gradients)))
        step(self)

    training.DetectionTrainer.optimizer_step = note
    try:
        train(Alike(12), settings(**SETTINGS | changes), out)
    finally:
        training.DetectionTrainer.optimizer_step = step
    return found


class _OnCpu(torch.nn.parallel.DistributedDataParallel):
    def __init__(self, module: torch.nn.Module, device_ids: object, **options: Any) -> None:
        super().__init__(module, **options)


def main() -> None:
    """What the command line says; the gradients are written beside OUT."""
    out, processes, changes = sys.argv[1:]
    training.device_count = lambda job: int(processes)
    training._Trainer._setup_ddp = lambda _: torch.distributed.init_process_group("gloo")
    torch.nn.parallel.DistributedDataParallel = _OnCpu  # type: ignore[misc]
    found = gradients_of(Path(out), **json.loads(changes))
    if found and not is_helper():
        torch.save(found, Path(out).with_suffix(".gradients"))


if __name__ == "__main__":
    main()
