"""Videos that are damaged or empty: shown, submitted as far as they go, and no other is touched."""

import shutil
import time
from pathlib import Path

import numpy as np

from partparse import tables
from tests.faults.workbench import SUBMISSION, Outcome, Run, expect

_PROBLEMS = "results/report/problems.html"
_PERSONS = "results/persons/detected/test-000.parquet"


def damage_videos(base: Run, data: Path, folder: Path) -> Outcome:
    """Damage a test video of eight, and give another one frame more than it has in the list."""
    start = time.monotonic()
    damaged_data = folder.with_name("damaged_data")
    shutil.copytree(data, damaged_data)
    videos = sorted(damaged_data.glob("test_videos/*/*"))
    corrupt, longer = videos[1], videos[4]
    corrupt.write_bytes(corrupt.read_bytes()[:200])
    _lengthen(damaged_data / "list" / "video_test_flist.csv", longer.stem)
    run = base.copy(folder, damaged_data)
    expect(run.finish("--", SUBMISSION, _PROBLEMS) == 0, f"{folder}: failed on damaged videos")
    page = (folder / _PROBLEMS).read_text()
    found, before = run.parses(), base.parses()
    for video in videos:
        shown = video.stem in page
        expect(shown == (video in (corrupt, longer)), f"{video}: shown as a problem: {shown}")
        expect(set(found[video.stem]) == set(before[video.stem]), f"{video}: other frames")
        if video is not corrupt:
            expect(found[video.stem] == before[video.stem], f"{video}: other parses")
    expect(
        not any(frame["humans"] for frame in found[corrupt.stem].values()),
        f"{corrupt}: persons in a video that cannot be read",
    )
    return Outcome("one corrupt video in eight, one wrong frame count", 2, 2, _since(start))


def take_persons(base: Run, data: Path, folder: Path) -> Outcome:
    """No detection in a video, and none in a frame of another."""
    start = time.monotonic()
    run = base.copy(folder, data)
    persons = tables.read(folder / _PERSONS, tables.PERSONS)
    names = persons["video"].unique()
    without, gap = names[0], names[2]
    frame = persons.loc[persons["video"] == gap, "frame"].iloc[0]
    kept = (persons["video"] != without) & ~(
        (persons["video"] == gap) & (persons["frame"] == frame)
    )
    tables.write(persons[kept], folder / _PERSONS, tables.PERSONS)
    expect(run.finish() == 0, f"{folder}: failed without persons")
    found, before = run.parses(), base.parses()
    expect(set(found) == set(before), f"{folder}: videos are lost")
    expect(set(found[without]) == set(before[without]), f"{without}: frames are lost")
    expect(set(found[gap]) == set(before[gap]), f"{gap}: frames are lost")
    for name in np.setdiff1d(list(before), [without, gap]):
        expect(found[name] == before[name], f"{name}: other parses")
    return Outcome("a video without detections, a frame without persons", 2, 2, _since(start))


def _lengthen(flist: Path, video: str) -> None:
    lines = flist.read_text().splitlines()
    place = next(n for n, line in enumerate(lines) if line.startswith(f"{video},"))
    flist.write_text("\n".join([*lines[:place], _one_more(lines[place]), *lines[place + 1 :]]))


def _one_more(line: str) -> str:
    fields = line.split(",")
    return ",".join([fields[0], str(int(fields[1]) + 1), *fields[2:]])


def _since(start: float) -> float:
    return time.monotonic() - start
