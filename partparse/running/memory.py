"""How a process treats memory that it has freed."""

import ctypes

_TRIM_THRESHOLD, _TOP_PAD, _MMAP_THRESHOLD = -1, -2, -3  # of glibc's malloc.h
_LARGEST = 2**31 - 1  # an int
_PAD = 2**26


def keep_freed_memory() -> None:
    """Let glibc keep what is freed for what is asked for next, instead of giving it back at once.

    A network asks for the same large pieces at every step, and each time Linux would hand out and
    clear their pages anew: a tenth to a quarter of a training step on a CPU. The most that a
    process ever holds stays about the same. Where there is no glibc nothing is changed.
    """
    try:
        mallopt = ctypes.CDLL("libc.so.6").mallopt
    except (OSError, AttributeError):
        return
    mallopt(_MMAP_THRESHOLD, _LARGEST)
    mallopt(_TRIM_THRESHOLD, _LARGEST)
    mallopt(_TOP_PAD, _PAD)
