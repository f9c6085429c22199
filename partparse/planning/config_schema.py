"""The schema of the settings, made from the dataclasses that the programs read them with.

`make schema` writes schemas/; a test holds the files to what this makes. The workflow refuses a
wrong setting by schemas/config.schema.yaml before any work starts. Editors complete and explain the
settings with it, and those of an overlay with schemas/overlay.schema.yaml.
"""

import ast
import inspect
import sys
import textwrap
import types
import typing
from collections.abc import Sequence
from dataclasses import fields
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

from partparse.decision.settings import DecisionSettings
from partparse.demo.plan import DemoSettings
from partparse.detection.pose.settings import PosePredictionSettings, PoseSettings
from partparse.detection.settings import (
    FramePartSettings,
    FrameTrainSettings,
    GrowthSettings,
    ObjectPredictSettings,
    ObjectTrainSettings,
    PartPredictSettings,
    PartTrainSettings,
    PersonPredictSettings,
    PersonTrainSettings,
    TrackSettings,
)
from partparse.frames.settings import FlowSettings
from partparse.recognition.settings import PredictSettings, TrainSettings
from partparse.states.baseline.settings import BaselinePredictSettings, BaselineTrainSettings
from partparse.states.category.settings import CategorySettings
from partparse.states.instance.settings import InstancePredictSettings, InstanceTrainSettings
from partparse.states.onestage.settings import OneStagePredictSettings
from partparse.states.part_state.settings import PartStatePredictSettings, PartStateTrainSettings
from partparse.states.skeleton.settings import SkeletonPredictSettings, SkeletonTrainSettings
from partparse.vocabulary import PART_GROUPS

Schema = dict[str, Any]

_PLAIN: dict[Any, str] = {int: "integer", float: "number", bool: "boolean", str: "string"}


def config_schema() -> Schema:
    """The JSON schema of config.yaml; every key is needed, and no other is allowed."""
    count: Schema = {"type": "integer", "minimum": 1}
    share: Schema = {"type": "number", "minimum": 0, "exclusiveMaximum": 1}
    name: Schema = {"type": "string"}
    weight: Schema = {"type": "number", "minimum": 0}
    fusion: Schema = {"type": "object", "additionalProperties": weight, "minProperties": 2}
    groups = of_object(**dict.fromkeys(PART_GROUPS, weight))
    states_fusion = fusion | {"additionalProperties": groups}
    splits = dict.fromkeys(("train", "val", "test"), count | {"maximum": 10_000})
    classifier = {"train": of_settings(TrainSettings), "predict": of_settings(PredictSettings)}
    started = {"init": {"type": ["string", "null"]}} | classifier
    instance = of_object(
        init={"type": ["string", "null"]},
        train=of_settings(InstanceTrainSettings),
        predict=of_settings(InstancePredictSettings),
    )
    chosen: Schema = {"type": "array", "items": name, "minItems": 1, "uniqueItems": True}
    onestage = {
        "init": {"enum": ["persons", None]},
        "train": of_settings(FrameTrainSettings),
        "predict": of_settings(OneStagePredictSettings),
    }
    return {"$schema": "https://json-schema.org/draft/2020-12/schema"} | of_object(
        methods=of_object(
            actions=chosen | said("Action models that run, of `actions` and `fusions.actions`."),
            states=chosen | said("State methods that run, of `states` and `fusions.states`."),
        ),
        dataset=of_object(
            root={"type": ["string", "null"]}
            | said("Folder in the Kinetics-TPS layout; null: the embedded demo set."),
            val_share=share | said("Share of the training videos held out for choosing."),
            seed={"type": "integer"} | said("Of the train/val split."),
            shards=of_object(**splits) | said("Jobs that a stage is cut into, by split."),
            test_only={"type": "boolean"}
            | said(
                "Test videos alone: nothing is fitted, models lie in results/ (partparse parse)."
            ),
        ),
        demo=of_settings(DemoSettings),
        frames=of_object(
            jpeg_quality=count | {"maximum": 100} | said("1 to 100."),
            scored_stride=count | said("Every n-th frame is scored (the challenge: 5)."),
        ),
        flow=of_settings(FlowSettings),
        resources=of_object(
            threads=count | said("Cores a training or prediction job uses."),
            memory_mb=count | said("Memory a job may use, for cluster schedulers."),
        ),
        persons=of_object(
            train=of_settings(PersonTrainSettings), predict=of_settings(PersonPredictSettings)
        ),
        pose=of_object(
            train=of_settings(PoseSettings), predict=of_settings(PosePredictionSettings)
        ),
        tracks=of_settings(TrackSettings),
        parts=of_object(
            variants={
                "type": "array",
                "items": {"enum": ["dots", "plain", "single"]},
                "minItems": 1,
                "uniqueItems": True,
            }
            | said("The first is submitted, all are compared on val."),
            init={"enum": ["persons", None]},
            train=of_settings(PartTrainSettings),
            predict=of_settings(PartPredictSettings),
            growth=of_settings(GrowthSettings),
            single=of_object(
                train=of_settings(FrameTrainSettings), predict=of_settings(FramePartSettings)
            ),
        ),
        objects=of_object(
            init={"enum": ["persons", None]},
            train=of_settings(ObjectTrainSettings),
            predict=of_settings(ObjectPredictSettings),
        ),
        actions=of_names(of_object(**classifier)),
        fusions=of_object(
            actions=of_names(fusion) | {"minProperties": 0},
            states=of_names(states_fusion) | {"minProperties": 0},
        ),
        states=of_object(
            category=of_settings(CategorySettings),
            group=of_object(**started),
            video=of_object(**started),
            segment=of_object(frame_stride=count, **started),
            baseline=of_object(
                tsn=name,
                train=of_settings(BaselineTrainSettings),
                predict=of_settings(BaselinePredictSettings),
            ),
            instance_roi=instance,
            instance_person=instance,
            instance_context=instance,
            instance_skeleton=instance,
            skeleton=of_object(
                train=of_settings(SkeletonTrainSettings),
                predict=of_settings(SkeletonPredictSettings),
            ),
            onestage=of_object(**onestage),
            part_state=of_object(
                train=of_settings(PartStateTrainSettings),
                predict=of_settings(PartStatePredictSettings),
            ),
        )
        | {
            "patternProperties": {
                "^group_[A-Za-z0-9_]+$": of_object(**started),
                "^[A-Za-z0-9_]+$": {"type": "object"},  # a new method's, which its program checks
            },
        },
        decision=of_settings(DecisionSettings),
        ensemble=of_object(
            iou=share | said("Persons of several methods above this overlap are one (voting)."),
            folds=count | {"minimum": 2} | said("Of val, for cross-fitting."),
        ),
        submission=of_object(
            action_model=name | said("The one of methods.actions whose action is submitted."),
            parses=name | said("The method or ensemble that is submitted."),
        ),
        report=of_object(
            overlays=of_object(
                frames=count | said("Pictures of the submission."),
                persons=count | said("Persons drawn at most."),
                score=share | said("Persons are drawn from this score on."),
            ),
            gallery=of_object(
                videos=count | said("Best, median and worst videos: how many of each."),
                frames=count | said("Pictures of each of these videos."),
            ),
        ),
    )


def said(text: str) -> Schema:
    """What an editor shows about a setting."""
    return {"description": text}


def overlay_schema(schema: Any) -> Any:
    """The schema without what is needed: an overlay holds only what differs."""
    if isinstance(schema, dict):
        # an "enum" or a property may be called as it likes: `required` is a list in schemas alone
        return {
            key: overlay_schema(value)
            for key, value in schema.items()
            if not (key == "required" and isinstance(value, list))
        }
    return schema


def of_object(**properties: Schema) -> Schema:
    """A mapping with just these keys."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def of_names(value: Schema) -> Schema:
    """A mapping from names that can be part of a file's name to `value`."""
    return {
        "type": "object",
        "patternProperties": {"^[A-Za-z0-9_]+$": value},
        "additionalProperties": False,
        "minProperties": 1,
    }


def of_settings(kind: type) -> Schema:
    """A settings dataclass: names, types, and what their docstrings say."""
    hints = typing.get_type_hints(kind)
    described = _docstrings(kind)
    return of_object(
        **{
            field.name: of_type(hints[field.name])
            | ({"description": described[field.name]} if field.name in described else {})
            for field in fields(kind)
        }
    )


def of_type(hint: Any) -> Schema:
    """The schema of a field's type. Raises TypeError for one that settings do not use."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if hint in _PLAIN:
        return {"type": _PLAIN[hint]}
    if origin in (types.UnionType, typing.Union) and type(None) in arguments:
        (inner,) = (argument for argument in arguments if argument is not type(None))
        return {"type": [of_type(inner)["type"], "null"]}
    if origin is tuple and len(set(arguments)) > 1 and Ellipsis not in arguments:
        kinds = [of_type(argument) for argument in arguments]
        length = len(kinds)
        return {"type": "array", "prefixItems": kinds, "minItems": length, "maxItems": length}
    if origin is tuple:
        bounds: Schema = {}
        if arguments[-1] is not Ellipsis:
            bounds = {"minItems": len(arguments), "maxItems": len(arguments)}
        return {"type": "array", "items": of_type(arguments[0])} | bounds
    if origin is dict:
        return {"type": "object"}
    raise TypeError(f"no schema for {hint}")


def _docstrings(kind: type) -> dict[str, str]:
    """{field: the docstring below it}, of a dataclass and of those that it extends."""
    described: dict[str, str] = {}
    for base in reversed(kind.__mro__[:-1]):
        tree = ast.parse(textwrap.dedent(inspect.getsource(base))).body[0]
        described |= _described_fields(typing.cast(ast.ClassDef, tree).body)
    return described


def _described_fields(body: Sequence[ast.stmt]) -> dict[str, str]:
    described = {}
    for statement, following in pairwise(body):
        match statement, following:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                described[name] = inspect.cleandoc(text)
    return described


class _WithoutAliases(yaml.SafeDumper):
    """Repeats what stands in several places: editors do not all follow YAML's aliases."""

    def ignore_aliases(self, data: Any) -> bool:
        return True


def as_yaml(schema: Schema) -> str:
    """The schema's file."""
    text = yaml.dump(schema, Dumper=_WithoutAliases, sort_keys=False, width=100)
    return f"# Written by `make schema` from the settings' dataclasses; not edited by hand.\n{text}"


def schema_files() -> dict[str, str]:
    """{name in schemas/: text}."""
    schema = config_schema()
    return {
        "config.schema.yaml": as_yaml(schema),
        "overlay.schema.yaml": as_yaml(overlay_schema(schema)),
    }


if __name__ == "__main__":
    for name, text in schema_files().items():
        (Path(sys.argv[1]) / name).write_text(text, encoding="utf-8")
