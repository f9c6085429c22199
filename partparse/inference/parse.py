"""A run applied to videos: which of them are new, the workflow on those, and their parses."""

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from partparse.errors import InputError, Report
from partparse.files.atomic import only_process
from partparse.inference.records import read_record
from partparse.inference.run_folder import Run, open_run
from partparse.inference.videos import JSON, Video, check_place, files_of, find_videos, is_done
from partparse.inference.work_folder import CONFIG, deliver, lay_out, unfinished
from partparse.inference.workflow import run_workflow

WORK = ".work"
TARGET = "parse_videos"

_FRAMES_A_SHARD = 1000
"""Of a video that is parsed beside others: with fewer, the start of its jobs takes longer."""

Tell = Callable[[str], object]


def parse_videos(
    paths: Sequence[Path],
    results: Path,
    out: Path,
    *,
    stride: int | None,
    cores: int,
    tell: Tell,
    report: Report,
) -> None:
    """Write the parse of each video that is not there yet: JSON, table, annotated video.

    An interrupted call is gone on with by the next one that asks for the same videos, or more.

    Args:
        paths: video files, or folders of pictures.
        results: of a finished run.
        out: folder for the parses.
        stride: each `stride`-th frame is parsed; None: as in the run.
        cores: how many are used.
        tell: gets a line for each parse that is there in the end.
        report: gets a line for each video that has none, with the reason.

    Raises:
        InputError: the run is none or not finished, its stride can't be changed to this one, two
            videos have the same name, or a parse would replace another file. Nothing is done then.
    """
    run = open_run(results)
    stride = _check_stride(stride, run)
    videos = find_videos(paths, report)
    for video in videos:
        check_place(out, video)
    out.mkdir(parents=True, exist_ok=True)
    with only_process(out / "parse") as lock:
        todo = [video for video in videos if not is_done(out, video, run, stride)]
        while todo:
            batch = _next_batch(out, run, todo, stride, cores)
            work = (out / WORK).resolve()
            whole = run_workflow(work, work / CONFIG, TARGET, cores, lock)
            for video in batch:
                deliver(work, video, out)
                if not is_done(out, video, run, stride):  # an older parse may be there
                    report(_why_not(video, whole, work))
            if not whole:  # it stays, to be looked at and to go on with
                break
            shutil.rmtree(work)
            todo = [video for video in todo if video not in batch]
        for video in videos:
            if is_done(out, video, run, stride):
                path = files_of(out, video)[JSON]
                action = read_record(path)["action"]
                tell(f"{path}: {action['name']} {action['probability']:.2f}")
            elif video in todo and video not in batch:
                report(f"{video.path}: not parsed, as the videos before it could not be")


def _check_stride(stride: int | None, run: Run) -> int:
    """The stride to use. A run's own has to be a multiple: what it learned of time is in its steps.

    The decision knows what follows a state one stride later; with a divisor each frame still has
    the frames a stride before and after it.
    """
    if stride is None:
        return run.stride
    if run.stride % stride:
        raise InputError(
            f"--stride {stride}: expected a divisor of {run.stride}, the stride of the run"
        )
    return stride


def _next_batch(out: Path, run: Run, todo: Sequence[Video], stride: int, cores: int) -> list[Video]:
    """Some of the videos, for which the work folder is laid out.

    First those of an interrupted call, unless it was for others as well: then its work is dropped.
    """
    asked = unfinished(out / WORK, run, stride)
    left = [video for video in asked if not is_done(out, video, run, stride)]
    if left and all(video in todo for video in left):
        return left
    frames = sum(video.frames or _FRAMES_A_SHARD for video in todo)
    shards = min(cores, len(todo), -(-frames // _FRAMES_A_SHARD))
    lay_out(out / WORK, run, todo, stride, shards)
    return list(todo)


def _why_not(video: Video, whole: bool, work: Path) -> str:
    if whole:
        return f"{video.path}: no frame decodes"
    return f"{video.path}: not parsed, see {work / 'logs'}; the same command tries again"
