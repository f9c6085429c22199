"""A tiny configuration of every network in the registry."""

from typing import Any

TINY: dict[str, dict[str, Any]] = {
    "c3d": {"channels": 8, "hidden": 32, "dropout": 0.0},
    "i3d": {"stem_channels": 4, "dropout": 0.0},
    "ip_csn": {"depth": [1, 1, 1, 1], "stem_channels": 8},
    "ir_csn": {"depth": [1, 1, 1, 1], "stem_channels": 8},
    "mvit": {
        "size": None,
        "channels": 16,
        "depths": [1, 1, 1],
        "dropout": 0.0,
        "stochastic_depth": 0.0,
    },
    "r2plus1d": {"depth": [1, 1, 1, 1]},
    "slowfast": {"depth": [1, 1, 1, 1], "stem_channels": 8, "beta": 4},
    "swin3d": {
        "size": None,
        "channels": 16,
        "depths": [1, 2, 1],
        "heads": [1, 2, 4],
        "window": [2, 4, 4],
        "stochastic_depth": 0.0,
    },
    "tsn": {"depth": [1, 1, 1, 1], "dropout": 0.0},
    "videomae": {"size": None, "channels": 24, "depth": 2, "heads": 2},
    "vjepa2": {
        "size": None,
        "channels": 32,
        "depth": 2,
        "heads": 2,
        "probe": 1,
        "freeze_backbone": False,
    },
    "x3d": {"size": None, "width_factor": 1.0, "depth_factor": 0.4, "features": 64, "dropout": 0.0},
}
