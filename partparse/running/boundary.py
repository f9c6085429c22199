"""The one boundary round a video: what it raises in a stage loses that video alone, and is told.

A stage that fails on a video goes on as if it had found nothing in it, and writes a row of
PROBLEMS: video, stage, reason. Which faults are a video's, and which are the job's, says
`reason_to_leave_out`.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import pandas as pd

from partparse import tables
from partparse.running.arguments import Job
from partparse.running.video_faults import reason_to_leave_out

_log = logging.getLogger("partparse")


class Boundary:
    """Round each video of a job, one after the other."""

    def __init__(self, job: Job) -> None:
        """Take a job; one that writes no problems stops at the first fault."""
        self._job = job
        self._found: list[tuple[str, str, str]] = []

    @contextmanager
    def around(self, video: str) -> Iterator[None]:
        """A block about a video: what it raises leaves the video out, if it is the video's."""
        try:
            yield
        except Exception as error:
            self.leave_out(video, error)

    def leave_out(self, video: str, error: Exception) -> None:
        """Note that a video is left out; raises the error again where it is not the video's."""
        reason = self.reason(error)
        _log.warning("video %s is left out of %s: %s", video, self._job.stage, reason)
        self._found.append((video, self._job.stage, reason))

    def reason(self, error: Exception) -> str:
        """Why a video is left out; raises the error again where it is not the video's."""
        if self._job.problems_out is None:
            raise error
        return reason_to_leave_out(error, stop_on_fault=self._job.stop_on_fault)

    def write(self) -> None:
        """Write what was noted."""
        if self._job.problems_out is not None:
            noted = pd.DataFrame(self._found, columns=list(tables.PROBLEMS.columns), dtype="str")
            tables.write(noted, self._job.problems_out, tables.PROBLEMS)
