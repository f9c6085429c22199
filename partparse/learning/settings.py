"""How a network is fitted, whatever it learns."""

from dataclasses import dataclass

from partparse.errors import InputError

PRECISIONS = ("32-true", "bf16-mixed")


def one_of(name: str, value: str, known: tuple[str, ...]) -> None:
    """Raise InputError where a setting's value is none of those known."""
    if value not in known:
        raise InputError(f"setting {name}: {value!r} is none of {', '.join(known)}")


@dataclass(frozen=True)
class FitSettings:
    """Epochs, optimiser and schedule; methods add what their examples are made of."""

    epochs: int
    batch: int
    """Examples in an optimiser step."""
    optimizer: str
    """"sgd" (Nesterov) or "adamw"."""
    learning_rate: float
    momentum: float
    """Of SGD; the first beta of AdamW."""
    weight_decay: float
    schedule: str
    """"one_cycle" (rise over `warm_up`, cosine to 0) or "step" (a tenth at each of `drops`)."""
    warm_up: float
    """Epochs in which the rate rises linearly."""
    drops: tuple[int, ...]
    """Epochs at which a step schedule drops."""
    precision: str
    """Lightning's name, "32-true" or "bf16-mixed"."""
    checkpoint_minutes: float
    """Time between two checkpoints; a killed run goes on from the last one."""
    workers: int
    """Processes that load examples; 0: none beside the training's own."""
    seed: int

    def __post_init__(self) -> None:
        """Raise InputError for a choice that does not exist."""
        one_of("optimizer", self.optimizer, ("sgd", "adamw"))
        one_of("schedule", self.schedule, ("one_cycle", "step"))
        one_of("precision", self.precision, PRECISIONS)
