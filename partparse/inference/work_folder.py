"""The folder in which the workflow of a run works on other videos.

    FOLDER/videos/          a data set in the layout, with test videos alone: links
    FOLDER/results/         links to what the run has fitted; what is made of the videos
    FOLDER/config.json      the run's settings for this data set
    FOLDER/request.json     what is asked for

Only files are linked, never folders, and none of a shard: the workflow writes nothing else, so it
cannot write into the run.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from partparse.dataset.lists import frame_list
from partparse.errors import InputError
from partparse.files.atomic import read_json, write_json
from partparse.files.csv_tables import write_csv
from partparse.inference.run_folder import Run, fitted_files
from partparse.inference.videos import JSON, TABLE, VIDEO, Video, files_of

CONFIG = "config.json"
_REQUEST = "request.json"
_DATA = "videos"


def lay_out(folder: Path, run: Run, videos: Sequence[Video], stride: int, shards: int) -> None:
    """Make the folder anew for some videos.

    Args:
        folder: what lies there is removed.
        run: whose workflow it is.
        videos: to parse.
        stride: each `stride`-th frame is parsed.
        shards: into how many jobs each stage is cut.
    """
    shutil.rmtree(folder, ignore_errors=True)
    data = folder.absolute() / _DATA
    _lay_out_videos(data, videos)
    for path in fitted_files(run.results):
        link = folder / "results" / path
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(run.results / path)
    write_json(folder / CONFIG, _settings(run, data, stride, shards))
    write_json(folder / _REQUEST, _request(run, videos, stride))  # the last: all is there


def unfinished(folder: Path, run: Run, stride: int) -> list[Video]:
    """The videos that the folder was laid out for; none where it was for another run or stride."""
    try:
        asked = read_json(folder / _REQUEST)
        videos = [
            Video(name, Path(path), source, frames)
            for name, path, source, frames in asked["videos"]
        ]
    except (InputError, KeyError, TypeError, ValueError):  # not there, or from an older version
        return []
    return videos if asked == _request(run, videos, stride) else []


def deliver(folder: Path, video: Video, out: Path) -> None:
    """Move the parse of a video, as far as it was made, to its place."""
    made = [path for path in (folder / "results" / "parsed").glob("*") if path.is_dir()]
    for place in made:
        source, target = files_of(place, video), files_of(out, video)
        # the record goes first and the older files before it: with all three the parse is whole
        if source[JSON].exists():
            target[TABLE].unlink(missing_ok=True)
            target[VIDEO].unlink(missing_ok=True)
            source[JSON].replace(target[JSON])
        for suffix in (TABLE, VIDEO):
            if source[suffix].exists():
                source[suffix].replace(target[suffix])


def _lay_out_videos(data: Path, videos: Sequence[Video]) -> None:
    folder = data / "test_videos"
    folder.mkdir(parents=True)
    (data / "train_videos").mkdir()  # empty: no action is known of any video
    for video in videos:
        (folder / video.link).symlink_to(video.path)
    counts = [(video.link, video.frames) for video in videos if video.frames is not None]
    write_csv(pd.DataFrame(counts, columns=["video", "frames"]), frame_list(data, "test"))


def _settings(run: Run, data: Path, stride: int, shards: int) -> dict[str, Any]:
    counts = {"train": 1, "val": 1, "test": shards}
    dataset = run.config["dataset"] | {"root": str(data), "shards": counts, "test_only": True}
    frames = run.config["frames"] | {"scored_stride": stride}
    return run.config | {"dataset": dataset, "frames": frames}


def _request(run: Run, videos: Sequence[Video], stride: int) -> dict[str, Any]:
    return {
        "run": str(run.results),
        "record": run.identity,
        "stride": stride,
        "videos": [[v.name, str(v.path), v.source, v.frames] for v in videos],
    }
