"""Videos as people have them: odd ones that are shown all the same, and damaged ones."""

import struct
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from types import MappingProxyType

import av
import cv2
import numpy as np

from partparse.augment import Picture
from tests.samples.tiny import HEIGHT, WIDTH, level, write_video

MIRRORED = [-1, 0, 0, 0, 1, 0, WIDTH, 0, 1]
"""The display matrix of a camera that shows its user as a mirror does."""


def grey(frames: Iterable[int]) -> list[Picture]:
    """Pictures whose grey levels tell their indices."""
    return [np.full((HEIGHT, WIDTH, 3), level(frame), np.uint8) for frame in frames]


def write_frames(
    path: Path,
    pictures: Sequence[Picture],
    *,
    stamps: Sequence[int] | None = None,
    ratio: Fraction = Fraction(1),
    encoding: str = "bframes=0:keyint=1",
    options: Mapping[str, str] = MappingProxyType({}),
) -> Path:
    """Encode pictures, (H, W, 3) RGB, as H.264.

    Args:
        path: the suffix says which container.
        pictures: of one size.
        stamps: when each is shown, in milliseconds; None: ten a second.
        ratio: width of a pixel over its height.
        encoding: parameters of x264.
        options: of the container.
    """
    with av.open(str(path), "w", options=dict(options)) as container:
        stream = container.add_stream("libx264", rate=10, options={"x264-params": encoding})
        stream.height, stream.width = pictures[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        stream.codec_context.sample_aspect_ratio = ratio
        if stamps is not None:
            stream.codec_context.time_base = Fraction(1, 1000)
        for number, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, format="rgb24")
            if stamps is not None:
                frame.time_base, frame.pts = Fraction(1, 1000), stamps[number]
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    return path


def write_stamped(path: Path, stamps: Sequence[int]) -> Path:
    """Frames with these time stamps, in milliseconds."""
    return write_frames(path, grey(range(len(stamps))), stamps=stamps)


def write_noise(path: Path, movflags: str | None = None) -> Path:
    """Ten frames of noise, which all need about the same room in the file."""
    rng = np.random.default_rng(0)
    pictures = [rng.integers(0, 255, (HEIGHT, WIDTH, 3), np.uint8) for _ in range(10)]
    options = {} if movflags is None else {"movflags": movflags}
    return write_frames(path, pictures, encoding="", options=options)


def write_matrix(path: Path, matrix: Sequence[int]) -> Path:
    """Set the display matrix of an mp4: a, b, u, c, d, v, x, y, w."""
    data = bytearray(path.read_bytes())
    start = data.find(b"tkhd") + 4 + 40
    ones = [1 << 30 if place in (2, 5, 8) else 1 << 16 for place in range(9)]
    values = [value * one for value, one in zip(matrix, ones, strict=True)]
    data[start : start + 36] = struct.pack(">9i", *values)
    path.write_bytes(data)
    return path


def write_hidden(path: Path, shown: Sequence[Picture]) -> Path:
    """A second, of ten frames, after one that an edit list hides."""
    hidden = [np.zeros_like(shown[0])] * 10
    write_frames(path, [*hidden, *shown], options={"movie_timescale": "1000"})
    data = bytearray(path.read_bytes())
    scale = struct.unpack(">I", data[data.find(b"mdhd") + 16 :][:4])[0]
    start = data.find(b"elst")
    data[start + 12 : start + 20] = struct.pack(">Ii", 1000, scale)  # a second, from the second on
    path.write_bytes(data)
    return path


def write_title(path: Path) -> Path:
    """Frames of `write_video` with a title that is not UTF-8."""
    plain, title = write_video(path.with_name("plain.mkv")), "La saut!"
    with av.open(str(plain)) as source, av.open(str(path), "w", format="matroska") as target:
        target.metadata["title"] = title
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.size:
                packet.stream = stream
                target.mux(packet)
    plain.unlink()
    path.write_bytes(path.read_bytes().replace(title.encode(), b"L\xe9a saut"))
    return path


def write_nothing(path: Path) -> Path:
    """An mp4 that says what its video is like, and holds no frame of it."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        container.start_encoding()
    return path


def write_sound(path: Path) -> Path:
    """Sound, and no picture."""
    with av.open(str(path), "w", format="matroska") as container:
        stream = container.add_stream("pcm_s16le", rate=8000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), "s16", "mono")
        frame.rate = 8000
        container.mux(stream.encode(frame))
    return path


def write_unknown(path: Path) -> Path:
    """An mp4 of a codec that nobody knows."""
    write_video(path)
    path.write_bytes(path.read_bytes().replace(b"avc1", b"zzz1"))
    return path


def write_pictures(folder: Path, numbers: Iterable[int]) -> Path:
    """A folder of pictures with these numbers, each of which its grey level tells."""
    folder.mkdir(parents=True)
    for number in numbers:
        picture = np.full((HEIGHT, WIDTH, 3), level(number - 1), np.uint8)
        cv2.imwrite(str(folder / f"img_{number:05d}.jpg"), picture)
    return folder


def cut(path: Path, share: float) -> Path:
    """Cut a file short: `share` of it is left."""
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])
    return path
