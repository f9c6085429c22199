"""Parts of networks that can be frozen whole."""

from typing import Self

from torch import nn


class Freezable(nn.Module):
    """A module that learns no more once it is frozen."""

    _frozen = False

    def freeze(self) -> None:
        """Learn no more: no gradients, and no dropout or batch statistics in training either."""
        self._frozen = True
        self.requires_grad_(False).eval()

    def train(self, mode: bool = True) -> Self:
        """As of any module, but for a frozen one, which stays in evaluation mode."""
        return super().train(mode and not self._frozen)
