"""The manifests of the decision's programs: where the tables are, and reading them."""

from collections import UserDict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import pandas as pd
import pandera.pandas as pa
from pydantic import BaseModel, ConfigDict, Field

from partparse import tables
from partparse.decision.decide import complete
from partparse.decision.evidence import Evidence
from partparse.decision.gather import Source, Tables, gather
from partparse.decision.geometry import fit_geometry
from partparse.decision.model import TrainingStatistics
from partparse.decision.priors import count_priors
from partparse.decision.settings import DecisionSettings
from partparse.decision.state_space import StateSpace
from partparse.detection.tracking import annotated_as_persons
from partparse.errors import SetupError
from partparse.files.csv_tables import read_csv
from partparse.vocabulary import Vocabulary


class Manifest(BaseModel):
    """Tables by name, in the order of which they are used; other names are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SourceTables(Manifest):
    """Where the tables of a `Source` are."""

    persons: Path
    parts: Path | None = None
    states: Path | None = None


class ShardTables(Manifest):
    """Where the `Tables` of a shard are."""

    persons: Path
    parts: dict[str, Path]
    states: dict[str, Path]
    actions: dict[str, Path]
    detected: Path | None = None
    sources: dict[str, SourceTables] = {}
    tracks: Path | None = None
    keypoints: Path | None = None
    parses: dict[str, Path] = {}
    """Of what may be submitted in the place of what is decided."""

    def methods(self) -> tuple[str, ...]:
        """Names of the state methods, in the order of `Evidence.states`."""
        return (*self.states, *(name for name, source in self.sources.items() if source.states))

    def box_sources(self) -> tuple[str, ...]:
        """Names of what finds parts, in the order of `Evidence.part_boxes`."""
        return (*self.parts, *(name for name, source in self.sources.items() if source.parts))

    def read(self) -> Tables:
        """The tables."""
        return Tables(
            persons=tables.read(self.persons, tables.PERSONS),
            parts=_read(self.parts, tables.PARTS_TABLE),
            states=_ReadWhenAsked(self.states),
            actions=_read(self.actions, tables.ACTIONS),
            detected=_optional(self.detected, tables.PERSONS),
            sources={
                name: Source(
                    tables.read(source.persons, tables.PERSONS),
                    _optional(source.parts, tables.PARTS_TABLE),
                    _optional(source.states, tables.STATES),
                )
                for name, source in self.sources.items()
            },
            tracks=_optional(self.tracks, tables.PERSONS),
            keypoints=_optional(self.keypoints, tables.KEYPOINT_TABLE),
        )

    def videos(self) -> list[str]:
        """Those of the shard, which all have an action."""
        named = tables.read(next(iter(self.actions.values())), tables.ACTIONS)["video"]
        return [str(video) for video in named]

    def gather(self, statistics: TrainingStatistics, videos: Sequence[str]) -> Evidence:
        """The evidence of videos, complete with the hypotheses of tracks and keypoints.

        Raises InputError where it is not by the methods that the statistics is for, in order.
        """
        for what, ours, fitted in (
            ("states", self.methods(), statistics.methods),
            ("parts", self.box_sources(), statistics.box_sources),
            ("actions", tuple(self.actions), statistics.action_models),
        ):
            if ours != fitted:
                raise SetupError(
                    f"{what} of {', '.join(ours)}: the decision was fitted on those of "
                    f"{', '.join(fitted)}, in this order"
                )
        evidence = gather(self.read(), videos, statistics.actions, statistics.space)
        return complete(evidence, statistics)


class TrainingTables(Manifest):
    """Where the tables of the training videos are, by shard."""

    videos: list[Path]
    annotations: list[Path]
    tracks: list[Path] = []
    keypoints: list[Path] = []


class FittedTables(Manifest):
    """Where all is that the decision is fitted on."""

    val: Annotated[list[ShardTables], Field(min_length=1)]
    train: TrainingTables
    truth: list[Path]
    """Of val, as are those that follow."""
    annotations: list[Path]
    frames: list[Path]
    scores: dict[str, list[Path]] = {}
    """By video, of what may be submitted in the place of what is decided."""

    def read_scores(self) -> pd.DataFrame:
        """The scores of all, as `fallback.choose_submitted` takes them."""
        files = (file for files in self.scores.values() for file in files)
        return pd.concat(map(read_csv, files), ignore_index=True)

    def count_statistics(
        self, vocabulary: Vocabulary, stride: int, settings: DecisionSettings
    ) -> TrainingStatistics:
        """What training annotations tell, of use with the evidence that there is of val.

        `stride` is from one scored frame to the next; `settings` have the pseudo-counts.
        """
        train, of_shard = self.train, self.val[0]
        rows = tables.read_all(train.annotations, tables.ANNOTATIONS)
        named = tables.read_all(train.videos, tables.VIDEOS).dropna(subset="action")
        tracked = annotated_as_persons(rows)
        if train.tracks:
            tracked = tables.read_all(train.tracks, tables.PERSONS)
        space = StateSpace.of(rows, vocabulary.states)
        geometry = None
        if train.keypoints:
            # held by nobody else, as they are large
            geometry = fit_geometry(rows, tables.read_all(train.keypoints, tables.KEYPOINT_TABLE))
        return TrainingStatistics(
            actions=vocabulary.actions,
            methods=of_shard.methods(),
            action_models=tuple(of_shard.actions),
            box_sources=of_shard.box_sources(),
            space=space,
            priors=count_priors(
                rows,
                tracked,
                named.set_index("video")["action"],
                vocabulary.actions,
                space,
                stride=stride,
                pseudo_videos=settings.pseudo_videos,
                pseudo_pairs=settings.pseudo_pairs,
            ),
            geometry=geometry,
            stride=stride,
        )


class _ReadWhenAsked(UserDict[str, Any]):
    """STATES of a shard, from their paths, that are read each time they are asked for.

    They are the largest tables by far: so no more than one of them is held.
    """

    def __getitem__(self, name: str) -> pd.DataFrame:
        return tables.read(self.data[name], tables.STATES)


def _read(paths: Mapping[str, Path], schema: pa.DataFrameSchema) -> dict[str, pd.DataFrame]:
    return {name: tables.read(path, schema) for name, path in paths.items()}


def _optional(path: Path | None, schema: pa.DataFrameSchema) -> pd.DataFrame | None:
    return None if path is None else tables.read(path, schema)
