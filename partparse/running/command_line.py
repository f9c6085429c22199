"""The command line of a stage's program, made from its function's signature and docstring.

    @program
    def grow_persons(*, persons: Persons, keypoints: Keypoints, frames: Frames,
                     settings: GrowthSettings, out: Path) -> None: ...

Every parameter is a named option (`box_score` is `--box-score`). A list takes several words, a
dictionary NAME=VALUE for each entry, settings and nested dictionaries one JSON text, `bool` is a
flag. What partparse.running.arguments has a name for is given as files, which are read. A parameter
that is not documented has the common meaning that stands there. Each program takes the options of
`Job`, whether its function asks for it or not.
"""

import inspect
import logging
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import is_dataclass
from functools import wraps
from pathlib import Path
from types import NoneType
from typing import Annotated, Any, TypeVar, get_args, get_origin

from cyclopts import App, CycloptsError, Parameter, Token
from pydantic import BaseModel, TypeAdapter, ValidationError

from partparse.errors import one_line
from partparse.running.arguments import Files, Job, meaning_of
from partparse.running.failures import explain, hush_libraries
from partparse.running.processes import sole_writer
from partparse.running.program import claim
from partparse.running.settings import describe

Program = TypeVar("Program", bound=Callable[..., object])

INTERRUPTED = 130
"""The status of a program that was interrupted, as shells have it."""


def program(function: Program) -> Program:
    """Make a function the program of its file: to run the file is to call it by `run`.

    It must be the last definition in its file: running the file calls it at once.
    """
    if function.__module__ == "__main__":
        run(function)
    return function


def run(function: Callable[..., object], words: Sequence[str] | None = None) -> None:
    """Call a program with what the command line says, once it has its cores and GPUs.

    Wrong words end it with status 2, wrong input or the machine's fault with status 1, each with
    one line, an interruption with status 130. While another process writes the same `--out` or
    `--…-out`, it waits.

    Args:
        function: The program, whose parameters are all given by name.
        words: The command line; None: this process's own.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr)
    hush_libraries()
    arguments = parse(function, words)
    job = arguments["job"]
    outputs = (name for name in arguments if name == "out" or name.endswith("_out"))
    try:
        with sole_writer(next((arguments[name] for name in outputs), None)):
            claim(job.threads, job.gpus)
            call(function, arguments)
    except KeyboardInterrupt:
        raise SystemExit(INTERRUPTED) from None
    except Exception as error:
        explained = explain(error, arguments.get("settings"))
        if explained is None:
            raise
        print(f"error: {one_line(explained)}", file=sys.stderr)
        raise SystemExit(1) from None


def call(function: Callable[..., object], arguments: Mapping[str, Any]) -> None:
    """Call a program with arguments of `parse`, once the files that they name are read."""
    function(**read_files(function, arguments))


def parse(function: Callable[..., object], words: Sequence[str] | None = None) -> dict[str, Any]:
    """The arguments that a command line gives a program, its `Job` among them.

    Raises SystemExit of status 2 for wrong words, after a line that says what is wrong.
    """
    given: dict[str, Any] | None = None

    @wraps(function)
    def command(**arguments: Any) -> None:
        nonlocal given
        given = arguments

    asked = dict(inspect.signature(function).parameters)
    asked.setdefault(
        "job", inspect.Parameter("job", inspect.Parameter.KEYWORD_ONLY, annotation=Job)
    )
    options = [_option(parameter, function.__doc__ or "") for parameter in asked.values()]
    # cyclopts reads the one and the other
    command.__dict__["__signature__"] = inspect.Signature(options)
    command.__annotations__ = {option.name: option.annotation for option in options}
    app = App(
        function.__name__,
        default_command=command,
        # a list that is named needs an entry; `--no-mirrored` is of no use
        default_parameter=Parameter(consume_multiple=1, negative=()),
        version_flags=[],  # `--version` is the job's
        help_format="plaintext",
        help_formatter="plain",
    )
    try:
        chosen, bound, _ = app.parse_args(
            sys.argv[1:] if words is None else words, print_error=False, exit_on_error=False
        )
    except CycloptsError as error:
        print(f"error: {one_line(' '.join(str(error).split()))}", file=sys.stderr)
        raise SystemExit(2) from None
    chosen(*bound.args, **bound.kwargs)
    if given is None:
        raise SystemExit(0)  # help was asked for
    return {"job": Job()} | given


def read_files(function: Callable[..., object], arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments that a program asks for, files that were named among them read."""
    asked = inspect.signature(function).parameters
    return {
        name: files.read(value) if (files := _files(asked[name].annotation)) and value else value
        for name, value in arguments.items()
        if name in asked
    }


def _files(hint: Any) -> Files | None:
    """How an argument is read from files, if it is; it may be optional."""
    known = (kind for kind in (hint, *get_args(hint)) if get_origin(kind) is Annotated)
    return next(
        (how for kind in known for how in kind.__metadata__ if isinstance(how, Files)), None
    )


def _option(parameter: inspect.Parameter, documented: str) -> inspect.Parameter:
    """A parameter as cyclopts is to read it; what its function does not document is common."""
    hint: Any = parameter.annotation
    kinds = [kind for kind in get_args(hint) if kind is not NoneType]
    kind = kinds[0] if NoneType in get_args(hint) else hint
    if _files(hint):
        hint = list[Path] if get_origin(hint) is Annotated else list[Path] | None
        how = Parameter(json_list=False)
    elif kind is Job:
        how = Parameter(name="*")
    elif get_origin(kind) is dict and not _is_nested(kind):
        how = _converted(lambda words: _read_entries(kind, words), "NAME=VALUE", words=-1)
    elif get_origin(kind) is dict or _is_settings(kind):
        how = _converted(lambda words: _read_json(kind, words[0]), "JSON", words=1)
    else:
        how = Parameter(json_list=False)  # a path may look like one
    default = Job() if kind is Job else parameter.default
    if f"\n        {parameter.name}: " not in documented and (means := meaning_of(parameter.name)):
        how = Parameter.combine(how, Parameter(help=means))
    return parameter.replace(
        annotation=Annotated[hint, how], default=default, kind=parameter.KEYWORD_ONLY
    )


def _is_nested(kind: Any) -> bool:
    values = get_args(kind)[1]
    return values is Any or get_origin(values) is dict


def _is_settings(kind: Any) -> bool:
    return isinstance(kind, type) and (issubclass(kind, BaseModel) or is_dataclass(kind))


def _converted(convert: Callable[[list[str]], Any], shown: str, words: int) -> Parameter:
    def converter(_: type, tokens: Sequence[Token]) -> Any:
        return convert([token.value for token in tokens])

    return Parameter(converter=converter, n_tokens=words, metavar=shown, accepts_keys=False)


def _read_json(kind: Any, value: str | Mapping[str, Any]) -> Any:
    """JSON, or what it holds, as `kind`. Raises ValueError that names the first wrong entry."""
    reader = TypeAdapter(kind)
    try:
        if isinstance(value, str):
            return reader.validate_json(value)
        return reader.validate_python(value)
    except ValidationError as error:
        raise ValueError(describe(kind, error)) from None


def _read_entries(kind: Any, words: Sequence[str]) -> Any:
    """NAME=VALUE of each word; a name may return where its values are lists."""
    several = get_origin(get_args(kind)[1]) is list
    found: dict[str, Any] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            raise ValueError(f"{word!r}: expected NAME=VALUE")
        if name in found and not several:
            raise ValueError(f"{name!r} is named twice")
        found[name] = [*found.get(name, []), value] if several else value
    return _read_json(kind, found)
