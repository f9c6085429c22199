"""The embedded data set as it is written."""

import json
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import pytest

from partparse.demo.contact_sheet import draw_contact_sheet
from partparse.demo.dataset import OBJECTS, write_dataset
from partparse.demo.draw import Surfaces, face_map
from partparse.demo.plan import DEMO_ACTIONS, DemoSettings, plan_videos
from partparse.demo.scene import FEWEST_PIXELS, _boxes
from partparse.demo.states import STATES
from partparse.demo.statistics import measure, table
from partparse.errors import InputError
from partparse.vocabulary import PARTS

TINY = DemoSettings(train_videos=1, test_videos=1, frames=3, width=96, height=72, fps=10, seed=5)
MEDIUM = DemoSettings(train_videos=6, test_videos=0, frames=24, width=96, height=72, fps=10, seed=0)


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("demo") / "tiny"
    write_dataset(root, TINY, version=1)
    return root


def contents(root: Path) -> dict[str, bytes]:
    """Path -> bytes of every file."""
    return {
        str(path.relative_to(root)): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def annotations(root: Path) -> Iterator[tuple[Path, dict]]:
    for path in sorted(root.glob("*_annotations/*/*/*.json")):
        yield path, json.loads(path.read_bytes())


@pytest.mark.parametrize("processes", [1, 2])
def test_same_bytes_on_every_run_and_for_any_number_of_processes(
    tiny: Path, tmp_path: Path, processes: int
) -> None:
    write_dataset(tmp_path / "again", TINY, version=1, processes=processes)
    assert contents(tmp_path / "again") == contents(tiny)


def test_a_stopped_run_goes_on(tiny: Path, tmp_path: Path) -> None:
    write_dataset(tmp_path, TINY, version=1)
    entries = plan_videos(TINY)
    (tmp_path / entries[0].path).unlink()
    kept = tmp_path / entries[1].path
    stamp = kept.stat().st_mtime_ns
    write_dataset(tmp_path, TINY, version=1)
    assert kept.stat().st_mtime_ns == stamp
    assert contents(tmp_path) == contents(tiny)


def test_other_settings_replace_what_was_made(tmp_path: Path) -> None:
    small = TINY.replace(test_videos=0, frames=1)
    write_dataset(tmp_path, small.replace(frames=2), version=1)
    write_dataset(tmp_path, small, version=1)
    assert {len(list(folder.iterdir())) for folder in tmp_path.glob("train_annotations/*/*")} == {1}


def test_another_version_replaces_what_was_made(tmp_path: Path) -> None:
    small = TINY.replace(test_videos=0, frames=1)
    write_dataset(tmp_path, small, version=1)
    video = tmp_path / plan_videos(small)[0].path
    whole = video.read_bytes()
    video.write_bytes(b"of code with a fault")
    write_dataset(tmp_path, small, version=1)
    assert video.read_bytes() == b"of code with a fault"
    write_dataset(tmp_path, small, version=2)
    assert video.read_bytes() == whole


def test_a_foreign_data_set_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "train_videos").mkdir()
    with pytest.raises(InputError, match="holds another data set"):
        write_dataset(tmp_path, TINY, version=1)


def test_odd_sizes_are_refused() -> None:
    with pytest.raises(InputError, match="width: expected a multiple of 2, got 97"):
        TINY.replace(width=97)


def test_plan_is_what_is_written(tiny: Path) -> None:
    plan = plan_videos(TINY)
    assert len(plan) == 2 * len(DEMO_ACTIONS)
    assert len({entry.video for entry in plan}) == len(plan)
    written = {str(path.relative_to(tiny)) for path in tiny.glob("*_videos/*/*")}
    assert written == {entry.path for entry in plan}
    for split in ("train", "test"):
        rows = (tiny / "list" / f"video_{split}_flist.csv").read_text().split()
        expected = [f"{e.video},{TINY.frames}" for e in plan if e.split == split]
        assert rows == ["video,frames", *expected]


def test_layout_is_complete(tiny: Path) -> None:
    assert (tiny / "list/body_part.txt").read_text().split() == list(PARTS)
    assert (tiny / "list/part_stat.txt").read_text().split() == list(STATES)
    assert (tiny / "list/object.txt").read_text().split() == list(OBJECTS)
    for entry in plan_videos(TINY):
        folder = tiny / f"{entry.split}_annotations" / entry.action / entry.video
        names = [path.name for path in sorted(folder.iterdir())]
        assert names == [f"img_{number:05d}.json" for number in range(1, TINY.frames + 1)]
        with np.load(tiny / "keypoints" / entry.action / f"{entry.video}.npz") as stored:
            assert stored["keypoints"].shape[0] == TINY.frames
            assert stored["keypoints"].shape[2:] == (17, 3)
        with av.open(str(tiny / entry.path)) as container:
            frames = list(container.decode(video=0))
        assert [(f.width, f.height) for f in frames] == [(TINY.width, TINY.height)] * TINY.frames


def test_boxes_are_inside_and_names_known(tiny: Path) -> None:
    for path, annotation in annotations(tiny):
        assert annotation["humans"], path
        for human in annotation["humans"]:
            x1, y1, x2, y2 = human["box"]
            assert 0 <= x1 <= x2 < TINY.width
            assert 0 <= y1 <= y2 < TINY.height
            for name, part in human["parts"].items():
                left, top, right, bottom = part["box"]
                assert x1 <= left <= right <= x2
                assert y1 <= top <= bottom <= y2
                assert part["name"] == name
                assert name in PARTS
                assert part["verb"] in STATES
        assert {thing["name"] for thing in annotation["objects"]} <= set(OBJECTS)


def test_keypoints_inside_the_picture_have_a_score(tiny: Path) -> None:
    for path in tiny.glob("keypoints/*/*.npz"):
        with np.load(path) as stored:
            keypoints = stored["keypoints"]
        x, y, score = np.moveaxis(keypoints, -1, 0)
        assert set(np.unique(score)) <= {0.0, 0.5, 1.0}
        assert ((x >= 0) & (x < TINY.width) & (y >= 0) & (y < TINY.height))[score > 0].all()
        assert (keypoints[..., :2][score == 0] == 0).all()


def squares(depths: tuple[float, float]) -> Surfaces:
    """Two squares one before the other; the second covers the first when it is nearer."""
    corners = np.array([[10, 10], [10, 30], [30, 30], [30, 10]], float)
    pixels = np.concatenate([corners, corners])[None]
    depth = np.repeat(np.array(depths), 4)[None, :, None]
    faces = np.array([[0, 1, 2], [0, 2, 3]])
    return Surfaces(
        pixels=pixels,
        placed=np.concatenate([pixels, depth], axis=2),
        faces=np.concatenate([faces, faces + 4]),
        colours=np.zeros((4, 3)),
        labels=np.array([1, 1, 2, 2]),
        layers=np.zeros(4, int),
    )


@pytest.mark.parametrize(("depths", "seen"), [((1.0, 2.0), 1), ((2.0, 1.0), 2)])
def test_what_is_covered_has_no_box(depths: tuple[float, float], seen: int) -> None:
    surfaces = squares(depths)
    faces = face_map(surfaces, 0, 64, 48)
    labels = np.concatenate([[0], surfaces.labels])[faces[::2, ::2]]
    boxes = _boxes(labels)
    assert set(boxes) == {seen}
    assert boxes[seen] == pytest.approx((10, 10, 30, 30), abs=1)


def test_a_few_pixels_make_no_box() -> None:
    labels = np.zeros((20, 20), int)
    labels[3, : FEWEST_PIXELS - 1] = 1
    labels[5:7, 2 : 2 + FEWEST_PIXELS // 2] = 2
    assert _boxes(labels) == {2: (2, 5, 1 + FEWEST_PIXELS // 2, 6)}


def test_statistics_leave_something_to_win(tmp_path: Path) -> None:
    write_dataset(tmp_path, MEDIUM, version=1)
    measured = measure(tmp_path, MEDIUM)
    parts = measured["parts"].values()
    by_class = np.array([part["class_constant"] for part in parts])
    by_video = np.array([part["video_constant"] for part in parts])
    assert 0.5 < by_class.mean() < 0.68
    assert 0.65 < by_video.mean() < 0.83
    assert (by_video > by_class).all()
    assert 3.5 < measured["parts_per_person"] < 6
    assert all(len(part["states"]) >= 3 for part in parts)
    assert len(table(measured).splitlines()) == 4 + len(PARTS)


def test_contact_sheet_shows_every_action(tiny: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.png"
    draw_contact_sheet(sheet, tiny, TINY, columns=2)
    assert sheet.stat().st_size > 1000
