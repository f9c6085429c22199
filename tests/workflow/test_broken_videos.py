"""A run on videos as people have them: odd ones are as any other, broken ones are told of."""

import json
import re
import shutil
from collections.abc import Callable
from html import unescape
from pathlib import Path

import cv2
import numpy as np
import pytest

from partparse import tables
from partparse.challenge.format import frame_name
from partparse.challenge.submission import check_submission
from partparse.files.atomic import read_json
from tests.samples.odd_videos import (
    MIRRORED,
    cut,
    grey,
    write_frames,
    write_hidden,
    write_matrix,
    write_noise,
    write_nothing,
    write_pictures,
    write_sound,
    write_stamped,
    write_title,
    write_unknown,
)
from tests.samples.tiny import FRAMES, HEIGHT, WIDTH, level, write_data_set, write_video
from tests.samples.tiny_runs import TINY, snakemake

pytestmark = pytest.mark.workflow

LONG = "長" * 83  # with the suffix, as many bytes as a file's name can have
LEFT = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
LEFT[:, : WIDTH // 2] = 200


def from_zero(folder: Path) -> Path:
    """A folder of pictures the last of which is numbered 0."""
    last = write_pictures(folder, range(1, FRAMES + 1)) / f"img_{FRAMES:05d}.jpg"
    last.rename(folder / "img_00000.jpg")
    return folder


ODD: dict[str, Callable[[Path], Path]] = {
    "title.mkv": write_title,
    "mirrored.mp4": lambda path: write_matrix(write_frames(path, [LEFT] * FRAMES), MIRRORED),
    "edited.mp4": lambda path: write_hidden(path, grey(range(FRAMES)) + grey([0, 0])),
    "changing rate.mp4": lambda path: write_stamped(path, [0, 10, 500, 510, 600, 2000, 2100, 2900]),
    "tiny 'persons' 100%.mp4": lambda path: write_video(path, size=(16, 12)),
    f"{LONG}.mp4": write_video,
    "pictures": lambda path: write_pictures(path, range(1, FRAMES + 1)),
    "-{grey} [1].webm": write_video,
}
BROKEN: dict[str, tuple[Callable[[Path], Path], str]] = {
    "empty.mp4": (lambda path: cut(write_video(path), 0), "0 frames decode, 8 expected"),
    "no index.mp4": (lambda path: cut(write_noise(path), 0.6), "Invalid data found"),
    "half.mp4": (lambda path: cut(write_noise(path, movflags="faststart"), 0.6), "10 expected"),
    "nothing.mp4": (write_nothing, "no frame decodes"),
    "unknown.mp4": (write_unknown, "of a codec that is not known here"),
    "sound.mp4": (write_sound, "no video stream in it"),
    "from zero": (from_zero, "numbered from 0"),
    "fewer.mp4": (lambda path: write_video(path, FRAMES - 1), "7 frames decode, 8 expected"),
    # one of its pictures is broken once it is extracted
    "torn.mp4": (write_video, "img_00001.jpg: not a readable picture"),
}
PLAIN = [f"plain{number}.mp4" for number in range(5)]
COUNTS = dict.fromkeys(("edited.mp4", "half.mp4", "no index.mp4"), 10)
PARTLY = ("half.mp4", "fewer.mp4")
"""Of the broken: those that are parsed as far as they go."""
FEWEST = {
    "stop_on_fault": False,
    "methods": {"actions": ["csn"], "states": ["category"]},
    "parts": {"variants": ["plain"]},
    "persons": {"predict": {"score": 0.0}},  # what nobody has taught finds persons everywhere
    "submission": {"parses": "category", "action_model": "csn", "refit": []},
}


def levels(folder: Path) -> list[int]:
    """The indices of extracted frames, as their grey levels tell."""
    return [
        round((cv2.imread(str(path)).mean() - level(0)) / (level(1) - level(0)))
        for path in sorted(folder.glob("*.jpg"))
    ]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data set whose test videos are all of these, and have no truth."""
    root = write_data_set(tmp_path / "set")
    (root / "test_videos/jump/t1.mp4").unlink()
    shutil.rmtree(root / "test_annotations")
    cut(root / "train_videos/run/r2.mp4", 0.5)
    makers = {name: make for name, (make, _) in BROKEN.items()} | dict.fromkeys(PLAIN, write_video)
    for name, make in (ODD | makers).items():
        make(root / "test_videos/jump" / name)
    counts = {name_of(file): COUNTS.get(file, FRAMES) for file in ODD | makers}
    lines = [f'"{name}",{count}\n' for name, count in counts.items()]
    (root / "list/video_test_flist.csv").write_text("".join(lines))
    return root


def name_of(file: str) -> str:
    return re.sub(r"\.(mp4|mkv|webm)$", "", file)


def test_broken_videos_are_told_of_and_all_others_are_as_ever(
    repository: Path, tmp_path: Path, data: Path
) -> None:
    split = {"root": str(data), "val_share": 0.5, "shards": {"train": 1, "val": 1, "test": 1}}
    own = tmp_path / "own.json"
    own.write_text(json.dumps(FEWEST | {"dataset": split}))

    def run(*targets: str) -> str:
        settings = ["--configfile", str(repository / TINY), str(own)]
        done = snakemake(repository, tmp_path, *settings, "--", *targets)
        assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-6000:]
        return done.stderr

    run("results/frames/test-000.parquet")
    pictures = tmp_path / "results/frames"
    (pictures / "torn/img_00001.jpg").write_bytes(b"no picture")
    said = run("results/submission/checked.txt", "results/report/problems.html")

    frames = tables.read(pictures / "test-000.parquet", tables.FRAMES).set_index("video")
    fine = [name_of(file) for file in [*ODD, *PLAIN]]
    assert frames.loc[fine, "problem"].isna().all()
    shown = {name: levels(pictures / name) for name in fine}
    mirrored, edited = shown.pop("mirrored"), shown.pop("edited")
    assert shown == {name: list(range(FRAMES)) for name in shown}

    assert edited == [*range(FRAMES), 0, 0]
    (mirror, *_) = sorted((pictures / "mirrored").glob("*.jpg"))
    left, right = np.hsplit(cv2.imread(str(mirror)), 2)
    assert right.mean() - left.mean() > 150
    assert set(mirrored) == {mirrored[0]}

    page = unescape((tmp_path / "results/report/problems.html").read_text())
    rows = re.findall(r"<tr><td>(.*?)</td><td>(.*?)</td><td>(.*?)</td></tr>", page)
    told = {video: (stage, reason) for video, stage, reason in rows}
    assert {*told} == {*map(name_of, BROKEN), "r2"}
    for file, (_, expected) in BROKEN.items():
        stage, reason = told[name_of(file)]
        assert expected in reason
        assert stage == ("persons/detected" if file == "torn.mp4" else "frames")
    assert f"videos with problems: {len(told)} (frames {len(told) - 1}, persons/detected 1)" in said

    submission = tmp_path / "results/submission"
    assert check_submission(submission) == []
    submitted = read_json(submission / "pred_part_result.json")
    assert submitted.keys() == read_json(submission / "pred_vid_result.json").keys()
    assert submitted.keys() == {*map(name_of, [*ODD, *BROKEN, *PLAIN])}
    for name, shown in submitted.items():
        assert [*shown] == [frame_name(number) for number in range(1, frames.expected[name] + 1, 5)]
    found = {
        name: [len(frame["humans"]) for frame in shown.values()]
        for name, shown in submitted.items()
    }
    assert all(map(all, (found[name] for name in fine)))
    assert not any(map(any, (found[name_of(file)] for file in BROKEN if file not in PARTLY)))
    alike = [submitted[name_of(name)] for name in (*PLAIN, f"{LONG}.mp4")]
    assert alike == [alike[0]] * len(alike)
