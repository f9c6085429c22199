"""What a call of snakemake does beside its jobs, which Snakemake knows nothing of.

It ends without a word of failure where the user interrupted it, and takes along the pictures whose
tables it deletes.
"""

import logging
import re
import shutil
from pathlib import Path

from partparse.files.broken_tables import PICTURES

_CANCELS = "Terminating processes on user request"
_INTERRUPTED = "Interrupted; waiting for the jobs to end. The same command goes on where they were."


_ENDED = re.compile(
    r"exit status (130|143)\b"  # of the program, or of the shell
    r"|died with <Signals\.SIG(INT|TERM)"
    r"|^WorkflowError:\s+At least one job did not complete successfully"
)
"""What Snakemake says of jobs that end when the user interrupts the run."""
_DETAILS = ("job_error", "group_error")
"""Events that tell which job it was, after what says why."""


class QuietEnd(logging.Filter):
    """A filter of Snakemake's log: that jobs end when the user interrupts the run is no error.

    Snakemake would report each as failed, with its whole command, and the run at the end. What
    fails of itself meanwhile is told of.
    """

    def __init__(self) -> None:
        """Wait for the interruption."""
        super().__init__()
        self._interrupted = False

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a record is shown."""
        said = str(record.msg)
        if said.startswith(_CANCELS):
            record.msg = _INTERRUPTED
            self._interrupted = True
        if not self._interrupted or record.levelno < logging.ERROR:
            return True
        return getattr(record, "event", None) not in _DETAILS and not _ENDED.search(said)


def delete_pictures(results: Path) -> list[Path]:
    """Remove the folders of pictures none of whose tables is left; return them."""
    left = [
        results / folder
        for folder, told_by in PICTURES.items()
        if (results / folder).is_dir() and not any(results.glob(told_by))
    ]
    for folder in left:
        shutil.rmtree(folder)
    return left
