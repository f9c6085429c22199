"""Training the person parser on all that is annotated of the persons of the training videos."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd
import torch
from torch import Tensor, nn
from torch.nn import functional
from torchvision.ops import distance_box_iou_loss

from partparse.boxes import PIXEL
from partparse.errors import InputError
from partparse.files.weights import read_card, read_state_dict, starting_weights
from partparse.learning.loop import train_model
from partparse.learning.task import Task
from partparse.recognition.clips import normalise
from partparse.row_keys import codes
from partparse.running.arguments import Job, Pictures
from partparse.states.backbone import load_backbone
from partparse.states.pairs import Pairs, observed_pairs, part_accuracy, part_loss
from partparse.states.parser.examples import ParserExample, ParserExamples
from partparse.states.parser.network import (
    Judged,
    ParserNet,
    Seen,
    cell_centres,
    mean_over_cells,
    over_cells,
    read_boxes,
    read_points,
)
from partparse.states.parser.settings import ParserTrainSettings
from partparse.states.parser.tubes import scale_grey
from partparse.states.persons import UNKNOWN, annotated_persons
from partparse.vocabulary import Vocabulary

STAGE = "train_parser"
_DEVIATION = 1.0  # cells: of the Gaussian that a keypoint or a centre is on its map
_CLOSE = 0.3  # IoU from which on the metric takes a part as found


class ParserTask(Task):
    """The weighted sum of the losses of keypoints, parts, states and action."""

    settings: ParserTrainSettings
    network: ParserNet

    def __init__(self, network: nn.Module, settings: ParserTrainSettings, pairs: Pairs) -> None:
        """`pairs` are what the network's states are."""
        super().__init__(network.to(memory_format=torch.channels_last), settings)
        self._pairs = pairs

    def figures(self, batch: ParserExample) -> dict[str, Tensor]:
        """Loss, and how many keypoints' cells, parts, states and actions are right."""
        settings, net = self.settings, self.network
        seen = net.see(
            normalise(batch.picture[:, None], settings.weights)[:, :, 0], scale_grey(batch.motion)
        )
        pixel = seen.sides.new_tensor(PIXEL)
        true = torch.as_tensor(batch.boxes) + pixel
        known = true.isfinite().all(2)
        with torch.no_grad():
            points, _ = read_points(over_cells(seen.points), net.stride)
            found = read_boxes(over_cells(seen.centres), seen.sides, net.stride)
            given = torch.as_tensor(batch.looked_at) + pixel
            places = torch.where(given.isfinite(), given, found)
        judged = net.judge(seen, points, places)
        spread = self._pairs.spread(judged.pairs)
        smoothing = settings.label_smoothing
        losses = {
            "keypoint": map_loss(seen.points, batch.keypoints + 0.5, net.stride),
            "part": _part_loss(seen, judged, true, known, net.stride),
            "state": part_loss(spread, batch.states, smoothing),
            "action": functional.cross_entropy(
                judged.action.float(), batch.action, label_smoothing=smoothing
            ),
        }
        total = sum(getattr(settings, f"{name}_weight") * loss for name, loss in losses.items())
        return {
            "loss": total,
            **{f"{name}_loss": loss.detach() for name, loss in losses.items()},
            "parts_found": _share_found(judged.boxes.detach(), true, known),
            "right": part_accuracy(spread.detach(), batch.states),
            "action": (judged.action.detach().argmax(1) == batch.action).float().mean(),
        }


def map_loss(logits: Tensor, points: Tensor, stride: int) -> Tensor:
    """Cross-entropy of maps (N, K, h, w) with Gaussians about points (N, K, 2), in pixels.

    Points that are NaN or off the map count nothing; 0 where none counts.
    """
    target, known = _gaussians(logits, points, stride)
    losses = -(target * logits.flatten(2).log_softmax(2)).sum(2)
    return (losses * known).sum() / known.sum().clamp_min(1)


def _gaussians(maps: Tensor, points: Tensor, stride: int) -> tuple[Tensor, Tensor]:
    """(N, K, h * w) distributions over the cells, and which points are known and on the map."""
    extent = points.new_tensor(maps.shape[:-3:-1]) * stride
    known = ((points >= 0) & (points < extent)).all(2)
    apart = (cell_centres(maps, stride) - points.nan_to_num()[:, :, None]).square().sum(-1)
    target = torch.exp(-apart / (2 * (_DEVIATION * stride) ** 2))
    return target / target.sum(2, keepdim=True).clamp_min(1e-12), known


def _part_loss(seen: Seen, judged: Judged, true: Tensor, known: Tensor, stride: int) -> Tensor:
    """Where the centres are, the boxes about them, the refined boxes, and how well those fit."""
    filled = torch.where(known[..., None], true, true.new_tensor([0, 0, 1, 1]))
    middle = (true[..., :2] + true[..., 2:]) / 2
    target, there = _gaussians(seen.centres, middle, stride)
    signs = seen.sides.new_tensor([-1, -1, 1, 1])
    edges = cell_centres(seen.centres, stride).repeat(1, 2) + (
        seen.sides.flatten(3).transpose(2, 3) * signs
    )
    first = mean_over_cells(target, edges)
    boxes = torch.cat(
        [_fit_loss(first, filled)[..., None], _fit_loss(judged.boxes, filled)[..., None]], -1
    )
    fit = _overlap(judged.boxes.detach(), filled)
    quality = functional.binary_cross_entropy_with_logits(judged.quality, fit, reduction="none")
    counted = there & known
    each = boxes.sum(-1) + quality
    count = counted.sum().clamp_min(1)
    return map_loss(seen.centres, middle, stride) + (each * counted).sum() / count


def _fit_loss(boxes: Tensor, true: Tensor) -> Tensor:
    """(N, 10): 1 - IoU and the distance of the centres, of ordered boxes (Zheng et al., 2020)."""
    return distance_box_iou_loss(boxes.flatten(0, 1), true.flatten(0, 1)).unflatten(
        0, boxes.shape[:2]
    )


def _overlap(boxes: Tensor, true: Tensor) -> Tensor:
    low, high = (
        torch.maximum(boxes[..., :2], true[..., :2]),
        torch.minimum(boxes[..., 2:], true[..., 2:]),
    )
    inter = (high - low).clamp_min(0).prod(-1)
    areas = [(box[..., 2:] - box[..., :2]).clamp_min(0).prod(-1) for box in (boxes, true)]
    return inter / (sum(areas) - inter).clamp_min(1e-6)


def _share_found(boxes: Tensor, true: Tensor, known: Tensor) -> Tensor:
    """The share of known parts whose box is as close as the metric asks."""
    fit = torch.where(known, _overlap(boxes, true.nan_to_num()), 0)
    return (fit >= _CLOSE).sum() / known.sum().clamp_min(1)


def train_parser(
    tables_of: Mapping[str, pd.DataFrame],
    frames: Pictures,
    vocabulary: Vocabulary,
    settings: ParserTrainSettings,
    *,
    out: Path,
    job: Job,
    init: Path | None = None,
) -> None:
    """Train the parser; all else is as in `train_model`.

    Args:
        tables_of: VIDEOS, ANNOTATIONS and the KEYPOINT_TABLE of annotated persons of the training
            videos, by the names videos, annotations, keypoints.
        frames: their pictures.
        vocabulary: of the data set.
        settings: of this training.
        out: the model folder.
        job: see `train_model`.
        init: parser whose network is trained on, as in a refit. States that it did not know of a
            part begin with random weights.

    Raises:
        InputError: no annotated part with a state is on a frame that is trained on; weights that
            do not fit.
    """
    annotations, keypoints = tables_of["annotations"], tables_of["keypoints"]
    persons = annotated_persons(annotations, frames.table, vocabulary, settings.frame_stride)
    if not len(persons):
        raise InputError(f"{STAGE}: no part with a state on the extracted frames of train")
    pairs = observed_pairs(annotations, vocabulary)
    named = tables_of["videos"].set_index("video")["action"]
    actions = codes(persons.keys["video"].map(named), vocabulary.actions)
    lengths = dict(zip(frames.table["video"], frames.table["frames"].astype(int), strict=True))
    train_model(
        lambda: ParserNet(settings, len(vocabulary.actions), pairs.part_index),
        lambda network: ParserTask(network, settings, pairs),
        ParserExamples(persons, keypoints, actions, lengths, cache=frames.cache, settings=settings),
        settings=settings,
        out=out,
        job=job,
        stage=STAGE,
        made_from={"tables": tables_of, "frames": frames.table, "vocabulary": vocabulary},
        facts={
            "trained_on": {
                "videos": int(persons.keys["video"].nunique()),
                "persons": len(persons),
                "parts": int((persons.states != UNKNOWN).sum()),
                "keypoints": len(keypoints),
            },
            "actions": list(vocabulary.actions),
            "states": list(vocabulary.states),
            **pairs.facts(),
        },
        weights=starting_weights(init, settings.weights, settings.weights_sha256),
        load=load_backbone if init is None else _go_on_from(init, pairs),
        packages=("timm", "torchvision"),
    )


def _go_on_from(init: Path, pairs: Pairs) -> Callable[[nn.Module, Path], None]:
    """What puts the weights of the parser `init` into a network whose states are `pairs`."""
    before = {tuple(pair): at for at, pair in enumerate(read_card(init, "pairs")["pairs"])}
    known = [(at, before[pair]) for at, pair in enumerate(pairs.pairs) if pair in before]
    own, found = torch.tensor(known, dtype=torch.long).reshape(-1, 2).T

    def load(network: nn.Module, path: Path) -> None:
        state = read_state_dict(path)
        for name in ("states.weight", "states.bias"):
            rows = network.state_dict()[name].clone()
            rows[own] = state[name][found]
            state[name] = rows
        network.load_state_dict(state)

    return load
