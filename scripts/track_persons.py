from pathlib import Path

from partparse import tables
from partparse.detection.settings import TrackSettings
from partparse.running.arguments import Job
from partparse.running.command_line import program
from partparse.running.prediction import Output, make_tables


@program
def track_persons(
    *, persons: list[Path], annotated: bool = False, settings: TrackSettings, job: Job, out: Path
) -> None:
    """Link the persons of a shard's videos from frame to frame.

    Args:
        persons: Tables; of a frame that is in several, the first one's persons are taken.
        annotated: They are tables of annotations.
    """
    from partparse.detection import tracking

    if annotated:
        who = tracking.annotated_as_persons(tables.read_all(persons, tables.ANNOTATIONS))
    else:
        who = tracking.join_frames([tables.read(path, tables.PERSONS) for path in persons])
    make_tables(
        lambda rows: [tracking.track_persons(rows["persons"], settings)],
        {"persons": who},
        [Output(tables.PERSONS)],
        [out],
        job,
    )
