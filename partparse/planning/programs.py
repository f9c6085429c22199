"""From the names of a rule's inputs, outputs and parameters to its program's command line."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

Files = str | Sequence[str]


def command(
    program: Path,
    inputs: Iterable[tuple[str, Files]],
    outputs: Sequence[tuple[str | None, str]],
    parameters: Mapping[str, Any],
    owners: Mapping[str, Sequence[str]],
) -> list[str]:
    """The words of a program's command line.

    Args:
        program: The file in scripts/.
        inputs: Name and files of each; one without files is left out.
        outputs: Name and file of each: NAME is written by `--NAME-out`, the one without by `--out`.
        parameters: True is a flag; what is false, None or empty is left out, but for numbers.
        owners: {input: whose each of its files is}: such an input is given as OWNER=FILE.
    """
    words = [str(program)]
    for name, files in inputs:
        named = [files] if isinstance(files, str) else list(files)
        if name in owners:
            named = [f"{owner}={file}" for owner, file in zip(owners[name], named, strict=True)]
        words += _option(name, named)
    for name, value in parameters.items():
        words += _option(name, value)
    for output, file in outputs:
        words += _option(f"{output}_out" if output else "out", file)
    return words


def _option(name: str, value: Any) -> list[str]:
    option = f"--{name.replace('_', '-')}"
    if value is True:
        return [option]
    if value is None or value is False or (isinstance(value, list | tuple) and not value):
        return []
    return [option, *map(str, value if isinstance(value, list | tuple) else [value])]
