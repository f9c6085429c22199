from pathlib import Path

from partparse import tables
from partparse.detection.settings import TrackSettings
from partparse.running.command_line import program


@program
def track_persons(
    *, persons: list[Path], annotated: bool = False, settings: TrackSettings, out: Path
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
    tables.write(tracking.track_persons(who, settings), out, tables.PERSONS)
