"""Link the persons of a shard's videos from frame to frame."""

import argparse
from pathlib import Path

from partparse import tables
from partparse.running.program import limit_threads, parse_settings, run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--persons",
        type=Path,
        nargs="+",
        required=True,
        help="tables; of a frame that is in several, the first one's persons are taken",
    )
    parser.add_argument(
        "--annotated", action="store_true", help="--persons are tables of annotations"
    )
    parser.add_argument("--settings", required=True, help="TrackSettings as JSON")
    parser.add_argument("--out", type=Path, required=True, help="persons table to write")
    args = parser.parse_args()

    limit_threads(1)
    from partparse.detection.settings import TrackSettings
    from partparse.detection.tracking import annotated_as_persons, join_frames, track_persons

    if args.annotated:
        persons = annotated_as_persons(tables.read_all(args.persons, tables.ANNOTATIONS))
    else:
        persons = join_frames([tables.read(path, tables.PERSONS) for path in args.persons])
    tracked = track_persons(persons, parse_settings(TrackSettings, args.settings))
    tables.write(tracked, args.out, tables.PERSONS)


if __name__ == "__main__":
    run(main)
