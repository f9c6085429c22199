from pathlib import Path

from partparse import tables
from partparse.frames.settings import FrameSettings
from partparse.running.arguments import Job, Videos
from partparse.running.command_line import program


@program
def extract_frames(
    *,
    root: Path,
    videos: Videos,
    settings: FrameSettings,
    job: Job,
    frames_out: Path,
    times_out: Path,
) -> None:
    """Write the frames of a shard's videos, as many videos side by side as there are threads.

    Args:
        frames_out: Frames table to write; the pictures are written beside it.
    """
    from partparse.frames.cache import extract_shard

    frames, times = extract_shard(
        videos,
        root,
        frames_out.parent,
        settings,
        version=job.version,
        workers=job.threads,
        stop_on_fault=job.stop_on_fault,
    )
    tables.write(times, times_out, tables.TIMES)
    tables.write(frames, frames_out, tables.FRAMES)
