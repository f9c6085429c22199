"""A rehearsal: trainings that end after a few optimiser steps, and say how long these took."""

import logging
import time

_log = logging.getLogger("partparse")


class StepClock:
    """Takes the time of a training's optimiser steps.

    The first is left out where there are more: it also starts loaders, and compiles.
    """

    def __init__(self) -> None:
        """Start the clock."""
        self._ends = [time.perf_counter()]
        self._examples = [0]

    @property
    def steps(self) -> int:
        """That were counted so far."""
        return len(self._ends) - 1

    def step(self, examples: int) -> None:
        """Count a step of so many examples that has just ended."""
        self._ends.append(time.perf_counter())
        self._examples.append(examples)

    def tell(self) -> None:
        """Log steps, their examples and seconds, as `benchmarks.recipe.rehearsal` reads them."""
        first = min(1, self.steps - 1)
        seconds = self._ends[-1] - self._ends[first]
        examples = sum(self._examples[first + 1 :])
        _log.info(
            "rehearsal: %d steps timed, %d examples in %.3f s",
            self.steps - first,
            examples,
            seconds,
        )
