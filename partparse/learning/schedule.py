"""How the learning rate goes from the first step to the last."""

import math

from partparse.learning.settings import FitSettings


def rate_factor(step: int, steps_an_epoch: int, settings: FitSettings) -> float:
    """The share of the learning rate that optimiser step `step` (from 0) uses.

    Both schedules rise linearly over `warm_up` epochs. Then "one_cycle" falls to 0 along half a
    cosine (Smith & Topin, "Super-Convergence", 2017, as torch does it), and "step" is divided
    by ten at each epoch in `drops`.
    """
    epoch = step / steps_an_epoch
    if epoch < settings.warm_up:
        return (step + 1) / (settings.warm_up * steps_an_epoch + 1)
    if settings.schedule == "step":
        return 0.1 ** sum(epoch >= drop for drop in settings.drops)
    done = (epoch - settings.warm_up) / max(settings.epochs - settings.warm_up, 1e-9)
    return 0.5 * (1 + math.cos(math.pi * min(done, 1.0)))
