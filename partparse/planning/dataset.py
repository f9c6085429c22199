"""Where the data set is, and the shards that its videos are planned in."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from partparse.dataset.layout import VideoFile, list_actions, list_videos
from partparse.dataset.lists import OBJECT_LIST, PART_LIST, STATE_LIST
from partparse.dataset.splits import Fold, assign_shards, read_shard_list, split_videos
from partparse.demo.plan import DemoSettings, plan_videos
from partparse.errors import InputError
from partparse.frames.names import source_of

SPLITS = ("train", "val", "test")
REFIT = "refit"
"""In the names of shards, the split of val's videos with the persons that are annotated in them;
under its own name each of val's shards has those that are detected. Only a refit learns from it."""


def annotated_shard(shard: str) -> str:
    """The shard that has the annotated persons of a shard's videos: refit-000 of val-000."""
    return shard.replace("val-", f"{REFIT}-") if shard.startswith("val-") else shard


def videos_shard(shard: str) -> str:
    """The shard of the data set whose videos a shard has: the inverse of `annotated_shard`."""
    return shard.replace(f"{REFIT}-", "val-") if shard.startswith(f"{REFIT}-") else shard


@dataclass(frozen=True)
class DataSet:
    """The data set of a config."""

    root: Path
    is_demo: bool
    shards: dict[str, list[str]]
    """{shard: what its videos are}: a shard runs again when that changes. None is empty."""
    other_folds: tuple[tuple[str, str], ...] = ()
    """The shards of val of the other folds' runs: the run's folder `results`, and the shard."""

    @classmethod
    def of(cls, config: Mapping[str, Any], base: Path) -> "DataSet":
        """Plan a config's; `base`: the workflow's folder.

        Raises InputError where there is no such folder, for what is wrong in it, and for a split
        without videos; where `test_only` is set, for one with train videos.
        """
        data = config["dataset"]
        is_demo = data["root"] is None
        root = Path("results/demo") if is_demo else _find_root(data["root"], base)
        videos = _demo_videos(config["demo"]) if is_demo else list_videos(root)
        folds, share = data["val_folds"], data["val_share"]
        held_out = share if folds is None else Fold(data["val_fold"], folds)
        split = split_videos(videos, held_out, data["seed"])
        shards = {
            shard: [f"{video.path} {video.source}" for video in assigned]
            for shard, assigned in assign_shards(split, data["shards"]).items()
            if assigned
        }
        # what the run fitted is there, where only test is planned
        others = [] if data["test_only"] else _read_folds(data["other_folds"], split)
        planned = cls(root, is_demo, shards, tuple(others))
        for name in SPLITS[2:] if data["test_only"] else SPLITS:
            if not planned.names(name):
                raise InputError(f"{root}: no {name} videos; every split needs at least one")
        if data["test_only"] and planned.names("train", "val"):
            raise InputError(
                f"{root}: has train videos; dataset.test_only expects none, as nothing is fitted"
            )
        return planned

    def names(self, *splits: str) -> list[str]:
        """The shards of the named splits."""
        return [shard for shard in self.shards if shard.split("-")[0] in splits]

    def tables(self, pattern: str, *splits: str) -> list[str]:
        """The shards' files of the named splits, for a pattern with {shard}."""
        return [pattern.replace("{shard}", shard) for shard in self.names(*splits)]

    def given(self, *kinds: str, splits: Iterable[str] = ("train",)) -> dict[str, list[str]]:
        """{kind: tables} of what is read from the data set: videos, annotations, frames, …"""
        return {kind: self.tables(_given(kind), *splits) for kind in kinds}

    @property
    def judges(self) -> list[tuple[str, str]]:
        """What chooses and calibrates: shards of val, as `other_folds`, this run's own first."""
        return [*(("results", shard) for shard in self.names("val")), *self.other_folds]

    def judging(self, pattern: str) -> list[str]:
        """The files of all `judges`, for a pattern that begins with results/."""
        file = pattern.removeprefix("results/")
        return [f"{results}/{file}".replace("{shard}", shard) for results, shard in self.judges]

    def given_judges(self, *kinds: str) -> dict[str, list[str]]:
        """As `given`, of all `judges`."""
        return {kind: self.judging(_given(kind)) for kind in kinds}

    @property
    def judging_runs(self) -> list[str]:
        """The folders `results` of all `judges`."""
        return [*dict.fromkeys(results for results, _ in self.judges)]

    @property
    def has_test_truth(self) -> bool:
        """Whether the actions and states of the test videos are known."""
        return self.is_demo or (self.root / "test_annotations").is_dir()

    @property
    def scored_splits(self) -> list[str]:
        """The splits whose truth is known, and on which methods are scored."""
        return ["val", "test"] if self.has_test_truth else ["val"]

    def vocabulary_source(self) -> list[str | None] | None:
        """What the names are read from: the lists, and the folders of the actions."""
        if self.is_demo:
            return None
        paths = [self.root / name for name in (PART_LIST, STATE_LIST, OBJECT_LIST)]
        lists = [source_of(path) if path.is_file() else None for path in paths]
        return [*lists, *list_actions(self.root)]


def _find_root(named: str, base: Path) -> Path:
    """The data set's folder: relative to the working directory, else to the workflow's."""
    for folder in (Path(named), base / named):
        if folder.is_dir():
            return folder
    raise InputError(
        f"dataset.root: there is no folder {named!r}, neither in {Path.cwd()} nor in {base}"
    )


def _given(kind: str) -> str:
    """The tables of a kind that is read from the data set, by {shard}."""
    return f"results/{kind if kind == 'frames' else f'dataset/{kind}'}/{{shard}}.parquet"


def _read_folds(folders: Iterable[str], videos: Iterable[VideoFile]) -> list[tuple[str, str]]:
    """The shards of val in the runs of other folds.

    Raises InputError for a folder that is no such run's or has lists of two splits, and for a val
    video of it that is no training video here, or is val in two runs: it would be judged by
    networks that have learnt from it, or count twice.
    """
    left = {video.video for video in videos if video.split == "train"}
    found = []
    for named in folders:
        folder = Path(named)
        where = f"dataset.other_folds: {folder.absolute()}"
        if set("{}") & set(named):  # Snakemake takes what is within them for a wildcard
            raise InputError(f"{where}: expected a name without {{ and }}")
        lists = {
            split: {path.stem: read_shard_list(path) for path in folder.glob(f"shards/{split}-*")}
            for split in ("train", "val")
        }
        if not lists["val"]:
            raise InputError(
                f"{where}: no shards/val-000.csv; expected the folder results of a run of another"
                " fold"
            )
        listed = Counter(v.video for split in lists.values() for own in split.values() for v in own)
        if twice := sorted(video for video, count in listed.items() if count > 1):
            raise InputError(
                f"{where}: {twice[0]!r} is in two lists of shards/; expected those of one split"
            )
        own = {video.video for videos in lists["val"].values() for video in videos}
        if strange := sorted(own - left):
            raise InputError(
                f"{where}: {strange[0]!r} is in val there; expected training videos of this run,"
                " and each in one fold"
            )
        left -= own
        found += [(named, shard) for shard in sorted(lists["val"])]
    return found


def _demo_videos(settings: Mapping[str, Any]) -> list[VideoFile]:
    """The demo's videos, which are known before it is made."""
    source = hashlib.sha256(json.dumps(settings, sort_keys=True).encode()).hexdigest()
    planned = plan_videos(DemoSettings.of(settings))
    return [VideoFile(v.video, v.split, v.action, v.path, source) for v in planned]
