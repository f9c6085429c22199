"""What several commands have in common: an argument, and how faults are told."""

import argparse
import sys
from collections.abc import Sequence
from typing import TypeAlias

from partparse.challenge.format import STRIDE

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
"""What `add_subparsers` returns: a command adds its parser to it."""

STRIDE_HELP = f"step between scored frames: 1, 1 + N, … (default: the challenge's {STRIDE})"


def tell(faults: Sequence[str], fine: str) -> int:
    """Print the faults, one a line, or that all is fine; returns the exit status.

    How many there are is no fault, and goes to the other stream.
    """
    print("\n".join(faults) if faults else fine)
    if faults:
        sys.stdout.flush()
        print(f"{len(faults)} fault{'s' if len(faults) > 1 else ''}", file=sys.stderr)
    return 1 if faults else 0


def positive(text: str) -> int:
    """A whole number among the arguments. Raises argparse.ArgumentTypeError for one below 1."""
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text}: expected 1 or more")
    return value
