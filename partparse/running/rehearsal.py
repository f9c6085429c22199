"""A rehearsal: trainings that end after a few optimiser steps, and say how long these took."""

import logging
import time

_log = logging.getLogger("partparse")


class StepClock:
    """Takes the time of a training's optimiser steps, without what lies between two epochs.

    The first is left out where there are more: it also starts loaders, and compiles.
    """

    def __init__(self) -> None:
        """No step is under way."""
        self._since = 0.0
        self._timed: list[tuple[int, float]] = []

    @property
    def steps(self) -> int:
        """That were counted so far."""
        return len(self._timed)

    def begin(self) -> None:
        """The first step of an epoch begins."""
        self._since = time.perf_counter()

    def step(self, examples: int) -> None:
        """Count a step of so many examples that has just ended; the next begins."""
        self._timed.append((examples, time.perf_counter() - self._since))
        self.begin()

    def tell(self) -> None:
        """Log steps, their examples and seconds, as `benchmarks.recipe.measured` reads them."""
        counted = self._timed[1:] or self._timed
        _log.info(
            "rehearsal: %d steps timed, %d examples in %.3f s",
            len(counted),
            sum(examples for examples, _ in counted),
            sum(seconds for _, seconds in counted),
        )
