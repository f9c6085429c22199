"""From the names of a rule's inputs, outputs and parameters to its program's command line."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

Files = str | Sequence[str]

Manifest = str | Sequence["Manifest"] | Mapping[str, "Manifest"]
"""Files of unlike kinds, by name or in order: what a program takes as one JSON text."""


def command(
    program: Path,
    inputs: Iterable[tuple[str, Files]],
    outputs: Sequence[tuple[str | None, str]],
    parameters: Mapping[str, Any],
    owners: Mapping[str, Sequence[str] | Mapping[str, Manifest]],
) -> list[str]:
    """The words of a program's command line.

    Args:
        program: The file in scripts/.
        inputs: Name and files of each; one without files is left out.
        outputs: Name and file of each: NAME is written by `--NAME-out`, the one without by `--out`.
        parameters: True is a flag; what is false, None or empty is left out, but for numbers.
        owners: {input: whose each of its files is}: such an input is given as OWNER=FILE; or
            {input: a manifest of `manifest_files`}: it is given as JSON, filled with the files.
    """
    words = [str(program)]
    for name, files in inputs:
        named = [files] if isinstance(files, str) else list(files)
        owner = owners.get(name, ())
        if isinstance(owner, Mapping):
            named = [json.dumps(filled(owner, iter(named)))]
        elif owner:
            named = [f"{of}={file}" for of, file in zip(owner, named, strict=True)]
        words += _option(name, named)
    for name, value in parameters.items():
        words += _option(name, value)
    for output, file in outputs:
        words += _option(f"{output}_out" if output else "out", file)
    return words


def manifest_files(manifest: Manifest) -> list[str]:
    """The files of a manifest in their order."""
    if isinstance(manifest, str):
        return [manifest]
    branches = manifest.values() if isinstance(manifest, Mapping) else manifest
    return [file for branch in branches for file in manifest_files(branch)]


def filled(manifest: Manifest, files: Iterator[str]) -> Manifest:
    """The manifest with other files in the places of its own, in their order."""
    if isinstance(manifest, str):
        return next(files)
    if isinstance(manifest, Mapping):
        return {name: filled(branch, files) for name, branch in manifest.items()}
    return [filled(branch, files) for branch in manifest]


def _option(name: str, value: Any) -> list[str]:
    option = f"--{name.replace('_', '-')}"
    if value is True:
        return [option]
    if value is None or value is False or (isinstance(value, list | tuple) and not value):
        return []
    return [option, *map(str, value if isinstance(value, list | tuple) else [value])]
