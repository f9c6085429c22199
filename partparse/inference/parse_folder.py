"""Videos parsed into a folder: which of them are new, and what keeps other files from harm."""

import logging
import multiprocessing
import os
import shutil
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from partparse.errors import InputError, Report, SetupError
from partparse.files.atomic import only_process
from partparse.frames.decoding import Faults, decode
from partparse.inference.parser import Parser
from partparse.inference.records import Shown, read_head
from partparse.inference.run_folder import RECORD, Run, describe_run, open_run
from partparse.inference.videos import Video, find_videos
from partparse.inference.writing import JSON, SUFFIXES, write_parse
from partparse.running.failures import hush_libraries
from partparse.running.gpus import find_devices
from partparse.running.pace import Pace
from partparse.running.resuming import cache_key
from partparse.running.video_faults import reason_with_file

WORK = ".work"
MOST_JOBS = 4  # unless asked for: each has models of its own, 1.5 GB of the demo's
_LONGEST_NAME = 255  # bytes of a file's, on Linux

Tell = Callable[[str], object]

_log = logging.getLogger("partparse.parse")


@dataclass(frozen=True)
class Request:
    """What is asked for of each video."""

    run: Run
    every: int
    """Frames 1, 1 + every, … are parsed."""
    shown: Shown
    device: str
    """See `Parser`."""

    @classmethod
    def of(
        cls,
        run: Run,
        every: int | None,
        score: float | None,
        shortest: float | None,
        device: str,
    ) -> "Request":
        """With what the run's settings say where None is given."""
        drawn = run.config["report"]["overlays"]
        score = drawn["score"] if score is None else score
        # runs of before have no such setting
        lasting = run.config["report"].get("timeline", {"shortest": 0.0})["shortest"]
        shown = Shown(score, drawn["persons"], lasting if shortest is None else shortest)
        return cls(run, every or run.stride, shown, device)


def parse_videos(
    paths: Sequence[Path],
    results: Path,
    out: Path,
    *,
    every: int | None,
    score: float | None,
    shortest: float | None,
    device: str,
    jobs: int | None,
    tell: Tell,
    report: Report,
) -> None:
    """Write the parse of each video that is not there yet.

    An interrupted call is gone on with by the next one that asks for the same videos.

    Args:
        paths: video files, or folders of pictures.
        results: of a finished run.
        out: folder for the parses.
        every: frames 1, 1 + every, … are parsed; None: as in the run.
        score: persons below it are left out; None: those that the run does not draw.
        shortest: seconds that a span of a time line lasts at least; None: as in the run.
        device: see `Parser`.
        jobs: processes that parse at most, each a video at a time, where there are GPUs each on one
            of its own; None: as many as there are cores for, but `MOST_JOBS` at most, and one where
            there is a GPU.
        tell: gets a line for each parse that is there in the end.
        report: gets a line for each video that has none, with the reason.

    Raises:
        InputError: the run is none or not finished, there is no such device, two videos have the
            same name, or a parse would replace another file. Nothing is done then.
        SetupError: a process was ended by the system.
    """
    request = Request.of(open_run(results), every, score, shortest, device)
    videos = [video for video in find_videos(paths, report) if _is_short(video, report)]
    for video in videos:
        check_place(out, video)
    out.mkdir(parents=True, exist_ok=True)
    with only_process(out / "parse"):
        todo = [video for video in videos if not is_done(out, video, request)]
        labels = [f"{v.name} ({n} of {len(todo)})" for n, v in enumerate(todo, start=1)]
        tasks = [_Task(*each, out) for each in zip(todo, labels, strict=True)]
        for reason in _parse_each(tasks, request, jobs):
            report(reason)
        if all(is_done(out, video, request) for video in videos):
            shutil.rmtree(out / WORK, ignore_errors=True)
        for note in dict.fromkeys(note for v in videos for note in request.run.notes(v.path)):
            _log.warning("note: %s", note)  # on the terminal, whether anybody listens or not
        for video in videos:
            if is_done(out, video, request):
                path = out / f"{video.name}{JSON}"
                head = read_head(path)
                action, problem = head["action"], head.get("problem")
                said = f"{path}: {action['name']} {action['probability']:.2f}"
                tell(f"{said}; problem: {problem}" if problem else said)


@dataclass(frozen=True)
class _Task:
    """A video to parse."""

    video: Video
    label: str  # in messages
    out: Path

    def do(self, parser: Parser, request: Request) -> str | None:
        """Write the parse; or why there is none, where that concerns this video alone."""
        with _heard(self.label, self.video.frames) as heard:
            try:
                self._write(parser, request, heard)
            except Exception as error:
                stop = bool(request.run.config.get("stop_on_fault"))
                return reason_with_file(self.video.path, error, stop_on_fault=stop)
        return None

    def _write(self, parser: Parser, request: Request, heard: Callable[[float], object]) -> None:
        video = self.video
        asked = {"source": video.source, "run": request.run.identity, "every": request.every}
        work = self.out / WORK / cache_key({"name": video.name, **asked})[:16]
        parse = parser.parse(video.path, work=work, heard=heard)
        write_parse(
            parse,
            self.out,
            request.shown,
            decode(video.path, Faults()),
            video=video.path,
            notes=request.run.notes(video.path),
            run=describe_run(request.run.results / RECORD),
        )
        shutil.rmtree(work, ignore_errors=True)


def _job_count(request: Request, asked: int | None) -> int:
    """How many processes may parse: each has a GPU of its own, where there are any."""
    gpus = [] if request.device == "cpu" else find_devices()
    if gpus:
        return min(asked or 1, 1 if ":" in request.device else len(gpus))
    cores = len(os.sched_getaffinity(0)) // request.run.config["resources"]["threads"]
    return asked or max(1, min(cores, MOST_JOBS))


def _parse_each(tasks: Sequence[_Task], request: Request, jobs: int | None) -> list[str]:
    """Do all tasks, several at a time; why there is no parse, for each video that has none.

    Raises what concerns more than one video; tasks that are not finished are given up then.
    """
    if not tasks:
        return []
    jobs = min(_job_count(request, jobs), len(tasks)) if len(tasks) > 1 else 1
    if jobs == 1:
        parser = Parser(request.run.results, every=request.every, device=request.device)
        return [reason for task in tasks if (reason := task.do(parser, request))]
    level = logging.getLogger("partparse").getEffectiveLevel()
    # a process that torch runs in cannot be forked
    spawn = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(jobs, spawn, _start_beside, (level,))
    try:
        futures = [pool.submit(_do_beside, task, request) for task in tasks]
        for future in as_completed(futures):
            future.result()
    except BrokenProcessPool:
        raise SetupError(
            "a process that parsed was ended by the system, most often for want of memory: "
            "--jobs 1 needs the least"
        ) from None
    except BaseException:
        for process in multiprocessing.active_children():
            process.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)
    return [reason for future in futures if (reason := future.result())]


def _start_beside(level: int) -> None:
    """Make a process ready that parses beside others, and see to its end."""
    hush_libraries()
    logging.basicConfig(level=level, format="%(message)s")
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process hears Ctrl-C, and ends all
    parent = multiprocessing.parent_process()
    assert parent is not None

    def end_with_parent() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=end_with_parent, daemon=True).start()


@cache
def _keep_parser(results: Path, every: int, device: str) -> Parser:
    """The parser of a process that parses beside others, with its models, from video to video."""
    return Parser(results, every=every, device=device)


def _do_beside(task: _Task, request: Request) -> str | None:
    return task.do(_keep_parser(request.run.results, request.every, request.device), request)


def files_of(folder: Path, video: Video) -> list[Path]:
    """The files of a video's parse in a folder."""
    return [folder / f"{video.name}{suffix}" for suffix in SUFFIXES]


def _is_short(video: Video, report: Report) -> bool:
    """Whether the files of a video's parse can be called after it; `report` hears where not."""
    longest = max(len(os.fsencode(file.name)) for file in files_of(Path(), video))
    if longest > _LONGEST_NAME:
        most = _LONGEST_NAME - longest + len(os.fsencode(video.name))
        report(
            f"{video.path}: the name has {len(os.fsencode(video.name))} bytes without its suffix;"
            f" expected {most} at most, as the parses are called after it: rename it"
        )
    return longest <= _LONGEST_NAME


def is_done(folder: Path, video: Video, request: Request) -> bool:
    """Whether the parse of just this video as it is asked for lies in a folder."""
    files = files_of(folder, video)
    if not all(file.is_file() for file in files):
        return False
    head = read_head(files[0])
    applied = head["run"] or {}  # None where a run wrote it of its own test videos
    shown = request.shown
    made_by = (head["source"], applied.get("record"), head["stride"])
    asked = (video.source, request.run.identity, request.every)
    said = (head.get("score"), head.get("shortest"))
    return (made_by, said) == (asked, (shown.score, shown.shortest))


def check_place(folder: Path, video: Video) -> None:
    """Raise InputError where writing a parse would replace what is none."""
    files = files_of(folder, video)
    for file in files:
        if file.exists() and file.samefile(video.path):
            raise InputError(f"{file}: is the video itself; expected another folder for the parses")
    if files[0].exists():
        read_head(files[0])
        return
    for file in files:
        if file.exists():
            raise InputError(f"{file}: is there already, and was not made by `partparse parse`")


@contextmanager
def _heard(video: str, frames: int | None) -> Iterator[Callable[[float], object]]:
    """What logs, now and then, how many frames of a video are done."""
    pace = Pace(frames)

    def hear(done: float) -> None:
        pace.done = max(int(done) - 1, 0)
        if line := pace.step():
            _log.info("%s: frames %s", video, line)

    yield hear
    _log.info("%s: %d frames in %.1f s", video, pace.done, pace.seconds())
