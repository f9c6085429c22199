"""ELAN's .eaf, written: a tier for each person and each part of one, with the times of its states.

Linguists, dance researchers and others who annotate gestures read it. Times are when frames are
shown, to the millisecond, which is all that ELAN keeps.
"""

import os
from collections.abc import Iterator, Mapping
from itertools import pairwise
from pathlib import Path

import numpy as np
from pympi.Elan import Eaf, to_string

from partparse.boxes import Floats
from partparse.dataset.exchange.labels import Labels
from partparse.errors import InputError
from partparse.files.atomic import write_text
from partparse.frames.decoding import Faults, decode_timed
from partparse.vocabulary import PARTS, PERSON

_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n'

Spans = list[tuple[int, int, str]]
"""First frame, the first frame after, and what is the case between them."""


def write_elan(path: Path, labels: Labels, times: Mapping[int, float]) -> None:
    """Write the labels of a video.

    A labelled frame speaks for the time to the next one, but for no more than the usual gap
    between labelled frames: who is not labelled in between is not known of.

    Args:
        path: the file, beside or far from the video, to which it is linked.
        labels: of the video.
        times: when frames are shown, in seconds; the labelled ones at least.
    """
    eaf = Eaf(author="partparse")
    eaf.remove_tier("default")
    video = labels.clip.path.resolve()
    if video.is_file():
        relative = Path(os.path.relpath(video, path.parent.resolve())).as_posix()
        eaf.add_linked_file(video.as_uri(), f"./{relative}", f"video/{video.suffix[1:].lower()}")
    clock = _Clock(times)
    for (person, name), spans in _tiers(labels).items():
        tier = f"{PERSON} {person}" if name == PERSON else f"{PERSON} {person} {name}"
        eaf.add_tier(tier, part=f"{PERSON} {person}")
        for first, end, said in spans:
            start = clock.milliseconds(first)
            eaf.add_annotation(tier, start, max(clock.milliseconds(end), start + 1), said)
    write_text(path, _DECLARATION + to_string(eaf))


def frame_times(labels: Labels) -> dict[int, float]:
    """When each frame of a video is shown, in seconds, as its file says; all of it is decoded.

    Raises InputError where it does not say, as of a folder of pictures.
    """
    shown = (time for _, time in decode_timed(labels.clip.path, Faults()))
    times = {number: time for number, time in enumerate(shown, start=1) if time is not None}
    if missing := sorted(set(labels.frames) - set(times)):
        raise InputError(
            f"{labels.clip.path}: when frame {missing[0]} is shown is not known; expected a video "
            "file with as many frames"
        )
    return times


def _tiers(labels: Labels) -> dict[tuple[int, str], Spans]:
    """What is said of each person and part, persons by number, parts in their order."""
    numbers = sorted(labels.frames)
    reach = min((b - a for a, b in pairwise(numbers)), default=1)
    said: dict[tuple[int, str], dict[int, str]] = {}
    for number in numbers:
        for person, found in labels.frames[number].persons.items():
            said.setdefault((person, PERSON), {})[number] = labels.clip.action or PERSON
            for name, part in found.parts.items():
                said.setdefault((person, name), {})[number] = part.state
    order = [PERSON, *PARTS]
    return {
        key: list(_spans(said[key], reach))
        for key in sorted(said, key=lambda key: (key[0], order.index(key[1])))
    }


def _spans(said: Mapping[int, str], reach: int) -> Iterator[tuple[int, int, str]]:
    """Frames of a tier, a frame from 1 and what is said of it, joined where they are alike."""
    first: int | None = None
    for number, following in pairwise([*said, None]):
        assert number is not None
        first = number if first is None else first
        goes_on = following == number + reach and said[following] == said[number]
        if not goes_on:
            yield first, number + reach, said[number]
            first = None


class _Clock:
    """Times of frames, also of those that are not known: on a straight line between others."""

    def __init__(self, times: Mapping[int, float]) -> None:
        self._frames: Floats = np.array(sorted(times), float)
        self._times: Floats = np.array([times[number] for number in sorted(times)])

    def milliseconds(self, frame: int) -> int:
        """When a frame is shown; one after the last, as if the last gap went on."""
        late = frame - self._frames[-1]
        if late <= 0 or len(self._frames) == 1:
            return round(1000 * float(np.interp(frame, self._frames, self._times)))
        (a, b), (start, end) = self._frames[-2:], self._times[-2:]
        return round(1000 * float(end + late * (end - start) / (b - a)))
