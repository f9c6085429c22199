"""Record what the results of a run came from: data, settings, code and versions."""

import argparse
import json
from pathlib import Path

from partparse import tables
from partparse.files.atomic import write_json
from partparse.files.csv_tables import read_csv
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
from partparse.running.program import run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, required=True, help="the data set")
    parser.add_argument("--videos", type=Path, nargs="+", required=True, help="tables")
    parser.add_argument("--annotations", type=Path, nargs="+", required=True, help="tables")
    parser.add_argument("--objects", type=Path, nargs="+", required=True, help="tables")
    parser.add_argument("--truth", type=Path, nargs="+", required=True, help="tables")
    parser.add_argument("--vocabulary", type=Path, required=True, help="JSON")
    parser.add_argument("--submission", type=Path, nargs="+", required=True, help="its files")
    parser.add_argument("--scores", type=Path, required=True, help="CSV of join_scores.py")
    parser.add_argument("--config", type=json.loads, required=True, help="all settings as JSON")
    parser.add_argument("--commit", help="of the project; left out where it is not known")
    parser.add_argument("--out", type=Path, required=True, help="JSON to write")
    args = parser.parse_args()
    videos = tables.read_all(args.videos, tables.VIDEOS)
    labels = (
        tables.read_all(paths, schema)
        for paths, schema in (
            (args.annotations, tables.ANNOTATIONS),
            (args.objects, tables.OBJECTS),
            (args.truth, tables.TRUTH),
        )
    )
    write_json(
        args.out,
        {
            "data_set": {
                "fingerprint": fingerprint(args.root, videos, labels, args.vocabulary),
                "videos": count_videos(videos),
            },
            "config": portable(args.config),
            "seeds": seeds(args.config),
            "code": {
                "commit": args.commit,
                "changed": args.commit and is_changed(Path(__file__).parents[1]),
            },
            "versions": versions(),
            "submission": {path.name: digest(path) for path in args.submission},
            "scores": scores_of(read_csv(args.scores)),
        },
    )


if __name__ == "__main__":
    run(main)
