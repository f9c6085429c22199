"""Settings of a tiny pose net."""

from typing import Any

from partparse.detection.pose.network import NARROW
from partparse.detection.pose.settings import PoseSettings


def settings(**changes: Any) -> PoseSettings:
    """Of a net and a training so small that tests can run them."""
    values: dict[str, Any] = {
        "network": NARROW,
        "width": 4,
        "blocks": 1,
        "input_size": [32, 64],
        "sigma": 1,
        "padding": 1.25,
        "weights": None,
        "weights_sha256": None,
        "epochs": 1,
        "batch": 4,
        "learning_rate": 1e-3,
        "frame_stride": 1,
        "half_body": 0.3,
        "shift": 0.1,
        "scale": [0.8, 1.2],
        "rotate": 30,
        "workers": 0,
        "seed": 0,
    }
    return PoseSettings.of(values | changes)
