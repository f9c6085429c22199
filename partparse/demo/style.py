"""How one person does a motion: tempo, phase, habits; and the waves that motions are made of."""

from dataclasses import dataclass

import numpy as np

from partparse.boxes import Floats, Integers


@dataclass(frozen=True)
class Style:
    """What differs from person to person and from video to video."""

    frames: int
    variant: int  # which of the action's habitual ways, 0 to 2; it holds for a whole video
    cycles: float  # repetitions in the video
    phase: float  # where in a repetition the video begins, 0 to 1
    amplitude: float  # about 1
    rng: np.random.Generator  # for everything else; used in a fixed order

    def turns(self) -> Floats:
        """(T,): repetitions since the first began, rising by `cycles` over the video."""
        return self.phase + self.cycles * np.arange(self.frames) / self.frames

    def wave(self, low: float, high: float, delay: float = 0.0) -> Floats:
        """(T,) from 0 to 1 and back: rests at 0 for a share `low` of each repetition, at 1 for
        `high`, and moves smoothly in between.
        """
        moment = (self.turns() + delay) % 1.0
        move = max((1 - low - high) / 2, 1e-6)
        up = np.clip((moment - low) / move, 0, 1)
        down = np.clip((moment - low - move - high) / move, 0, 1)
        return ease(up) - ease(down)

    def schedule(self, shares: tuple[float, ...], length: float = 8.0) -> Integers:
        """(T,): options that last about `length` frames each, chosen with probability `shares`."""
        options: list[int] = []
        while len(options) < self.frames:
            option = int(self.rng.choice(len(shares), p=np.array(shares) / sum(shares)))
            options += [option] * int(self.rng.uniform(0.6, 1.4) * length)
        return np.array(options[: self.frames])

    def look(self, raised: float, turned: float) -> Floats:
        """(T, 2): head raised and turned for about these shares of the time."""
        option = self.schedule((max(1 - raised - turned, 0), raised, turned))
        side = self.rng.choice([-1.0, 1.0])
        angles = np.array([[0.0, 0.0], [32.0, 0.0], [0.0, 48.0 * side]])[option]
        angles += self.rng.normal(0, 2, 2)
        return smooth(angles)

    def share_of_time(self, share: float, length: float = 8.0) -> Floats:
        """(T,) between 0 and 1: 1 for about `share` of the time."""
        return smooth(self.schedule((1 - share, share), length).astype(float))


def ease(value: Floats) -> Floats:
    """0 to 1 with a soft start and end."""
    return value * value * (3 - 2 * value)


def smooth(values: Floats) -> Floats:
    """Mean over three frames (T, ...), ends held."""
    padded = np.concatenate([values[:1], values, values[-1:]])
    return (padded[:-2] + padded[1:-1] + padded[2:]) / 3


def mix(low: Floats | float, high: Floats | float, share: Floats) -> Floats:
    """`low` where `share` is 0, `high` where it is 1."""
    return low + (np.asarray(high) - low) * share
