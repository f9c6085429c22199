from pathlib import Path
from typing import Any

from partparse import tables
from partparse.files.atomic import write_json
from partparse.files.weights import digest
from partparse.planning.checkout import is_changed
from partparse.report.provenance import (
    count_videos,
    fingerprint,
    portable,
    scores_of,
    seeds,
    versions,
)
from partparse.running.arguments import Csv, Videos
from partparse.running.command_line import program


@program
def record_run(
    *,
    root: Path,
    videos: Videos,
    annotations: list[Path],
    objects: list[Path],
    truth: list[Path],
    vocabulary: Path,
    submission: list[Path],
    scores: Csv,
    config: dict[str, Any],
    commit: str | None = None,
    out: Path,
) -> None:
    """Record what the results of a run came from: data, settings, code and versions.

    Args:
        submission: Its files.
        config: All settings.
        commit: Of the project; left out where it is not known.
    """
    labels = (
        tables.read_all(paths, schema)
        for paths, schema in (
            (annotations, tables.ANNOTATIONS),
            (objects, tables.OBJECTS),
            (truth, tables.TRUTH),
        )
    )
    write_json(
        out,
        {
            "data_set": {
                "fingerprint": fingerprint(root, videos, labels, vocabulary),
                "videos": count_videos(videos),
            },
            "config": portable(config),
            "seeds": seeds(config),
            "code": {"commit": commit, "changed": commit and is_changed(Path(__file__).parents[1])},
            "versions": versions(),
            "submission": {path.name: digest(path) for path in submission},
            "scores": scores_of(scores),
        },
    )
