"""Trainings whose loss or weights are no numbers any more: what is said of them."""

from collections.abc import Mapping
from pathlib import Path

import torch

from partparse.errors import InputError


def diverged(
    stage: str, fault: str, *, epoch: int, epochs: int, learning_rate: float, checkpoint: Path
) -> InputError:
    """The error that ends such a training.

    `fault` says what is no number. Epochs count from 1, and `checkpoint` is where that of the last
    whole one lies, if there was one.
    """
    kept = f"; the last whole epoch is kept in {checkpoint}" if checkpoint.is_file() else ""
    return InputError(
        f"{stage}: {fault} in epoch {epoch} of {epochs} at learning rate {learning_rate:.3g}: "
        f"lower learning_rate or look for broken labels{kept}"
    )


def find_not_finite(state: Mapping[str, torch.Tensor]) -> str | None:
    """The name of the first tensor that holds NaN or an infinity."""
    return next((name for name, value in state.items() if not torch.isfinite(value).all()), None)
