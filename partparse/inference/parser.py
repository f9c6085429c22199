"""A finished run in one process: every model is loaded once, for any number of videos."""

import logging
import os
import re
import tempfile
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from math import gcd
from pathlib import Path

import pandas as pd

from partparse import tables
from partparse.augment import Picture
from partparse.errors import InputError
from partparse.frames.decoding import Faults, decode_timed
from partparse.frames.names import is_safe_name
from partparse.frames.settings import FrameSettings
from partparse.inference.joining import join
from partparse.inference.parse import Parse, parses_of
from partparse.inference.plan import FRAMES, TIMES, VIDEOS, plan_steps
from partparse.inference.run_folder import open_run
from partparse.inference.stages import Stages
from partparse.inference.videos import find_videos
from partparse.inference.windows import Cutting, Timed, Window, cut
from partparse.running.gpus import VISIBLE
from partparse.running.program import claim, limit_threads

Heard = Callable[[float], object]
"""Gets how many frames of a video are done, now and then."""


@dataclass(frozen=True)
class _Source:
    """A video and where its pictures come from."""

    name: str
    source: str
    fps: float | None
    pictures: Iterable[Timed]
    faults: Faults


class Parser:
    """A finished run, ready to parse videos.

        parser = Parser("results")
        parse = parser.parse("clip.mp4")
        parse.action, parse.persons, parse.parts

    What it says of a video is what the run's workflow says of it, by the same programs: those that
    the rules name are called here one after the other. Videos of more than 600 frames are parsed
    in windows that overlap.
    """

    def __init__(self, run: Path | str, *, every: int | None = None, device: str = "auto") -> None:
        """Take a run.

        Args:
            run: its folder `results`.
            every: frames 1, 1 + every, … are parsed; None: as in the run.
            device: cpu; cuda, or cuda:N for one of several GPUs; auto: a GPU, where there is one.

        Raises:
            InputError: the run is none or not finished, or there is no such device.
        """
        _check_device(device)
        self.run = open_run(Path(run))
        self.every = every or self.run.stride
        # the decision has learned what follows a state a stride later: each frame that is parsed
        # needs the frames a stride before and after it
        self._stride = gcd(self.every, self.run.stride)
        self._settings = FrameSettings(jpeg_quality=self.run.config["frames"]["jpeg_quality"])
        with ThreadPoolExecutor(1) as beside:
            plan = beside.submit(plan_steps, self.run, self._stride)  # in a process of its own
            device = _claim_device(device, self.run.config["resources"]["threads"])
            self._stages = Stages(plan.result(), self.run.results, device)

    def parse(
        self,
        video: Path | str | Sequence[Picture],
        *,
        name: str = "video",
        fps: float | None = None,
        work: Path | None = None,
        heard: Heard = lambda _: None,
    ) -> Parse:
        """All that the run says of a video.

        Args:
            video: a file, a folder of img_00001.jpg, …, or pictures (H, W, 3), RGB, of one size.
            name: of a video that is given as pictures.
            fps: frames a second of such a video; None: not known.
            work: folder in which windows that are done are found again after an interruption; it
                belongs to this video, this run and `every`. None: nothing is kept.
            heard: told of the progress.

        Raises:
            InputError: the video does not decode, or its name can't be a file's.
        """
        source = _open(video, name, fps)
        if work is not None:
            return self._parse(source, work, heard)
        with tempfile.TemporaryDirectory(prefix="partparse-") as folder:
            return self._parse(source, Path(folder), heard)

    def _parse(self, source: _Source, work: Path, heard: Heard) -> Parse:
        cutting = Cutting.of(self._stride)

        def place(first: int) -> Path:
            return work / f"{first:07d}"

        windows = cut(
            source.pictures,
            cutting,
            lambda first: place(first) / FRAMES.parent / source.name,
            self._settings,
        )
        parsed = ((w.first, self._parse_window(source, w, place(w.first), heard)) for w in windows)
        parse = join(parsed, cutting.overlap)
        problems = filter(None, [source.faults.describe(), parse.problem])
        return self._thin(parse, "; ".join(problems) or None)

    def _parse_window(self, source: _Source, window: Window, folder: Path, heard: Heard) -> Parse:
        """The parse of a window, whose pictures lie in a folder."""
        if not window.frames:
            raise InputError(f"{source.name}: no frame decodes")

        def hear(share: float) -> None:
            heard(window.first - 1 + share * window.frames)

        if not self._stages.are_done(folder):
            _tabulate(source, window, folder)
            with _quiet():
                self._stages.make(folder, hear)
            self._stages.clear(folder)
        hear(1.0)
        found = self._stages.read(folder)
        (parse,) = parses_of(
            videos=found["videos"],
            frames=found["frames"].table,
            times=found["times"],
            actions=found["actions"],
            probabilities=found["probabilities"],
            parses=found["parses"],
            tracks=found["tracks"],
            persons=found.get("persons"),
            keypoints=found.get("keypoints"),
            method=found["method"],
            stride=self._stride,
        )
        told = self._stages.problems(folder)[["stage", "reason"]].itertuples(index=False)
        problems = [f"{stage}: {reason}" for stage, reason in told]
        return replace(parse, problem="; ".join(problems) or None)

    def _thin(self, parse: Parse, problem: str | None) -> Parse:
        """The parse with every so manieth frame alone."""
        kept = {
            name: rows[(rows["frame"] - 1) % self.every == 0]
            for name, rows in (("parses", parse.parses), ("keypoints", parse.keypoints))
        }
        return replace(parse, stride=self.every, problem=problem, **kept)


def _open(video: Path | str | Sequence[Picture], name: str, fps: float | None) -> _Source:
    if isinstance(video, Path | str):
        found, *others = find_videos([Path(video)])
        if others:
            raise InputError(f"{video}: holds several videos; expected one")
        faults = Faults()
        return _Source(
            found.name, found.source, found.fps, decode_timed(found.path, faults), faults
        )
    if not is_safe_name(name) or name.startswith("."):
        raise InputError(f"name {name!a}: expected printable characters and no / or \\")
    times = (None if fps is None else number / fps for number in range(len(video)))
    pictures = ((picture[..., ::-1], time) for picture, time in zip(video, times, strict=True))
    return _Source(name, "", fps, pictures, Faults())


def _tabulate(source: _Source, window: Window, folder: Path) -> None:
    """Write what the first stages would say of a window."""
    known = pd.DataFrame(
        {
            "video": [source.name],
            "frames": window.frames,
            "width": window.width,
            "height": window.height,
            "fps": source.fps,
            "source": source.source,
        }
    )
    videos = known.assign(split="test", action=None, path=source.name)
    frames = known.assign(expected=window.frames, problem=None)
    times = pd.DataFrame({"frame": range(1, window.frames + 1), "time": window.times})
    tables.write(videos, folder / VIDEOS, tables.VIDEOS)
    tables.write(frames, folder / FRAMES, tables.FRAMES)
    tables.write(times.assign(video=source.name), folder / TIMES, tables.TIMES)


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep stages from telling how far they are: they are short, and many."""
    log = logging.getLogger("partparse")
    before = log.level
    log.setLevel(logging.WARNING)
    try:
        with warnings.catch_warnings(action="ignore"):  # of libraries, about each other
            yield
    finally:
        log.setLevel(before)


def _check_device(device: str) -> None:
    if not re.fullmatch(r"auto|cpu|cuda(:\d+)?", device):
        raise InputError(f"device {device!r}: expected cpu, cuda, cuda:N or auto")


def _claim_device(device: str, threads: int) -> str:
    """Take a device and as many threads as the run's stages have; `cpu`, or `cuda`.

    Raises InputError where there is no such device.
    """
    kind, _, number = device.partition(":")
    if number:
        os.environ[VISIBLE] = number
    if kind == "cpu":  # a caller's other work may have the GPUs
        limit_threads(threads)
        return "cpu"
    claim(threads, gpus=1)
    import torch

    if kind == "cuda" and not torch.cuda.is_available():
        raise InputError(f"device {device!r}: no such GPU")
    return "cuda" if torch.cuda.is_available() else "cpu"
