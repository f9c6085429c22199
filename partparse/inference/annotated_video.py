"""A video of annotated frames, as browsers play it: H.264, yuv420p, the index in front."""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import chain
from pathlib import Path

import av
import cv2
import pandas as pd

from partparse.augment import Picture
from partparse.files.atomic import atomic_path
from partparse.frames.picture_cache import picture_path
from partparse.inference.parsed import Parsed
from partparse.report.annotated_frame import draw_frame, plan_layout
from partparse.report.overlays import best_persons
from partparse.sampling import scored
from partparse.tables import PARSES, empty

UNKNOWN_FPS = 25.0  # frames a second of videos that do not say, such as folders of pictures

_QUALITY = {"crf": "20", "preset": "veryfast"}  # of libx264
_LARGEST_DENOMINATOR = 1001  # 30000/1001 is the fps of NTSC


def frame_rate(fps: float | None, stride: int) -> Fraction:
    """Frames a second of a video with each `stride`-th frame: as long as the whole video."""
    known = fps if pd.notna(fps) and fps else UNKNOWN_FPS
    return Fraction(known).limit_denominator(_LARGEST_DENOMINATOR) / stride


def draw_frames(
    parsed: Parsed, cache: Path, stride: int, most: int, score: float
) -> Iterator[Picture]:
    """The parsed frames of a video with what was found, (H, W, 3) RGB of one size.

    Args:
        parsed: of the video.
        cache: folder of its extracted frames.
        stride: each `stride`-th frame was parsed, from the first on.
        most: persons drawn a frame at most, by falling score.
        score: persons below it are not drawn.
    """
    shown = {
        int(number): best_persons(rows, most, score)
        for number, rows in parsed.parses.groupby("frame")
    }
    layout = plan_layout(
        int(parsed.frames["width"]),
        int(parsed.frames["height"]),
        parsed.parses["state"].dropna().unique(),
        max((rows["person"].nunique() for rows in shown.values()), default=0),
    )
    title = f"{parsed.action.replace('_', ' ')}  {parsed.probabilities[parsed.action]:.2f}"
    for number in map(int, scored(int(parsed.frames["frames"]), stride)):
        yield draw_frame(
            cv2.imread(str(picture_path(cache, parsed.name, number))),
            shown.get(number, empty(PARSES)),
            parsed.keypoints.get(number, {}),
            layout,
            (title, _moment(number, parsed.frames["fps"])),
        )


def _moment(frame: int, fps: float | None) -> str:
    seconds = "" if pd.isna(fps) or not fps else f"   {(frame - 1) / fps:.2f} s"
    return f"frame {frame}{seconds}"


def write_video(path: Path, frames: Iterable[Picture], rate: Fraction) -> None:
    """Write an mp4, atomically.

    Args:
        path: the file.
        frames: one or more (H, W, 3) RGB pictures of one size, even in both directions.
        rate: frames a second.
    """
    with (
        atomic_path(path) as temporary,
        av.open(str(temporary), "w", format="mp4", options={"movflags": "+faststart"}) as container,
    ):
        stream = container.add_stream("libx264", rate=rate, options=_QUALITY)
        stream.pix_fmt = "yuv420p"
        pictures = iter(frames)
        first = next(pictures)
        stream.height, stream.width = first.shape[:2]
        for picture in chain([first], pictures):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
