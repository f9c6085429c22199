from pathlib import Path
from typing import Any

from partparse.files.atomic import write_json
from partparse.files.weights import digest
from partparse.planning.checkout import is_changed
from partparse.report import provenance
from partparse.running.arguments import Annotations, Csv, Objects, Truth, Videos
from partparse.running.command_line import program


@program
def record_run(
    *,
    root: Path,
    videos: Videos,
    annotations: Annotations,
    objects: Objects,
    truth: Truth,
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
    write_json(
        out,
        {
            "data_set": {
                "fingerprint": provenance.fingerprint(
                    root, videos, (annotations, objects, truth), vocabulary
                ),
                "videos": provenance.count_videos(videos),
            },
            "config": provenance.portable(config),
            "seeds": provenance.seeds(config),
            "code": {"commit": commit, "changed": commit and is_changed(Path(__file__).parents[1])},
            "versions": provenance.versions(),
            "submission": {path.name: digest(path) for path in submission},
            "scores": provenance.scores_of(scores),
        },
    )
