"""Grow detected persons' boxes until they hold the persons' confident keypoints."""

import argparse
from pathlib import Path

from partparse import tables
from partparse.detection.growth import grow_persons
from partparse.detection.settings import GrowthSettings
from partparse.running.program import parse_settings, run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--persons", type=Path, required=True, help="persons table")
    parser.add_argument("--keypoints", type=Path, required=True, help="their keypoints")
    parser.add_argument("--frames", type=Path, required=True, help="frames table")
    parser.add_argument("--settings", required=True, help="GrowthSettings as JSON")
    parser.add_argument("--out", type=Path, required=True, help="persons table to write")
    args = parser.parse_args()
    grown = grow_persons(
        tables.read(args.persons, tables.PERSONS),
        tables.read(args.keypoints, tables.KEYPOINT_TABLE),
        tables.read(args.frames, tables.FRAMES),
        parse_settings(GrowthSettings, args.settings),
    )
    tables.write(grown, args.out, tables.PERSONS)


if __name__ == "__main__":
    run(main)
