from pathlib import Path

from partparse import tables
from partparse.detection import growth
from partparse.detection.settings import GrowthSettings
from partparse.running.command_line import program


@program
def grow_persons(
    *, persons: Path, keypoints: Path, frames: Path, settings: GrowthSettings, out: Path
) -> None:
    """Grow detected persons' boxes until they hold the persons' confident keypoints."""
    grown = growth.grow_persons(
        tables.read(persons, tables.PERSONS),
        tables.read(keypoints, tables.KEYPOINT_TABLE),
        tables.read(frames, tables.FRAMES),
        settings,
    )
    tables.write(grown, out, tables.PERSONS)
