"""The order of a training's examples, which a run that was stopped finds again.

A training data set's `__getitem__` takes (epoch, item) and draws its augmentation from both, so
that the same pair always gives the same example.
"""

from collections.abc import Iterator, Sequence

import numpy as np
from torch.utils.data import Sampler


class _Epochs(Sampler[tuple[int, int]]):
    """(epoch, item) in an order drawn from the seed and the epoch."""

    def __init__(self, length: int, seed: int) -> None:
        self._length = length
        self._seed = seed
        self._epoch = 0

    def set_epoch(self, epoch: int) -> None:
        """Called by Lightning before each epoch."""
        self._epoch = epoch

    def __len__(self) -> int:
        """Examples an epoch."""
        return self._length

    def __iter__(self) -> Iterator[tuple[int, int]]:
        """Pairs of the epoch that was set."""
        rng = np.random.default_rng([self._seed, self._epoch])
        return ((self._epoch, int(item)) for item in self._draw(rng))

    def _draw(self, rng: np.random.Generator) -> Sequence[int]:
        raise AssertionError("the subclass draws")


class ShuffledEpochs(_Epochs):
    """Every item once an epoch."""

    def _draw(self, rng: np.random.Generator) -> Sequence[int]:
        return rng.permutation(self._length)  # type: ignore[return-value]


class WeightedEpochs(_Epochs):
    """Items drawn by their weight, with repeats: for classes that are rare."""

    def __init__(self, weights: Sequence[float], length: int, seed: int) -> None:
        """`weights`: one an item, of any sum; `length`: draws an epoch."""
        super().__init__(length, seed)
        self._shares = np.asarray(weights, float) / np.sum(weights)

    def _draw(self, rng: np.random.Generator) -> Sequence[int]:
        return rng.choice(len(self._shares), self._length, p=self._shares)  # type: ignore[return-value]
