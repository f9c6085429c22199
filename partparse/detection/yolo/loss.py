"""The losses of detectors: in full precision, and of pictures where only some objects are labelled.

Annotators left visible parts out, and a detector that takes those for background learns to miss
them. What is not known to be background must have no classification loss.
"""

from typing import Any

import torch
from lightning_utilities import apply_to_collection
from torch import Tensor
from ultralytics.nn.tasks import DetectionModel
from ultralytics.utils.loss import E2ELoss, v8DetectionLoss
from ultralytics.utils.tal import make_anchors

_plain_loss = torch.nn.functional.binary_cross_entropy_with_logits


class UnknownRegionsLoss(v8DetectionLoss):
    """The usual loss, but a region may leave some classes open: they have no loss within it.

    For pictures of persons whose labels differ, be it in a frame or because a picture is put
    together of several: a person that lacks a part is a region in which that part may be seen. A
    box of class `nc + r` is a region of kind r, which leaves the classes open that `unknown` of the
    model, (kinds, nc), has in row r. A labelled object counts wherever it is, and so do all classes
    of its kind at its place: of a part's states one is right and the others are wrong.
    """

    def __init__(self, model: "UnknownRegionsModel", **options: Any) -> None:
        """Take the model's kinds of regions; `options` are ultralytics'."""
        super().__init__(model, **options)
        self.unknown = model.unknown.to(self.device)

    def loss(self, preds: dict[str, Tensor], batch: dict[str, Tensor]) -> tuple:
        """The summed loss of a batch, and its terms."""
        is_object = batch["cls"].view(-1) < self.nc
        names = "batch_idx", "cls", "bboxes"
        covered = self._covered(preds, *(batch[name][~is_object] for name in names))

        def known_loss(logits: Tensor, target: Tensor) -> Tensor:
            labelled = ((target > 0).to(self.unknown.dtype) @ self.unknown.T) > 0
            left_open = (covered & ~labelled).to(self.unknown.dtype) @ self.unknown
            return _plain_loss(logits, target, reduction="none") * (left_open == 0)

        self.bce = known_loss
        return super().loss(preds, batch | {name: batch[name][is_object] for name in names})

    def _covered(
        self, preds: dict[str, Tensor], picture: Tensor, kind: Tensor, box: Tensor
    ) -> Tensor:
        """Which places lie in a region of each kind, (pictures, places, kinds).

        picture (R,), kind (R, 1) from nc on, box (R, 4) as x, y, w, h in shares of the picture.
        """
        feats = preds["feats"]
        anchors, strides = make_anchors(feats, self.stride, 0.5)
        height, width = feats[0].shape[2:]
        size = self.stride[0] * torch.tensor([width, height], device=self.device)
        offset = (anchors * strides / size)[None] - box[:, None, :2].to(self.device)
        inside = (offset.abs() * 2 <= box[:, None, 2:].to(self.device)).all(dim=2)
        count = torch.zeros(
            len(feats[0]), len(self.unknown), len(anchors), device=self.device, dtype=torch.int32
        )
        where = picture.long(), kind.view(-1).long() - self.nc
        count.index_put_(where, inside.to(count.dtype), accumulate=True)
        return (count > 0).transpose(1, 2)


class MixedModel(DetectionModel):
    """ultralytics' detector, whose loss is computed in float32 whatever the network computes in.

    Boxes are counted in cells from the picture's corner. In bfloat16 the 65th cell and those after
    it would be half a cell off, the 129th and those after it a whole one, which is 8 pixels.
    """

    def loss(self, batch: dict[str, Tensor], preds: Any = None) -> Any:
        """The loss of a batch, and its terms; `preds` of its pictures, where they are there."""
        if preds is None:
            preds = self.forward(batch["img"])
        with torch.autocast(batch["img"].device.type, enabled=False):
            return super().loss(batch, apply_to_collection(preds, Tensor, Tensor.float))


class UnknownRegionsModel(MixedModel):
    """A detector trained with `UnknownRegionsLoss`."""

    unknown: Tensor
    """(kinds, classes) float: 1 for the classes that a region of each kind leaves open."""

    def init_criterion(self) -> Any:
        """The loss, once for each branch of the network's head."""
        two_heads = getattr(self.model[-1], "one2one_cv2", None) is not None
        return E2ELoss(self, UnknownRegionsLoss) if two_heads else UnknownRegionsLoss(self)
