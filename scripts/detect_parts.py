from pathlib import Path

from partparse import tables
from partparse.detection.settings import PartPredictSettings
from partparse.running.command_line import run
from partparse.running.program import Job


def detect_parts(
    *,
    model: Path,
    persons: Path,
    keypoints: Path | None = None,
    frames: Path,
    settings: PartPredictSettings,
    job: Job,
    out: Path,
    mirrored: bool = False,
) -> None:
    """Detect the parts of the detected persons of a shard.

    Args:
        keypoints: Their keypoints, for a detector with dots.
        mirrored: Look at the persons in a mirror.
    """
    from partparse.detection import parts

    parts.detect_parts(
        model,
        tables.read(persons, tables.PERSONS),
        keypoints and tables.read(keypoints, tables.KEYPOINT_TABLE),
        tables.read(frames, tables.FRAMES),
        cache=frames.parent,
        settings=settings,
        version=job.version,
        device=job.device,
        out=out,
        mirrored=mirrored,
    )


if __name__ == "__main__":
    run(detect_parts)
