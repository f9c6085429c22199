"""What a call of snakemake does beside its jobs, which Snakemake knows nothing of.

It ends without a word of failure where the user interrupted it, takes along the pictures whose
tables it deletes, and does not take for made what has failed.
"""

import base64
import logging
import re
import shutil
from pathlib import Path

from partparse.errors import InputError
from partparse.files.atomic import read_json, write_json
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


def forget_failed(folder: Path, since: float) -> None:
    """Let the next call make what has failed.

    Snakemake (9.27) notes the settings of a failed job as those that its output was made with,
    though it has removed that. Where what follows from it is there from before, the next call finds
    nothing to be done, and old results pass for those of the new settings. A note of other settings
    makes it run the job again.

    Args:
        folder: that the run is made in.
        since: when this call began, seconds of the epoch; what was removed before, users did.
    """
    records = folder / ".snakemake" / "metadata"
    for path in records.rglob("*"):
        if not path.is_file():
            continue
        # names longer than a file's may be are cut into folders that begin with @
        name = "".join(part.removeprefix("@") for part in path.relative_to(records).parts)
        output = folder / base64.urlsafe_b64decode(name).decode()
        try:
            record = read_json(path)
        except InputError:  # cut short, as on a full disk: Snakemake knows nothing of it either
            continue
        if record.get("endtime", 0) >= since and not output.exists():
            write_json(path, record | {"params": ["of a job that failed"]})
