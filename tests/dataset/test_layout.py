import os
import sys
from collections import Counter
from pathlib import Path

import pytest

from partparse.dataset.layout import (
    VideoFile,
    find_annotations,
    known_action,
    list_actions,
    list_videos,
)
from partparse.dataset.splits import (
    Fold,
    assign_shards,
    plan_shards,
    read_shard_list,
    shard_names,
    split_videos,
    write_shard_list,
)
from partparse.errors import InputError
from partparse.frames.names import is_safe_name, source_of
from tests.samples.tiny import write_data_set

COUNTS = {"train": 4, "val": 2, "test": 3}


def touch(root: Path, *paths: str) -> Path:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).touch()
    return root


def train_files(sizes: dict[str, int]) -> list[VideoFile]:
    return [
        VideoFile(f"{action}_{i}", "train", action, f"train_videos/{action}/{i}.mp4", "1 1")
        for action, size in sizes.items()
        for i in range(size)
    ]


@pytest.mark.parametrize("name", ["train-000.parquet.mp4", "test-001.parquet.damaged.avi"])
def test_a_video_called_as_a_table_is_refused(tmp_path: Path, name: str) -> None:
    """Its folder of pictures would lie where the table of its shard has to."""
    root = touch(tmp_path, f"train_videos/run/{name}", "test_videos/a.mp4")
    with pytest.raises(InputError, match=f"run/{name}: the name of a table of results; expected"):
        list_videos(root)


def test_a_video_may_be_called_as_a_shard(tmp_path: Path) -> None:
    root = touch(tmp_path, "train_videos/run/train-000.mp4", "test_videos/train_0.mp4")
    assert [video.video for video in list_videos(root)] == ["train-000", "train_0"]


def test_every_kind_of_video_is_listed(tmp_path: Path) -> None:
    root = touch(
        tmp_path,
        "train_videos/run/a.mp4",
        "train_videos/run/b.AVI",
        "train_videos/run/c.webm",
        "train_videos/jump/d.v2.mkv",
        "train_videos/jump/e.gif",
        "train_videos/jump/f.1/img_00001.jpg",
        "train_videos/jump/.DS_Store",
        "test_videos/run/-g.mp4",
        "test_videos/h.mp4",
        "test_videos/i/img_00001.jpg",
    )
    listed = {video.video: video for video in list_videos(root)}
    assert sorted(listed) == ["-g", "a", "b", "c", "d.v2", "e", "f.1", "h", "i"]
    assert listed["f.1"].path == "train_videos/jump/f.1"
    assert listed["f.1"].action == "jump"
    assert listed["-g"].action == "run"
    source = source_of(root / "test_videos/h.mp4")
    assert listed["h"] == VideoFile("h", "test", None, "test_videos/h.mp4", source)
    assert listed["i"].action is None
    assert list_actions(root) == ["jump", "run"]


@pytest.mark.parametrize(
    ("paths", "message"),
    [
        (["train_videos/run/a.mpg"], "a.mpg: not a video; expected a file .mp4"),
        (["train_videos/run/a/frame1.jpg"], "run/a: not a video; expected a file .mp4"),
        (["train_videos/a.mp4"], "train_videos/a.mp4: expected a folder named after an action"),
        (["train_videos/run/.a.mp4"], "the name '.a.mp4'; expected printable"),
        (["train_videos/run/a\nb.mp4"], r"the name 'a\\nb.mp4'"),
        (["train_videos/run/a.mp4", "train_videos/jump/a.avi"], "'a' is taken by .*jump/a.avi"),
        (["train_videos/run/a.mp4", "test_videos/a.mp4"], "'a' is taken by train_videos/run/a.mp4"),
        (["train_videos/run/a.mp4", "test_videos/fly/b.mp4"], "'fly' has no train videos"),
        (["train_videos/run/.gitkeep"], "run: an action without videos"),
    ],
)
def test_what_is_no_data_set_is_refused(tmp_path: Path, paths: list[str], message: str) -> None:
    (tmp_path / "train_videos").mkdir()
    (tmp_path / "test_videos").mkdir()
    with pytest.raises(InputError, match=message):
        list_videos(touch(tmp_path, *paths))


def test_a_link_that_leads_nowhere_is_refused(tmp_path: Path) -> None:
    touch(tmp_path, "train_videos/run/a.mp4", "test_videos/run/b.mp4")
    (tmp_path / "test_videos/run/c.mp4").symlink_to(tmp_path / "gone.mp4")
    with pytest.raises(InputError, match=r"c.mp4: not a video; expected a file .mp4"):
        list_videos(tmp_path)


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="train_videos: no such folder"):
        list_videos(tmp_path)
    with pytest.raises(InputError, match="test_videos: no such folder"):
        list_videos(touch(tmp_path, "train_videos/run/a.mp4"))


@pytest.mark.parametrize("name", ["", ".", "..", "a/b", "a\\b", "a\0", "a\x1b[0m", "a\udc80"])
def test_names_that_are_no_path_component(name: str) -> None:
    assert not is_safe_name(name)


def test_the_workflow_lists_without_heavy_imports() -> None:
    import subprocess

    code = "import sys, partparse.dataset.layout; print(*sys.modules)"
    out = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert not {"numpy", "pandas", "torch", "cv2", "av"} & set(out.stdout.split())


def test_the_official_split() -> None:
    sizes = dict.fromkeys((f"action{i:02d}" for i in range(24)), 158) | {"action00": 175}
    videos = train_files(sizes)
    assert len(videos) == 3809
    val = [v for v in split_videos(videos, 809 / 3809, seed=0) if v.split == "val"]
    assert len(val) == 809
    for action, count in Counter(v.action for v in val).items():
        assert abs(count - sizes[str(action)] * 809 / 3809) < 1


def test_small_actions_keep_a_train_video() -> None:
    split = split_videos(train_files({"one": 1, "two": 2, "three": 3}), 0.9, seed=0)
    left = Counter(v.action for v in split if v.split == "train")
    assert left == {"one": 1, "two": 1, "three": 1}


def test_the_split_follows_the_seed_and_nothing_else() -> None:
    videos = train_files({"run": 20, "jump": 20})
    first = {v.video for v in split_videos(videos, 0.25, 0) if v.split == "val"}
    assert first == {v.video for v in split_videos(videos[::-1], 0.25, 0) if v.split == "val"}
    assert first != {v.video for v in split_videos(videos, 0.25, 1) if v.split == "val"}
    assert all(v.split == "train" for v in split_videos(videos, 0.0, 0))
    with pytest.raises(InputError, match="share of val videos is 1"):
        split_videos(videos, 1, 0)


def test_each_video_is_in_one_fold_and_actions_are_shared_out() -> None:
    sizes = {"run": 7, "jump": 5, "sit": 1, "turn": 2}
    videos = train_files(sizes)
    folds = [
        [v for v in split_videos(videos, Fold(number, 3), 0) if v.split == "val"]
        for number in range(3)
    ]
    held_out = [v.video for fold in folds for v in fold]
    assert len(held_out) == len(set(held_out)) == 14
    assert [v.action for v in videos if v.video not in held_out] == ["sit"]
    assert sorted(map(len, folds)) == [4, 5, 5]
    for action in ("run", "jump", "turn"):
        counts = [sum(v.action == action for v in fold) for fold in folds]
        assert max(counts) - min(counts) <= 1
    again = split_videos(videos[::-1], Fold(1, 3), 0)
    assert {v.video for v in again if v.split == "val"} == {v.video for v in folds[1]}


def test_a_split_leaves_test_alone() -> None:
    test = VideoFile("t", "test", None, "test_videos/t.mp4", "1 1")
    assert test in split_videos([*train_files({"run": 4}), test], 0.5, 0)


def test_one_more_video_changes_one_shard() -> None:
    videos = split_videos(train_files({"run": 40, "jump": 40}), 0.25, 0)
    before = assign_shards(videos, COUNTS)
    assert list(before) == shard_names(COUNTS)
    assert sorted(v.video for shard in before.values() for v in shard) == sorted(
        v.video for v in videos
    )
    after = assign_shards([*videos, VideoFile("new", "train", "run", "x", "1 1")], COUNTS)
    assert sum(before[name] != after[name] for name in before) == 1


def test_shards_are_those_of_every_machine() -> None:
    videos = [VideoFile(name, "test", None, name, "1 1") for name in "abcdef"]
    names = {k: [v.video for v in shard] for k, shard in assign_shards(videos, COUNTS).items()}
    assert {k: v for k, v in names.items() if v} == {
        "test-000": ["a", "d", "f"],
        "test-002": ["b", "c", "e"],
    }


@pytest.mark.parametrize("counts", [{"train": 1, "val": 1}, {"train": 1, "val": 0, "test": 1}])
def test_every_split_has_a_shard(counts: dict[str, int]) -> None:
    with pytest.raises(InputError, match="expected 1 or more"):
        shard_names(counts)


def test_a_source_changes_with_its_files(tmp_path: Path) -> None:
    root = touch(tmp_path, "a.mp4", "b/img_00001.jpg", "b/img_00002.jpg", "b/.DS_Store")
    film, folder = root / "a.mp4", root / "b"
    before = source_of(film), source_of(folder)
    assert (source_of(film), source_of(folder)) == before
    (folder / ".DS_Store").write_text("other")
    assert source_of(folder) == before[1]
    for path in (film, folder / "img_00002.jpg"):
        later = path.stat().st_mtime_ns + 1_000_000
        os.utime(path, ns=(later, later))  # as long as before
    assert source_of(film) != before[0]
    assert source_of(folder) != before[1]


def test_a_shard_list_changes_with_a_video(tmp_path: Path) -> None:
    root = write_data_set(tmp_path / "data")
    lists: list[str] = []
    for size in (8, 8, 9):
        (root / "test_videos/jump/t1.mp4").write_bytes(bytes(size))
        os.utime(root / "test_videos/jump/t1.mp4", ns=(1, len(lists)))
        plan = plan_shards(root, 0.5, 0, {"train": 1, "val": 1, "test": 1})
        write_shard_list(tmp_path / "shard.csv", plan["test-000"])
        lists.append((tmp_path / "shard.csv").read_text())
    assert len(set(lists)) == 3


def test_shard_lists_come_back(tmp_path: Path) -> None:
    videos = [
        VideoFile('a, "b"', "train", "run", 'train_videos/run/a, "b".mp4', "1 1"),
        VideoFile("t", "test", None, "test_videos/t.mp4", "1 1"),
    ]
    write_shard_list(tmp_path / "shard.csv", videos)
    assert read_shard_list(tmp_path / "shard.csv") == videos
    write_shard_list(tmp_path / "shard.csv", [])
    assert read_shard_list(tmp_path / "shard.csv") == []
    with pytest.raises(InputError, match="not a shard list"):
        read_shard_list(touch(tmp_path, "other.csv") / "other.csv")


@pytest.mark.parametrize("where", ["jump/t1", "jump/t1/t1", "t1", "t1/t1"])
@pytest.mark.parametrize("action", ["jump", None])
def test_annotations_are_found(tmp_path: Path, where: str, action: str | None) -> None:
    touch(tmp_path, f"test_annotations/{where}/img_00001.json")
    video = VideoFile("t1", "test", action, "test_videos/t1.mp4", "1 1")
    assert find_annotations(tmp_path, video) == tmp_path / "test_annotations" / where
    assert known_action(tmp_path, video) == (action or ("jump" if "jump" in where else None))


def test_annotations_in_two_places_are_refused(tmp_path: Path) -> None:
    touch(tmp_path, "test_annotations/jump/t1/img_00001.json", "test_annotations/t1/x")
    with pytest.raises(InputError, match="expected one of the two"):
        find_annotations(
            tmp_path, VideoFile("t1", "test", "jump", "test_videos/jump/t1.mp4", "1 1")
        )


@pytest.mark.parametrize("action", ["yoga", None])
def test_a_video_may_be_called_like_its_action(tmp_path: Path, action: str | None) -> None:
    touch(tmp_path, "train_videos/yoga/a.mp4", "test_annotations/yoga/yoga/img_00001.json")
    video = VideoFile("yoga", "test", action, "test_videos/yoga.mp4", "1 1")
    assert find_annotations(tmp_path, video) == tmp_path / "test_annotations/yoga/yoga"
    assert known_action(tmp_path, video) == "yoga"


@pytest.mark.parametrize("action", ["run", None])
def test_an_action_s_folder_is_no_video_s(tmp_path: Path, action: str | None) -> None:
    touch(tmp_path, "train_videos/yoga/a.mp4", "test_annotations/yoga/a/img_00001.json")
    video = VideoFile("yoga", "test", action, "test_videos/yoga.mp4", "1 1")
    assert find_annotations(tmp_path, video) is None


def test_annotations_may_be_absent(tmp_path: Path) -> None:
    video = VideoFile("t1", "test", None, "test_videos/t1.mp4", "1 1")
    assert find_annotations(tmp_path, video) is None
    assert known_action(tmp_path, video) is None


def test_a_plan_holds_every_video(tmp_path: Path) -> None:
    plan = plan_shards(write_data_set(tmp_path), 0.5, 0, {"train": 1, "val": 1, "test": 1})
    assert {name: len(videos) for name, videos in plan.items()} == {
        "train-000": 2,
        "val-000": 2,
        "test-000": 1,
    }
