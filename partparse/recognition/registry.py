"""The video networks by name.

A network takes clips (N, C, T, H, W), normalised floats, and gives class scores (N, classes)
before the softmax. C is 3 (RGB) unless its setting `in_channels` says otherwise (2: optical flow);
`dropout` is the share of features dropped before the classifier in training. Its classifier is its
last `nn.Linear`: by this rule weights for other classes are told apart, and a test holds
every network to it.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from torch import nn

from partparse.errors import InputError
from partparse.recognition.c3d import build_c3d
from partparse.recognition.csn import build_csn
from partparse.recognition.i3d import build_i3d
from partparse.recognition.mvit import build_mvit
from partparse.recognition.r2plus1d import build_r2plus1d
from partparse.recognition.slowfast import build_slowfast
from partparse.recognition.swin3d import build_swin3d
from partparse.recognition.tsn import build_tsn
from partparse.recognition.videomae import build_videomae
from partparse.recognition.vjepa2 import build_vjepa2
from partparse.recognition.x3d import build_x3d

BUILDERS: dict[str, Callable[..., nn.Module]] = {
    "c3d": build_c3d,
    "i3d": build_i3d,
    "ip_csn": partial(build_csn, bottleneck="ip"),
    "ir_csn": partial(build_csn, bottleneck="ir"),
    "mvit": build_mvit,
    "r2plus1d": build_r2plus1d,
    "slowfast": build_slowfast,
    "swin3d": build_swin3d,
    "tsn": build_tsn,
    "videomae": build_videomae,
    "vjepa2": build_vjepa2,
    "x3d": build_x3d,
}
"""What makes each network; their settings are the builders' keyword arguments."""


def create(name: str, *, classes: int, **settings: Any) -> nn.Module:
    """Build the network `name` for `classes` classes, with random weights.

    Raises InputError for an unknown name, and for settings that the network does not have.
    """
    if name not in BUILDERS:
        raise InputError(f"network {name!r} is not known; known: {', '.join(sorted(BUILDERS))}")
    try:
        return BUILDERS[name](classes=classes, **settings)
    except (TypeError, ValueError) as error:
        raise InputError(f"network {name!r}: {error}") from None
