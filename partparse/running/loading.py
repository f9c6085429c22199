"""Models that a process loads once, however many of its stages use them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

Arguments = ParamSpec("Arguments")
Model = TypeVar("Model")

Loaded = dict[Any, Any]
"""Models by what loaded them and what they were loaded from."""

_kept: list[Loaded] = []


def loaded_once(load: Callable[Arguments, Model]) -> Callable[Arguments, Model]:
    """A function that loads a model: within `keeping_models` the same arguments are loaded once.

    Its arguments are paths, texts and what compares by value. The model must not be changed.
    """

    @wraps(load)
    def load_or_keep(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Model:
        if not _kept:
            return load(*args, **kwargs)
        key = (load.__module__, load.__qualname__, _plain(args), _plain(kwargs))
        if key not in _kept[-1]:
            _kept[-1][key] = load(*args, **kwargs)
        model: Model = _kept[-1][key]
        return model

    return load_or_keep


@contextmanager
def keeping_models(models: Loaded) -> Iterator[None]:
    """A block in which each model is loaded once, and found in `models` from then on.

    For files that stay as they are: nobody looks whether they have changed.
    """
    _kept.append(models)
    try:
        yield
    finally:
        _kept.pop()


def _plain(value: Any) -> Any:
    """What stands for an argument in a key: paths as they were resolved."""
    if isinstance(value, dict):
        return tuple((name, _plain(inner)) for name, inner in sorted(value.items()))
    if isinstance(value, tuple):
        return tuple(map(_plain, value))
    return value.resolve() if isinstance(value, Path) else value
