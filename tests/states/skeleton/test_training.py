"""The skeleton method: examples, training, prediction."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch
from torch.utils.data import default_collate

from partparse import tables
from partparse.errors import InputError
from partparse.files.atomic import read_json
from partparse.running.arguments import Job
from partparse.states.pairs import observed_pairs, part_accuracy
from partparse.states.persons import UNKNOWN, annotated_persons
from partparse.states.skeleton.examples import SkeletonWindows, disturb, rotations
from partparse.states.skeleton.input import CHANNELS, mirror_windows
from partparse.states.skeleton.network import make_network
from partparse.states.skeleton.prediction import load_model, load_skeleton
from partparse.states.skeleton.settings import SkeletonPredictSettings, SkeletonTrainSettings
from partparse.states.skeleton.tracklets import Tracklets, Windows
from partparse.states.skeleton.training import SkeletonTask, train_skeleton
from partparse.vocabulary import PARTS, swap_order
from tests.samples.skeleton import SETTINGS, data_set
from tests.samples.states import VOCABULARY

PLAIN = SETTINGS.replace(mirror=0.0, noise=0.0, hide=0.0, rotate=0.0, box_jitter=0.0)
HAND, HIP = PARTS.index("left_hand"), PARTS.index("hip")


def examples(data: dict[str, pd.DataFrame], settings: SkeletonTrainSettings) -> SkeletonWindows:
    persons = annotated_persons(data["annotations"], data["frames"], VOCABULARY, 1)
    actions = dict(data["videos"][["video", "action"]].itertuples(index=False))
    classes = [VOCABULARY.actions.index(actions[video]) for video in persons.keys["video"]]
    tracklets = Tracklets(data["tracked"], data["keypoints"])
    return SkeletonWindows(tracklets, persons, np.array(classes), settings)


@pytest.fixture(scope="module")
def data() -> dict[str, pd.DataFrame]:
    return data_set(3)


@pytest.fixture(scope="module")
def model(data: dict[str, pd.DataFrame], tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("skeleton") / "model"
    train_skeleton(data, VOCABULARY, SETTINGS, out=out, job=Job(version=1))
    return out


def parts_of(data: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """PARTS_TABLE with the annotated boxes of the scored frames."""
    rows = data["annotations"][data["annotations"]["part"].isin(PARTS)]
    rows = rows[rows["frame"] % 5 == 1].drop(columns="state")
    return tables.PARTS_TABLE.validate(rows.assign(score=0.5))


def predict(
    model: Path, data: dict[str, pd.DataFrame], batch: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    videos = pd.concat([data["frames"]["video"], pd.Series(["empty"])], ignore_index=True)
    method = load_skeleton(model, VOCABULARY, SkeletonPredictSettings(batch=batch), device="cpu")
    states, actions = method.judge(
        {
            "frames": pd.DataFrame({"video": videos}),
            "persons": data["tracked"][data["tracked"]["frame"] % 5 == 1],
            "parts": parts_of(data),
            "tracked": data["tracked"],
            "keypoints": data["keypoints"],
            "own": tables.empty(tables.KEYPOINT_TABLE),
        }
    )
    return states, actions


def test_a_window_s_labels_are_those_of_its_moments(data: dict[str, pd.DataFrame]) -> None:
    found = examples(data, PLAIN)
    assert len(found) == 3
    rows = data["annotations"].set_index(["video", "part", "frame"])["state"]
    truth = rows["v1"]["left_hand"].map(VOCABULARY.states.index)
    for epoch in range(6):
        window, states, action = found[epoch, 1]
        assert action == VOCABULARY.actions.index("sit")
        draws = np.random.default_rng([PLAIN.seed, epoch, 1])
        centre = int(draws.integers(1, 13, 1)[0])  # the first draw
        present = window[:, 0, CHANNELS.index("present")] > 0
        for moment, frame in enumerate(range(centre - 3, centre + 3)):
            assert present[moment] == (1 <= frame <= 11)  # the last keypoints are at 11
            expected = truth[frame] if present[moment] else UNKNOWN
            assert states[moment, HAND] == expected
            assert states[moment, PARTS.index("head")] == UNKNOWN


def test_epochs_differ_and_repeat_exactly(data: dict[str, pd.DataFrame]) -> None:
    first, again = examples(data, SETTINGS), examples(data, SETTINGS)
    assert np.array_equal(first[4, 2][0], again[4, 2][0])
    assert not np.array_equal(first[4, 2][0], first[5, 2][0])


def test_a_flip_exchanges_the_sides_of_labels_too(data: dict[str, pd.DataFrame]) -> None:
    plain = examples(data, PLAIN)
    flipped = examples(data, PLAIN.replace(mirror=1.0))
    for item in range(3):
        window, states, _ = plain[0, item]
        mirrored, swapped, _ = flipped[0, item]
        assert np.array_equal(mirrored, mirror_windows(window))
        assert np.array_equal(swapped, states[:, swap_order(PARTS)])
        assert (swapped[:, PARTS.index("right_hand")] == states[:, HAND]).all()


def test_long_tracks_are_cut_into_stretches(data: dict[str, pd.DataFrame]) -> None:
    assert len(examples(data, PLAIN.replace(frames_a_window=4))) == 9
    assert len(examples(data, PLAIN.replace(frames_a_window=100))) == 3


def sample_windows() -> Windows:
    rng = np.random.default_rng(0)
    keypoints = rng.uniform(20, 80, (5, 4, 17, 3)).astype(np.float32)
    keypoints[..., 2] = 0.9
    box = np.broadcast_to(np.array([10, 10, 90, 110], np.float32), (5, 4, 4)).copy()
    present = np.ones((5, 4), bool)
    present[:, 3] = False
    keypoints[:, 3] = box[:, 3] = 0
    return Windows(keypoints, box, present)


def test_disturbances_are_as_the_settings_say() -> None:
    rng = np.random.default_rng
    source = sample_windows()
    assert disturb(source, PLAIN, rng(0)).keypoints == pytest.approx(source.keypoints, abs=1e-4)
    turned = disturb(source, PLAIN.replace(rotate=30.0), rng(0)).keypoints
    assert not turned[:, 3].any()
    before, after = (k[:, :3, :, :2] for k in (source.keypoints, turned))
    assert np.abs(after - before).max() > 5
    lengths = [np.linalg.norm(np.diff(points, axis=2), axis=-1) for points in (before, after)]
    assert lengths[1] == pytest.approx(lengths[0], abs=1e-3)
    noisy = disturb(source, PLAIN.replace(noise=0.1), rng(0)).keypoints[:, :3, :, :2] - before
    assert 0.1 < noisy.std() < 10  # uniform up to a tenth of 100 pixels
    hidden = disturb(source, PLAIN.replace(hide=0.5), rng(0)).keypoints
    moved = np.abs(hidden - source.keypoints)[:, :3, :, 0] > 1e-3
    assert np.array_equal(moved.any(axis=1), moved.mean(axis=1) > 0.5)  # all of the window
    assert 0.3 < moved.mean() < 0.7
    assert (hidden[:, :3, :, 2] <= 0.9).all()
    found = disturb(source, PLAIN.replace(box_jitter=0.1), rng(0))
    assert found.keypoints == pytest.approx(source.keypoints, abs=1e-4)
    change = found.boxes - source.boxes
    assert not change[:, 3].any()
    assert np.array_equal(change[:, 0], change[:, 2])
    assert 1 < np.abs(change[:, 0]).max() <= 15  # a tenth of the sides and half a tenth of them


def test_rotations_turn() -> None:
    found = np.array([[1.0, 0.0]]) @ rotations(np.array([90.0]))
    assert found[0] == pytest.approx(np.array([[0.0, 1.0]]))


def test_it_learns_and_writes_what_it_was_made_of(model: Path) -> None:
    card = read_json(model / "model.json")
    assert card["pairs"] == [["left_hand", "none"], ["left_hand", "bend"], ["hip", "none"]]
    assert card["actions"] == list(VOCABULARY.actions)
    assert card["trained_on"]["persons"] == 36
    metrics = pd.read_csv(model / "metrics.csv")
    assert metrics["train_loss"][-3:].mean() < metrics["train_loss"][:3].mean() - 0.1
    assert {"train_right", "train_action"} <= set(metrics)


def test_every_part_has_states_and_every_video_an_action(
    model: Path, data: dict[str, pd.DataFrame]
) -> None:
    states, actions = predict(model, data, 100)
    keys = ["video", "frame", "person", "part"]
    expected = parts_of(data)[keys].sort_values(keys, ignore_index=True)
    pd.testing.assert_frame_equal(
        states[keys].sort_values(keys, ignore_index=True), expected, check_dtype=False
    )
    hips = states[states["part"] == "hip"]
    assert hips["p_none"].to_numpy() == pytest.approx(1.0)
    assert actions["video"].tolist() == ["v0", "v1", "v2", "empty"]
    assert actions.iloc[3, 1:].to_numpy(float) == pytest.approx(np.full(3, 1 / 3))


def test_persons_one_by_one_are_as_all_at_once(model: Path, data: dict[str, pd.DataFrame]) -> None:
    for one, all_of_them in zip(predict(model, data, 1), predict(model, data, 100), strict=True):
        numbers = all_of_them.select_dtypes("float32").columns
        assert one[numbers].to_numpy() == pytest.approx(all_of_them[numbers].to_numpy(), abs=1e-5)


def test_what_cannot_be_is_refused(model: Path, data: dict[str, pd.DataFrame]) -> None:
    other = replace(VOCABULARY, actions=("fly",))
    with pytest.raises(InputError, match=r"model\.json: of other actions than the vocabulary"):
        load_model(model, other, "cpu")
    with pytest.raises(InputError, match="one of each a block, not 2 and 1"):
        SETTINGS.replace(strides=(1,))
    with pytest.raises(InputError, match=r"channels\.1: expected a multiple of 4, got 6"):
        SETTINGS.replace(channels=(8, 6))
    nobody = data | {"tracked": tables.empty(tables.PERSONS)}
    with pytest.raises(InputError, match="no training video has a person with states and a track"):
        train_skeleton(nobody, VOCABULARY, SETTINGS, out=model.with_name("x"), job=Job(version=1))


@pytest.mark.slow
def test_it_learns_eight_sequences_by_heart() -> None:
    data = data_set(8)
    settings = PLAIN.replace(channels=(16, 16, 16), strides=(1, 1, 1), length=12)
    pairs = observed_pairs(data["annotations"], VOCABULARY)
    torch.manual_seed(0)
    task = SkeletonTask(make_network(pairs, 3, settings), settings, pairs)
    training = examples(data, settings)
    optimizer = torch.optim.AdamW(task.parameters(), lr=0.01)
    for epoch in range(150):
        optimizer.zero_grad()
        task.figures(default_collate([training[epoch, item] for item in range(8)]))[
            "loss"
        ].backward()
        optimizer.step()
    task.eval()
    batch = default_collate([training[999, item] for item in range(8)])
    scores = task.network(batch[0])
    states = batch[1].flatten(0, 1)
    assert part_accuracy(pairs.spread(scores.pairs.flatten(0, 1)), states) > 0.95
    assert (scores.actions.argmax(1) == batch[2]).float().mean() > 0.95
