"""A tiny data set in the official layout, and tiny videos whose frames can be told apart."""

import json
from pathlib import Path
from typing import Any

import av
import numpy as np

FRAMES = 8
WIDTH, HEIGHT = 64, 48
_CODECS = {
    ".mp4": ("libx264", "yuv420p"),
    ".mov": ("libx264", "yuv420p"),
    ".m4v": ("libx264", "yuv420p"),
    ".mkv": ("libx264", "yuv420p"),
    ".avi": ("mpeg4", "yuv420p"),
    ".webm": ("libvpx-vp9", "yuv420p"),
    ".gif": ("gif", "rgb8"),
}


def level(index: int) -> int:
    """The grey level of frame `index` (from 0): far enough apart to survive every codec."""
    return 20 + 25 * index


def write_video(path: Path, frames: int = FRAMES, size: tuple[int, int] = (WIDTH, HEIGHT)) -> Path:
    """Encode `frames` grey frames, the codec chosen by the suffix."""
    codec, pixels = _CODECS[path.suffix.lower()]
    path.parent.mkdir(parents=True, exist_ok=True)
    suffix = path.suffix.lower()
    container_format = {".mkv": "matroska", ".m4v": "mp4"}.get(suffix, suffix[1:])
    with av.open(str(path), "w", format=container_format) as container:
        stream = container.add_stream(codec, rate=10)
        stream.width, stream.height = size
        stream.pix_fmt = pixels
        for index in range(frames):
            picture = np.full((size[1], size[0], 3), level(index), np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode())
    return path


def human(number: int = 1, **changes: Any) -> dict[str, Any]:
    """One annotated human with a head."""
    head = {"name": "head", "number": number, "box": [12, 10, 20, 18], "verb": "none"}
    return {"number": number, "box": [10, 8, 30, 40], "parts": {"head": head}} | changes


def write_annotation(folder: Path, number: int, document: Any) -> Path:
    """Write img_%05d.json."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"img_{number:05d}.json"
    path.write_text(json.dumps(document))
    return path


def write_data_set(root: Path) -> Path:
    """Two actions with two train videos each and a test video, every frame annotated."""
    videos = {"train": ["jump/j1", "jump/j2", "run/r1", "run/r2"], "test": ["jump/t1"]}
    lists = root / "list"
    lists.mkdir(parents=True)
    for split, names in videos.items():
        for name in names:
            write_video(root / f"{split}_videos" / f"{name}.mp4")
            for number in range(1, FRAMES + 1):
                write_annotation(
                    root / f"{split}_annotations" / name, number, {"humans": [human()]}
                )
        flist = "".join(f"{name.partition('/')[2]},{FRAMES}\n" for name in names)
        (lists / f"video_{split}_flist.csv").write_text("video,frames\n" + flist)
    (lists / "body_part.txt").write_text(
        "head\nleft_arm\nright_arm\nleft_hand\nright_hand\n"
        "left_leg\nright_leg\nleft_foot\nright_foot\nhip\n"
    )
    (lists / "part_stat.txt").write_text("none\nbend\n")
    (lists / "object.txt").write_text("bar\n")
    return root
