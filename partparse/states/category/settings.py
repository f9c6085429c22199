"""How the statistics of an action become probabilities."""

from dataclasses import dataclass

from partparse.errors import InputError
from partparse.states.methods import Method


@dataclass(frozen=True)
class CategorySettings:
    """How counts become probabilities."""

    pseudo_count: float
    """Added to the count of every state; above 0. Never changes which state is likeliest."""

    def __post_init__(self) -> None:
        """Raise InputError for a pseudo-count of 0, with which unseen pairs have no sum."""
        if self.pseudo_count <= 0:
            raise InputError(f"setting pseudo_count: {self.pseudo_count} is not above 0")


METHOD = Method(names="category", rules="category", trains=False)
