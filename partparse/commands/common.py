"""What several commands have in common: arguments, and how faults are told."""

import os
import sys
from collections.abc import Sequence
from typing import Annotated

from cyclopts import Parameter
from cyclopts.validators import Number

CORES = len(os.sched_getaffinity(0))
Positive = Annotated[int, Parameter(validator=Number(gte=1))]


def tell(faults: Sequence[str], fine: str) -> int:
    """Print the faults, one a line, or that all is fine; returns the exit status.

    How many there are is no fault, and goes to the other stream.
    """
    print("\n".join(faults) if faults else fine)
    if faults:
        sys.stdout.flush()
        print(f"{len(faults)} fault{'s' if len(faults) > 1 else ''}", file=sys.stderr)
    return 1 if faults else 0
