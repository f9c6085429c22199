"""What a stacking model of one part is fitted on."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from partparse.boxes import Floats


@dataclass(frozen=True)
class Examples:
    """N persons of whom the state of a part is known."""

    opinions: Floats
    """(J, N, K) ln P(state) by each method, all finite; the last is the prior of the action."""
    quality: Floats
    """(N, Q) how well each person can be judged, standardised."""
    truth: NDArray[np.int64]
    """(N,) the true state."""
    weights: Floats
    """(N,) in shares of a video."""
