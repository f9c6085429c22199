"""Fitted models as files: dataclasses of arrays and numbers, in one .npz without pickles."""

import types
import typing
import zlib
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, TypeVar, cast
from zipfile import BadZipFile

import numpy as np

from partparse.errors import SetupError
from partparse.files.atomic import atomic_path

Model = TypeVar("Model")

_ABSENT = "absent"
_NOT_ONE = (KeyError, ValueError, TypeError, OSError, EOFError, BadZipFile, zlib.error)
"""What NumPy raises for files that are cut off, damaged, or something else."""


def write_arrays(model: Any, path: Path) -> None:
    """Write a dataclass whose fields are arrays, numbers, texts, lists and dataclasses of these."""
    arrays: dict[str, np.ndarray] = {}
    _pack(model, "", arrays)
    with atomic_path(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, **cast(dict[str, Any], arrays))


def read_arrays(kind: type[Model], path: Path) -> Model:
    """Read what `write_arrays` wrote of a `kind`. Raises InputError where it is something else."""
    try:
        with np.load(path, allow_pickle=False) as held:
            return cast(Model, _unpack(kind, "", dict(held)))
    except FileNotFoundError:
        raise SetupError(f"{path}: no such file") from None
    except _NOT_ONE as error:
        raise SetupError(f"{path}: not a {kind.__name__}: {error}") from None


def _pack(value: Any, name: str, arrays: dict[str, np.ndarray]) -> None:
    if is_dataclass(value):
        for field in fields(value):
            _pack(getattr(value, field.name), f"{name}/{field.name}", arrays)
    elif isinstance(value, list | tuple):
        arrays[f"{name}/length"] = np.array(len(value))
        for index, item in enumerate(value):
            _pack(item, f"{name}/{index}", arrays)
    else:
        arrays[name] = np.array(_ABSENT) if value is None else np.asarray(value)


def _unpack(kind: Any, name: str, arrays: dict[str, np.ndarray]) -> Any:
    origin, inner = typing.get_origin(kind), typing.get_args(kind)
    if origin in (types.UnionType, typing.Union):
        if name in arrays and arrays[name].shape == () and arrays[name].item() == _ABSENT:
            return None
        return _unpack(inner[0], name, arrays)
    if origin in (list, tuple):
        length = int(arrays[f"{name}/length"])
        return origin(_unpack(inner[0], f"{name}/{index}", arrays) for index in range(length))
    if is_dataclass(kind):
        hints = typing.get_type_hints(kind)
        values = {f.name: _unpack(hints[f.name], f"{name}/{f.name}", arrays) for f in fields(kind)}
        return cast(Any, kind)(**values)
    if kind in (bool, int, float, str):
        return kind(arrays[name].item())
    return arrays[name]
