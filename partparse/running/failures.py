"""What a program says of faults that are not its own: wrong input, disk and memory."""

import errno
import sys

from partparse.errors import InputError

_SIZES = ("batch", "clips", "crops", "length", "image_size", "crop_side", "frame_side")
"""Settings that memory grows with, the one that changes results least first."""
_FULL = {errno.ENOSPC: "no space left on the disk", errno.EDQUOT: "the disk quota is used up"}


def explain(error: Exception, settings: object) -> str | None:
    """What is wrong, and what helps where that is known; None for a fault of the program itself.

    The program's settings say what can be lowered.
    """
    if isinstance(error, OSError) and error.errno in _FULL:
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{_FULL[error.errno]}; what was finished is kept: free some, and run again"
    if isinstance(error, (InputError, OSError)):
        return str(error)
    if is_out_of_gpu_memory(error):
        return f"out of GPU memory: lower {_sizes(settings)}, or use GPUs with more memory"
    if isinstance(error, MemoryError):
        return f"out of memory: lower {_sizes(settings)}, or give the job more (mem_mb)"
    return None


def is_out_of_gpu_memory(error: Exception) -> bool:
    """Whether it is torch's error of that; torch is not loaded for it."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(error, torch.OutOfMemoryError)


def _sizes(settings: object) -> str:
    """What of `_SIZES` the settings hold: "batch (now 8), then crop_side (now 224)"."""
    found = [
        f"{name} (now {getattr(settings, name)})" for name in _SIZES if hasattr(settings, name)
    ]
    return ", then ".join(found) + " in this stage's settings" if found else "the threads"
