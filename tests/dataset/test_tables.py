import logging
import shutil
from pathlib import Path

import pytest

from partparse import tables
from partparse.dataset.layout import list_videos
from partparse.dataset.lists import read_vocabulary
from partparse.dataset.tables import Dataset, read_dataset
from partparse.errors import InputError
from tests.samples.tiny import (
    FRAMES,
    HEIGHT,
    WIDTH,
    human,
    write_annotation,
    write_data_set,
    write_video,
)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_data_set(tmp_path / "data")


def read(root: Path) -> Dataset:
    return read_dataset(root, list_videos(root), read_vocabulary(root))


def test_the_tables_of_a_data_set(root: Path, tmp_path: Path) -> None:
    bar = {"name": "bar", "box": [1, 2, 3, 4]}
    document = {"humans": [human(), human(2, parts={})], "objects": [bar, bar]}
    write_annotation(root / "train_annotations/run/r1", 3, document)
    found = read(root)
    videos = found.videos.set_index("video")
    assert videos.index.tolist() == ["j1", "j2", "r1", "r2", "t1"]
    assert videos["action"].tolist()[:4] == ["jump", "jump", "run", "run"]
    assert videos.loc["t1", "action"] is None or videos["action"].isna()["t1"]
    assert videos.loc["r1", ["path", "frames", "width", "height", "fps"]].tolist() == [
        "train_videos/run/r1.mp4",
        FRAMES,
        WIDTH,
        HEIGHT,
        10,
    ]
    assert len(found.annotations) == 5 * FRAMES * 2 + 1
    third = found.annotations.query("video == 'r1' and frame == 3")
    assert third["part"].tolist() == ["person", "head", "person"]
    assert third["person"].tolist() == [1, 1, 2]
    assert third["state"].tolist()[1] == "none"
    assert third["state"].isna().tolist() == [True, False, True]
    assert third[tables.BOX].to_numpy()[1].tolist() == [12, 10, 20, 18]
    assert found.objects[["video", "frame", "object", "name"]].to_numpy().tolist() == [
        ["r1", 3, 1, "bar"],
        ["r1", 3, 2, "bar"],
    ]
    assert found.truth.set_index("video")["action"]["t1"] == "jump"
    for name in Dataset._fields:
        schema = getattr(tables, name.upper())
        tables.write(getattr(found, name), tmp_path / "t.parquet", schema)
        assert len(tables.read(tmp_path / "t.parquet", schema)) == len(getattr(found, name))


def test_test_videos_without_action_folders(root: Path) -> None:
    (root / "test_videos/jump/t1.mp4").rename(root / "test_videos/t1.mp4")
    (root / "test_videos/jump").rmdir()
    assert read(root).truth.set_index("video")["action"]["t1"] == "jump"  # by its annotations
    shutil.rmtree(root / "test_annotations")
    found = read(root)
    assert "t1" in set(found.videos["video"])
    assert "t1" not in set(found.truth["video"])
    assert "t1" not in set(found.annotations["video"])


def test_annotations_one_folder_deeper(root: Path) -> None:
    expected = read(root).annotations
    for folder in list(root.glob("*_annotations/*/*")):
        moved = folder.rename(folder.with_name("moving"))
        folder.mkdir()
        moved.rename(folder / folder.name)
    assert read(root).annotations.equals(expected)


def test_a_video_that_cannot_be_opened_stays(root: Path, caplog: pytest.LogCaptureFixture) -> None:
    (root / "train_videos/run/r1.mp4").write_bytes(b"")
    found = read(root)
    row = found.videos.set_index("video").loc["r1"]
    assert row["frames"] == FRAMES
    assert row[["width", "height", "fps"]].isna().all()
    assert "r1" in set(found.annotations["video"])
    assert "r1.mp4: not a readable video" in caplog.text


def test_a_video_that_is_not_listed(root: Path, caplog: pytest.LogCaptureFixture) -> None:
    write_video(root / "train_videos/run/r3.mp4", frames=4)
    (root / "train_videos/run/r4.mp4").write_bytes(b"")
    frames = read(root).videos.set_index("video")["frames"]
    assert frames["r3"] == 4
    assert frames.isna()["r4"]
    assert "train_videos/run/r3.mp4: not in video_train_flist.csv" in caplog.text


def test_the_list_counts_more_than_the_container(root: Path) -> None:
    write_video(root / "train_videos/run/r1.mp4", frames=4)
    assert read(root).videos.set_index("video")["frames"]["r1"] == FRAMES


def test_boxes_that_stick_out_are_clipped(root: Path, caplog: pytest.LogCaptureFixture) -> None:
    folder = root / "train_annotations/run/r1"
    write_annotation(folder, 2, {"humans": [human(box=[-5, 8, 90, 40])]})
    found = read(root).annotations.query("video == 'r1' and frame == 2 and part == 'person'")
    assert found[tables.BOX].to_numpy().tolist() == [[0, 8, WIDTH - 1, 40]]
    assert "img_00002.json: 1 boxes of this video stick out" in caplog.text
    assert all(record.levelno >= logging.INFO for record in caplog.records)


def test_without_a_list_the_containers_are_believed(
    root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (root / "list/video_test_flist.csv").unlink()
    assert read(root).videos.set_index("video")["frames"]["t1"] == FRAMES
    assert "not in" not in caplog.text


def test_an_unknown_state_is_refused(root: Path) -> None:
    parts = {"head": {"name": "head", "number": 1, "box": [1, 1, 9, 9], "verb": "sing"}}
    write_annotation(root / "train_annotations/run/r1", 2, {"humans": [human(parts=parts)]})
    message = r"run/r1/img_00002.json: human 1, head: unknown state 'sing'; expected one of the 2"
    with pytest.raises(InputError, match=message):
        read(root)


def test_no_videos_give_empty_tables(root: Path) -> None:
    found = read_dataset(root, [], read_vocabulary(root))
    assert [len(table) for table in found] == [0, 0, 0, 0]


def test_the_real_clips(real_clips: Path) -> None:
    found = read(real_clips)
    assert (len(found.videos), len(found.truth)) == (25, 25)
    assert found.videos["frames"].sum() == 652 + 367
    assert (found.annotations["part"] == "person").sum() == 912 + 575
    assert (found.annotations["part"] != "person").sum() == 6494 + 4211
    assert set(found.objects["name"]) == {"horizontal_bar", "treadmill"}
