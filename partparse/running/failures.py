"""What a program says of faults that are not its own, and what it leaves unsaid.

Wrong input, disk and memory are told of; what libraries warn of, and nobody can change, is not.
"""

import errno
import re
import sys
import warnings

from partparse.errors import InputError

_SIZES = (
    "device_batch",
    "batch",
    "clips",
    "crops",
    "length",
    "image_size",
    "crop_side",
    "frame_side",
)
"""Settings that memory grows with, the one that changes results least first."""
_UNSAID = (
    r"(?s).*\b[Dd]eprecated\b",  # of any category: pkg_resources
    # of Lightning, what we mean
    ".*does not have many workers",
    ".*number of training batches",
    ".*in eval mode at the start of training",
    ".*but have no `val_dataloader`",
    ".*exists and is not empty",
    ".*`srun` command is available",
    # mmcv-lite says at each import that it is mmcv-lite, mmpose where its own files lie
    "Fail to import ``MultiScaleDeformable",
    'The metainfo config file "configs/_base_',
)
"""How what libraries warn of begins, beside the deprecations that Python knows as such."""
_FULL = {errno.ENOSPC: "no space left on the disk", errno.EDQUOT: "the disk quota is used up"}
_NUMBERED = re.compile(r"\[Errno (\d+)\] (.*?)(?:: '(.*)')?$")
"""How Python writes what the system said."""


def hush_libraries() -> None:
    """Hide what libraries warn of and no user can act on, in this process, from now on.

    Who asks Python for warnings (-W, PYTHONWARNINGS) sees them, as all tests do.
    """
    if sys.warnoptions:
        return
    for category in (DeprecationWarning, PendingDeprecationWarning, FutureWarning):
        warnings.simplefilter("ignore", category)
    for message in _UNSAID:
        warnings.filterwarnings("ignore", message)


def explain(error: Exception, settings: object) -> str | None:
    """What is wrong, and what helps where that is known; None for a fault of the program itself.

    The program's settings say what can be lowered.
    """
    if isinstance(error, OSError):
        met = as_met(error)
        if met.errno not in _FULL:
            return str(met)
        where = f"{met.filename}: " if met.filename else ""
        return f"{where}{_FULL[met.errno]}; what was finished is kept: free some, and run again"
    if isinstance(error, InputError):
        return str(error)
    if is_out_of_gpu_memory(error):
        return f"out of GPU memory: lower {_sizes(settings)}, or use GPUs with more memory"
    if isinstance(error, MemoryError):
        return f"out of memory: lower {_sizes(settings)}, or give the job more (mem_mb)"
    return None


def as_met(error: OSError) -> OSError:
    """What the system said, with its number.

    torch raises it again without, with a traceback, where a process that loads data has met it.
    """
    found = None if error.errno is not None else _NUMBERED.search(str(error).rstrip())
    return error if found is None else OSError(int(found[1]), found[2], found[3])


def is_of_a_full_disk(error: Exception) -> bool:
    """Whether there is no space left for what is written, whoever writes it."""
    return isinstance(error, OSError) and as_met(error).errno in _FULL


def is_out_of_gpu_memory(error: Exception) -> bool:
    """Whether it is torch's error of that; torch is not loaded for it."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(error, torch.OutOfMemoryError)


def _sizes(settings: object) -> str:
    """What of `_SIZES` the settings hold: "batch (now 8), then crop_side (now 224)"."""
    held = {name: getattr(settings, name) for name in _SIZES if hasattr(settings, name)}
    found = [f"{name} (now {'null' if now is None else now})" for name, now in held.items()]
    return ", then ".join(found) + " in this stage's settings" if found else "the threads"
