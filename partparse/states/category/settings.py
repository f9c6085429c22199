"""How the statistics of an action become probabilities."""

from partparse.running.settings import Positive, Settings
from partparse.states.methods import Method


class CategorySettings(Settings):
    """Statistics of the predicted action."""

    pseudo_count: Positive
    """Added to the count of every state; never changes which state is likeliest."""


METHOD = Method(names="category", rules="category", trains=False, settings=CategorySettings)
