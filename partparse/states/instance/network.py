"""From clips and the boxes of the persons in them to scores of (part, state) labels."""

import logging
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn

from partparse.errors import InputError
from partparse.files.weights import read_state_dict
from partparse.learning.key_maps import translate
from partparse.recognition.slowfast import SlowFast, build_slowfast
from partparse.states.instance.heads import ContextHead, PersonHead, RoiHead, Size
from partparse.states.instance.keypoints import KeypointEmbedding
from partparse.states.instance.settings import InstanceTrainSettings, map_stride

# before a backbone's keys: in an action model, in one of these networks, in pytorchvideo's for AVA
_log = logging.getLogger("partparse")
_PREFIXES = ("", "backbone.", "model.")


class InstanceNetwork(nn.Module):
    """A video backbone, what a head makes of a person in its maps, and a linear classifier."""

    def __init__(
        self,
        backbone: SlowFast,
        head: nn.Module,
        keypoints: KeypointEmbedding | None,
        labels: int,
        dropout: float,
    ) -> None:
        """`labels`: (part, state) pairs, all scored for each person."""
        super().__init__()
        self.backbone = backbone
        self.head = head
        self.keypoints = keypoints
        self.dropout = nn.Dropout(dropout)
        joined = int(head.channels) + (0 if keypoints is None else keypoints.channels)
        self.classifier = nn.Linear(joined, labels)

    def forward(
        self,
        clips: Tensor,
        boxes: Tensor,
        owners: Tensor,
        sizes: Sequence[Size],
        windows: Tensor | None = None,
    ) -> Tensor:
        """Score all persons of all clips in one pass.

        Args:
            clips: (N, 3, T, H, W), normalised.
            boxes: (P, 4) edges in pixels of the clips, see `pool_persons`.
            owners: (P,) the clip of each person.
            sizes: height and width of each of the N clips without what fills it up.
            windows: (P, T, 17, C) keypoint windows, for a network that looks at them.

        Returns:
            (P, labels), before the softmax.
        """
        persons = self.head(self.backbone.features(clips), boxes, owners, sizes)
        if self.keypoints is not None:
            persons = torch.cat([persons, self.keypoints(windows)], 1)
        scores: Tensor = self.classifier(self.dropout(persons))
        return scores


def build_instance_network(settings: InstanceTrainSettings, labels: int) -> InstanceNetwork:
    """The network that `settings` describe, with random weights.

    Raises InputError for a backbone that cannot be built.
    """
    try:
        backbone = build_slowfast(classes=None, **settings.backbone)
    except (TypeError, ValueError) as error:
        raise InputError(f"backbone: {error}") from None
    channels, stride = backbone.feature_channels, map_stride(settings.backbone)
    if settings.head == "roi":
        head: nn.Module = RoiHead(channels, stride)
    else:
        kinds: dict[str, Callable[..., nn.Module]] = {"context": ContextHead, "person": PersonHead}
        head = kinds[settings.head](
            channels, stride, reduced=settings.reduced, hidden=settings.hidden, depth=settings.depth
        )
    windows = settings.keypoints
    keypoints = None if windows is None else KeypointEmbedding(windows.channels)
    return InstanceNetwork(backbone, head, keypoints, labels, settings.dropout)


def load_backbone(network: InstanceNetwork, path: Path) -> None:
    """Load the backbone's weights from a SlowFast classifier, detector or instance method.

    Of ours, or of public ones under their own names (`key_maps`). All else keeps its random
    weights. Raises InputError where the file holds another backbone.
    """
    state, source = translate(read_state_dict(path))
    if source is not None:
        _log.info("%s: has the names of %s", path, source)
    own = network.backbone.state_dict()
    for prefix in _PREFIXES:
        found = {key: state[prefix + key] for key in own if prefix + key in state}
        if found:
            break
    needed = {key for key in own if not key.endswith("num_batches_tracked")}  # old files lack these
    faults = [
        key
        for key, value in own.items()
        if (key in needed if key not in found else found[key].shape != value.shape)
    ]
    if faults:
        raise InputError(
            f"{path}: not the weights of this SlowFast backbone: {len(faults)} of {len(own)} keys"
            f" are missing or of another shape, first {faults[0]}"
        )
    network.backbone.load_state_dict(found, strict=False)
