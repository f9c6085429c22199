"""All that a trained parser says of persons: keypoints, parts, their states and the action."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor
from torchvision.ops import batched_nms

from partparse import tables
from partparse.augment import Pictures as Crops
from partparse.boxes import Floats, clip, from_edges, paired_iou, to_edges
from partparse.detection.parts import tabulate_parts
from partparse.errors import InputError
from partparse.files.weights import CARD, read_card
from partparse.learning.precision import predicting
from partparse.learning.pretrained import load_trained
from partparse.recognition.clips import normalise
from partparse.running.arguments import Pictures
from partparse.running.loading import loaded_once
from partparse.running.prediction import Output, Predictor, Rows
from partparse.states.crops import Place
from partparse.states.pairs import Pairs, read_pairs
from partparse.states.parser.network import (
    Judged,
    ParserNet,
    Seen,
    over_cells,
    read_boxes,
    read_points,
)
from partparse.states.parser.settings import ParserPredictSettings, ParserTrainSettings
from partparse.states.parser.tubes import TubeReader, keypoints_to_frame, scale_grey
from partparse.states.persons import PersonParts, pool_actions, tabulate_states
from partparse.tables import BOX, FRAME_KEY, PERSON_KEY
from partparse.vocabulary import KEYPOINTS, PARTS, Vocabulary, swap_order

_PARTS, _POINTS = swap_order(PARTS), swap_order(KEYPOINTS)  # whose place each has in a mirror
_ONE_PERSON = 0.7  # IoU above which two boxes are one person's, as detectors' NMS has it


class Parsed(NamedTuple):
    """What the parser says of N persons, in pixels of their crops as edges."""

    points: Tensor  # (N, 17, 2)
    sure: Tensor  # (N, 17): from 0 to 1
    boxes: Tensor  # (N, 10, 4)
    fit: Tensor  # (N, 10): the IoU that a box is expected to have
    states: Tensor  # (N, 10, states): distributions
    actions: Tensor  # (N, actions): distributions


@dataclass(frozen=True)
class ParserModel:
    """A trained parser on its device."""

    network: ParserNet
    settings: ParserTrainSettings
    pairs: Pairs
    device: str

    @classmethod
    @loaded_once
    def load(cls, model: Path, vocabulary: Vocabulary, device: str) -> "ParserModel":
        """Load a model folder. Raises InputError for one that is damaged or of other names."""
        card = read_card(model, "settings", "actions", "states", "pairs")
        for what in ("actions", "states"):
            if card[what] != list(getattr(vocabulary, what)):
                raise InputError(f"{model / CARD}: trained for other {what} than the vocabulary's")
        settings = ParserTrainSettings.of(card["settings"])
        pairs = read_pairs(card["pairs"], vocabulary)
        network = ParserNet(settings, len(vocabulary.actions), pairs.part_index)
        load_trained(network, model)
        network.to(device, memory_format=torch.channels_last)
        return cls(network.eval(), settings, pairs, device)

    def parse(self, pictures: Crops, motion: Crops, how: ParserPredictSettings) -> Parsed:
        """Parse crops (N, S, S, 3) RGB and their tubes (N, T, S / 2, S / 2)."""
        with predicting(how.precision, self.device):
            views = [self._see(pictures, motion)]
            if how.mirror:
                views.append(
                    self._see(
                        np.ascontiguousarray(pictures[:, :, ::-1]),
                        np.ascontiguousarray(motion[..., ::-1]),
                    )
                )
            return self._judge(views)

    def _see(self, pictures: Crops, motion: Crops) -> Seen:
        crops = torch.from_numpy(pictures).to(self.device)
        tubes = torch.from_numpy(motion).to(self.device)
        return self.network.see(
            normalise(crops[:, None], self.settings.weights)[:, :, 0], scale_grey(tubes)
        )

    def _judge(self, views: Sequence[Seen]) -> Parsed:
        """Of one view, or of that and the mirrored one: both look at what both have found."""
        stride = self.network.stride
        points = _mean([over_cells(view.points) for view in views], _POINTS)
        centres = _mean([over_cells(view.centres) for view in views], _PARTS)
        sides = _mean([view.sides for view in views], _PARTS)
        places, sure = read_points(points, stride)
        boxes = read_boxes(centres, sides, stride)
        size = float(points.shape[-1] * stride)
        judged = [self._told(self.network.judge(views[0], places, boxes))]
        if len(views) > 1:
            seen = self.network.judge(
                views[1],
                _mirror_points(places, size)[:, _POINTS],
                _mirror_boxes(boxes, size)[:, _PARTS],
            )
            told = self._told(seen)
            own = (_mirror_boxes(told[0], size), *told[1:3])
            judged.append((*(value[:, _PARTS] for value in own), told[3]))
        refined, fit, states, actions = (
            torch.stack(values).mean(0) for values in zip(*judged, strict=True)
        )
        return Parsed(places, sure, refined, fit, states, actions)

    def _told(self, judged: Judged) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Boxes, their expected IoU, and distributions over states and actions."""
        states = self.pairs.spread(judged.pairs.float()).softmax(-1)
        return judged.boxes, judged.quality.sigmoid(), states, judged.action.float().softmax(-1)


def _mean(maps: Sequence[Tensor], swapped: Sequence[int]) -> Tensor:
    """The mean of maps (N, K, ..., h, w) of a view and, if there are two, of the mirrored one."""
    if len(maps) == 1:
        return maps[0]
    mirrored = maps[1].flip(-1)[:, swapped]
    if mirrored.dim() == maps[0].dim() == 5:  # sides of boxes: left and right change places
        mirrored = mirrored[:, :, [2, 1, 0, 3]]
    return (maps[0] + mirrored) / 2


def _mirror_points(points: Tensor, size: float) -> Tensor:
    return torch.stack([size - points[..., 0], points[..., 1]], -1)


def _mirror_boxes(boxes: Tensor, size: float) -> Tensor:
    left, top, right, bottom = boxes.unbind(-1)
    return torch.stack([size - right, top, size - left, bottom], -1)


class FrameParsed(NamedTuple):
    """What the parser says of N persons, in inclusive pixels of their frames."""

    persons: NDArray[np.float64]  # (N, 4): the boxes that they were looked at in
    keypoints: NDArray[np.float32]  # (N, 17, 3): x, y, score
    boxes: NDArray[np.float64]  # (N, 10, 4), within the picture
    scores: NDArray[np.float32]  # (N, 10)
    states: NDArray[np.float32]  # (N, 10, states)
    actions: NDArray[np.float32]  # (N, actions)


def parse_persons(
    model: ParserModel, persons: pd.DataFrame, frames: Pictures, how: ParserPredictSettings
) -> FrameParsed:
    """Parse N persons, N >= 1: rows with PERSON_KEY and the box, on frames that are there.

    A box is where a person is looked for. From the second of `how.looks` on it is the one about the
    parts that were found in it, as the regions of a cascade become better from stage to stage (Cai
    and Vasconcelos, "Cascade R-CNN", CVPR 2018).
    """
    lengths = dict(zip(frames.table["video"], frames.table["frames"].astype(int), strict=True))
    tubes = TubeReader(frames.cache, lengths, model.settings)
    keys = list(persons[FRAME_KEY].itertuples(index=False, name=None))
    sizes = frames.table.set_index("video").loc[persons["video"], ["width", "height"]]
    limits = sizes.to_numpy(float)

    def look(some: slice, boxes: Floats) -> FrameParsed:
        places = [Place.about(box, model.settings.crop_margin) for box in boxes]
        crops = list(zip(keys[some], places, strict=True))
        pictures = np.stack([tubes.picture(key, place) for key, place in crops])
        motion = np.stack([tubes.motion(key, place) for key, place in crops])
        parsed = model.parse(pictures, motion, how)
        seen = _to_frames(parsed, boxes, places, model.settings.crop_side)
        # of a person whom the picture cuts off, parts are read beyond its edge too
        inside = clip(seen.boxes, limits[some, None])
        return seen._replace(boxes=inside.astype(np.float64))

    given = persons[BOX].to_numpy(float)
    found = []
    for start in range(0, len(persons), how.batch):
        some = slice(start, start + how.batch)
        seen = look(some, given[some])
        for _ in range(how.looks - 1):
            seen = look(some, _about_parts(seen.boxes))
        found.append(seen)
    return FrameParsed(*(np.concatenate(values) for values in zip(*found, strict=True)))


def sink_doubles(persons: pd.DataFrame) -> pd.DataFrame:
    """PERSONS, with the score of each whom NMS would remove multiplied by 1 - IoU.

    Two detections of a person, one of the legs and one of the whole, become one box by a second
    look, after the detector's NMS. As in Soft-NMS (Bodla et al., ICCV 2017) nobody is lost, so that
    the tables of all methods keep their rows. The IoU is with the person who stays and covers this
    one best; who sinks sinks nobody.
    """
    frames = persons.groupby(FRAME_KEY, sort=False).ngroup()
    stays = np.zeros(len(persons), bool)
    stays[
        batched_nms(
            torch.tensor(to_edges(persons[BOX])),
            torch.tensor(persons["score"].to_numpy(float)),
            torch.tensor(frames.to_numpy()),
            _ONE_PERSON,
        ).numpy()
    ] = True
    here = persons[[*FRAME_KEY, *BOX, "score"]].reset_index(names="row")
    pairs = here[~stays].merge(here[stays], on=FRAME_KEY, suffixes=("", "_surer"))
    pairs = pairs[pairs["score_surer"] >= pairs["score"]]
    overlap = paired_iou(pairs[BOX], pairs[[f"{column}_surer" for column in BOX]])
    covered = pd.Series(overlap, pairs["row"]).groupby(level=0).max()
    kept = 1 - covered.reindex(persons.index, fill_value=0.0)
    return persons.assign(score=(persons["score"] * kept).astype(persons["score"].dtype))


def _about_parts(parts: Floats) -> Floats:
    """(N, 4): the box about the ten boxes (N, 10, 4) of each person."""
    return np.concatenate([parts[..., :2].min(axis=1), parts[..., 2:].max(axis=1)], axis=1)


def _to_frames(parsed: Parsed, persons: Floats, places: Sequence[Place], size: int) -> FrameParsed:
    points, sure, boxes, fit, states, actions = (value.float().cpu().numpy() for value in parsed)
    corners = boxes.reshape(len(boxes), -1, 2)  # two to a box, as edges
    edges = keypoints_to_frame(corners - 0.5, places, size) + 0.5
    return FrameParsed(
        np.asarray(persons, np.float64),
        np.concatenate(
            [keypoints_to_frame(points - 0.5, places, size), sure[..., None]], axis=-1
        ).astype(np.float32),
        from_edges(edges.reshape(boxes.shape)).astype(np.float64),
        fit,
        states,
        actions,
    )


def load_parser(
    model: Path,
    vocabulary: Vocabulary,
    settings: ParserPredictSettings,
    frames: Pictures,
    *,
    device: str,
) -> Predictor:
    """What makes PERSONS, KEYPOINT_TABLE, PARTS_TABLE, STATES and ACTIONS of `persons`.

    PERSONS are the same, in the boxes that they were looked at in last (see `parse_persons`). After
    a further look, the score of one who turns out to be a surer one falls (see `sink_doubles`).

    Every person has all ten parts, each with the IoU that its box is expected to have as score.
    The videos are those of `frames`; one without a person gets uniform actions. `model` is the
    folder of the trained parser.
    """
    trained = ParserModel.load(model, vocabulary, device)
    outputs = [
        Output(tables.PERSONS),
        Output(tables.KEYPOINT_TABLE),
        Output(tables.PARTS_TABLE),
        Output(tables.STATES, vocabulary.states),
        Output(tables.ACTIONS, vocabulary.actions),
    ]

    def judge(rows: Rows) -> list[pd.DataFrame]:
        persons = rows["persons"].sort_values(PERSON_KEY, ignore_index=True)
        videos = rows["frames"]["video"]
        if not len(persons):
            nobody = persons.assign(score=0.0)
            even = np.zeros((0, len(vocabulary.actions)), np.float32)
            return [
                *(tables.empty(*output) for output in outputs[:4]),
                pool_actions(nobody, even, videos, vocabulary),
            ]
        found = parse_persons(trained, persons, frames, settings)
        persons = persons.assign(**dict(zip(BOX, found.persons.T, strict=True)))
        if settings.looks > 1:
            persons = sink_doubles(persons)
        who = PersonParts(
            persons[PERSON_KEY],
            found.persons,
            found.boxes,
            np.zeros((len(persons), len(PARTS)), np.int64),
        )
        return [
            tables.checked(persons, tables.PERSONS),
            tables.unpack_keypoints(persons, found.keypoints),
            tabulate_parts(persons, found.boxes, found.scores),
            tabulate_states(who, found.states, vocabulary),
            pool_actions(persons, found.actions, videos, vocabulary),
        ]

    return Predictor(judge, outputs, [model], {"settings": settings})
