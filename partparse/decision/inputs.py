"""Reading what the decision works on, shard by shard, from files named by patterns."""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pandera.pandas as pa

from partparse import tables
from partparse.decision.decide import complete
from partparse.decision.evidence import Evidence
from partparse.decision.gather import Source, Tables, gather
from partparse.decision.model import TrainingStatistics
from partparse.errors import InputError

SHARD = "{shard}"

Patterns = dict[str, str]
"""Paths with `{shard}` in them, by name."""


@dataclass(frozen=True)
class DecisionInputs:
    """Where the tables are."""

    persons: str
    detected: str | None
    parts: Patterns
    states: Patterns
    actions: Patterns
    source_persons: Patterns
    source_parts: Patterns
    source_states: Patterns
    tracks: str | None
    keypoints: str | None

    def methods(self) -> tuple[str, ...]:
        """Names of the state methods, in the order of `Evidence.states`."""
        return (*self.states, *(name for name in self.source_persons if name in self.source_states))

    def box_sources(self) -> tuple[str, ...]:
        """Names of what finds parts, in the order of `Evidence.part_boxes`."""
        return (*self.parts, *(name for name in self.source_persons if name in self.source_parts))

    def read(self, shard: str) -> Tables:
        """The tables of a shard."""
        return Tables(
            persons=read_shard(self.persons, shard, tables.PERSONS),
            parts=_read(self.parts, shard, tables.PARTS_TABLE),
            states=ReadWhenAsked(self.states, shard, tables.STATES),
            actions=_read(self.actions, shard, tables.ACTIONS),
            detected=_optional(self.detected, shard, tables.PERSONS),
            sources={name: self._source(name, shard) for name in self.source_persons},
            tracks=_optional(self.tracks, shard, tables.PERSONS),
            keypoints=_optional(self.keypoints, shard, tables.KEYPOINT_TABLE),
        )

    def _source(self, name: str, shard: str) -> Source:
        return Source(
            read_shard(self.source_persons[name], shard, tables.PERSONS),
            _optional(self.source_parts.get(name), shard, tables.PARTS_TABLE),
            _optional(self.source_states.get(name), shard, tables.STATES),
        )

    def gather(self, shard: str, statistics: TrainingStatistics) -> Evidence:
        """The evidence of a shard, complete with the hypotheses of tracks and keypoints.

        Raises InputError where it is not by the methods that the statistics are for, in order.
        """
        for what, ours, fitted in (
            ("states", self.methods(), statistics.methods),
            ("parts", self.box_sources(), statistics.box_sources),
            ("actions", tuple(self.actions), statistics.action_models),
        ):
            if ours != fitted:
                raise InputError(
                    f"{what} of {', '.join(ours)}: the decision was fitted on those of "
                    f"{', '.join(fitted)}, in this order"
                )
        given = self.read(shard)
        videos = next(iter(given.actions.values()))["video"].tolist()
        evidence = gather(given, videos, statistics.actions, statistics.space)
        return complete(evidence, statistics)


@dataclass(frozen=True)
class ReadWhenAsked(Mapping[str, pd.DataFrame]):
    """Tables of a shard that are read each time they are asked for.

    Those of the states are the largest by far: so no more than one of them is held.
    """

    patterns: Patterns
    shard: str
    schema: pa.DataFrameSchema

    def __getitem__(self, name: str) -> pd.DataFrame:
        """Read a table."""
        return read_shard(self.patterns[name], self.shard, self.schema)

    def __iter__(self) -> Iterator[str]:
        """Names, in order."""
        return iter(self.patterns)

    def __len__(self) -> int:
        """How many tables there are."""
        return len(self.patterns)


def read_shard(pattern: str, shard: str, schema: pa.DataFrameSchema) -> pd.DataFrame:
    """One shard's table."""
    return tables.read(Path(pattern.replace(SHARD, shard)), schema)


def read_shards(pattern: str, shards: Sequence[str], schema: pa.DataFrameSchema) -> pd.DataFrame:
    """The tables of several shards as one."""
    return tables.read_all([Path(pattern.replace(SHARD, shard)) for shard in shards], schema)


def add_inputs(parser: argparse.ArgumentParser) -> None:
    """The arguments that `parse_inputs` reads; every path has `{shard}` for the shard's name."""
    parser.add_argument("--persons", required=True, help="persons that most tables speak of")
    parser.add_argument("--detected", help="the same persons before their boxes grew")
    parser.add_argument("--tracks", help="persons with tracks")
    parser.add_argument("--keypoints", help="keypoints of the persons")
    for name, of in (
        ("parts", "parts of these persons; the first is submitted without a decision"),
        ("states", "states of these persons, by each method"),
        ("actions", "actions of the videos, by each model; likewise the first"),
        ("source-persons", "persons of a detector of its own"),
        ("source-parts", "its parts"),
        ("source-states", "its states"),
    ):
        needed = name in ("parts", "actions")
        parser.add_argument(
            f"--{name}", nargs="+", default=[], required=needed, metavar="NAME=PATH", help=of
        )


def parse_inputs(args: argparse.Namespace) -> DecisionInputs:
    """Where the tables are, by the arguments. Raises InputError for one that is not NAME=PATH."""
    return DecisionInputs(
        persons=args.persons,
        detected=args.detected,
        parts=_named(args.parts),
        states=_named(args.states),
        actions=_named(args.actions),
        source_persons=_named(args.source_persons),
        source_parts=_named(args.source_parts),
        source_states=_named(args.source_states),
        tracks=args.tracks,
        keypoints=args.keypoints,
    )


def _named(entries: Sequence[str]) -> Patterns:
    for entry in entries:
        if "=" not in entry:
            raise InputError(f"argument {entry!r}: expected NAME=PATH")
    return dict(entry.split("=", 1) for entry in entries)  # type: ignore[misc]


def _read(
    patterns: Mapping[str, str], shard: str, schema: pa.DataFrameSchema
) -> dict[str, pd.DataFrame]:
    return {name: read_shard(pattern, shard, schema) for name, pattern in patterns.items()}


def _optional(pattern: str | None, shard: str, schema: pa.DataFrameSchema) -> pd.DataFrame | None:
    return None if pattern is None else read_shard(pattern, shard, schema)
