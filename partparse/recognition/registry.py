"""The video networks by name.

A network takes clips (N, 3, T, H, W), normalised floats, and gives class scores (N, classes)
before the softmax. Its classifier is its last `nn.Linear`.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

from torch import nn

from partparse.errors import InputError
from partparse.recognition.csn import build_csn

_BUILDERS: dict[str, Callable[..., nn.Module]] = {
    "ir_csn": partial(build_csn, bottleneck="ir"),
    "ip_csn": partial(build_csn, bottleneck="ip"),
}


def create(name: str, *, classes: int, **settings: Any) -> nn.Module:
    """Build the network `name` for `classes` classes, with random weights.

    Raises InputError for an unknown name, and for settings that the network does not have.
    """
    if name not in _BUILDERS:
        raise InputError(f"network {name!r} is not known; known: {', '.join(sorted(_BUILDERS))}")
    try:
        return _BUILDERS[name](classes=classes, **settings)
    except (TypeError, ValueError) as error:
        raise InputError(f"network {name!r}: {error}") from None
