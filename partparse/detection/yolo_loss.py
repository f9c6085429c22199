"""Learning from pictures in which only some of the objects are labelled."""

from typing import Any

import torch

from partparse.detection import yolo_environment  # noqa: F401  sets what follows to offline

# isort: split
from ultralytics.nn.tasks import DetectionModel
from ultralytics.utils.loss import E2ELoss, v8DetectionLoss


class LabelledClassesLoss(v8DetectionLoss):
    """The usual loss, but a class without a label in a picture has no classification loss there.

    Annotators left visible parts out, and a detector that takes those for background learns to
    miss them.
    """

    def loss(self, preds: dict[str, torch.Tensor], batch: dict[str, torch.Tensor]) -> tuple:
        """The summed loss of a batch, and its terms."""
        pictures = preds["scores"].shape[0]
        labelled = torch.zeros(pictures, 1, self.nc, device=self.device)
        labelled[batch["batch_idx"].long(), 0, batch["cls"].view(-1).long()] = 1
        plain = torch.nn.functional.binary_cross_entropy_with_logits
        self.bce = lambda logits, target: plain(logits, target, reduction="none") * labelled
        return super().loss(preds, batch)


class PartlyLabelledModel(DetectionModel):
    """A detector trained with `LabelledClassesLoss`."""

    def init_criterion(self) -> Any:
        """The loss, once for each branch of the network's head."""
        two_heads = getattr(self.model[-1], "one2one_cv2", None) is not None
        return E2ELoss(self, LabelledClassesLoss) if two_heads else LabelledClassesLoss(self)
