"""The sound of a video file, in time with its pictures."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import av

from partparse.frames.decoding import open_container


def read_sound(source: Path, rate: int) -> Iterator["av.AudioFrame"]:
    """The sound of a video, `rate` samples a second, stereo; nothing where it has none.

    Time stamps are in samples after the first picture is shown; what sounds before is left out.
    A sound that does not decode ends where it does not.
    """
    if source.is_dir():
        return
    with open_container(source) as container:
        voice, video = container.streams.best("audio"), container.streams.best("video")
        if voice is None or video is None:
            return
        start = Fraction(video.start_time or 0) * (video.time_base or 0)
        resampler = av.AudioResampler(format="fltp", layout="stereo", rate=rate)
        try:
            for frame in container.decode(voice):
                for part in resampler.resample(frame):
                    if part.pts is None or part.time_base is None:
                        continue
                    stamp = round((part.pts * part.time_base - start) * rate)
                    if stamp >= 0:
                        part.pts, part.time_base = stamp, Fraction(1, rate)
                        yield part
        except av.FFmpegError:
            return
