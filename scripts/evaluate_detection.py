"""Measure detected persons, their parts and keypoints on the annotated frames of a split."""

import argparse
from collections import defaultdict
from pathlib import Path

import pandas as pd

from partparse import tables
from partparse.dataset.keypoints import read_keypoints
from partparse.detection.measure import measure_parts, measure_persons
from partparse.detection.pose.measure import measure_pose
from partparse.errors import InputError
from partparse.files.atomic import write_text
from partparse.running.program import progress, run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, required=True, help="data set, for its keypoints")
    parser.add_argument("--annotations", type=Path, nargs="+", required=True)
    parser.add_argument("--persons", type=Path, nargs="+", required=True, help="as detected")
    parser.add_argument("--grown", type=Path, nargs="+", help="persons that parts were found on")
    parser.add_argument("--keypoints", type=Path, nargs="+", help="of the persons")
    parser.add_argument("--parts", nargs="+", required=True, help="VARIANT=TABLE, any number each")
    parser.add_argument("--stride", type=int, required=True, help="every how many frames is scored")
    parser.add_argument("--out", type=Path, required=True, help="table of measures (.csv)")
    parser.add_argument("--curves-out", type=Path, required=True, help="precision by recall (.csv)")
    args = parser.parse_args()

    annotations = tables.read_all(args.annotations, tables.ANNOTATIONS)
    persons = tables.read_all(args.persons, tables.PERSONS)
    grown = tables.read_all(args.grown, tables.PERSONS) if args.grown else persons
    measured = [measure_persons(annotations, persons, args.stride, "detected")]
    if args.grown:
        measured.append(measure_persons(annotations, grown, args.stride, "grown"))
    variants = group_by_variant(args.parts)
    for variant, paths in progress(variants.items(), "part detectors measured"):
        parts = tables.read_all(paths, tables.PARTS_TABLE)
        measured.append(measure_parts(annotations, grown, parts, args.stride, variant))
    measures = [entry.table for entry in measured]
    if args.keypoints:
        keypoints = tables.read_all(args.keypoints, tables.KEYPOINT_TABLE)
        truth = read_keypoints(args.root, annotations)
        measures.append(measure_pose(truth, annotations, persons, keypoints, args.stride))
    curves = [entry.curves for entry in measured]
    for joined, out in ((measures, args.out), (curves, args.curves_out)):
        write_text(out, pd.concat(joined).to_csv(index=False, float_format="%.4f"))


def group_by_variant(entries: list[str]) -> dict[str, list[Path]]:
    """The tables of each variant, from entries VARIANT=TABLE."""
    paths: dict[str, list[Path]] = defaultdict(list)
    for entry in entries:
        variant, equals, path = entry.partition("=")
        if not equals:
            raise InputError(f"--parts {entry}: expected VARIANT=TABLE")
        paths[variant].append(Path(path))
    return paths


if __name__ == "__main__":
    run(main)
