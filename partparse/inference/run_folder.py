"""A finished run: what it says of itself, and what it has fitted. It is only read."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from partparse.errors import InputError
from partparse.files.atomic import read_json
from partparse.files.broken_tables import PICTURES
from partparse.files.weights import digest

RECORD = "run.json"
DRAWN = "drawn persons"
"""What a run of the embedded data set was trained on."""

_DOUBT = (
    f"the run was trained on {DRAWN} (the embedded data set): of filmed ones it says nothing"
    " sensible; for these, train with configs/filmed.yaml (docs/own-data.md)"
)

_OF_A_SHARD = re.compile(r"(train|val|test)-\d+(\..*)?")
_EXPECTED = "expected the folder `results` of a finished run"


@dataclass(frozen=True)
class Run:
    """A finished run."""

    results: Path  # its folder `results`, absolute
    config: dict[str, Any]  # its settings
    identity: str  # changes when it is run again with other results

    @property
    def stride(self) -> int:
        """Every n-th frame is parsed."""
        return int(self.config["frames"]["scored_stride"])

    def notes(self, video: Path) -> list[str]:
        """What has to be known before anything that the run says of a video is believed."""
        own = self.results / "demo"
        is_doubtful = _trained_on(self.config) == DRAWN and own not in video.resolve().parents
        return [_DOUBT] if is_doubtful else []


def open_run(results: Path) -> Run:
    """The run whose results are in a folder.

    Raises InputError where it is no such folder, where the run is not finished, and where its
    submission is not the one that its record speaks of, because it is being made again.
    """
    if not results.is_dir():
        raise InputError(f"{results}: no such folder; {_EXPECTED}")
    record = results / RECORD
    if not record.is_file():
        if (results / "results" / RECORD).is_file():
            raise InputError(f"{results}: no {RECORD} in it; did you mean {results / 'results'}?")
        if (results / "dataset").is_dir():
            raise InputError(f"{results}: the run is not finished, there is no {RECORD}")
        raise InputError(f"{results}: no {RECORD} in it; {_EXPECTED}")
    said = read_json(record)
    try:
        config, submission = dict(said["config"]), dict(said["submission"])
        int(config["frames"]["scored_stride"]), dict(config["dataset"])
    except (KeyError, TypeError, ValueError):
        raise InputError(f"{record}: not the record of a run") from None
    for name, expected in submission.items():
        file = results / "submission" / Path(name).name
        if not file.is_file() or digest(file) != expected:
            raise InputError(f"{results}: the run is not finished, {file.name} is being made again")
    return Run(results.resolve(), config, digest(record))


def describe_run(record: Path) -> dict[str, Any]:
    """What a parse says of the run that it was made with, from the run's record."""
    said = read_json(record)
    return {
        "record": digest(record),
        "trained_on": _trained_on(said["config"]),
        "data_set": said["data_set"]["fingerprint"],
        "commit": said["code"]["commit"],
    }


def _trained_on(config: Mapping[str, Any]) -> str:
    """The kind of a run's videos, or the name of its data set."""
    root = config["dataset"]["root"]
    return DRAWN if root is None else str(root)


def fitted_files(results: Path) -> Iterator[Path]:
    """The files of a run that are not about one shard, relative to `results`.

    Models and choices are among them, and figures and scores, which nothing reads; what jobs cost
    is not, nor what they and the system keep in hidden files.
    """
    for entry in sorted(results.iterdir()):
        if entry.name not in (*PICTURES, "benchmarks"):
            yield from _files(entry, results)


def _files(entry: Path, results: Path) -> Iterator[Path]:
    if entry.name.startswith(".") or _OF_A_SHARD.fullmatch(entry.name):
        return
    if entry.is_dir():
        for inside in sorted(entry.iterdir()):
            yield from _files(inside, results)
    else:
        yield entry.relative_to(results)
