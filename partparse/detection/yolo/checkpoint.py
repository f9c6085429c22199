"""What a detector's training keeps after an epoch, so that a killed one goes on exactly.

No random state belongs to it: all that is random in an epoch follows from the seed and the
epoch (`seed_epoch`). Nor does a gradient scaler: 16-bit floats here are bfloat16, which need none.
"""

from pathlib import Path

import numpy as np
import torch
from ultralytics.engine.trainer import BaseTrainer
from ultralytics.utils import RANK
from ultralytics.utils.torch_utils import unwrap_model

from partparse.files.atomic import atomic_path
from partparse.running.program import seed_everything

Losses = list[dict[str, float]]  # a row an epoch


def seed_epoch(trainer: BaseTrainer) -> None:
    """Seed the epoch that begins: pictures' order and augmentation, in this and other processes.

    The loader's processes start anew: they seed themselves when they start, and have otherwise
    loaded pictures of this epoch already while the last one was trained on.
    """
    # processes that train together draw each for its own pictures
    own = [rank] if (rank := max(RANK, 0)) else []
    sequence = np.random.SeedSequence([trainer.args.seed, trainer.epoch, *own])
    seed = int(sequence.generate_state(1)[0])
    seed_everything(seed)
    trainer.train_loader.generator.manual_seed(seed)
    trainer.train_loader.reset()


def write_checkpoint(trainer: BaseTrainer, losses: Losses, path: Path) -> None:
    """Write the state of a training whose present epoch is whole: tensors and numbers only."""
    with atomic_path(path) as temporary:
        torch.save(
            {
                "epochs": trainer.epoch + 1,
                "losses": losses,
                "model": unwrap_model(trainer.model).state_dict(),
                "average": trainer.ema.ema.state_dict(),
                "average_updates": trainer.ema.updates,
                "optimizer": trainer.optimizer.state_dict(),
            },
            temporary,
        )


def restore_checkpoint(trainer: BaseTrainer, path: Path) -> Losses:
    """Set a training that is about to start to what `write_checkpoint` wrote; its losses."""
    held = torch.load(path, map_location="cpu", weights_only=True)
    model = unwrap_model(trainer.model)
    model.load_state_dict(held["model"])
    trainer.ema.ema.load_state_dict(held["average"])
    trainer.ema.updates = held["average_updates"]
    trainer.optimizer.load_state_dict(held["optimizer"])
    trainer.start_epoch = held["epochs"]
    # with two heads (v10, 26) the loss moves from one to the other, epoch by epoch
    criterion = model.criterion = model.init_criterion()
    for _ in range(trainer.start_epoch if hasattr(criterion, "update") else 0):
        criterion.update()
    return held["losses"]
