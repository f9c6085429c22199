"""What a run's results came from: `results/run.json`.

It holds no times, hosts or folders of the machine, so that two runs with the same data, settings
and code have the same file.
"""

import hashlib
import importlib.metadata
import platform
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePath
from typing import Any

import numpy as np
import pandas as pd

from partparse.files.weights import digest
from partparse.frames.names import size_of
from partparse.report.page import render
from partparse.tables import SPLITS

PACKAGES: tuple[str, ...] = (
    "av",
    "lap",
    "lightning",
    "mmcv-lite",
    "mmengine",
    "mmpose",
    "numpy",
    "opencv-python-headless",
    "pandas",
    "partparse",
    "pyarrow",
    "pytorchvideo",
    "scikit-learn",
    "scipy",
    "snakemake",
    "timm",
    "torch",
    "torchvision",
    "ultralytics",
)
"""Those that results may depend on."""

_DESCRIBED = ["video", "held_out", "action", "path", "frames", "width", "height"]
_PAGE = """
{% for title, rows in sections.items() %}
<h2>{{ title }}</h2>
<table>
{% for name, value in rows.items() %}
<tr><td>{{ name }}</td><td><code>{{ value }}</code></td></tr>
{% endfor %}
</table>
{% endfor %}
"""


def fingerprint(
    root: Path, videos: pd.DataFrame, labels: Iterable[pd.DataFrame], vocabulary: Path
) -> str:
    """Hexadecimal SHA-256 of a data set, which does not depend on its shards or its place.

    Videos count by name, size in bytes and what the VIDEOS table says of them; their pictures are
    not read. The share that is put aside as val is a setting, and does not count.

    Args:
        root: the data set's folder.
        videos: VIDEOS of the whole set.
        labels: the tables that hold annotations, objects and known actions.
        vocabulary: the file of its names.
    """
    described = videos.assign(held_out=videos["split"] == "test")[_DESCRIBED]
    sizes = [size_of(root / path) for path in videos["path"]]
    parts = [_rows(described.assign(size=sizes)), *map(_rows, labels), digest(vocabulary)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def _rows(table: pd.DataFrame) -> str:
    """A digest of a table's rows in whatever order."""
    hashes = np.sort(pd.util.hash_pandas_object(table, index=False).to_numpy())
    return hashlib.sha256(hashes.tobytes()).hexdigest()


def count_videos(videos: pd.DataFrame) -> dict[str, int]:
    """{split: videos}."""
    return {split: int((videos["split"] == split).sum()) for split in SPLITS}


def portable(settings: Any) -> Any:
    """Settings with the last name alone of each absolute path: the rest is the machine's."""
    if isinstance(settings, Mapping):
        return {name: portable(value) for name, value in settings.items()}
    if isinstance(settings, list):
        return [portable(value) for value in settings]
    if isinstance(settings, str) and PurePath(settings).is_absolute():
        return PurePath(settings).name
    return settings


def seeds(settings: Mapping[str, Any]) -> dict[str, int]:
    """{name with dots: seed} of every seed among the settings."""
    return {name: value for name, value in _flat(settings) if name.split(".")[-1] == "seed"}


def versions() -> dict[str, str | None]:
    """The versions of Python and of PACKAGES; None for one that is not installed."""
    return {"python": platform.python_version()} | {name: _version(name) for name in PACKAGES}


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def scores_of(table: pd.DataFrame) -> dict[str, dict[str, float]]:
    """{split: {method: score}} of the table of scores."""
    return {
        split: dict(sorted(zip(rows["method"], rows["score"], strict=True)))
        for split, rows in table.groupby("split")
    }


def provenance_page(record: Mapping[str, Any]) -> str:
    """HTML that needs no other file.

    Args:
        record: what `scripts/record_run.py` wrote: data_set, config, seeds, code, versions,
            submission, scores.
    """
    code = record["code"]
    sections = {
        "Code": {
            "commit": code["commit"] or "not known",
            "files changed since": "yes" if code["changed"] else "no",
        },
        "Data set": {
            "fingerprint": record["data_set"]["fingerprint"],
            **{f"{split} videos": count for split, count in record["data_set"]["videos"].items()},
        },
        "Submission (SHA-256)": record["submission"],
        "Scores": dict(_flat(record["scores"])),
        "Seeds": record["seeds"],
        "Versions": record["versions"],
        "Settings": dict(_flat(record["config"])),
    }
    return render("What the run came from", _PAGE, sections=sections)


def _flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """(a.b.c, value) of nested mappings; a list is one value."""
    for name, value in values.items():
        if isinstance(value, Mapping) and value:
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value
