from pathlib import Path

from partparse import tables
from partparse.challenge import submission
from partparse.running.arguments import Actions, Frames
from partparse.running.command_line import program


@program
def write_submission(
    *,
    parses: list[Path],
    actions: Actions,
    frames: Frames,
    stride: int,
    parts_out: Path,
    actions_out: Path,
    zip_out: Path,
) -> None:
    """Write the challenge's two files and their zip from parses and predicted actions.

    Args:
        zip_out: Zip of both, likewise.
    """
    (folder,) = {path.parent for path in (parts_out, actions_out, zip_out)}
    submission.write_submission(
        folder,
        tables.read_all_coded(parses, tables.PARSES),
        tables.predicted_action(actions),
        submission.submitted_lengths(frames.table),
        stride=stride,
    )
