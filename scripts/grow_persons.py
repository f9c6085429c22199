from pathlib import Path

from partparse import tables
from partparse.detection import growth
from partparse.detection.settings import GrowthSettings
from partparse.running.arguments import Frames, Job, Keypoints, Persons
from partparse.running.command_line import program
from partparse.running.prediction import Output, make_tables


@program
def grow_persons(
    *,
    persons: Persons,
    keypoints: Keypoints,
    frames: Frames,
    settings: GrowthSettings,
    job: Job,
    out: Path,
) -> None:
    """Grow detected persons' boxes until they hold the persons' confident keypoints."""
    make_tables(
        lambda rows: [
            growth.grow_persons(rows["persons"], rows["keypoints"], rows["frames"], settings)
        ],
        {"persons": persons, "keypoints": keypoints, "frames": frames.table},
        [Output(tables.PERSONS)],
        [out],
        job,
    )
