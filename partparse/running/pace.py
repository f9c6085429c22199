"""How far a long loop is: said soon at first, then less and less often.

What runs for days would fill its log with lines every few seconds; in a terminal somebody waits.
"""

import sys
import time

FIRST_SECONDS = 10.0
LONGEST_SECONDS = 120.0


class Throttle:
    """Says when it is time for the next line: after 10 s, then 20, 40, …, at most two minutes.

    In a terminal every ten seconds.
    """

    def __init__(self) -> None:
        """Start waiting."""
        self._said = time.monotonic()
        self._wait = FIRST_SECONDS

    def is_due(self) -> bool:
        """Whether a line is due; it is taken to be written then."""
        now = time.monotonic()
        if now - self._said < self._wait:
            return False
        self._said = now
        if not sys.stderr.isatty():
            self._wait = min(2 * self._wait, LONGEST_SECONDS)
        return True


class Pace:
    """Counts the steps of a loop from its start."""

    def __init__(self, total: int | None = None) -> None:
        """`total`: how many steps there are; None where that is not known."""
        self.done = 0
        self._total = total
        self._start = time.monotonic()
        self._throttle = Throttle()

    def step(self) -> str | None:
        """Count a step; how far the loop is, if a line is due."""
        self.done += 1
        return self.describe() if self._throttle.is_due() else None

    def seconds(self) -> float:
        """Since the start."""
        return max(time.monotonic() - self._start, 1e-9)

    def left(self) -> float:
        """Seconds until the end at this rate; `total` has to be known, and a step done."""
        assert self._total is not None
        return (self._total - self.done) * self.seconds() / self.done

    def describe(self) -> str:
        """Done of total, the rate, and the time left."""
        rate = f"{self.done / self.seconds():.3g}/s"
        if self._total is None:
            return f"{self.done}, {rate}"
        return f"{self.done}/{self._total}, {rate}, {duration(self.left())} left"


def duration(seconds: float) -> str:
    """Seconds as people say them: 45 s, 12 min, 5 h 12 min, 2 d 3 h."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    hours, minutes = divmod(minutes, 60)
    if hours == 0:
        return f"{minutes} min"
    days, hours = divmod(hours, 24)
    return f"{hours} h {minutes} min" if days == 0 else f"{days} d {hours} h"
