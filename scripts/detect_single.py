from pathlib import Path

from partparse import tables
from partparse.detection.settings import FramePartSettings
from partparse.running.command_line import run
from partparse.running.program import Job


def detect_single(
    *, model: Path, persons: Path, frames: Path, settings: FramePartSettings, job: Job, out: Path
) -> None:
    """Detect the parts of the detected persons of a shard, in the whole frames."""
    from partparse.detection import single

    single.detect_single(
        model,
        tables.read(persons, tables.PERSONS),
        tables.read(frames, tables.FRAMES),
        cache=frames.parent,
        settings=settings,
        version=job.version,
        device=job.device,
        out=out,
    )


if __name__ == "__main__":
    run(detect_single)
