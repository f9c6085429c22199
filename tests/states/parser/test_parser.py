"""The parser: its maps and boxes, mirrors, training and prediction."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch

from partparse import boxes, tables
from partparse.errors import InputError
from partparse.files.weights import read_state_dict
from partparse.running.arguments import Job, Pictures
from partparse.states.crops import Place
from partparse.states.pairs import observed_pairs
from partparse.states.parser.examples import ParserExamples, mirror_example
from partparse.states.parser.network import (
    ParserNet,
    cell_centres,
    over_cells,
    read_boxes,
    read_points,
    refine,
)
from partparse.states.parser.prediction import ParserModel, load_parser, parse_persons, sink_doubles
from partparse.states.parser.settings import ParserPredictSettings, ParserTrainSettings
from partparse.states.parser.training import map_loss, train_parser
from partparse.states.parser.tubes import TubeReader, keypoints_to_frame, keypoints_to_place
from partparse.states.persons import annotated_persons
from partparse.vocabulary import PARTS, PERSON, Vocabulary
from tests.samples.parser import SETTINGS, made_keypoints
from tests.samples.part_state import VOCABULARY, write_persons
from tests.samples.prediction import predicted

PREDICT = ParserPredictSettings(looks=1, batch=3, mirror=False, precision="32-true")
STRIDE = 4


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, tuple[pd.DataFrame, ...]]:
    folder = tmp_path_factory.mktemp("parser")
    return folder, write_persons(folder / "frames")


def _train(
    folder: Path,
    tables_of: tuple[pd.DataFrame, ...],
    settings: ParserTrainSettings,
    name: str,
    init: Path | None = None,
) -> Path:
    videos, annotations, frames = tables_of
    how: dict[str, Any] = {"out": folder / name, "job": Job(version=1), "init": init}
    given = {
        "videos": videos,
        "annotations": annotations,
        "keypoints": made_keypoints(annotations),
    }
    train_parser(given, Pictures(frames, folder / "frames"), VOCABULARY, settings, **how)
    return folder / name


def _persons(annotations: pd.DataFrame) -> pd.DataFrame:
    rows = annotations[annotations["part"] == PERSON].assign(score=0.9, track=-1)
    return tables.PERSONS.validate(rows[list(tables.PERSONS.columns)])


def test_points_are_read_between_the_centres_of_cells() -> None:
    logits = torch.full((1, 1, 8, 8), -20.0)
    logits[0, 0, 2, 3:5] = 5.0
    points, sure = read_points(over_cells(logits), STRIDE)
    assert points[0, 0].tolist() == pytest.approx([15.8, 10.0], abs=0.1)
    assert float(sure) > 0.9


def test_a_second_peak_far_away_does_not_move_a_point_but_makes_it_unsure() -> None:
    logits = torch.full((1, 1, 8, 8), -20.0)
    logits[0, 0, 1, 1], logits[0, 0, 7, 7] = 5.0, 4.9
    points, sure = read_points(over_cells(logits), STRIDE)
    assert points[0, 0].tolist() == pytest.approx([6.0, 6.0], abs=0.1)
    assert 0.4 < float(sure) < 0.6


def test_boxes_are_read_about_the_peak() -> None:
    logits = torch.full((1, 2, 8, 8), -20.0)
    logits[0, :, 3, 5] = 9.0
    sides = torch.ones(1, 2, 4, 8, 8)
    sides[0, 1] *= torch.tensor([2.0, 3.0, 4.0, 5.0])[:, None, None]
    found = read_boxes(over_cells(logits), sides, STRIDE)
    assert found[0, 0].tolist() == pytest.approx([21, 13, 23, 15], abs=1e-3)
    assert found[0, 1].tolist() == pytest.approx([20, 11, 26, 19], abs=1e-3)


def test_half_precision_moves_no_place() -> None:
    chances = over_cells(torch.randn(2, 10, 32, 32, generator=torch.Generator().manual_seed(0)))
    sides = torch.rand(2, 10, 4, 32, 32, generator=torch.Generator().manual_seed(1)) * 40
    points, boxes_there = read_points(chances, STRIDE)[0], read_boxes(chances, sides, STRIDE)
    with torch.autocast("cpu", torch.bfloat16):
        assert torch.equal(read_points(chances, STRIDE)[0], points)
        assert torch.equal(read_boxes(chances, sides, STRIDE), boxes_there)


def test_the_loss_of_maps_is_least_at_the_point_and_ignores_unknown_ones() -> None:
    points = torch.tensor([[[10.0, 14.0], [torch.nan, torch.nan], [99.0, 2.0]]])
    apart = (cell_centres(torch.zeros(8, 8), STRIDE) - points[0, 0]).square().sum(1)
    right = torch.zeros(1, 3, 8, 8)
    right[0, 0] = (-apart / (2 * STRIDE**2)).view(8, 8)
    wrong = right.flip(-1)
    wrong[0, 1:] = 7 * torch.randn(2, 8, 8)
    even = torch.zeros(1, 3, 8, 8)
    losses = [float(map_loss(logits, points, STRIDE)) for logits in (right, even, wrong)]
    assert losses == sorted(losses)
    only_first = wrong.clone()
    only_first[0, 1:] = 0
    assert float(map_loss(only_first, points, STRIDE)) == pytest.approx(losses[2])


def test_refining_moves_by_sides_and_scales_about_the_middle() -> None:
    box = torch.tensor([[0.0, 0.0, 10.0, 20.0]])
    change = torch.tensor([[0.5, -0.1, np.log(2), 0.0]])
    assert refine(box, change)[0].tolist() == pytest.approx([0, -2, 20, 18], abs=1e-4)


def test_keypoints_go_to_a_crop_and_back() -> None:
    place = Place(np.array([30.0, 20.0]), 25.0, 17.0)
    points = np.random.default_rng(0).uniform(0, 60, (1, 17, 2))
    there = keypoints_to_place(points, place, 64)
    assert keypoints_to_frame(there, [place], 64) == pytest.approx(points)


def test_a_tube_repeats_the_ends_of_its_video(
    given: tuple[Path, tuple[pd.DataFrame, ...]],
) -> None:
    folder, (_, annotations, _) = given
    settings = SETTINGS.replace(tube_length=4, tube_stride=2)
    tubes = TubeReader(folder / "frames", {"a": 4}, settings)
    box = annotations.loc[annotations["part"] == PERSON, tables.BOX].iloc[0]
    motion = tubes.motion(("a", 1), Place.about(box.to_numpy(), 0.2))
    assert motion.shape == (5, 32, 32)
    assert (motion[0] == motion[2]).all()
    assert (motion[1] == motion[2]).all()
    assert not (motion[3] == motion[2]).all()


def test_an_example_in_a_mirror_twice_is_the_same(
    given: tuple[Path, tuple[pd.DataFrame, ...]],
) -> None:
    folder, (_, annotations, frames) = given
    persons = annotated_persons(annotations, frames, VOCABULARY, 1)
    examples = ParserExamples(
        persons,
        made_keypoints(annotations),
        np.zeros(len(persons), np.int64),
        {"a": 4, "b": 4},
        cache=folder / "frames",
        settings=SETTINGS,
    )
    example = examples[0, 0]
    mirrored = mirror_example(example)
    left, right = PARTS.index("left_hand"), PARTS.index("right_hand")
    assert mirrored.states[left] == example.states[right]
    assert mirrored.boxes[left] == pytest.approx(boxes.mirror(example.boxes[right], 64))
    for once, twice in zip(example, mirror_example(mirrored), strict=True):
        np.testing.assert_allclose(np.asarray(twice), np.asarray(once), rtol=1e-5)


def test_mirrored_pictures_give_mirrored_answers(
    given: tuple[Path, tuple[pd.DataFrame, ...]],
) -> None:
    folder, (_, annotations, _) = given
    pairs = observed_pairs(annotations, VOCABULARY)
    torch.manual_seed(0)
    network = ParserNet(SETTINGS, 2, pairs.part_index).eval()
    model = ParserModel(network, SETTINGS, pairs, "cpu")
    tubes = TubeReader(folder / "frames", {"a": 4}, SETTINGS)
    place = Place(np.array([32.0, 24.0]), 40.0)
    picture, motion = tubes.picture(("a", 2), place)[None], tubes.motion(("a", 2), place)[None]
    both = PREDICT.replace(mirror=True)
    one = model.parse(picture, motion, both)
    other = model.parse(
        np.ascontiguousarray(picture[:, :, ::-1]), np.ascontiguousarray(motion[..., ::-1]), both
    )
    left, right = PARTS.index("left_arm"), PARTS.index("right_arm")
    assert torch.allclose(one.states[:, left], other.states[:, right], atol=1e-4)
    assert torch.allclose(one.actions, other.actions, atol=1e-4)
    there, here = one.boxes[0, left], other.boxes[0, right]
    assert torch.allclose(there[[1, 3]], here[[1, 3]], atol=1e-2)
    assert torch.allclose(64 - there[[2, 0]], here[[0, 2]], atol=1e-2)


def test_a_trained_parser_predicts_all_tables(
    given: tuple[Path, tuple[pd.DataFrame, ...]], tmp_path: Path
) -> None:
    folder, tables_of = given
    _, annotations, frames = tables_of
    model = _train(folder, tables_of, SETTINGS, "model")
    pictures = Pictures(frames, folder / "frames")
    persons = _persons(annotations)
    someone = persons[persons["video"] == "a"]
    parser = load_parser(model, VOCABULARY, PREDICT, pictures, device="cpu")
    where, keypoints, parts, states, actions = predicted(
        parser, {"frames": frames, "persons": someone}, tmp_path
    )
    pd.testing.assert_frame_equal(where, someone.reset_index(drop=True))
    assert len(keypoints) == len(someone)
    assert len(parts) == len(states) == 10 * len(someone)
    assert actions["video"].tolist() == ["a", "b"]
    size = frames.set_index("video").loc["a", ["width", "height"]].to_numpy(float)
    corners = parts[tables.BOX].to_numpy(float).reshape(-1, 2)
    assert ((corners >= 0) & (corners <= size - 1)).all()
    assert actions.iloc[1, 1:].tolist() == pytest.approx([0.5, 0.5])  # nobody is in it
    # one found twice in the same box is two persons still, of whom one counts
    again = someone.assign(person=someone["person"] + 10, score=someone["score"] / 2)
    twice = load_parser(model, VOCABULARY, PREDICT.replace(looks=2), pictures, device="cpu")
    both = pd.concat([someone, again])
    seen, *_, same = predicted(twice, {"frames": frames, "persons": both}, tmp_path)
    assert len(seen) == 2 * len(someone)
    assert (seen["score"][seen["person"] > 10] < 1e-6).all()
    alone = predicted(twice, {"frames": frames, "persons": someone}, tmp_path)[-1]
    pd.testing.assert_frame_equal(same, alone)
    # the hip is never annotated: nothing is known of its states
    hip = states[states["part"] == "hip"].iloc[0, 4:].to_numpy(float)
    assert hip == pytest.approx(np.full(3, 1 / 3), abs=1e-3)


@pytest.mark.parametrize("without", [{"layers": 0}, {"motion_width": 0}], ids=str)
def test_a_parser_may_be_without_attention_or_a_tube(
    without: dict[str, int], given: tuple[Path, tuple[pd.DataFrame, ...]]
) -> None:
    folder, tables_of = given
    model = _train(folder, tables_of, SETTINGS.replace(**without), f"no_{next(iter(without))}")
    parser = ParserModel.load(model, VOCABULARY, "cpu")
    pictures = Pictures(tables_of[2], folder / "frames")
    found = parse_persons(parser, _persons(tables_of[1]), pictures, PREDICT)
    assert found.states.sum(-1) == pytest.approx(np.ones(found.states.shape[:2]))


def test_parts_of_a_person_that_is_cut_off_stay_within_the_picture(
    given: tuple[Path, tuple[pd.DataFrame, ...]],
) -> None:
    folder, tables_of = given
    _, annotations, frames = tables_of
    model = ParserModel.load(_train(folder, tables_of, SETTINGS, "cut"), VOCABULARY, "cpu")
    width, height = frames.loc[0, ["width", "height"]].astype(float)
    persons = _persons(annotations).head(1).copy()
    persons[tables.BOX] = [[width - 6, height - 6, width - 1, height - 1]]
    found = parse_persons(model, persons, Pictures(frames, folder / "frames"), PREDICT)
    assert found.boxes.min() >= 0
    assert found.boxes[..., 2].max() == width - 1  # read beyond it, or at its edge
    assert found.boxes[..., 3].max() == height - 1


def test_a_second_look_is_in_the_box_about_the_parts_of_the_first(
    given: tuple[Path, tuple[pd.DataFrame, ...]],
) -> None:
    folder, tables_of = given
    _, annotations, frames = tables_of
    pictures = Pictures(frames, folder / "frames")
    model = ParserModel.load(_train(folder, tables_of, SETTINGS, "looks"), VOCABULARY, "cpu")
    persons = _persons(annotations)
    first = parse_persons(model, persons, pictures, PREDICT)
    assert (first.persons == persons[tables.BOX].to_numpy()).all()
    about = np.c_[first.boxes[..., :2].min(axis=1), first.boxes[..., 2:].max(axis=1)]
    assert (about != first.persons).any()
    moved = persons.assign(**dict(zip(tables.BOX, about.T, strict=True)))
    expected = parse_persons(model, moved, pictures, PREDICT)
    second = parse_persons(model, persons, pictures, PREDICT.replace(looks=2))
    for name in second._fields:
        wanted = getattr(expected, name)
        np.testing.assert_allclose(getattr(second, name), wanted, rtol=1e-5, err_msg=name)


def test_of_two_boxes_of_one_person_the_less_sure_sinks() -> None:
    rows = [
        ("a", 1, 1, 0.0, 0.0, 9.0, 19.0, 0.9),
        ("a", 1, 2, 0.0, 0.0, 9.0, 15.0, 0.8),  # .8 of the first
        ("a", 1, 3, 0.0, 0.0, 9.0, 11.0, 0.7),  # .6 of the first, .75 of the second, who sinks
        ("a", 1, 4, 0.0, 0.0, 9.0, 9.0, 0.6),  # .5, .625 and .83
        ("a", 1, 5, 50.0, 0.0, 59.0, 19.0, 0.5),
        ("a", 1, 6, 50.0, 0.0, 59.0, 19.0, 0.5),  # the same box, as sure
        ("a", 6, 1, 0.0, 0.0, 9.0, 19.0, 0.4),  # in another frame
        ("b", 1, 1, 0.0, 0.0, 9.0, 19.0, 0.3),  # in another video
    ]
    columns = [*tables.PERSON_KEY, *tables.BOX, "score"]
    persons = pd.DataFrame(rows, columns=columns).assign(track=-1)
    persons = tables.checked(persons, tables.PERSONS)
    sunk = sink_doubles(persons)
    expected = [0.9, 0.8 * 0.2, 0.7, 0.6 * (1 - 10 / 12), 0.5, 0.0, 0.4, 0.3]
    assert sunk["score"].tolist() == pytest.approx(expected)
    pd.testing.assert_frame_equal(sunk.drop(columns="score"), persons.drop(columns="score"))
    tables.checked(sunk, tables.PERSONS)


def test_a_refit_goes_on_from_what_was_learnt_state_by_state(
    given: tuple[Path, tuple[pd.DataFrame, ...]],
) -> None:
    folder, tables_of = given
    videos, annotations, frames = tables_of
    part, state = observed_pairs(annotations, VOCABULARY).pairs[1]
    fewer = annotations[~(annotations["part"].eq(part) & annotations["state"].eq(state))]
    before = _train(folder, (videos, fewer, frames), SETTINGS, "before")
    again = _train(folder, tables_of, SETTINGS.replace(learning_rate=0.0), "again", init=before)
    pairs = [observed_pairs(rows, VOCABULARY).pairs for rows in (fewer, annotations)]
    assert set(pairs[1]) - set(pairs[0]) == {(part, state)}
    old, new = (read_state_dict(model / "weights.pt") for model in (before, again))
    for at, pair in enumerate(pairs[1]):
        if pair in pairs[0]:
            assert torch.equal(new["states.weight"][at], old["states.weight"][pairs[0].index(pair)])
    assert torch.equal(new["places.weight"], old["places.weight"])
    assert torch.equal(new["action.bias"], old["action.bias"])


def test_a_model_of_other_actions_is_refused(
    given: tuple[Path, tuple[pd.DataFrame, ...]],
) -> None:
    folder, tables_of = given
    model = _train(folder, tables_of, SETTINGS, "model_of_others")
    other = Vocabulary(("jump", "run"), PARTS, VOCABULARY.states, ())
    with pytest.raises(InputError, match="trained for other actions"):
        ParserModel.load(model, other, "cpu")


@pytest.mark.slow
def test_it_learns_its_examples(given: tuple[Path, tuple[pd.DataFrame, ...]]) -> None:
    folder, tables_of = given
    _, annotations, frames = tables_of
    settings = SETTINGS.replace(epochs=150, learning_rate=0.005)
    model = ParserModel.load(_train(folder, tables_of, settings, "fitted"), VOCABULARY, "cpu")
    persons = annotated_persons(annotations, frames, VOCABULARY, 1)
    rows = persons.keys.assign(**dict(zip(tables.BOX, persons.boxes.T, strict=True)))
    found = parse_persons(model, rows, Pictures(frames, folder / "frames"), PREDICT)
    known = persons.found
    fit = boxes.paired_iou(found.boxes, np.nan_to_num(persons.part_boxes))
    assert (fit[known] > 0.3).mean() > 0.9
    assert (found.states.argmax(-1) == persons.states)[known].mean() > 0.9
    true = tables.pack_keypoints(made_keypoints(annotations))
    apart = np.linalg.norm(found.keypoints[..., :2] - true[..., :2], axis=-1)
    assert np.median(apart) < 3
