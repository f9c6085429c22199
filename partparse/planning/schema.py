"""What is said of the settings outside of their classes: `make schema` writes it anew.

Editors complete and explain config.yaml by schemas/config.schema.yaml, and an overlay by
schemas/overlay.schema.yaml. The comments of config.yaml are the fields' docstrings; those of its
own names (a model, a method, a list that is merged) are written by hand.
"""

import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_origin

import yaml
from pydantic.json_schema import models_json_schema

from partparse.planning.settings import NAME, Config
from partparse.running.settings import EXPLAINED, inner
from partparse.states.methods import known_methods, method_of

Schema = dict[str, Any]

_WIDTH = 100
_HEAD = "# Written by `make schema` from the settings' classes; not edited by hand.\n"


def config_schema() -> Schema:
    """The JSON schema of config.yaml; every key is needed, and no other is allowed."""
    classes: list[Any] = [Config, *dict.fromkeys(method.settings for method in known_methods())]
    schema = models_json_schema([(kind, "validation") for kind in classes])[1]["$defs"]
    whole = schema.pop("Config")
    whole["properties"]["states"] |= {
        "patternProperties": {
            **{
                f"^({method.names})$": {"$ref": f"#/$defs/{method.settings.__name__}"}
                for method in known_methods()
            },
            NAME: {"type": "object"},  # a new method's, which its program checks
        },
        "additionalProperties": False,
    }
    # pydantic's titles are the names again
    return _without("title", str, whole | {"$defs": schema})


def overlay_schema(schema: Schema) -> Schema:
    """The schema without what is needed: an overlay holds only what differs."""
    return _without("required", list, schema)


def _without(keyword: str, kind: type, schema: Any) -> Any:
    """A schema without a keyword, whose value is of a kind; a property may be called the same."""
    if isinstance(schema, dict):
        return {
            key: _without(keyword, kind, value)
            for key, value in schema.items()
            if not (key == keyword and type(value) is kind)
        }
    return [_without(keyword, kind, one) for one in schema] if isinstance(schema, list) else schema


def explain(text: str) -> str:
    """config.yaml with the comments that its settings' docstrings are."""
    lines = text.splitlines()
    told = dict(_comments(yaml.compose(text), Config, set()))
    explained: list[str] = []
    for number, line in enumerate(lines):
        if number not in told:
            explained.append(line)
            continue
        while explained and explained[-1].lstrip().startswith("#"):
            explained.pop()  # what stood above, as what does not fit into the line
        bare = line.partition(" #")[0].rstrip()
        comment = f"{bare} # {told[number]}"
        if not told[number]:
            explained.append(bare)
        elif len(comment) <= _WIDTH:
            explained.append(comment)
        else:
            indent = " " * (len(line) - len(line.lstrip())) + "# "
            explained += textwrap.wrap(
                told[number], _WIDTH, initial_indent=indent, subsequent_indent=indent
            )
            explained.append(bare)
    return "\n".join(explained) + "\n"


def _comments(node: yaml.Node | None, kind: Any, told: set[Any]) -> Iterator[tuple[int, str]]:
    """(number of a line, comment) of the settings of a mapping and those inside of it.

    Each class is explained where it is met first; of a mapping that takes over another, what that
    does not explain.
    """
    if not isinstance(node, yaml.MappingNode) or node.flow_style or node in told:
        return  # an alias is the node that it stands for
    told.add(node)
    fields = getattr(kind, "model_fields", {})
    takes_over = any(key.value == "<<" for key, _ in node.value)
    new = kind not in told and not takes_over
    told.add(kind)
    for key, value in node.value:
        if key.value in fields:
            inside = inner(kind, key.value)
            bases = (k for k in kind.__mro__[::-1] if key.value in getattr(k, "model_fields", {}))
            owner = next(bases)
            said = fields[key.value].description
            if said is None and hasattr(inside, "model_fields") and inside not in told:
                said = inside.__doc__
            shown = new or (owner, key.value) not in told
            told.add((owner, key.value))
            yield key.start_mark.line, _first(said or "") if shown else ""
        elif key.value != "<<":
            inside = _settings_of(kind, key.value)
        if key.value != "<<":
            yield from _comments(value, inside, told)


def _settings_of(kind: Any, name: str) -> Any:
    """The class of an entry of a mapping of names."""
    if kind == Config.model_fields["states"].annotation:
        return method_of(name).settings
    return inner(kind, name) if get_origin(kind) is dict else None


def _first(text: str) -> str:
    """The first paragraph of a docstring in one line."""
    return " ".join(text.split("\n\n", maxsplit=1)[0].split()).removesuffix(".")


def main(root: Path) -> None:
    """Write schemas/ and the comments of config.yaml of a checkout."""
    schema = config_schema()
    for name, own in (("config", schema), ("overlay", overlay_schema(schema))):
        text = _HEAD + yaml.dump(own, sort_keys=False, width=_WIDTH, allow_unicode=True)
        (root / f"schemas/{name}.schema.yaml").write_text(text, "utf-8")
    path = root / "config.yaml"
    path.write_text(explain(path.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    if not EXPLAINED:
        raise SystemExit("classes have read their docstrings only where PARTPARSE_EXPLAIN is set")
    main(Path(sys.argv[1]))
