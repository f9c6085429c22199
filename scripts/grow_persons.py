from pathlib import Path

from partparse import tables
from partparse.detection import growth
from partparse.detection.settings import GrowthSettings
from partparse.running.arguments import Frames, Keypoints, Persons
from partparse.running.command_line import program


@program
def grow_persons(
    *, persons: Persons, keypoints: Keypoints, frames: Frames, settings: GrowthSettings, out: Path
) -> None:
    """Grow detected persons' boxes until they hold the persons' confident keypoints."""
    grown = growth.grow_persons(persons, keypoints, frames.table, settings)
    tables.write(grown, out, tables.PERSONS)
