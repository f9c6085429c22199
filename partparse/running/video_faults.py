"""Which errors are one video's, and how they are told. Light: processes that extract frames ask."""

import errno
import traceback
from pathlib import Path

from partparse.errors import InputError, SetupError, one_line
from partparse.running.failures import as_met, is_of_a_full_disk, is_out_of_gpu_memory

_OF_NAMES = {errno.ENAMETOOLONG, errno.EILSEQ}
"""What a video's name alone makes the system refuse; other refusals are about the machine."""
_LONGEST_REASON = 300  # characters: tables' checks tell of each row
_CODE = Path(__file__).parents[1]
_OF_THE_MACHINE = (
    "CUDA error",
    "CUDNN_STATUS",
    "DefaultCPUAllocator",  # torch has no memory
    "OutOfMemoryError",  # OpenCV has none
    "killed by signal",  # a process that loads data, most often for want of memory
    "exited unexpectedly",  # another such
    "shared memory",  # processes that load data hand it over there
    "No space left on device",
)
"""What errors say whose kind does not tell."""


def reason_to_leave_out(error: Exception, *, stop_on_fault: bool) -> str:
    """Why a stage goes on without a video, in a line.

    Raises the error again where more than the one video is concerned: the machine's memory, disk
    or GPU, settings, models, files that are gone. And where nobody expected it, a fault of the
    program then, if `stop_on_fault` is set, as it is while partparse is developed.
    """
    if is_of_the_machine(error) or isinstance(error, SetupError):
        raise error
    if isinstance(error, InputError):
        return _first_line(str(error))
    if stop_on_fault:
        raise error
    return f"{type(error).__name__}: {_first_line(str(error))}{_where(error)}"


def reason_with_file(file: Path, error: Exception, *, stop_on_fault: bool) -> str:
    """`reason_to_leave_out` with the video's file in front, which an InputError names itself."""
    reason = reason_to_leave_out(error, stop_on_fault=stop_on_fault)
    return reason if isinstance(error, InputError) else f"{file}: {reason}"


def is_of_the_machine(error: Exception) -> bool:
    """Whether the next video would meet it as well: no memory, no disk, a GPU that is lost."""
    if isinstance(error, MemoryError) or is_out_of_gpu_memory(error) or is_of_a_full_disk(error):
        return True
    if isinstance(error, OSError):
        met = as_met(error)
        # FFmpeg's and Pillow's are OSErrors as well, but of what a file holds
        by_system = type(met).__module__ == "builtins" and met.errno is not None
        return by_system and met.errno not in _OF_NAMES
    return any(words in str(error) for words in _OF_THE_MACHINE)


def _first_line(said: str) -> str:
    """What an error says, without the rest; of one in a process that loads data, what that said."""
    lines = [line.strip() for line in said.splitlines() if line.strip()] or ["without a message"]
    line = one_line(lines[-1] if lines[0].startswith("Caught ") else lines[0])
    return line if len(line) <= _LONGEST_REASON else f"{line[:_LONGEST_REASON]}…"


def _where(error: Exception) -> str:
    """The line of ours that raised an error, or that called what did."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(_CODE)]
    if not ours:
        return ""
    return f" ({Path(ours[-1].filename).relative_to(_CODE.parent)}:{ours[-1].lineno})"
