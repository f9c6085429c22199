"""Writing the embedded data set in the official layout, video by video."""

import json
import logging
import shutil
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from partparse.demo.plan import DemoSettings, PlannedVideo, plan_videos
from partparse.demo.scene import build_scene, render
from partparse.demo.states import STATES
from partparse.errors import InputError
from partparse.files.atomic import atomic_folder, atomic_path, read_json, write_json, write_text
from partparse.running.processes import side_by_side
from partparse.running.program import progress
from partparse.vocabulary import PARTS

OBJECTS: tuple[str, ...] = ("horizontal_bar", "barbell", "dumbbell", "punching_bag", "ball", "box")
"""The data set's `object.txt`."""

MARK = "demo.json"  # the file in the root that says what the data set was made with

_FOLDERS = (
    "train_videos",
    "test_videos",
    "train_annotations",
    "test_annotations",
    "keypoints",
    "list",
)


def seed_of(settings: DemoSettings, video: str) -> np.random.SeedSequence:
    """The seed of one video: it does not depend on how many others there are."""
    return np.random.SeedSequence([settings.seed, *video.encode()])


def write_dataset(root: Path, settings: DemoSettings, *, version: int, processes: int = 1) -> None:
    """Draw, encode and write every video that is not there yet, then the lists.

    The bytes depend on `settings` alone. A video's mp4 is written last, so a run that was
    stopped goes on where it was; `version` is that of this code: what other settings or another
    version made is made again. Raises InputError where `root` holds anything else.
    """
    _prepare(root, {"version": version, "settings": settings.model_dump()})
    entries = plan_videos(settings)
    missing = [(root, settings, entry) for entry in entries if not (root / entry.path).is_file()]
    drawn = side_by_side(write_video, missing, processes)
    for _ in progress(drawn, "videos drawn", len(missing)):
        pass
    _write_lists(root, settings)


def _prepare(root: Path, mark: dict[str, Any]) -> None:
    """Clear what was made with another mark; refuse a folder that is not ours."""
    path = root / MARK
    if path.is_file():
        if read_json(path) == mark:
            return
        for folder in _FOLDERS:
            shutil.rmtree(root / folder, ignore_errors=True)
    elif any((root / folder).exists() for folder in _FOLDERS):
        raise InputError(f"{root}: holds another data set; expected an empty or a new folder")
    write_json(path, mark)


def write_video(root: Path, settings: DemoSettings, entry: PlannedVideo) -> str:
    """Draw one video and write its annotations, keypoints and mp4; returns its id."""
    cv2.setNumThreads(1)
    logging.getLogger("libav").setLevel(logging.ERROR)
    scene_seed, noise_seed = seed_of(settings, entry.video).spawn(2)
    size = settings.frames, settings.width, settings.height
    scene = build_scene(
        entry.action, entry.number, size, settings.fps, np.random.default_rng(scene_seed)
    )
    frames = list(render(scene, size, np.random.default_rng(noise_seed)))
    folder = root / f"{entry.split}_annotations" / entry.action / entry.video
    _write_annotations(folder, [frame.annotation for frame in frames])
    with atomic_path(root / "keypoints" / entry.action / f"{entry.video}.npz") as temporary:
        np.savez_compressed(temporary, keypoints=np.stack([frame.keypoints for frame in frames]))
    with atomic_path(root / entry.path) as temporary:
        encode(temporary, (frame.picture for frame in frames), settings)
    return entry.video


def _write_annotations(folder: Path, annotations: list[dict[str, object]]) -> None:
    """One JSON file a frame; the folder appears whole or not at all."""
    with atomic_folder(folder) as whole:
        for number, annotation in enumerate(annotations, start=1):
            text = json.dumps(annotation, separators=(",", ":"))
            (whole / f"img_{number:05d}.json").write_text(text, encoding="utf-8")


def encode(path: Path, pictures: Iterable[NDArray[np.uint8]], settings: DemoSettings) -> None:
    """Write pictures (H, W, 3; blue, green, red) as H.264; the same bytes on every run."""
    with av.open(str(path), "w", options={"fflags": "+bitexact"}) as container:
        # x264's adaptive quantisation looks past the border of a picture whose size is no
        # multiple of 16, at whatever memory holds there
        steady = "threads=1:aq-mode=0:mbtree=0"
        options = {"crf": "20", "preset": "veryfast", "x264-params": steady}
        stream = container.add_stream("libx264", rate=Fraction(settings.fps), options=options)
        stream.width, stream.height, stream.pix_fmt = settings.width, settings.height, "yuv420p"
        stream.thread_count = 1
        for picture in pictures:
            # libswscale's own conversion depends on where in memory the picture lies
            planes = cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420)
            frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def _write_lists(root: Path, settings: DemoSettings) -> None:
    for name, entries in (("body_part", PARTS), ("part_stat", STATES), ("object", OBJECTS)):
        write_text(root / "list" / f"{name}.txt", "\n".join(entries) + "\n")
    for split in ("train", "test"):
        rows = [
            f"{entry.video},{settings.frames}"
            for entry in plan_videos(settings)
            if entry.split == split
        ]
        write_text(
            root / "list" / f"video_{split}_flist.csv", "\n".join(["video,frames", *rows, ""])
        )
