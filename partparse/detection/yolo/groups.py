"""Detection where several classes are about one thing: the states of a part are such a group.

Of each group a picture has boxes, and each box the scores of all classes: two states of one arm
compete for its box instead of being two boxes.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torchvision.ops import batched_nms
from ultralytics.utils.ops import xywh2xyxy

from partparse.augment import Picture
from partparse.boxes import Floats, Integers
from partparse.detection.yolo.detector import Detector


@dataclass(frozen=True)
class GroupDetections:
    """What was found in one picture, by falling score."""

    boxes: Floats  # (N, 4) inclusive pixels of the picture
    scores: Floats  # (N,) in [0, 1]: the highest of the group's classes
    groups: Integers  # (N,) numbers of groups
    class_scores: Floats  # (N, classes) in [0, 1]


def detect_groups(
    detector: Detector,
    pictures: Sequence[Picture],
    groups: Sequence[int],
    *,
    score: float,
    iou: float,
    most: int,
) -> list[GroupDetections]:
    """Objects of each group in each RGB picture (H, W, 3).

    Args:
        detector: what to find them with.
        pictures: of any sizes; they go through the network as one batch.
        groups: the number of each class's group, from 0.
        score: lowest score kept, and 0 never is.
        iou: of two boxes of a group that overlap more, the better one is kept.
        most: boxes kept of a group in a picture.
    """
    if not pictures:
        return []
    candidates, frames = detector.candidates(pictures)
    edges = xywh2xyxy(candidates[:, :4].transpose(1, 2))
    found = []
    for box, scores, frame in zip(edges, candidates[:, 4:], frames, strict=True):
        best = _best_of_groups(scores, groups)
        group, place = (best > score).nonzero(as_tuple=True)
        kept = batched_nms(box[place], best[group, place], group, iou)
        kept = kept[_rank(group[kept], len(best)) < most]
        group, place = group[kept], place[kept]
        found.append(
            GroupDetections(
                frame.restore(box[place].cpu().numpy().astype(float)),
                best[group, place].cpu().numpy().astype(float),
                group.cpu().numpy(),
                scores[:, place].T.cpu().numpy().astype(float),
            )
        )
    return found


def _best_of_groups(scores: torch.Tensor, groups: Sequence[int]) -> torch.Tensor:
    """The highest score of each group at each place: (classes, A) -> (groups, A)."""
    index = torch.tensor(groups, device=scores.device)[:, None].expand_as(scores)
    best = scores.new_zeros(max(groups) + 1, scores.shape[1])
    return best.scatter_reduce(0, index, scores, "amax")


def _rank(group: torch.Tensor, groups: int) -> torch.Tensor:
    """(N,): how many of the same group stand before each of N; `groups` is their number."""
    same = torch.nn.functional.one_hot(group, groups)
    return same.cumsum(dim=0).gather(1, group[:, None])[:, 0] - 1
