"""The single-stage detectors: parts for given persons, and parts with their states."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from partparse import boxes, tables
from partparse.augment import mirror_classes
from partparse.detection.frame_detection import scored_frames
from partparse.detection.settings import FramePartSettings, FrameTrainSettings
from partparse.detection.single import load_single_detector, train_single
from partparse.errors import InputError
from partparse.running.arguments import Job, Pictures
from partparse.states.onestage.prediction import load_onestage, state_distributions
from partparse.states.onestage.settings import OneStagePredictSettings
from partparse.states.onestage.training import pair_labels, pair_names, train_onestage
from partparse.tables import BOX
from partparse.vocabulary import PARTS, PERSON, Vocabulary
from tests.samples import detection as samples
from tests.samples.prediction import predicted

VOCABULARY = Vocabulary(("run",), PARTS, ("none", "bend", "unbend"), ())
TRAINING = FrameTrainSettings.of(samples.TRAINING | {"epochs": 1})
# after a moment of training boxes are far too large
FOUND: dict[str, Any] = {"score": 0.0, "iou": 0.7, "most": 20, "containment": 0.01, "batch": 2}


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return samples.write_frames(tmp_path_factory.mktemp("frames"))


@pytest.fixture(scope="module")
def annotations() -> pd.DataFrame:
    """The left hand is bent in some frames."""
    table = samples.make_annotations()
    bent = (table["part"] == "left_hand") & (table["frame"] % 2 == 0)
    return table.assign(state=table["state"].mask(bent, "bend"))


def test_classes_are_the_pairs_and_their_mirror_images(annotations: pd.DataFrame) -> None:
    names = pair_names(annotations, VOCABULARY)
    assert names == (
        "head none",
        "left_hand none",
        "left_hand bend",
        "right_hand none",
        "right_hand bend",
        PERSON,
    )
    labels = pair_labels(annotations)
    assert (labels[annotations["part"] == PERSON] == PERSON).all()
    assert set(labels) <= set(names)
    without = annotations.assign(state=None)
    assert pair_labels(without).isna().equals(annotations["part"] != PERSON)


@given(seed=st.integers(0, 2**32 - 1))
def test_pairs_flipped_twice_are_themselves(seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows = pd.DataFrame({"part": rng.choice(PARTS, 6), "state": rng.choice(VOCABULARY.states, 6)})
    names = pair_names(rows, VOCABULARY)
    classes = rng.integers(0, len(names), 8)
    flipped = mirror_classes(classes, names)
    np.testing.assert_array_equal(mirror_classes(flipped, names), classes)
    for before, after in zip(classes, flipped, strict=True):
        part, _, state = names[before].partition(" ")
        other, _, same = names[after].partition(" ")
        assert (other.replace("left", "right") == part.replace("left", "right")) and same == state
        assert (other == part) == ("_" not in part)


def test_a_parts_scores_are_the_distribution_over_its_states() -> None:
    names = ("head none", "left_hand bend", "left_hand none", PERSON)
    scores = np.array([[0.2, 0.6, 0.2, 0.9], [0.5, 0.0, 0.0, 0.0]])
    hand, head = PARTS.index("left_hand"), PARTS.index("head")
    given = state_distributions(scores, np.array([hand, head]), names, VOCABULARY.states)
    np.testing.assert_allclose(given, [[0.25, 0.75, 0.0], [1.0, 0.0, 0.0]])
    nothing = state_distributions(scores[:0], np.zeros(0, int), names, VOCABULARY.states)
    assert nothing.shape == (0, 3)


@pytest.fixture(scope="module")
def onestage_model(
    tmp_path_factory: pytest.TempPathFactory, annotations: pd.DataFrame, cache: Path
) -> Path:
    out = tmp_path_factory.mktemp("onestage") / "model"
    train_onestage(
        annotations,
        Pictures(samples.make_frames(), cache),
        VOCABULARY,
        TRAINING,
        job=Job(version=1),
        out=out,
    )
    return out


def test_the_card_names_the_classes(onestage_model: Path, annotations: pd.DataFrame) -> None:
    card = json.loads((onestage_model / "model.json").read_text())
    assert tuple(card["classes"]) == pair_names(annotations, VOCABULARY)
    assert card["trained_on"]["frames"] == 2 * samples.FRAMES


def test_persons_parts_and_states_of_scored_frames(
    onestage_model: Path, cache: Path, tmp_path: Path
) -> None:
    settings = OneStagePredictSettings(**FOUND, person_score=0.0, persons=3)
    frames = samples.make_frames()
    rows = {"scored": scored_frames(frames, samples.STRIDE), "frames": frames}

    def detect() -> list[pd.DataFrame]:
        method = load_onestage(onestage_model, VOCABULARY, settings, cache=cache, device="cpu")
        return predicted(method, rows, tmp_path)

    persons, parts, states = detect()
    assert set(persons["video"]) == {"a", "b"}
    assert set(persons["frame"]) == {1, 6, 11}
    assert (persons.groupby(["video", "frame"])["person"].agg(list).map(len) == 3).all()
    key = ["video", "frame", "person", "part"]
    pd.testing.assert_frame_equal(parts[key], states[key])
    assert set(parts["part"]) <= {"head", "left_hand", "right_hand"}
    assert len(parts.merge(persons, on=key[:3])) == len(parts) > 0
    # a state that the part has nowhere is impossible
    assert (states.loc[states["part"] == "head", "p_none"] == 1).all()
    assert (states["p_unbend"] == 0).all()
    assert (states.loc[states["part"] != "head", ["p_none", "p_bend"]] > 0).all(axis=None)
    # the same comes again
    for first, again in zip((persons, parts, states), detect(), strict=True):
        pd.testing.assert_frame_equal(first, again)


def test_parts_go_to_the_persons_that_are_given(
    annotations: pd.DataFrame, cache: Path, tmp_path: Path
) -> None:
    few = annotations[annotations["frame"] <= 4]
    frames = samples.make_frames()
    how: dict[str, Any] = {"settings": TRAINING, "job": Job(version=1)}
    pictures = Pictures(frames, cache)
    train_single(few, pictures, **how, out=tmp_path / "model")
    persons = few[(few["part"] == PERSON) & (few["frame"] == 1)]
    persons = persons[["video", "frame", "person", *BOX]].assign(score=0.9, track=-1)
    settings = FramePartSettings(**FOUND)

    def detect(rows: pd.DataFrame) -> pd.DataFrame:
        detector = load_single_detector(tmp_path / "model", settings, pictures, Job())
        given = {"persons": tables.PERSONS.validate(rows), "frames": frames}
        (found,) = predicted(detector, given, tmp_path)
        return found

    found = detect(persons)
    assert set(found["video"]) == {"a", "b"}
    assert set(found["frame"]) == {1}
    assert not found.duplicated(["video", "part"]).any()
    assert set(found["part"]) <= set(PARTS)
    holder = found.merge(persons, on=["video", "frame", "person"], suffixes=("", "_person"))
    own = [f"{name}_person" for name in BOX]
    assert (boxes.paired_iou(holder[BOX], holder[own]) > 0).all()
    assert len(detect(persons.iloc[:0])) == 0


def test_nothing_to_train_on(annotations: pd.DataFrame, cache: Path, tmp_path: Path) -> None:
    frames = samples.make_frames().assign(frames=0)
    with pytest.raises(InputError, match="no pictures to train a detector"):
        train_single(
            annotations,
            Pictures(frames, cache),
            settings=TRAINING,
            job=Job(version=1),
            out=tmp_path / "model",
        )
