"""The whole config as one class, and its check before any work starts.

Snakemake reads the config before each job, so this imports nothing heavy.
"""

import json
import math
import re
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import AfterValidator, Field, ValidationError, create_model, model_validator

from partparse.decision.settings import DecisionSettings
from partparse.demo.plan import DemoSettings
from partparse.detection.pose.settings import PosePredictionSettings, PoseSettings
from partparse.detection.settings import (
    DetectorInit,
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
from partparse.errors import InputError
from partparse.frames.settings import FlowSettings, JpegQuality
from partparse.recognition.settings import ActionSettings
from partparse.running.settings import Count, NotNegative, Settings, Share, describe
from partparse.states.methods import known_methods
from partparse.vocabulary import PART_GROUPS

MAX_ENTRIES = 10_000
"""Settings have some hundred; YAML's aliases make any number of a few lines."""
LARGEST = 2**31
"""No whole number among the settings has a use from here on."""

MAX_DEPTH = 20
_PATHS = ("root", "weights", "other_folds")


def _unlike(values: tuple[str, ...]) -> tuple[str, ...]:
    if len(set(values)) < len(values):
        raise InputError(f"{', '.join(values)}: expected each once")
    return values


Kind = TypeVar("Kind", bound=Settings)
NAME = "^[A-Za-z0-9_]+$"
"""Of a model or method: a part of files' names."""
Name = Annotated[str, Field(pattern=NAME)]
Names = Annotated[tuple[str, ...], Field(min_length=1), AfterValidator(_unlike)]
Fusion = Annotated[dict[str, NotNegative], Field(min_length=2)]
_WEIGHTS: dict[str, Any] = dict.fromkeys(PART_GROUPS, (NotNegative, ...))
GroupWeights = create_model("GroupWeights", __base__=Settings, **_WEIGHTS)


class MethodsSettings(Settings):
    """What is run, of what is set below."""

    actions: Names
    """Of `actions` and `fusions.actions`."""
    states: Names
    """Of `states` and `fusions.states`."""


class ShardSettings(Settings):
    """Jobs that a per-video stage is cut into, by split."""

    train: Annotated[int, Field(ge=1, le=10_000)]
    val: Annotated[int, Field(ge=1, le=10_000)]
    test: Annotated[int, Field(ge=1, le=10_000)]


class DatasetSettings(Settings):
    """Which videos, and how they are split."""

    root: str | None
    """Folder in the Kinetics-TPS layout; null: the embedded demo set, made by the workflow."""
    val_share: Annotated[Share, Field(lt=1)]
    """Share of the training videos held out for choosing (the official sets: 809 of 3,809)."""
    val_folds: Annotated[int, Field(ge=2)] | None
    """Instead: folds that the training videos are cut into, one of which is val; null: none."""
    val_fold: Annotated[int, Field(ge=0)]
    """Which of them, from 0."""
    other_folds: Annotated[tuple[str, ...], AfterValidator(_unlike)]
    """Folders `results` of the other folds' runs; their val videos choose and fit as well."""
    seed: int
    """Of the train/val split."""
    shards: ShardSettings
    test_only: bool
    """Only test videos: nothing is trained, models are expected in results/ (`partparse parse`)."""

    @model_validator(mode="after")
    def _has_its_fold(self) -> Self:
        if self.val_folds is None and (self.val_fold or self.other_folds):
            raise InputError("val_fold and other_folds need val_folds, which is null")
        if self.val_folds is not None and self.val_fold >= self.val_folds:
            raise InputError(
                f"val_fold: {self.val_fold}; expected less than val_folds, {self.val_folds}"
            )
        return self


class FramesSettings(Settings):
    """How frames are extracted, and which are scored."""

    jpeg_quality: JpegQuality
    scored_stride: Count
    """Every n-th frame is scored (the challenge: 5)."""


class ResourcesSettings(Settings):
    """What a job may use."""

    threads: Count
    """Cores of a training or prediction job."""
    memory_mb: Count
    """Megabytes of memory of one, for cluster schedulers."""
    weights_folder: str | None
    """Where public weights are kept; null: PARTPARSE_WEIGHTS of the environment, or the cache."""


class PersonsSettings(Settings):
    """Person detector (ultralytics)."""

    train: PersonTrainSettings
    predict: PersonPredictSettings


class PoseSection(Settings):
    """Keypoints of persons, by a pose net (mmpose's HRNet) or by the parser."""

    source: Literal["net", "parser"]
    """Whose keypoints are used: net, the one below, or parser, that of states."""
    train: PoseSettings
    predict: PosePredictionSettings


class SingleSettings(Settings):
    """One detector of persons and parts in whole frames; parts go to persons by overlap."""

    train: FrameTrainSettings
    predict: FramePartSettings


class PartsSettings(Settings):
    """Part detector on crops of persons (ultralytics)."""

    variants: Annotated[
        tuple[Literal["dots", "plain", "single", "parser"], ...],
        Field(min_length=1),
        AfterValidator(_unlike),
    ]
    """All are compared on val: dots, crops with keypoints drawn; plain, crops as they are; single,
    whole frames; parser, what states.parser finds. submission.part_detector says whose are used."""
    init: DetectorInit
    train: PartTrainSettings
    predict: PartPredictSettings
    single: SingleSettings
    growth: GrowthSettings
    """A person's box grows until it holds the person's confident keypoints."""


class ObjectsSettings(Settings):
    """Object detector (ultralytics), for the baseline; a data set without objects trains none."""

    init: DetectorInit
    train: ObjectTrainSettings
    predict: ObjectPredictSettings


class FusionsSettings(Settings):
    """The weighted mean of what several say."""

    actions: dict[Name, Fusion]
    """Of action models, a weight for each; a fusion is an action model too."""
    states: dict[Name, Annotated[dict[str, GroupWeights], Field(min_length=2)]]  # type: ignore[valid-type]
    """Of state methods, a weight for each part group; a fusion is a state method too."""


class EnsembleSettings(Settings):
    """Voting of several methods, and the choice among methods on val."""

    iou: Annotated[Share, Field(lt=1)]
    """Persons of several methods above this overlap are one (voting)."""
    folds: Annotated[int, Field(ge=2)]
    """Cross-fitting: a val video's score is made by choices that did not see its fold."""


class SubmissionSettings(Settings):
    """What is submitted."""

    action_model: str
    """Whose action is submitted, and given to the methods: one of methods.actions, or best: val
    chooses (decide joins them all)."""
    part_detector: str
    """Whose parts are submitted, and given to the methods without their own: one of parts.variants,
    or best: the one that hits most of val's parts (decide joins them all)."""
    parses: str
    """The method or ensemble that is submitted."""
    refit: tuple[str, ...]
    """State methods whose network is trained once more, on train and val, for test; those of them
    that are used."""


class OverlaySettings(Settings):
    """Pictures of the submission; persons drawn at most, and from which score on."""

    frames: Count
    """Pictures."""
    persons: Count
    """Persons drawn at most."""
    score: Annotated[Share, Field(lt=1)]
    """Persons are drawn from this score on."""


class GallerySettings(Settings):
    """Best, median and worst videos: how many of each, and pictures of each video."""

    videos: Count
    """How many of each."""
    frames: Count
    """Pictures of each of these videos."""


class TimelineSettings(Settings):
    """When each part is in which state, in the parse of a video."""

    shortest: NotNegative
    """Seconds: a shorter span goes to its neighbours, as a flicker; 0: every span stays."""


class ReportSettings(Settings):
    """Pages of the report, and parses of videos."""

    overlays: OverlaySettings
    gallery: GallerySettings
    timeline: TimelineSettings


class Config(Settings):
    """Every setting; an overlay holds only what differs."""

    recipe: Name
    """Whose sizes the settings have; an overlay that sets them all gives its own name."""
    needs_recipe: Name | None
    """The recipe that an overlay chooses from, and is refused without; null: any."""
    stop_on_fault: bool
    """A fault of the program in one video stops the run; false: the video is reported and left out
    of that stage."""
    rehearsal_steps: Count | None
    """Optimiser steps after which every training ends, as in `make rehearse`; null: none does."""
    methods: MethodsSettings
    dataset: DatasetSettings
    demo: DemoSettings
    """The embedded data set; used where dataset.root is null."""
    frames: FramesSettings
    flow: FlowSettings
    """Optical flow, for clip networks whose modality it is."""
    resources: ResourcesSettings
    persons: PersonsSettings
    pose: PoseSection
    tracks: TrackSettings
    """Persons linked over frames, for methods that look at how they move."""
    parts: PartsSettings
    objects: ObjectsSettings
    actions: Annotated[dict[Name, ActionSettings], Field(min_length=1)]
    """Action models by name; submission.action_model says which of them is submitted."""
    fusions: FusionsSettings
    states: dict[Name, dict[str, Any]]
    """State methods by name; methods.states says which are run."""
    ensemble: EnsembleSettings
    decision: DecisionSettings
    """`decide`: what all methods say, joined to the highest expected score; each step can be left
    out."""
    submission: SubmissionSettings
    report: ReportSettings


def check_config(config: Any) -> None:
    """Raise InputError that names the first setting that is not as its class wants it.

    Settings of a method of states/ are checked as that wants it, those of another by its program.
    """
    _check_values(config)
    checked = _checked(Config, config)
    if checked.needs_recipe not in (None, checked.recipe):
        raise InputError(
            f"config: needs_recipe: what is chosen is of the recipe {checked.needs_recipe}, but the"
            f" sizes are those of {checked.recipe}; expected --configfile"
            f" configs/{checked.needs_recipe}.yaml, and the other file behind it"
        )
    for name, own in checked.states.items():
        for method in known_methods():
            if re.fullmatch(method.names, name):
                _checked(method.settings, own, ("states", name))


def expand_home(config: Any) -> None:
    """Replace `~` at the start of each path in a config: the user's folder.

    Raises InputError where it names a user that there is not.
    """
    if not isinstance(config, dict):
        return
    for name, value in config.items():
        if name in _PATHS and isinstance(value, list):
            config[name] = [_expanded(name, each) for each in value]
        elif name in _PATHS:
            config[name] = _expanded(name, value)
        expand_home(value)


def _expanded(name: str, value: Any) -> Any:
    if not isinstance(value, str) or not value.startswith("~"):
        return value
    try:
        return str(Path(value).expanduser())
    except RuntimeError:
        raise InputError(f"config: {name}: {value}: there is no such user") from None


def _checked(kind: type[Kind], values: Any, place: tuple[str, ...] = ()) -> Kind:
    try:
        return kind.model_validate_json(json.dumps(values))
    except ValidationError as error:
        raise InputError(f"config: {describe(kind, error, place)}") from None


def _check_values(config: Any) -> None:
    """Refuse what JSON, in which programs get their settings, does not have, and what is endless.

    So that classes are made from plain values of a bounded number.
    """
    waiting: list[tuple[tuple[Any, ...], Any]] = [((), config)]
    count = 0
    while waiting:
        path, value = waiting.pop()
        count += 1
        if count > MAX_ENTRIES:
            raise InputError(f"config: expected at most {MAX_ENTRIES} entries, aliases included")
        if len(path) > MAX_DEPTH:
            raise InputError(f"config: {path[0]}: expected at most {MAX_DEPTH} levels")
        dotted = ".".join(map(str, path))
        where = f"config: {dotted}: " if dotted else "config: "
        if isinstance(value, dict):
            for name, inner in value.items():
                if not isinstance(name, str):
                    raise InputError(f"{where}the name {name!r}; expected text")
                waiting.append(((*path, name), inner))
        elif isinstance(value, list | tuple):
            waiting += [((*path, place), inner) for place, inner in enumerate(value)]
        elif isinstance(value, float) and not math.isfinite(value):
            raise InputError(f"{where}{value}; expected a finite number")
        elif isinstance(value, int) and not -LARGEST < value < LARGEST:
            raise InputError(f"{where}expected a number between -{LARGEST} and {LARGEST}")
        elif not isinstance(value, str | int | float | None):
            kind = type(value).__name__
            raise InputError(f"{where}a {kind}; expected text, a number, true, false or null")
