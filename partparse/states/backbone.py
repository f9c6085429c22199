"""The backbone of nets on crops of persons: a network of timm that gives feature maps.

Pretrained weights are those of the whole network, under timm's own names or the older ones that
timm itself converts: what the feature maps do not need (the classifier, later layers) is left out.
"""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import timm
import torch
from torch import Tensor, nn
from torch.nn import functional

from partparse.errors import InputError
from partparse.files.weights import read_state_dict
from partparse.learning.freezing import Freezable
from partparse.learning.pretrained import list_misfits


class Backbone(Freezable):
    """Pictures (N, 3, S, S), normalised, to feature maps (N, C, h, w), from fine to coarse."""

    def __init__(self, maps: tuple[int, ...], name: str, **settings: Any) -> None:
        """Build timm's network `name` with random weights.

        Args:
            maps: indices of its feature maps.
            name: in timm.
            settings: its own; networks that work at one size of picture take `img_size`. None
                is left to timm: a config laid over another can't take a key away.

        Raises:
            InputError: timm has no such network, or it has no such settings or maps.
        """
        super().__init__()
        settings = {key: value for key, value in settings.items() if value is not None}
        self.net = _create(name, settings, features_only=True, out_indices=maps)
        self.channels: list[int] = self.net.feature_info.channels()
        self.strides: list[int] = self.net.feature_info.reduction()
        self._bare = (name, settings)

    def forward(self, pictures: Tensor) -> list[Tensor]:
        """The feature maps, one for each of `channels`."""
        found = self.net(pictures)
        if str(getattr(self.net, "output_fmt", "NCHW")).endswith("NHWC"):
            return [value.permute(0, 3, 1, 2) for value in found]
        return found

    def load(self, path: Path) -> None:
        """Load the weights of the whole network. Raises InputError that names what does not fit."""
        name, settings = self._bare
        with torch.device("meta"):
            bare = _create(name, settings)
        state = _converted(read_state_dict(path), bare)
        places = self._places(bare)
        own = self.net.state_dict()
        faults = {
            "missing": [k for k in places if k not in state and not _is_count(k)],
            "unknown": [k for k in state if k not in bare.state_dict()],
            "of another shape": [
                k for k in places if k in state and state[k].shape != own[places[k]].shape
            ],
        }
        if any(faults.values()):
            raise InputError(f"{path}: weights do not fit {name}: {list_misfits(faults)}")
        self.net.load_state_dict(
            {places[k]: value for k, value in state.items() if k in places}, strict=False
        )

    def _places(self, bare: nn.Module) -> dict[str, str]:
        """{key of the whole network: key of the one that gives feature maps}."""
        own = self.net.state_dict()
        # timm's ways of making the latter join the first two levels or add one
        ways = {k: (k, k.replace(".", "_", 1), f"model.{k}") for k in bare.state_dict()}
        return {k: name for k, names in ways.items() for name in names if name in own}


class JoinedMaps(nn.Module):
    """Feature maps of several strides as one of the finest: top-down sums (Lin et al., 2017)."""

    def __init__(self, channels: Sequence[int], width: int) -> None:
        """`channels` of the maps from fine to coarse; `width` of the result."""
        super().__init__()
        self.lateral = nn.ModuleList(nn.Conv2d(count, width, 1) for count in channels)
        self.smooth = nn.Sequential(nn.Conv2d(width, width, 3, padding=1), nn.ReLU())

    def forward(self, maps: Sequence[Tensor]) -> Tensor:
        """(N, C, h, w) each -> (N, width, h, w) of the first."""
        own = [conv(value) for conv, value in zip(self.lateral, maps, strict=True)]
        total = own[-1]
        for finer in own[-2::-1]:
            total = finer + functional.interpolate(total, finer.shape[2:], mode="nearest")
        return self.smooth(total)


def load_backbone(network: nn.Module, path: Path) -> None:
    """Load pretrained weights of the backbone. Raises InputError that names what does not fit."""
    backbone = network.backbone
    assert isinstance(backbone, Backbone)
    backbone.load(path)


def _create(name: str, settings: dict[str, Any], **how: Any) -> nn.Module:
    try:
        return timm.create_model(name, pretrained=False, **settings, **how)
    except (RuntimeError, TypeError, ValueError, AssertionError, IndexError) as error:
        raise InputError(f"timm's network {name!r} with {settings | how}: {error}") from None


def _converted(state: dict[str, Tensor], bare: nn.Module) -> dict[str, Tensor]:
    """A published checkpoint under today's names, as timm converts it."""
    module = sys.modules[type(bare).__module__]
    convert = getattr(module, "checkpoint_filter_fn", None)
    return dict(convert(state, bare)) if convert else state


def _is_count(key: str) -> bool:
    return key.endswith("num_batches_tracked")  # old files lack these
