import logging
from pathlib import Path

from partparse.challenge.submission import check_submission as faults_of
from partparse.challenge.submission import expected_results, submitted_lengths
from partparse.errors import InputError
from partparse.files.atomic import write_text
from partparse.running.arguments import Frames
from partparse.running.command_line import program

log = logging.getLogger("partparse")


@program
def check_submission(*, submission: Path, frames: Frames, stride: int, out: Path) -> None:
    """Check that a submission can be scored and holds every video and scored frame.

    Args:
        submission: Its zip or folder.
        out: Text to write if there is no fault.
    """
    lengths = submitted_lengths(frames.table)
    faults = faults_of(submission, expected_results(lengths, stride), stride)
    for fault in faults:
        log.error("%s", fault)
    if faults:
        raise InputError(f"{submission}: {len(faults)} faults; expected none")
    write_text(out, f"{submission}: {len(lengths)} videos, can be scored\n")
