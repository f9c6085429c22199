"""What a program says of faults that are not its own: wrong input, disk and memory."""

import errno
import json
import sys
from collections.abc import Sequence

from partparse.errors import InputError

_SIZES = ("batch", "clips", "crops", "length", "image_size", "crop_side", "frame_side")
"""Settings that memory grows with, the one that changes results least first."""
_FULL = {errno.ENOSPC: "no space left on the disk", errno.EDQUOT: "the disk quota is used up"}


def explain(error: Exception, arguments: Sequence[str]) -> str | None:
    """What is wrong, and what helps where that is known; None for a fault of the program itself.

    `arguments` are the program's own; their `--settings` say what can be lowered.
    """
    if isinstance(error, OSError) and error.errno in _FULL:
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{_FULL[error.errno]}; what was finished is kept: free some, and run again"
    if isinstance(error, (InputError, OSError)):
        return str(error)
    if is_out_of_gpu_memory(error):
        return f"out of GPU memory: lower {_sizes(arguments)}, or use GPUs with more memory"
    if isinstance(error, MemoryError):
        return f"out of memory: lower {_sizes(arguments)}, or give the job more (mem_mb)"
    return None


def is_out_of_gpu_memory(error: Exception) -> bool:
    """Whether it is torch's error of that; torch is not loaded for it."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(error, torch.OutOfMemoryError)


def _sizes(arguments: Sequence[str]) -> str:
    """What of `_SIZES` the program's settings hold: "batch (now 8), then crop_side (now 224)"."""
    settings = {}
    if "--settings" in arguments:
        settings = json.loads(arguments[arguments.index("--settings") + 1])
    found = [f"{name} (now {settings[name]})" for name in _SIZES if name in settings]
    return ", then ".join(found) + " in this stage's settings" if found else "the threads"
