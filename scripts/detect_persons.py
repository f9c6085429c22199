from pathlib import Path

from partparse import tables
from partparse.detection.settings import PersonPredictSettings
from partparse.running.command_line import run
from partparse.running.program import Job


def detect_persons(
    *,
    model: Path,
    frames: Path,
    stride: int,
    settings: PersonPredictSettings,
    job: Job,
    out: Path,
    mirrored: bool = False,
) -> None:
    """Detect persons on the scored frames of a shard.

    Args:
        mirrored: Look at the frames in a mirror.
    """
    from partparse.detection import persons

    persons.detect_persons(
        model,
        tables.read(frames, tables.FRAMES),
        cache=frames.parent,
        stride=stride,
        settings=settings,
        version=job.version,
        device=job.device,
        out=out,
        mirrored=mirrored,
    )


if __name__ == "__main__":
    run(detect_persons)
