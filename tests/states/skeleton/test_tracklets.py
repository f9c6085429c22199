"""Windows of keypoints about key frames, and how they are normalised."""

import numpy as np
import pandas as pd
import pytest

from partparse import boxes, tables
from partparse.augment import mirror_keypoints
from partparse.states.skeleton.input import CHANNELS, mirror_windows, normalise_windows
from partparse.states.skeleton.settings import WindowSettings
from partparse.states.skeleton.tracklets import Tracklets, Windows, window_frames, windows_about
from partparse.vocabulary import KEYPOINTS
from tests.samples.skeleton import WIDTH, moving_person, tracked_table

NO_KEYPOINTS = tables.empty(tables.KEYPOINT_TABLE)


def asked(length: int, stride: int, gap: int) -> WindowSettings:
    unchanged = {"noise": 0, "hide": 0, "rotate": 0, "box_jitter": 0}
    return WindowSettings.of({"length": length, "stride": stride, "gap": gap, **unchanged})


def windows(n: int = 3, length: int = 5, seed: int = 0) -> Windows:
    rng = np.random.default_rng(seed)
    corner = rng.uniform(10, 60, (n, length, 2))
    box = np.concatenate([corner, corner + rng.uniform(30, 120, (n, length, 2))], axis=-1)
    keypoints = rng.uniform(0, 1, (n, length, 17, 3))
    keypoints[..., :2] = keypoints[..., :2] * 100 + 20
    present = rng.random((n, length)) < 0.7
    present[:, 0] = True
    return Windows(
        (keypoints * present[..., None, None]).astype(np.float32),
        (box * present[..., None]).astype(np.float32),
        present,
    )


def moved(source: Windows, factor: float, offset: tuple[float, float]) -> Windows:
    """The windows in a picture that is scaled, edges of pixels onto edges, and shifted."""
    keypoints, box = source.keypoints.copy(), source.boxes.copy()
    keypoints[..., :2] = (keypoints[..., :2] + 0.5) * factor - 0.5 + offset
    box = np.concatenate([box[..., :2] * factor, (box[..., 2:] + 1) * factor - 1], axis=-1)
    box += np.tile(np.array(offset, np.float32), 2)
    return Windows(keypoints, box, source.present)


def test_frames_stand_about_the_key_frame() -> None:
    assert window_frames(np.array([6, 1]), 4, 2).tolist() == [[2, 4, 6, 8], [-3, -1, 1, 3]]


def test_a_window_holds_what_was_there_and_lines_between() -> None:
    persons, keypoints = moving_person([1, 3, 4, 9])
    tracklets = Tracklets(persons, keypoints)
    found = tracklets.windows(np.array([0]), np.arange(0, 11)[None], gap=2)
    # 0: before; 2: between 1 and 3; 5 to 8: too long a gap; 10: after
    assert np.flatnonzero(found.present[0]).tolist() == [1, 2, 3, 4, 9]
    packed = tables.pack_keypoints(keypoints)
    assert found.keypoints[0, [1, 3, 4, 9]] == pytest.approx(packed)
    assert found.keypoints[0, 2, :, :2] == pytest.approx(packed[:2, :, :2].mean(axis=0), abs=1e-4)
    assert found.keypoints[0, 2, :, 2] == pytest.approx(packed[:2, :, 2].min(axis=0))
    assert found.boxes[0, 2] == pytest.approx(persons[tables.BOX][:2].mean().to_numpy(), abs=1e-4)
    assert not found.keypoints[0, [0, 5, 8, 10]].any()
    longer = tracklets.windows(np.array([0, -1]), np.arange(0, 11)[None], gap=5)
    assert np.flatnonzero(longer.present[0]).tolist() == list(range(1, 10))
    assert not longer.present[1].any()


def test_many_windows_at_once_are_each_as_alone() -> None:
    tables_of = [moving_person(list(range(1, 9)), seed, f"v{seed}", seed + 3) for seed in range(3)]
    persons, keypoints = (
        pd.concat(group, ignore_index=True) for group in zip(*tables_of, strict=True)
    )
    wanted = persons.sample(frac=1, random_state=0)
    tracklets = Tracklets(persons, keypoints)
    together = windows_about(wanted, tracklets, NO_KEYPOINTS, asked(4, 2, 2))
    for row in range(len(wanted)):
        video = persons["video"] == wanted["video"].iloc[row]
        one = Tracklets(persons[video], keypoints)
        alone = windows_about(wanted.iloc[[row]], one, NO_KEYPOINTS, asked(4, 2, 2))
        assert np.array_equal(together.keypoints[row], alone.keypoints[0])
        assert np.array_equal(together.present[row], alone.present[0])
    packed = tables.pack_keypoints(keypoints)[wanted.index]
    assert together.keypoints[:, 2] == pytest.approx(packed)


def test_persons_take_the_track_of_the_box_that_is_theirs() -> None:
    box = np.array([[0, 0, 50, 100], [60, 0, 110, 100], [0, 0, 50, 100]], float)
    tracked = tracked_table([("v", 1, 1, 7), ("v", 1, 2, 4), ("w", 1, 1, 7)], box)
    tracklets = Tracklets(tracked, NO_KEYPOINTS)
    persons = pd.DataFrame({"video": ["v", "v", "v", "w"], "frame": [1, 1, 2, 1]})
    persons[tables.BOX] = [[62, 0, 110, 95], [20, 0, 90, 100], [0, 0, 50, 100], [0, 0, 50, 90]]
    found = tracklets.assign(persons)
    assert found[1] == found[2] == -1
    assert len({int(found[0]), int(found[3])}) == 2
    assert tracklets.tracks_of(tracked).tolist()[1:] == [found[0], found[3]]
    assert tracklets.tracks_of(tracked.assign(person=9)).tolist() == [-1] * 3


def test_a_person_without_a_track_has_its_own_frame() -> None:
    tracked, keypoints = moving_person([1, 2, 3])
    stranger, own = moving_person([2], seed=5)
    stranger = stranger.assign(person=2, x1=200.0, x2=260.0)
    own = own.assign(person=2)
    tracklets = Tracklets(tracked, keypoints)
    found = windows_about(stranger, tracklets, own, asked(3, 1, 1))
    assert found.present.tolist() == [[False, True, False]]
    assert found.keypoints[0, 1] == pytest.approx(tables.pack_keypoints(own)[0])
    nobody = windows_about(stranger, tracklets, NO_KEYPOINTS, asked(3, 1, 1))
    assert not nobody.present.any()
    untracked = tracked.assign(track=-1)
    lone = Tracklets(untracked, keypoints)
    alone = windows_about(untracked, lone, own, asked(3, 1, 1))
    assert alone.present.tolist() == [[False, True, False]] * 3


def test_place_and_size_in_the_picture_do_not_matter() -> None:
    source = windows()
    expected = normalise_windows(source, stride=2)
    assert expected.shape == (3, 5, 17, len(CHANNELS))
    shifted = normalise_windows(moved(source, 1.0, (31.0, -7.0)), stride=2)
    assert shifted == pytest.approx(expected, abs=1e-4)
    larger = normalise_windows(moved(source, 2.0, (0.0, 0.0)), stride=2)
    assert larger == pytest.approx(expected, abs=1e-4)


def test_channels_are_what_they_say() -> None:
    source = windows()
    found = dict(
        zip(CHANNELS, np.moveaxis(normalise_windows(source, stride=2), -1, 0), strict=True)
    )
    there = source.present[..., None]
    assert np.array_equal(found["present"], np.broadcast_to(there, found["x"].shape))
    both = source.present[:, 1:] & source.present[:, :-1]
    speed = np.diff(found["x"], axis=1) / 2 * both[..., None]
    assert found["dx"][:, 1:] == pytest.approx(speed, abs=1e-6)
    assert not found["dy"][:, 0].any()
    wrist, elbow = KEYPOINTS.index("left_wrist"), KEYPOINTS.index("left_elbow")
    bone = found["y"][..., wrist] - found["y"][..., elbow]
    assert found["bone_y"][..., wrist] == pytest.approx(bone)
    assert not found["bone_x"][..., KEYPOINTS.index("nose")].any()
    # the wrist's distance from the elbow in half sides of the mean box, by hand
    row, moment = 0, int(np.flatnonzero(source.present[0])[-1])
    side = (source.boxes[row, :, 2:] - source.boxes[row, :, :2] + 1).max(axis=-1)
    half = side[source.present[row]].mean() / 2
    apart = source.keypoints[row, moment, wrist] - source.keypoints[row, moment, elbow]
    assert found["bone_x"][row, moment, wrist] == pytest.approx(apart[0] / half, abs=1e-5)
    for name, values in found.items():
        assert not values[~source.present].any(), name


def test_a_mirrored_window_is_that_of_the_mirrored_picture() -> None:
    source = windows()
    there = source.present[..., None]
    mirrored = Windows(
        (mirror_keypoints(source.keypoints, WIDTH) * there[..., None]).astype(np.float32),
        (boxes.mirror(source.boxes, WIDTH) * there).astype(np.float32),
        source.present,
    )
    found = normalise_windows(source, stride=2)
    assert mirror_windows(found) == pytest.approx(normalise_windows(mirrored, stride=2), abs=1e-4)
    assert np.array_equal(mirror_windows(mirror_windows(found)), found)
    wrists = [KEYPOINTS.index(f"{side}_wrist") for side in ("left", "right")]
    assert np.array_equal(mirror_windows(found)[..., wrists, 1], found[..., wrists[::-1], 1])


def test_nobody_at_all() -> None:
    found = windows_about(
        tables.empty(tables.PERSONS),
        Tracklets(tables.empty(tables.PERSONS), NO_KEYPOINTS),
        NO_KEYPOINTS,
        asked(4, 1, 1),
    )
    assert normalise_windows(found, 1).shape == (0, 4, 17, len(CHANNELS))
