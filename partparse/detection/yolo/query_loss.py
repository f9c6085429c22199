"""The losses of query detectors, for pictures in which only some of the objects are labelled.

What `UnknownRegionsLoss` is for the other detectors: a region may leave some classes open, and
these have no classification loss at the queries whose boxes have their middle in it. All else is
the library's: matching, boxes, denoising queries, and the same for each layer.

A picture's labels have two entries more than the library's: `regions`, (R, 4) as x, y, w, h in
shares of the picture, and `open`, (R, classes) booleans, which classes each leaves open.
"""

from collections.abc import Callable
from types import FunctionType
from typing import Any

import torch
from torch import Tensor
from transformers.loss.loss_d_fine import DFineForObjectDetectionLoss, DFineLoss
from transformers.loss.loss_rt_detr import RTDetrForObjectDetectionLoss, RTDetrLoss

Labels = dict[str, Tensor]
Matches = list[tuple[Tensor, Tensor]]  # of each picture: queries, and the objects that they have


class UnknownRegionsRTDetrLoss(RTDetrLoss):
    """RT-DETR's and RT-DETRv2's."""

    def loss_labels_vfl(
        self, outputs: dict[str, Tensor], targets: list[Labels], indices: Matches, *others: Any
    ) -> dict[str, Tensor]:
        """The classification loss of a layer."""
        known = _without_open(outputs, targets, indices)
        return super().loss_labels_vfl(known, targets, indices, *others)


class UnknownRegionsDFineLoss(DFineLoss):
    """D-FINE's."""

    def loss_labels_vfl(
        self, outputs: dict[str, Tensor], targets: list[Labels], indices: Matches, *others: Any
    ) -> dict[str, Tensor]:
        """The classification loss of a layer."""
        known = _without_open(outputs, targets, indices)
        return super().loss_labels_vfl(known, targets, indices, *others)


def _without_open(
    outputs: dict[str, Tensor], targets: list[Labels], indices: Matches
) -> dict[str, Tensor]:
    """A layer's outputs with logits whose loss and gradient are 0 where classes are left open."""
    if not any(len(labels["regions"]) for labels in targets):
        return outputs
    logits = outputs["logits"]
    left_open = torch.stack(
        [
            _left_open(boxes, labels, *matched)
            for boxes, labels, matched in zip(outputs["pred_boxes"], targets, indices, strict=True)
        ]
    )
    # a query that is sure of not having a class is right wherever it has no object of it
    return outputs | {"logits": logits.masked_fill(left_open, torch.finfo(logits.dtype).min)}


def _left_open(boxes: Tensor, labels: Labels, query: Tensor, matched: Tensor) -> Tensor:
    """Which classes have no loss at the queries of a picture, (queries, classes).

    boxes (queries, 4), of the layer; `query` and `matched` (M,): which have a labelled object, and
    its number. Such a one counts wherever it is, and so do all classes of its kind at its query.
    """
    regions, opened = labels["regions"], labels["open"]
    offset = boxes[:, None, :2] - regions[:, :2]
    inside = (offset.abs() * 2 <= regions[:, 2:]).all(dim=2)
    inside[query] &= ~opened[:, labels["class_labels"][matched]].T
    return inside.float() @ opened.float() > 0


def _with_criterion(loss: FunctionType, criterion: type) -> Callable[..., Any]:
    """The library's function with another criterion, which it makes itself, by its own's name.

    A copy with names of its own: the library's stays as it is.
    """
    names = loss.__globals__ | {criterion.__mro__[1].__name__: criterion}
    return FunctionType(loss.__code__, names, loss.__name__, loss.__defaults__)


LOSSES: dict[str, Callable[..., Any]] = {
    "rt_detr_v2": _with_criterion(RTDetrForObjectDetectionLoss, UnknownRegionsRTDetrLoss),
    "d_fine": _with_criterion(DFineForObjectDetectionLoss, UnknownRegionsDFineLoss),
}
"""By the library's name of the model; in the place of its `loss_function`."""
