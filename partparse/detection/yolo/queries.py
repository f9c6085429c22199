"""Detectors of the library transformers in the shape of ultralytics' models, to be trained as they.

RT-DETRv2 (Lv et al., 2024, arXiv 2407.17140) and D-FINE (Peng et al., ICLR 2025, arXiv 2410.13842):
a few hundred queries look at a picture, each gives a box, and in training each object has one
query. The library is imported when such a detector is built, since that takes seconds.
"""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from partparse.errors import InputError
from partparse.files import weights
from partparse.files.atomic import read_json
from partparse.learning.pretrained import list_misfits

_KINDS = {"rtdetrv2_r50": "rt_detr_v2", "dfine_l": "d_fine"}  # whose defaults are these sizes
_LOSSES = {"class": "loss_vfl", "box": "loss_bbox", "giou": "loss_giou"}
_OF_CLASSES = ("class_embed", "enc_score_head")  # in names of weights for the classes
_LABELS = ("id2label", "label2id")


def query_architecture(name: str, classes: int) -> dict[str, Any]:
    """The description of a network of `settings.QUERY_NETWORKS`: the library's, as plain values.

    Raises InputError for a file that does not hold a description.
    """
    if not name.endswith(".json"):
        return _description({"model_type": _KINDS[name]}, classes)
    held = read_json(Path(name))
    if not isinstance(held, dict) or held.get("model_type") not in _KINDS.values():
        expected = " or ".join(_KINDS.values())
        raise InputError(f"{name}: expected the config.json of a model of type {expected}")
    return _description(held, classes)


def _description(values: dict[str, Any], classes: int) -> dict[str, Any]:
    from transformers import AutoConfig

    own = {key: value for key, value in values.items() if key not in _LABELS}
    config = AutoConfig.for_model(**own, num_labels=classes)
    return {k: v for k, v in config.to_dict().items() if k not in _LABELS} | {"nc": classes}


def is_query(architecture: dict[str, Any]) -> bool:
    """Whether a description is one of these, and not of ultralytics."""
    return "model_type" in architecture


class QueryModel(nn.Module):
    """What ultralytics' trainer and our `Detector` ask of a model."""

    criterion: Any = None  # the trainer asks for it; the library's loss keeps nothing
    unknown: Tensor
    """As `UnknownRegionsModel` has it; without kinds of regions at first."""

    def __init__(self, architecture: dict[str, Any]) -> None:
        """Build the network of a description, with random weights."""
        super().__init__()
        from transformers import AutoModelForObjectDetection

        self.yaml = architecture
        self.nc = int(architecture["nc"])
        self.stride = torch.tensor([32.0])  # sides of pictures are multiples of it
        self.unknown = torch.zeros(0, self.nc)
        self.net = _adapted(AutoModelForObjectDetection.from_config(self._config()))

    def _config(self) -> Any:
        from transformers import AutoConfig

        own = {key: value for key, value in self.yaml.items() if key != "nc"}
        return AutoConfig.for_model(**own, num_labels=self.nc)

    def forward(self, given: dict[str, Tensor] | Tensor) -> tuple[Tensor, Any]:
        """Of a batch of the trainer the loss, of pictures (N, 3, S, S) in [0, 1] the candidates.

        These are (N, 4 + classes, queries) as x, y, w, h in pixels, and scores.
        """
        if isinstance(given, dict):
            return self.loss(given)
        found = self.net(pixel_values=given)
        height, width = given.shape[2:]
        boxes = found.pred_boxes * found.pred_boxes.new_tensor([width, height, width, height])
        return torch.cat((boxes, found.logits.sigmoid()), dim=2).transpose(1, 2), None

    def loss(
        self, batch: dict[str, Tensor], preds: None = None
    ) -> tuple[Tensor, dict[str, Tensor]]:
        """The loss times the pictures, as ultralytics has it, and the last layer's terms of it."""
        pictures = batch["img"]
        place = batch["batch_idx"].view(-1)
        classes = batch["cls"].view(-1).long()
        labels = [
            self._labels(classes[own].to(pictures.device), batch["bboxes"][own].to(pictures.device))
            for own in (place == index for index in range(len(pictures)))
        ]
        found = self.net(pixel_values=pictures, labels=labels)
        terms = {name: found.loss_dict[key].detach() for name, key in _LOSSES.items()}
        return found.loss * len(pictures), terms

    def _labels(self, classes: Tensor, boxes: Tensor) -> dict[str, Tensor]:
        """What `query_loss` wants of a picture: (N,) objects, and regions of kinds from nc on."""
        is_object = classes < self.nc
        kinds = classes[~is_object] - self.nc
        return {
            "class_labels": classes[is_object],
            "boxes": boxes[is_object],
            "regions": boxes[~is_object],
            "open": self.unknown.to(boxes.device)[kinds] > 0,
        }

    def init_criterion(self) -> None:
        """None: the loss keeps nothing from step to step."""

    def set_head_attr(self, **_: Any) -> None:
        """Nothing: the trainer says here how a head of its own is to suppress."""

    def load_public(self, source: str, sha256: str | None) -> None:
        """Load a file of the library, but for what is made for other classes.

        Raises InputError where it cannot be had, or names what does not fit.
        """
        from transformers.utils import logging

        logging.set_verbosity_error()  # else it lists what is told below
        logging.disable_progress_bar()
        path = weights.fetch(source, sha256)
        net, found = type(self.net).from_pretrained(
            None,
            config=self._config(),
            state_dict=weights.read_state_dict(path),
            ignore_mismatched_sizes=True,
            output_loading_info=True,
        )
        shapes = [key for key, *_ in found["mismatched_keys"]]
        faults = {
            "missing": sorted(found["missing_keys"]),
            "unknown": sorted(found["unexpected_keys"]),
            "of another shape": sorted(
                key for key in shapes if not any(word in key for word in _OF_CLASSES)
            ),
        }
        if any(faults.values()):
            raise InputError(f"{path}: weights do not fit the network: {list_misfits(faults)}")
        self.net = _adapted(net)


def _adapted(net: nn.Module) -> nn.Module:
    """The library's model with our loss, and each head once: averages would count its copy too."""
    from partparse.detection.yolo.query_loss import LOSSES

    del net.class_embed, net.bbox_embed
    net.loss_function = LOSSES[net.config.model_type]
    return net
