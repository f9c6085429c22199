"""Weights of networks: those of model folders, and pretrained ones; what does not fit is said."""

import logging
from collections.abc import Mapping, Set
from pathlib import Path

import torch
from torch import Tensor, nn

from partparse.errors import InputError
from partparse.files.weights import CARD, WEIGHTS, read_state_dict
from partparse.learning.key_maps import translate

_LISTED = 5  # keys that a message names
# old files lack the first, and the second is worked out by the network
_NOT_NEEDED = ("num_batches_tracked", "relative_position_index")
# how weights of pictures become those of clips
_COLOURS = 3
_POSITIONS = "relative_position_bias_table"
_BACKBONE = "backbone."
_log = logging.getLogger("partparse")


def load_trained(network: nn.Module, folder: Path) -> None:
    """Load a model folder's weights, all of them.

    Raises InputError where the file is missing, damaged or of another network.
    """
    weights = folder / WEIGHTS
    if not weights.is_file():
        raise InputError(f"{weights}: no such file of weights")
    try:
        network.load_state_dict(read_state_dict(weights))
    except RuntimeError as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{weights}: does not fit the network of {CARD}: {reason}") from None


def load_pretrained(network: nn.Module, path: Path) -> None:
    """Load weights into `network`, but for a classifier that is made for other classes.

    Public checkpoints may have their own names (`key_maps`) and be of pictures or of colours
    (`fit_weight`). The classifier (the last `nn.Linear`) keeps its random weights where its shape
    differs or the file has none, and so does all that lies outside of the network's `backbone`,
    where it has one and the file has another head or none. Raises InputError that names the keys,
    ours where a name was mapped, where anything else does not fit.
    """
    state, source = translate(read_state_dict(path))
    if source is not None:
        _log.info("%s: has the names of %s", path, source)
    own = network.state_dict()
    classifier = classifier_keys(network)
    if hasattr(network, "backbone") and not _has_head(state, own, classifier):
        _log.info("%s: has none of this network's head, which learns from the start", path)
        classifier = {key for key in own if not key.startswith(_BACKBONE)}
        state = {key: value for key, value in state.items() if key.startswith(_BACKBONE)}
    state = {k: fit_weight(k, v, own[k].shape) if k in own else v for k, v in state.items()}
    fitting = {k: v for k, v in state.items() if k in own and v.shape == own[k].shape}
    needed = {k for k in own if not k.endswith(_NOT_NEEDED)}
    faults = {
        "missing": sorted(needed - classifier - state.keys()),
        "unknown": sorted(state.keys() - own.keys()),
        "of another shape": sorted((state.keys() & own.keys()) - classifier - fitting.keys()),
    }
    if any(faults.values()):
        raise InputError(f"{path}: weights do not fit the network: {list_misfits(faults)}")
    if replaced := sorted(classifier - fitting.keys()):
        _log.info("%s: not taken over, made for other classes: %s", path, ", ".join(replaced))
    network.load_state_dict(fitting, strict=False)


def _has_head(state: Mapping[str, Tensor], own: Mapping[str, Tensor], classifier: Set[str]) -> bool:
    """Whether weights have all that a network has outside of its backbone, and nothing more."""
    head = {key: value.shape for key, value in own.items() if not key.startswith(_BACKBONE)}
    given = {key: value.shape for key, value in state.items() if not key.startswith(_BACKBONE)}
    return {key: given[key] for key in given if key not in classifier} == {
        key: head[key] for key in head if key not in classifier
    }


def classifier_keys(network: nn.Module) -> set[str]:
    """The names of the weights of its classifier, the last `nn.Linear`."""
    linear = [name for name, m in network.named_modules() if isinstance(m, nn.Linear)]
    return {key for key in network.state_dict() if linear and key.startswith(linear[-1] + ".")}


def list_misfits(faults: dict[str, list[str]]) -> str:
    """What does not fit, by what is wrong with it: how many keys, and the first of them."""

    def listed(keys: list[str]) -> str:
        more = f" and {len(keys) - _LISTED} more" if len(keys) > _LISTED else ""
        return ", ".join(keys[:_LISTED]) + more

    return "; ".join(f"{len(k)} keys {what}: {listed(k)}" for what, k in faults.items() if k)


def fit_weight(name: str, value: Tensor, own: torch.Size) -> Tensor:
    """The weight `name` in the shape `own` of the network's, where one of these rules leads to it.

    - A 2D filter is repeated over time and divided by its new length, so that a clip that does
      not move gives what the picture gave (I3D: Carreira & Zisserman, CVPR 2017).
    - A filter of colours is averaged over them for any other number of channels, flow's for
      instance (cross-modality initialisation: Wang et al., TSN, ECCV 2016).
    - A 2D table of relative positions is repeated for every distance in time (Video Swin).

    Where none does, the value is returned as it is.
    """
    if value.dim() == 4 and len(own) == 5 and value.shape[2:] == own[3:]:
        value = value.unsqueeze(2).expand(-1, -1, own[2], -1, -1) / own[2]
    if value.dim() == len(own) > 2 and value.shape[1] == _COLOURS != own[1]:
        value = value.mean(1, keepdim=True).expand(-1, own[1], *[-1] * (len(own) - 2))
    if name.endswith(_POSITIONS) and value.shape[1] == own[1] and own[0] % len(value) == 0:
        value = value.repeat(own[0] // len(value), 1)
    return value
