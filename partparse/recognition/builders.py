"""The names of the video networks and of their settings, read off the source of the registry.

So a config is checked before any job starts: importing the networks takes seconds, as torch does.
"""

import ast
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from partparse.errors import InputError, meant

_HERE = Path(__file__).parent
_ALWAYS = ("classes", "in_channels")  # what the programs set themselves


def check_network(name: str, settings: Iterable[str]) -> None:
    """Raise InputError for a network that `registry.create` does not know, or a setting of it."""
    known = _builders()
    if name not in known:
        names = tuple(known)
        raise InputError(f"unknown network {name!r}{meant(name, names)}; known: {', '.join(names)}")
    own = _settings(*known[name])
    for word in settings:
        if word not in own:
            said = f"{name} has no setting {word!r}{meant(word, own)}"
            raise InputError(f"{said}; known: {', '.join(own)}")


@cache
def _builders() -> dict[str, tuple[str, str, tuple[str, ...]]]:
    """{network: module, function, arguments that are given} of `registry.BUILDERS`."""
    tree = ast.parse((_HERE / "registry.py").read_text(encoding="utf-8"))
    modules = {
        alias.name: str(node.module).rpartition(".")[2]
        for node in tree.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    (table,) = (
        node.value
        for node in tree.body
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "BUILDERS"
    )
    assert isinstance(table, ast.Dict)
    found = {}
    for key, value in zip(table.keys, table.values, strict=True):
        function, given = _function(value)
        found[ast.literal_eval(key)] = modules[function], function, given  # type: ignore[arg-type]
    return found


def _function(value: ast.expr) -> tuple[str, tuple[str, ...]]:
    """The function's name, and what `partial` gives it."""
    if isinstance(value, ast.Call):
        return ast.unparse(value.args[0]), tuple(str(word.arg) for word in value.keywords)
    return ast.unparse(value), ()


@cache
def _settings(module: str, function: str, given: tuple[str, ...]) -> tuple[str, ...]:
    tree = ast.parse((_HERE / f"{module}.py").read_text(encoding="utf-8"))
    (found,) = (n for n in tree.body if isinstance(n, ast.FunctionDef) and n.name == function)
    names = (argument.arg for argument in found.args.kwonlyargs)
    return tuple(name for name in names if name not in (*_ALWAYS, *given))
