"""The batches of a training: found again after a kill, shared by the processes of a node.

A training data set's `__getitem__` takes (epoch, item) and draws its augmentation from both, so
that the same pair always gives the same example.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
import torch.distributed
from torch.utils.data import DataLoader, Dataset, Sampler

from partparse.errors import InputError


@dataclass(frozen=True)
class Division:
    """How the examples of an optimiser step are shared out; see `divide`."""

    devices: int
    """That compute at the same time."""
    passes: int
    """That each of them makes, one after the other, before the step."""
    held: int
    """Examples of a device in a pass."""

    @property
    def batch(self) -> int:
        """Examples of the step."""
        return self.devices * self.passes * self.held


def divide(batch: int, device_batch: int | None, devices: int) -> Division:
    """Share out a batch, so that a step has just as many examples on any number of devices.

    Args:
        batch: examples of an optimiser step.
        device_batch: examples that a device holds at most; None: its whole share.
        devices: number of them.

    Raises:
        InputError: the batch cannot be divided among the devices, or a device's share into passes.
    """
    share, left = divmod(batch, devices)
    if left:
        raise InputError(
            f"a batch of {batch} cannot be divided among {devices} GPUs: give the rule a number of"
            " GPUs that divides it (--set-resources RULE:gpu=N)"
        )
    held = min(share, device_batch or share)
    if share % held:
        raise InputError(
            f"device_batch: {held} does not divide the {share} examples of a step that each of"
            f" {devices} GPUs computes (batch {batch}); expected one of"
            f" {', '.join(str(n) for n in range(1, share + 1) if share % n == 0)}, or null"
        )
    return Division(devices, share // held, held)


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
    """What this process computes of an epoch's steps, pass by pass, from the one that is next.

    An epoch has the same steps, over the same examples, however they are divided. Only the last
    step may have fewer examples: every process must make as many passes, so one that has nothing
    left there computes an example of the step that does not count (`share`).
    """

    def __init__(self, sampler: Sampler, division: Division) -> None:
        """`sampler`: the order of an epoch's examples; `division` of the step's."""
        self.sampler = sampler  # Lightning sets the epoch of what has this name
        self.first = 0
        """The pass that the next epoch begins with; those after it begin with the first."""
        self.division = division
        self._examples = len(sampler)  # type: ignore[arg-type]

    @property
    def steps(self) -> int:
        """Optimiser steps in a whole epoch."""
        return math.ceil(self._examples / self.division.batch)

    def __len__(self) -> int:
        """Passes in a whole epoch."""
        own = self.division
        left = self._examples % own.batch
        passes = math.ceil(math.ceil(left / own.devices) / own.held)
        return self._examples // own.batch * own.passes + passes

    def __iter__(self) -> Iterator[list[Any]]:
        """Lists of what the sampler gives."""
        own, rank = self.division, _rank()
        first, self.first = self.first, 0
        done = first // own.passes * own.batch  # a checkpoint is never amid a step
        examples = islice(self.sampler, done, None)
        while batch := list(islice(examples, own.batch)):
            share = batch[rank :: own.devices]
            for start in range(0, math.ceil(len(batch) / own.devices), own.held):
                yield share[start : start + own.held] or batch[:1]

    def share(self, index: int) -> tuple[int, int]:
        """Of pass `index` of an epoch: examples of this process that count, and of its whole step.

        A step's gradient is the mean over its examples, however many a pass has.
        """
        own = self.division
        step, index = divmod(index, own.passes)
        whole = min(own.batch, self._examples - step * own.batch)
        share = len(range(_rank(), whole, own.devices))
        return max(0, min(own.held, share - index * own.held)), whole


class ResumableLoader(DataLoader):
    """A loader whose place in the epoch is part of Lightning's checkpoints."""

    def __init__(self, examples: Dataset, batches: Batches, **options: Any) -> None:
        """`options`: DataLoader's, but for those that say what a batch is."""
        super().__init__(examples, batch_sampler=batches, **options)
        self.batches = batches
        self._done = 0

    def __iter__(self) -> Iterator[Any]:  # type: ignore[override]
        """The batches of an epoch, or what is left of it."""
        self._done = self.batches.first
        for batch in super().__iter__():
            self._done += 1
            yield batch

    def state_dict(self) -> dict[str, int]:
        """How many batches of this epoch were handed out."""
        return {"batches": self._done}

    def load_state_dict(self, state: dict[str, int]) -> None:
        """Begin the next epoch after the batches of `state`."""
        self.batches.first = state["batches"] % len(self.batches)


def _rank() -> int:
    """The number of this process among those that train together."""
    together = torch.distributed.is_available() and torch.distributed.is_initialized()
    return torch.distributed.get_rank() if together else 0
