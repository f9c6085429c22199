"""Decoding: every picture of a video file, or of a folder of img_%05d.jpg, in order.

What is decoded is what a player shows: the stream that it plays, turned and mirrored as the file
says, with square pixels, without frames that an edit list hides.

Nothing here is lost in silence: a picture that does not decode is replaced by the one before it,
so that the numbers of the later ones still mean what the annotations mean, and is counted.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import av
import cv2
import numpy as np
from av.video.reformatter import VideoReformatter

from partparse.augment import Picture
from partparse.errors import InputError, Report
from partparse.files.atomic import read_bytes
from partparse.frames.names import MAX_FRAMES, frame_number, refuse_zero
from partparse.running.video_faults import reason_with_file

_MAX_BYTES = 256 << 20  # of a picture's file

_ODDEST = 10  # of pixels, width over height or the other way: what claims more is not believed
# titles may be in any encoding; PyAV takes them as they are from 19 on
_ANY_TITLE = {"metadata_errors": "replace"} if int(av.__version__.split(".")[0]) < 19 else {}

av.logging.set_level(av.logging.PANIC)


@dataclass(frozen=True)
class VideoInfo:
    """What a container says about its video."""

    frames: int | None  # that are shown; None where the container does not say
    width: int  # pixels, as it is shown
    height: int
    fps: float | None  # None for a folder of pictures


@dataclass
class Faults:
    """What went wrong while a video was decoded."""

    undecoded: int = 0  # pictures that do not decode
    replaced: int = 0  # of these, how many show the picture before (or after, at the start)
    damaged: int = 0  # pictures that decode with errors
    resized: int = 0  # pictures that are not of the first one's size
    errors: list[str] = field(default_factory=list)  # what the decoder or the file system said

    def describe(self) -> str | None:
        """One line, or None where nothing went wrong."""
        said = [
            f"{self.undecoded} frames do not decode" if self.undecoded else "",
            f"{self.replaced} of them show the frame before" if self.replaced else "",
            f"{self.damaged} frames decode with errors" if self.damaged else "",
            f"{self.resized} frames were resized to the first one's size" if self.resized else "",
            *sorted(set(self.errors)),
        ]
        return "; ".join(text for text in said if text) or None


def probe(source: Path) -> VideoInfo:
    """Open a video and decode until a picture is shown. Raises InputError where none is."""
    faults = Faults()
    if source.is_dir():
        numbers = list_pictures(source)
        first = next((picture for picture, _ in _load_all(numbers) if picture is not None), None)
        if first is None:
            raise InputError(f"{source}: no picture in it decodes")
        return VideoInfo(max(numbers), first.shape[1], first.shape[0], None)
    try:
        with open_container(source) as container:
            stream = _video_stream(container, source)
            shown = (frame for frame, _ in _frames(container, stream, faults) if frame is not None)
            if (first_frame := next(shown, None)) is None:
                said = f"not a readable video: {faults.errors[0]}" if faults.errors else ""
                raise InputError(f"{source}: {said or 'no frame decodes'}")
            width, height = _Shape.of(first_frame, stream).shown
            return VideoInfo(_count(container, stream), width, height, _rate(stream))
    except (av.FFmpegError, OSError) as error:
        raise InputError(f"{source}: not a readable video: {_said(error)}") from None


def probe_or_report(
    source: Path, report: Report, *, stop_on_fault: bool = False
) -> VideoInfo | None:
    """`probe`; where it fails on what the video holds, None, and the reason for `report`.

    `stop_on_fault` is as in `reason_to_leave_out`.
    """
    try:
        return probe(source)
    except Exception as error:
        report(reason_with_file(source, error, stop_on_fault=stop_on_fault))
        return None


def _rate(stream: "av.VideoStream") -> float | None:
    """Frames a second, on average."""
    rate = stream.average_rate or stream.guessed_rate
    return float(rate) if rate else None


def _count(container: "av.container.InputContainer", stream: "av.VideoStream") -> int | None:
    """The frames that are shown, as far as the container says."""
    if not 0 < stream.frames <= MAX_FRAMES:
        return None
    if "mp4" not in container.format.name.split(","):
        return stream.frames
    # the index has been cut as the edit list says, which the count has not
    return sum(not entry.is_discard for entry in stream.index_entries) or None


def count_decoded(source: Path) -> int:
    """How many pictures `decode` yields, by decoding them."""
    return sum(1 for _ in decode(source, Faults()))


def decode(source: Path, faults: Faults) -> Iterator[Picture]:
    """Yield every picture, (H, W, 3) uint8 BGR, as it is shown; `faults` gets what goes wrong.

    All pictures have the first one's size. Never raises because of what the video holds.
    """
    return (picture for picture, _ in decode_timed(source, faults))


def decode_timed(source: Path, faults: Faults) -> Iterator[tuple[Picture, float | None]]:
    """`decode` with the time at which each picture is shown, in seconds after the first.

    Times are those that the file stamps its frames with; they never go back. A frame without a
    stamp is shown one average frame after the one before it. None: no time is known, as of a folder
    of pictures.
    """
    last: Picture | None = None
    lost: list[float | None] = []  # when the pictures are shown that did not decode
    for picture, time in _pictures(source, faults):
        if picture is None:
            faults.undecoded += 1
            lost.append(time)
            continue
        if last is not None and picture.shape != last.shape:
            faults.resized += 1
            picture = cv2.resize(picture, (last.shape[1], last.shape[0]))  # noqa: PLW2901
        faults.replaced += len(lost)
        for missed in lost:
            yield picture if last is None else last, missed
        lost, last = [], picture
        yield picture, time


def list_pictures(folder: Path) -> dict[int, Path]:
    """The pictures of a folder by their numbers; other files are left out.

    Raises InputError where they are numbered from 0: all would be taken for the one before.
    """
    refuse_zero(folder, "jpg")
    found = ((frame_number(path.name, "jpg"), path) for path in folder.iterdir())
    return {number: path for number, path in sorted(found, key=lambda f: f[1]) if number}


def _pictures(source: Path, faults: Faults) -> Iterator[tuple[Picture | None, float | None]]:
    """The pictures of a folder or a file, and their times; None where one does not decode."""
    try:
        if source.is_dir():
            yield from _load_all(list_pictures(source))
            return
        with open_container(source) as container:
            stream = _video_stream(container, source)
            clock, converter = _Clock(_rate(stream)), VideoReformatter()
            for frame, stamp in _frames(container, stream, faults):
                picture = None
                if frame is not None:
                    picture = _Shape.of(frame, stream).show(frame, converter)
                yield picture, clock.read(stamp)
    except InputError as error:
        faults.errors.append(str(error).partition(": ")[2])
    except (av.FFmpegError, OSError) as error:
        faults.errors.append(_said(error))


def _load_all(numbers: Mapping[int, Path]) -> Iterator[tuple[Picture | None, None]]:
    """The pictures of a folder from 1 to the highest number, of whose times nothing is known."""
    for number in range(1, max(numbers, default=0) + 1):
        yield _load(numbers[number]) if number in numbers else None, None


def _load(path: Path) -> Picture | None:
    try:
        data = np.frombuffer(read_bytes(path, _MAX_BYTES), np.uint8)
        return cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
    except (InputError, cv2.error):  # the latter of more pixels than OpenCV's limit
        return None


def _frames(
    container: "av.container.InputContainer", stream: "av.VideoStream", faults: Faults
) -> Iterator[tuple["av.VideoFrame | None", float | None]]:
    """The frames that are shown, and their time stamps in seconds, where they have one.

    Decoded packet by packet, so that one that does not decode is not the end of the video: it
    stands for one frame, which is yielded as None at its place in time.
    """
    stream.thread_count = 1  # videos run side by side in processes
    lost: list[float | None] = []  # stamps of packets that did not decode
    for packet in _demux(container, stream, faults):
        try:
            frames = stream.codec_context.decode(packet)
        except av.FFmpegError as error:
            faults.errors.append(_said(error))
            if packet is not None and packet.size and not packet.is_discard:
                lost.append(_seconds(packet, stream))
            continue
        for frame in frames:
            stamp = _seconds(frame, stream)
            passed = [one for one in lost if one is None or stamp is None or one < stamp]
            yield from ((None, one) for one in passed)
            lost = [one for one in lost if one not in passed]
            faults.damaged += bool(frame.is_corrupt)
            yield frame, stamp
    yield from ((None, one) for one in lost)


def _seconds(timed: "av.Packet | av.VideoFrame", stream: "av.VideoStream") -> float | None:
    """When it is to be shown, from some beginning on."""
    # a frame's own base may be missing
    if timed.pts is None or not stream.time_base:
        return None
    return float(timed.pts * stream.time_base)


class _Clock:
    """Time stamps as seconds after the first frame, to the nanosecond."""

    def __init__(self, rate: float | None) -> None:
        """`rate`: of frames a second, for those without a stamp."""
        self._step = 1 / rate if rate else None
        self._last: float | None = None
        self._start: float | None = None

    def read(self, stamp: float | None) -> float | None:
        """When the next frame is shown."""
        if stamp is None and self._step is None:
            return None
        now = 0.0 if self._last is None else self._last + (self._step or 0)
        if stamp is not None:
            self._start = stamp - now if self._start is None else self._start
            now = max(stamp - self._start, self._last or 0)
        self._last = now
        return round(now, 9)


def _demux(
    container: "av.container.InputContainer", stream: "av.VideoStream", faults: Faults
) -> Iterator["av.Packet | None"]:
    """The packets of a stream; None at the end, which has the decoder give what it holds back."""
    try:
        for packet in container.demux(stream):
            if packet.size:
                yield packet
    except av.FFmpegError as error:
        faults.errors.append(_said(error))
    yield None


@dataclass(frozen=True)
class _Shape:
    """How a player shows a frame: stretched to square pixels, then turned and mirrored."""

    width: int  # before it is turned
    height: int
    swapped: bool  # x and y change places, before what is mirrored
    mirrored: tuple[bool, bool]  # along x, along y

    @classmethod
    def of(cls, frame: "av.VideoFrame", stream: "av.VideoStream") -> "_Shape":
        width, height = frame.width, frame.height
        ratio = float(stream.sample_aspect_ratio or 1)  # width of a pixel over its height
        if 1 < ratio < _ODDEST:
            width = round(width * ratio)
        elif 1 / _ODDEST < ratio < 1:  # no pixel is lost
            height = round(height / ratio)
        return cls(width, height, *_read_matrix(frame))

    @property
    def shown(self) -> tuple[int, int]:
        """Width and height."""
        return (self.height, self.width) if self.swapped else (self.width, self.height)

    def show(self, frame: "av.VideoFrame", converter: VideoReformatter) -> Picture:
        # left alone, PyAV makes a converter with threads of its own for each frame: most of the
        # time
        plain = converter.reformat(frame, self.width, self.height, format="bgr24", threads=1)
        picture = plain.to_ndarray()
        if self.swapped:
            picture = picture.swapaxes(0, 1)
        along_x, along_y = (-1 if mirrored else 1 for mirrored in self.mirrored)
        return np.ascontiguousarray(picture[::along_y, ::along_x])


def _read_matrix(frame: "av.VideoFrame") -> tuple[bool, tuple[bool, bool]]:
    """Whether x and y are swapped, and then mirrored, by a frame's display matrix.

    The matrix takes (x, y) to (a x + c y, b x + d y); of others than quarter turns and mirrors,
    the nearest is taken.
    """
    matrix = frame.side_data.get("DISPLAYMATRIX")
    if matrix is None:
        return False, (False, False)
    a, b, _, c, d = np.frombuffer(matrix, np.int32)[:5].tolist()
    swapped = abs(b) + abs(c) > abs(a) + abs(d)
    return swapped, (c < 0, b < 0) if swapped else (a < 0, d < 0)


def open_container(source: Path) -> "av.container.InputContainer":
    """A file as PyAV reads it. A playlist that poses as a video does not reach the network."""
    return av.open(str(source), options={"protocol_whitelist": "file"}, **_ANY_TITLE)


def _video_stream(container: "av.container.InputContainer", source: Path) -> "av.VideoStream":
    stream = container.streams.best("video")  # not a cover picture, say
    if stream is None:
        raise InputError(f"{source}: no video stream in it")
    if stream.codec_context is None:
        raise InputError(f"{source}: of a codec that is not known here")
    return stream


def _said(error: Exception) -> str:
    """An error without its number and file name."""
    return getattr(error, "strerror", None) or str(error)
