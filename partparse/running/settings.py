"""Settings: classes that parse JSON, check it and explain themselves.

The docstring below a field says what it means, once: config.yaml's comment is made from it, and
editors show it. So it begins with the unit, and names no default.
"""

import json
import os
from collections.abc import Mapping, Sequence
from functools import reduce
from types import NoneType
from typing import Annotated, Any, Self, get_args

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)

from partparse.errors import InputError, meant

EXPLAINED = "PARTPARSE_EXPLAIN" in os.environ
"""Whether classes read their docstrings, for `make schema`: time that each job would pay."""
_LONGEST_VALUE = 60  # characters of a wrong value that are quoted


def _as_given(value: Any, check: ValidatorFunctionWrapHandler) -> Any:
    """A whole number stays one: cards and keys of what was made hold 20, not 20.0."""
    check(value)
    return value


_AS_GIVEN = WrapValidator(_as_given)
Number = Annotated[float, _AS_GIVEN]
Positive = Annotated[float, Field(gt=0), _AS_GIVEN]
NotNegative = Annotated[float, Field(ge=0), _AS_GIVEN]
Share = Annotated[float, Field(ge=0, le=1), _AS_GIVEN]
Count = Annotated[int, Field(ge=1)]
Whole = Annotated[int, Field(ge=0)]


class Settings(BaseModel):
    """What a stage, or a section of the config, is told: just these names, of just these types."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        allow_inf_nan=False,
        use_attribute_docstrings=EXPLAINED,
        defer_build=True,
    )

    @classmethod
    def parse(cls, text: str) -> Self:
        """Those of a JSON text. Raises InputError that names the first wrong one."""
        try:
            return cls.model_validate_json(text)
        except ValidationError as error:
            raise InputError(f"{cls.__name__}: {describe(cls, error)}") from None

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """Those of a mapping of JSON's values, as `parse`."""
        return cls.parse(json.dumps(values))

    def replace(self, **changes: Any) -> Self:
        """These settings, but for some; checked as all are."""
        return self.of(self.model_dump() | changes)


RENAMED = {
    "flip": "mirror",
    "jitter": "colour",
    "model": "network",
    "rotation": "rotate",
    "scale": "zoom",
    "side": "frame_side",
    "stride": "frame_stride",
    "translate": "shift",
    "warmup_epochs": "warm_up",
    "zoom": "scale",
}
"""What settings were once called."""

_EXPECTED = {
    "bool_type": "true or false",
    "dict_type": "a mapping",
    "float_type": "a number",
    "greater_than": "more than {gt:g}",
    "greater_than_equal": "at least {ge:g}",
    "int_type": "a whole number",
    "less_than_equal": "at most {le:g}",
    "list_type": "a list",
    "model_type": "a mapping",
    "string_pattern_mismatch": "a name of letters, digits and _",
    "string_type": "text",
    "tuple_type": "a list",
}
"""By pydantic's kinds of faults, where its own words are of Python or JSON."""


def describe(kind: Any, error: ValidationError, inside: Sequence[str] = ()) -> str:
    """The first fault of what was to become `kind`, an unknown name before all others.

    `train.epochs: expected a whole number, got 'many'`, and before it where `kind` is `inside`.
    """
    faults = error.errors(include_url=False)
    # the right name of a wrong one is missing
    fault = next((one for one in faults if one["type"] == "extra_forbidden"), faults[0])
    what, place, value = fault["type"], list(fault["loc"]), repr(fault["input"])
    if len(value) > _LONGEST_VALUE:
        value = f"{value[:_LONGEST_VALUE]}…"
    if what == "extra_forbidden":
        name = str(place.pop())
        said = _unknown(name, reduce(inner, place, kind))
    elif what == "missing":
        said = "missing"
    elif what == "value_error":
        said = str(fault["ctx"]["error"])
    else:
        place = [step for step in place if step != "[key]"]
        expected = fault["msg"].removeprefix("Input should be ")
        if what in _EXPECTED:
            expected = _EXPECTED[what].format_map(fault.get("ctx", {}))
        said = f"expected {expected}, got {value}"
    return ": ".join(filter(None, [".".join(map(str, [*inside, *place])), said]))


def inner(kind: Any, name: Any) -> Any:
    """What a setting of a class of settings is, or an entry of a mapping or a list."""
    fields = getattr(kind, "model_fields", None)
    hint = get_args(kind)[-1] if fields is None else fields[name].annotation
    return get_args(hint)[0] if NoneType in get_args(hint) else hint


def _unknown(name: str, kind: type[BaseModel]) -> str:
    known = tuple(kind.model_fields)
    if (new := RENAMED.get(name)) in known:
        return f"setting {name!r} is called {new!r} now"
    what = "setting" if issubclass(kind, Settings) else "entry"
    return f"unknown {what} {name!r}{meant(name, known)}; known: {', '.join(known)}"
