"""A video of annotated frames with its sound, as browsers play it: H.264 and AAC in mp4."""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import chain
from pathlib import Path

import av
import numpy as np

from partparse.augment import Picture
from partparse.boxes import Floats
from partparse.files.atomic import atomic_path
from partparse.frames.sound import read_sound
from partparse.inference.moments import UNKNOWN_FPS, moments
from partparse.inference.parse import Parse
from partparse.report.annotated_frame import draw_frame, plan_layout
from partparse.report.overlays import best_persons

_QUALITY = {"crf": "20", "preset": "veryfast"}  # of libx264
_CLOCK = 90_000  # ticks a second of the frames' time stamps
_SOUND_RATE = 48_000


def draw_frames(parse: Parse, pictures: Iterable[Picture], most: int) -> Iterator[Picture]:
    """All frames of a video with what was found, (H, W, 3) RGB of one size.

    Args:
        parse: of the video.
        pictures: its frames, (H, W, 3) BGR.
        most: persons drawn a frame at most, by falling score.
    """
    counts = parse.persons.groupby("frame").size().clip(upper=most)
    states = parse.parses["state"].dropna().unique()
    layout = plan_layout(parse.width, parse.height, states, int(counts.max()) if len(counts) else 0)
    titles = _titles(parse)
    for place, (picture, moment) in enumerate(zip(pictures, moments(parse), strict=False)):
        said = "" if np.isnan(parse.times[place]) else f"   {parse.times[place]:.2f} s"
        yield draw_frame(
            picture,
            best_persons(moment.rows, most, score=0),
            moment.keypoints,
            layout,
            (next(titles), f"frame {place + 1}{said}"),
        )


def _titles(parse: Parse) -> Iterator[str]:
    """The action of each frame's window, with its probability."""
    for _, window in parse.actions.iterrows():
        action = window["action"]
        title = f"{action.replace('_', ' ')}  {window[f'p_{action}']:.2f}"
        yield from [title] * (window["last_frame"] - window["first_frame"] + 1)


def write_video(
    path: Path, frames: Iterable[Picture], times: Floats, sound: Path | None = None
) -> None:
    """Write an mp4, atomically.

    Args:
        path: the file.
        frames: one or more (H, W, 3) RGB pictures of one size, even in both directions.
        times: (frames,) when each is shown, in seconds from the start; they rise.
        sound: file whose sound is taken over, if it has any.
    """
    with (
        atomic_path(path) as temporary,
        av.open(str(temporary), "w", format="mp4", options={"movflags": "+faststart"}) as container,
    ):
        stream = container.add_stream("libx264", rate=_rate(times), options=_QUALITY)
        stream.pix_fmt = "yuv420p"
        stream.codec_context.time_base = Fraction(1, _CLOCK)
        pictures = iter(frames)
        first = next(pictures)
        stream.height, stream.width = first.shape[:2]
        heard = read_sound(sound, _SOUND_RATE) if sound else iter(())
        waiting = next(heard, None)
        voice = container.add_stream("aac", rate=_SOUND_RATE) if waiting else None
        stamp = -1
        for picture, time in zip(chain([first], pictures), times, strict=True):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            stamp = max(round(time * _CLOCK), stamp + 1)
            frame.pts, frame.time_base = stamp, Fraction(1, _CLOCK)
            container.mux(stream.encode(frame))
            while voice and waiting and waiting.time <= time:
                container.mux(voice.encode(waiting))
                waiting = next(heard, None)
        container.mux(stream.encode(None))
        if voice:
            container.mux(voice.encode(None))


def _rate(times: Floats) -> Fraction:
    """Frames a second, on average."""
    known = (len(times) - 1) / times[-1] if len(times) > 1 and times[-1] > 0 else UNKNOWN_FPS
    return Fraction(known).limit_denominator(1001)
