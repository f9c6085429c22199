from pathlib import Path

from partparse import tables
from partparse.detection.settings import ObjectPredictSettings
from partparse.running.command_line import run
from partparse.running.program import Job


def detect_objects(
    *, model: Path, frames: Path, stride: int, settings: ObjectPredictSettings, job: Job, out: Path
) -> None:
    """Detect objects on the scored frames of a shard."""
    from partparse.detection import objects

    objects.detect_objects(
        model,
        tables.read(frames, tables.FRAMES),
        cache=frames.parent,
        stride=stride,
        settings=settings,
        version=job.version,
        device=job.device,
        out=out,
    )


if __name__ == "__main__":
    run(detect_objects)
