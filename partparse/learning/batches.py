"""The batches of a training: found again after a kill, shared by the processes of a node.

A training data set's `__getitem__` takes (epoch, item) and draws its augmentation from both, so
that the same pair always gives the same example.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import cycle, islice
from typing import Any

import numpy as np
import torch.distributed
from torch.utils.data import DataLoader, Dataset, Sampler


class Epochs(Sampler[tuple[int, int]]):
    """(epoch, item) in an order drawn from the seed and the epoch."""

    def __init__(self, length: int, seed: int, weights: Sequence[float] | None = None) -> None:
        """`length`: examples an epoch, every item once.

        With `weights`, one an item, of any sum, items are drawn by them, with repeats: for classes
        that are rare.
        """
        self._length = length
        self._seed = seed
        self._shares = None if weights is None else np.asarray(weights, float) / np.sum(weights)
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
        if self._shares is None:
            items = rng.permutation(self._length)
        else:
            items = rng.choice(len(self._shares), self._length, p=self._shares)
        return ((self._epoch, int(item)) for item in items)


class Batches(Sampler[list[Any]]):
    """An epoch's batches, from the one that is next; of each, what this process computes.

    Where N processes train together (DDP), a batch is divided among them: an epoch has the same
    steps, over the same examples, whatever N is. A batch that N does not divide is filled up with
    examples of its own, because every process must have as many.
    """

    def __init__(self, sampler: Sampler, batch: int) -> None:
        """`sampler`: the order of an epoch's examples; `batch`: examples in an optimiser step."""
        self.sampler = sampler  # Lightning sets the epoch of what has this name
        self.first = 0
        """The batch that the next epoch begins with; those after it begin with the first."""
        self._batch = batch

    def __len__(self) -> int:
        """Batches in a whole epoch."""
        return math.ceil(len(self.sampler) / self._batch)  # type: ignore[arg-type]

    def __iter__(self) -> Iterator[list[Any]]:
        """Lists of what the sampler gives."""
        first, self.first = self.first, 0
        examples = islice(self.sampler, first * self._batch, None)
        while batch := list(islice(examples, self._batch)):
            yield _share(batch)


class ResumableLoader(DataLoader):
    """A loader whose place in the epoch is part of Lightning's checkpoints."""

    def __init__(self, examples: Dataset, batches: Batches, **options: Any) -> None:
        """`options`: DataLoader's, but for those that say what a batch is."""
        super().__init__(examples, batch_sampler=batches, **options)
        self._batches = batches
        self._done = 0

    def __iter__(self) -> Iterator[Any]:  # type: ignore[override]
        """The batches of an epoch, or what is left of it."""
        self._done = self._batches.first
        for batch in super().__iter__():
            self._done += 1
            yield batch

    def state_dict(self) -> dict[str, int]:
        """How many batches of this epoch were handed out."""
        return {"batches": self._done}

    def load_state_dict(self, state: dict[str, int]) -> None:
        """Begin the next epoch after the batches of `state`."""
        self._batches.first = state["batches"] % len(self._batches)


def _share(batch: list[Any]) -> list[Any]:
    if not (torch.distributed.is_available() and torch.distributed.is_initialized()):
        return batch
    processes, own = torch.distributed.get_world_size(), torch.distributed.get_rank()
    whole = math.ceil(len(batch) / processes) * processes
    return list(islice(cycle(batch), own, whole, processes))
