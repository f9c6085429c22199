"""How a network is fitted, whatever it learns."""

from typing import Annotated, Literal

from pydantic import Field

from partparse.running.settings import Count, NotNegative, Number, Positive, Settings, Share, Whole

Factor = Annotated[Positive, Field(lt=1)]
Precision = Annotated[
    Literal["auto", "32-true", "bf16-mixed"],
    Field(description="32-true, bf16-mixed, or auto: the second where it is fast."),
]
Weights = Annotated[
    str | None, Field(description="Public weights by name, path or URL; null: random ones.")
]
Checksum = Annotated[
    str | None,
    Field(description="SHA-256 of the file that `weights` names; a URL or .pt file needs it."),
]
Init = Annotated[
    str | None, Field(description="Model whose weights it starts from; null: `weights`.")
]
DeviceBatch = Annotated[
    Count | None,
    Field(description="Of them, those that a GPU holds at a time at most; null: all its share."),
]
FreezeBn = Annotated[
    bool,
    Field(description="Batch norms stay as the weights have them: no gradient, no statistics."),
]
FrameStride = Annotated[
    Count, Field(description="Every n-th frame of a video is trained on, where it is annotated.")
]
FrameSide = Annotated[
    Count, Field(description="Pixels: the shorter side that frames are resized to.")
]
BoxJitter = Annotated[
    NotNegative, Field(description="Boxes are moved and scaled by up to this share of their sides.")
]


class FitSettings(Settings):
    """Epochs, optimiser and schedule; methods add what their examples are made of."""

    epochs: Count
    """Passes over the training examples."""
    batch: Count
    """Examples in an optimiser step, on any number of GPUs."""
    device_batch: DeviceBatch
    optimizer: Literal["sgd", "adamw"]
    """sgd (Nesterov) or adamw."""
    learning_rate: NotNegative
    """The highest."""
    momentum: Number
    """Of sgd; the first beta of adamw."""
    weight_decay: NotNegative
    """Of the optimiser."""
    gradient_norm: Positive | None
    """Norm that the gradient of a step is scaled down to where it is greater; null: never."""
    layer_decay: Factor | None
    """Factor on the rate from each layer to the one before it; null: all learn at the same rate."""
    ema: Factor | None
    """Share that the moving average of the weights, which becomes the model, keeps of itself at a
    step; null: the model is what the last step left."""
    schedule: Literal["one_cycle", "step"]
    """one_cycle (rise over `warm_up`, cosine to 0) or step (a tenth at each of `drops`)."""
    warm_up: NotNegative
    """Epochs in which the rate rises linearly."""
    warm_up_start: Share
    """Share of the highest rate that it rises from."""
    drops: tuple[Whole, ...]
    """Epochs at which a step schedule drops."""
    precision: Precision
    checkpoint_minutes: NotNegative
    """Between two checkpoints; a killed run goes on from the last one."""
    workers: Whole
    """Processes that load examples; 0: none beside the training's own."""
    seed: int
    """Of the initial weights, the order and the augmentation."""
