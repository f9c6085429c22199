"""Settings of a clip classifier that trains in a second."""

from partparse.recognition.settings import PredictSettings, TrainSettings

SETTINGS = TrainSettings(
    network=("ir_csn", {"depth": [1, 1, 1, 1], "stem_channels": 4, "dropout": 0.1}),
    weights=None,
    weights_sha256=None,
    freeze_bn=False,
    modality="rgb",
    sampling="uniform",
    length=4,
    stride=1,
    frame_side=36,
    crop_side=32,
    scale=(0.8, 1.0),
    rotate=5,
    mirror=0.5,
    colour=0.1,
    epochs=4,
    batch=5,
    device_batch=None,
    optimizer="adamw",
    learning_rate=0.01,
    momentum=0.9,
    weight_decay=0.0,
    gradient_norm=None,
    layer_decay=None,
    ema=None,
    schedule="one_cycle",
    warm_up=1,
    warm_up_start=0.0,
    drops=(),
    label_smoothing=0.0,
    precision="32-true",
    compile=False,
    validate_every=2,
    checkpoint_minutes=0,
    workers=0,
    memory_mb=10,
    seed=3,
)
PREDICT = PredictSettings(
    clips=2, crops=3, crop_side=None, batch=4, precision="32-true", workers=0, memory_mb=10
)
