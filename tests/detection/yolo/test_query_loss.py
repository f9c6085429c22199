"""Query detectors and parts without labels: these are no background, and all else is published."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import torch
from torch import Tensor

from partparse.detection import parts
from partparse.detection.frame_detection import scored_frames
from partparse.detection.settings import FrameTrainSettings, PartTrainSettings
from partparse.detection.unlabelled_parts import UNKNOWN_PARTS, unknown_classes
from partparse.detection.yolo.detector import build_model, load_architecture
from partparse.detection.yolo.queries import QueryModel
from partparse.detection.yolo.query_loss import (
    UnknownRegionsDFineLoss,
    UnknownRegionsRTDetrLoss,
)
from partparse.running.arguments import Job, Pictures
from partparse.states.onestage.prediction import load_onestage
from partparse.states.onestage.settings import OneStagePredictSettings
from partparse.states.onestage.training import train_onestage
from partparse.vocabulary import PARTS, PERSON, Vocabulary
from tests.samples import detection as samples
from tests.samples.prediction import predicted
from tests.samples.query_networks import TINY

CRITERIA: dict[str, Any] = {
    "rt_detr_v2": UnknownRegionsRTDetrLoss,
    "d_fine": UnknownRegionsDFineLoss,
}
ABOUT = ("left_arm", "left_arm", "right_arm", "right_arm", PERSON)
"""Of five classes, two of them states of each arm."""
LEFT_BEND, _, RIGHT_BEND, _, OF_PERSON = range(5)
HEAD, HIP, LEFT_HAND = (PARTS.index(name) for name in ("head", "hip", "left_hand"))


@pytest.fixture(params=TINY)
def kind(request: Any) -> str:
    return request.param


@pytest.fixture
def network(kind: str, tmp_path: Path) -> str:
    """The path of a description."""
    path = tmp_path / f"{kind}.json"
    path.write_text(json.dumps(TINY[kind]))
    return str(path)


@pytest.fixture
def model(network: str) -> QueryModel:
    """Of the ten parts."""
    torch.manual_seed(0)
    model = build_model(load_architecture(network, len(PARTS)))
    assert isinstance(model, QueryModel)
    model.unknown = torch.from_numpy(unknown_classes(PARTS)).float()
    return model.train()


def batch_of(*pictures: list[tuple[int, list[float]]]) -> dict[str, Tensor]:
    """Pictures with classes and boxes, x, y, w, h in shares."""
    rows = [(number, *row) for number, picture in enumerate(pictures) for row in picture]
    return {
        "img": torch.rand(len(pictures), 3, 64, 64, generator=torch.Generator().manual_seed(1)),
        "batch_idx": torch.tensor([float(number) for number, _, _ in rows]),
        "cls": torch.tensor([[float(index)] for _, index, _ in rows]),
        "bboxes": torch.tensor([box for _, _, box in rows]).reshape(-1, 4),
    }


def gradients(model: QueryModel, batch: dict[str, Tensor]) -> tuple[Tensor, dict[str, Tensor]]:
    """The loss, and the gradient of each parameter that has one."""
    torch.manual_seed(2)  # of the denoising queries' noise
    model.zero_grad()
    loss, _ = model.loss(batch)
    loss.backward()
    named = {name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None}
    return loss.detach(), named


@pytest.mark.parametrize("region", [[], [(len(PARTS), [2.0, 2.0, 0.1, 0.1])]])
def test_where_nothing_is_left_open_it_is_the_librarys_loss(
    model: QueryModel, region: list[tuple[int, list[float]]]
) -> None:
    labelled = [(HEAD, [0.4, 0.3, 0.2, 0.2]), (HIP, [0.5, 0.7, 0.4, 0.2])]
    loss, own = gradients(model, batch_of([*labelled, *region], region))
    ours = model.net.loss_function
    del model.net._loss_function  # what stands in the place of the library's
    assert model.net.loss_function is not ours
    published, theirs = gradients(model, batch_of(labelled, []))
    assert torch.equal(loss, published)
    assert own.keys() == theirs.keys()
    difference, size = (
        torch.cat([gradient.flatten() for gradient in some]).norm()
        for some in ([own[name] - value for name, value in theirs.items()], theirs.values())
    )
    # with a region there is one more step, and sums are made in another order
    assert difference <= (1e-4 if region else 0.0) * size


def test_a_part_that_is_not_labelled_teaches_its_class_nothing(model: QueryModel) -> None:
    """In no layer, at no denoising query: its rows of all that gives scores."""
    everywhere = [0.5, 0.5, 1.0, 1.0]
    regions = [(len(PARTS) + index, everywhere) for index in (HIP, LEFT_HAND)]
    head = (HEAD, [0.4, 0.3, 0.2, 0.2])
    _, found = gradients(model, batch_of([head, *regions], [*regions, head]))
    scoring = [
        value.reshape(len(PARTS), -1)
        for name, value in found.items()
        if "enc_score_head" in name or ("class_embed" in name and "denoising" not in name)
    ]
    assert len(scoring) == 2 * (1 + 2)  # weights and biases; the encoder's and two layers'
    for rows in scoring:
        learning = (rows != 0).any(dim=1)
        assert not learning[[HIP, LEFT_HAND]].any()
        assert learning.sum() == len(PARTS) - 2
    # and where one picture has it labelled, it learns from that
    hip = (HIP, [0.5, 0.7, 0.4, 0.2])
    _, found = gradients(model, batch_of([head, *regions], [head, hip, regions[1]]))
    weight = found["net.model.decoder.class_embed.1.weight"]
    assert (weight[HIP] != 0).any()
    assert not (weight[LEFT_HAND] != 0).any()


def classes_that_learn(
    kind: str, boxes: list[list[float]], rows: list[tuple[str | int, list[float]]]
) -> list[list[bool]]:
    """Of each query with such a box, which classes of ABOUT a picture with such labels pushes.

    rows: a class's index, or the name of a region, and its box; queries and labels are matched in
    their order.
    """
    from transformers import AutoConfig

    config = AutoConfig.for_model(**TINY[kind], num_labels=len(ABOUT))
    criterion = CRITERIA[kind](config)
    objects = [row for row in rows if isinstance(row[0], int)]
    regions = [row for row in rows if not isinstance(row[0], int)]
    opened = torch.from_numpy(unknown_classes(ABOUT))
    labels = {
        "class_labels": torch.tensor([index for index, _ in objects]),
        "boxes": torch.tensor([box for _, box in objects]),
        "regions": torch.tensor([box for _, box in regions]).reshape(-1, 4),
        "open": opened[[UNKNOWN_PARTS.index(str(name)) for name, _ in regions]],
    }
    logits = torch.zeros(1, len(boxes), len(ABOUT), requires_grad=True)
    outputs = {"logits": logits, "pred_boxes": torch.tensor([boxes])}
    order = torch.arange(len(objects))
    loss = criterion.get_loss("vfl", outputs, [labels], [(order, order)], 1)
    loss["loss_vfl"].backward()
    assert logits.grad is not None
    return (logits.grad[0] != 0).tolist()


def test_a_region_leaves_its_classes_open_and_nothing_else(kind: str) -> None:
    """For the queries whose boxes have their middle in it."""
    arm, person = [0.2, 0.2, 0.2, 0.2], [0.25, 0.5, 0.5, 1.0]
    boxes = [arm, person, [0.3, 0.8, 0.6, 0.1], [0.55, 0.2, 0.3, 0.3]]
    rows: list[tuple[str | int, list[float]]] = [(LEFT_BEND, arm), (OF_PERSON, person)]
    assert classes_that_learn(kind, boxes, rows) == [[True] * 5] * 4
    left, of_person, within, beside = classes_that_learn(
        kind, boxes, [*rows, ("right_arm ?", person)]
    )
    assert left == of_person == within == [True, True, False, False, True]
    assert beside == [True] * 5


def test_a_labelled_part_counts_within_another_persons_region(kind: str) -> None:
    """At its query one state is right and the others are wrong; elsewhere nothing is known."""
    arm, person = [0.2, 0.2, 0.2, 0.2], [0.25, 0.5, 0.5, 1.0]
    rows: list[tuple[str | int, list[float]]] = [
        (RIGHT_BEND, arm),
        ("right_arm ?", person),
        ("right_arm ?", [0.2, 0.2, 0.4, 0.4]),
        ("left_arm ?", person),
    ]
    at_arm, elsewhere = classes_that_learn(kind, [arm, [0.3, 0.7, 0.1, 0.1]], rows)
    assert at_arm == [False, False, True, True, True]
    assert elsewhere == [False, False, False, False, True]


def test_parts_are_learned_and_found_on_crops(network: str, tmp_path: Path) -> None:
    """Of each person the head and the left hand alone are labelled."""
    (tmp_path / "frames").mkdir()
    pictures = Pictures(samples.make_frames(), samples.write_frames(tmp_path / "frames"))
    settings = PartTrainSettings.of(
        samples.TRAINING
        | {"network": network, "mosaic": 0.5, "crop_margin": 0.2, "dots": "ours"}
        | {"dot_radius": 0.03, "dot_score": 0.3, "dot_noise": 0.0, "dot_hide": 0.0}
    )
    model = tmp_path / "model"
    annotations = samples.make_annotations()
    parts.train_parts(annotations, pictures, None, settings=settings, job=Job(version=1), out=model)
    losses = pd.read_csv(model / "training.csv")
    assert losses[["class", "box", "giou"]].gt(0).all(axis=None)
    persons = annotations[annotations["part"] == PERSON].drop(columns=["part", "state"])
    persons = persons.assign(score=1.0, track=-1)
    predict = parts.PartPredictSettings(batch=4)
    detector = parts.load_part_detector(model, predict, pictures, Job(), dots=False)
    (found,) = predicted(detector, {"persons": persons, "frames": pictures.table}, tmp_path)
    assert len(found) == len(persons) * len(PARTS)


def test_pairs_are_learned_and_found_in_frames(network: str, tmp_path: Path) -> None:
    (tmp_path / "frames").mkdir()
    frames = samples.make_frames()
    pictures = Pictures(frames, samples.write_frames(tmp_path / "frames"))
    vocabulary = Vocabulary(("run",), PARTS, ("none", "bend"), ())
    settings = FrameTrainSettings.of(samples.TRAINING | {"network": network})
    model = tmp_path / "model"
    train_onestage(
        samples.make_annotations(), pictures, vocabulary, settings, job=Job(version=1), out=model
    )
    values: dict[str, Any] = {"score": 0.0, "iou": 0.7, "most": 20, "batch": 2}
    predict = OneStagePredictSettings(**values, containment=0.01, person_score=0.0, persons=3)
    method = load_onestage(model, vocabulary, predict, cache=pictures.cache, device="cpu")
    rows = {"scored": scored_frames(frames, samples.STRIDE), "frames": frames}
    assert all(len(table) for table in predicted(method, rows, tmp_path))
