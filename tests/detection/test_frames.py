"""Whole frames: what is labelled in them, what is left open, and groups of classes."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd
import pytest
import torch

from partparse import boxes, tables
from partparse.augment import View
from partparse.detection.frame_parts import (
    GROUPS,
    label_frames,
    own_parts,
    tabulate_owned,
)
from partparse.detection.unlabelled_parts import (
    UNKNOWN_PARTS,
    unknown_classes,
    unknown_regions,
)
from partparse.detection.yolo import detector as yolo
from partparse.detection.yolo.detector import Detector
from partparse.detection.yolo.groups import GroupDetections, detect_groups
from partparse.detection.yolo.loss import UnknownRegionsModel
from partparse.frames.picture_cache import picture_path
from partparse.tables import BOX
from partparse.vocabulary import PARTS, PERSON, swap_side

# isort: split
from ultralytics.cfg import get_cfg
from ultralytics.nn.tasks import DetectionModel

NAMES = ("left_arm bend", "left_arm unbend", "right_arm bend", "right_arm unbend", PERSON)
ABOUT = ("left_arm", "left_arm", "right_arm", "right_arm", PERSON)
WIDTH, HEIGHT = 64, 64


@pytest.fixture
def annotated(tmp_path: Path) -> tuple[pd.DataFrame, Path]:
    """A person with a left arm, and one without parts."""
    path = picture_path(tmp_path, "v", 1)
    path.parent.mkdir()
    picture = np.random.default_rng(0).integers(0, 255, (HEIGHT, WIDTH, 3), np.uint8)
    cv2.imwrite(str(path), picture)
    rows = [
        ("v", 1, 1, PERSON, 2, 2, 29, 59, None),
        ("v", 1, 1, "left_arm", 16, 16, 27, 31, "bend"),
        ("v", 1, 2, PERSON, 36, 2, 61, 59, None),
    ]
    table = pd.DataFrame(rows, columns=["video", "frame", "person", "part", *BOX, "state"])
    return tables.ANNOTATIONS.validate(table), tmp_path


def labelled(annotations: pd.DataFrame) -> pd.DataFrame:
    label = annotations["part"].str.cat(annotations["state"], sep=" ")
    return annotations.assign(name=label.fillna(PERSON))


def test_what_a_person_lacks_is_left_open(annotated: tuple[pd.DataFrame, Path]) -> None:
    annotations, _ = annotated
    regions = unknown_regions(annotations)
    assert len(regions) == 9 + 10
    own = regions[regions["x1"] == 2]
    assert set(own["name"]) == set(UNKNOWN_PARTS) - {"left_arm ?"}
    assert own[BOX].drop_duplicates().to_numpy().tolist() == [[2, 2, 29, 59]]
    open_classes = unknown_classes(ABOUT)
    assert open_classes.shape == (10, 5)
    assert open_classes[PARTS.index("left_arm")].tolist() == [True, True, False, False, False]
    assert not open_classes[:, NAMES.index(PERSON)].any()


@pytest.mark.parametrize("names", [GROUPS, NAMES])
def test_a_mirrored_frame_has_the_other_sides_labels(
    annotated: tuple[pd.DataFrame, Path], names: tuple[str, ...]
) -> None:
    annotations, cache = annotated
    rows = labelled(annotations) if names == NAMES else annotations.assign(name=annotations.part)
    source = label_frames(rows, names, cache)
    plain, mirrored = source.load(0, View()), source.load(0, View(mirrored=True))
    np.testing.assert_array_equal(mirrored.picture, plain.picture[:, ::-1])
    named = [source.names[index] for index in plain.classes]
    swapped = [source.names[index] for index in mirrored.classes]
    assert [swap_side(name) for name in named] == swapped
    assert sum(name.startswith("left_arm") for name in named) == 2  # an arm and a region
    np.testing.assert_array_equal(mirrored.boxes, boxes.mirror(plain.boxes, WIDTH))


def scores_that_learn(rows: list[tuple[str, list[float]]]) -> torch.Tensor:
    """(8 x 8 places of stride 8, classes): where a picture with such labels pushes the scores."""
    torch.manual_seed(0)
    architecture = yolo.load_architecture("yolov5n.yaml", len(NAMES))
    model = UnknownRegionsModel(architecture, nc=len(NAMES), verbose=False)
    model.args = get_cfg(overrides={"epochs": 1})
    model.unknown = torch.from_numpy(unknown_classes(ABOUT)).float()
    model.train()
    preds = model(torch.rand(1, 3, 64, 64))
    preds["scores"].retain_grad()
    names = [*NAMES, *UNKNOWN_PARTS]
    edges = np.array([box for _, box in rows]) / 64
    batch = {
        "batch_idx": torch.zeros(len(rows)),
        "cls": torch.tensor([[float(names.index(name))] for name, _ in rows]),
        "bboxes": torch.from_numpy(
            np.concatenate([(edges[:, :2] + edges[:, 2:]) / 2, edges[:, 2:] - edges[:, :2]], 1)
        ).float(),
    }
    model.init_criterion()(preds, batch)[0].sum().backward()
    pushed = preds["scores"].grad[0].abs() > 0
    return pushed[:, :64].reshape(len(NAMES), 8, 8)


def test_a_region_leaves_its_classes_open_and_nothing_else() -> None:
    person = (PERSON, [0.0, 0, 32, 64])
    arm = ("left_arm bend", [8.0, 8, 24, 24])
    everything = scores_that_learn([person, arm])
    assert everything.all()
    left_bend, left_unbend, right_bend, right_unbend, of_person = scores_that_learn(
        [person, arm, ("right_arm ?", [0.0, 0, 32, 64])]
    )
    # outside of persons there are no parts
    for scores in (right_bend, right_unbend):
        assert not scores[:, :4].any()
        assert scores[:, 4:].all()
    assert left_bend.all()
    assert left_unbend.all()
    assert of_person.all()


def test_a_labelled_part_counts_within_another_persons_region() -> None:
    """At its place one state is right and the others are wrong; elsewhere nothing is known."""
    rows = [(PERSON, [0.0, 0, 64, 64]), ("left_arm bend", [8.0, 8, 24, 24])]
    left_bend, left_unbend, right_bend, _, _ = scores_that_learn(
        [*rows, ("left_arm ?", [0.0, 0, 64, 64])]
    )
    assert left_bend.any()
    assert not left_bend.all()
    assert torch.equal(left_bend, left_unbend)
    rows_, columns = np.nonzero(left_bend.numpy())
    # the places of the arm's candidates: the centres of cells of 8 pixels, in its box
    assert ((rows_ >= 1) & (rows_ <= 2) & (columns >= 1) & (columns <= 2)).all()
    assert right_bend.all()


def make_detector() -> Detector:
    torch.manual_seed(0)
    architecture = yolo.load_architecture("yolov5n.yaml", len(NAMES))
    model = DetectionModel(architecture, nc=len(NAMES), verbose=False)
    return Detector(model.eval(), NAMES, 64)


def test_groups_are_the_best_of_their_classes() -> None:
    detector = make_detector()
    rng = np.random.default_rng(1)
    pictures = [rng.integers(0, 255, (48, 64, 3), np.uint8) for _ in range(2)]
    groups = [0, 0, 1, 1, 2]
    best, scores = detector.best(pictures)
    found = detect_groups(detector, pictures, groups, score=0.0, iou=0.5, most=7)
    for seen, own_best, own_scores in zip(found, best, scores, strict=True):
        assert (np.diff(seen.scores) <= 0).all()
        for group in range(3):
            own = np.flatnonzero(seen.groups == group)
            members = [index for index, of in enumerate(groups) if of == group]
            assert 1 <= len(own) <= 7
            top = members[int(own_scores[members].argmax())]
            assert seen.scores[own[0]] == pytest.approx(own_scores[top])
            np.testing.assert_allclose(seen.boxes[own[0]], own_best[top], atol=1e-4)
            np.testing.assert_allclose(
                seen.scores[own], seen.class_scores[own][:, members].max(axis=1)
            )
    assert detect_groups(detector, [], groups, score=0.0, iou=0.5, most=7) == []
    nothing = detect_groups(detector, pictures, groups, score=0.99, iou=0.5, most=7)[0]
    assert nothing.boxes.shape == (0, 4)
    assert nothing.class_scores.shape == (0, 5)


class Candidates:
    """A detector that has three candidates, the first two about one thing."""

    names = NAMES

    def candidates(self, pictures):
        box = torch.tensor([[10.0, 10, 8, 8], [11, 10, 8, 8], [40, 40, 8, 8]]).T
        scores = torch.tensor([[0.2, 0.9, 0, 0, 0.6], [0.8, 0.1, 0, 0, 0], [0.3, 0.3, 0, 0, 0.7]]).T
        return torch.cat([box, scores])[None], [yolo.Placed((1.0, 1.0), (0, 0), 64, 64)]


def test_states_of_one_part_compete_for_a_box() -> None:
    picture = np.zeros((64, 64, 3), np.uint8)
    groups = [0, 0, 1, 1, 2]
    detector: Any = Candidates()
    seen = detect_groups(detector, [picture], groups, score=0.01, iou=0.5, most=5)[0]
    # the second candidate is the first one's group's, and worse; the person's are another group
    assert list(zip(seen.groups, seen.boxes[:, 0], seen.scores.round(3), strict=True)) == [
        (0, 6, 0.9),
        (2, 36, 0.7),
        (2, 6, 0.6),
        (0, 36, 0.3),
    ]
    np.testing.assert_allclose(seen.class_scores[0], [0.2, 0.9, 0, 0, 0.6], rtol=1e-6)
    best = detect_groups(detector, [picture], groups, score=0.01, iou=0.5, most=1)[0]
    assert best.groups.tolist() == [0, 2]


def test_parts_of_a_frame_become_rows() -> None:
    seen = GroupDetections(
        boxes=np.array([[0.0, 0, 40, 60], [5, 5, 9, 9], [50, 5, 55, 9]]),
        scores=np.array([0.9, 0.8, 0.7]),
        groups=np.array([GROUPS.index(PERSON), PARTS.index("head"), PARTS.index("head")]),
        class_scores=np.zeros((3, 11)),
    )
    persons = pd.DataFrame({"video": "v", "frame": 1, "person": [3, 4], "score": [0.9, 0.8]})
    owned = own_parts(
        np.array([[0.0, 0, 40, 60], [100, 0, 120, 60]]), np.array([0.9, 0.8]), seen, 0.5
    )
    table = tables.PARTS_TABLE.validate(tabulate_owned(persons, owned, seen))
    assert table[["person", "part", "x1"]].to_numpy().tolist() == [[3, "head", 5.0]]
    nobody = own_parts(np.zeros((0, 4)), np.zeros(0), seen, 0.5)
    assert len(tabulate_owned(persons.iloc[:0], nobody, seen)) == 0
