from pathlib import Path

import pandas as pd

from partparse import tables
from partparse.dataset.keypoints import read_keypoints
from partparse.detection.measure import measure_parts, measure_persons
from partparse.detection.pose.measure import measure_pose
from partparse.files.atomic import write_text
from partparse.running.arguments import Annotations, Keypoints, Persons
from partparse.running.command_line import program
from partparse.running.program import progress


@program
def evaluate_detection(
    *,
    root: Path,
    annotations: Annotations,
    persons: Persons,
    used: Persons | None = None,
    keypoints: Keypoints | None = None,
    parts: dict[str, list[Path]],
    stride: int,
    measures_out: Path,
    curves_out: Path,
) -> None:
    """Measure detected persons, their parts and keypoints on the annotated frames of a split.

    Args:
        root: The data set, with its keypoints.
        persons: Persons as they were detected.
        used: Persons in the boxes that parts were found in, where these are others.
        parts: Tables of each variant of the part detector.
        curves_out: CSV to write: precision by recall.
    """
    measured = [measure_persons(annotations, persons, stride, "detected")]
    if used is not None:
        measured.append(measure_persons(annotations, used, stride, "used"))
    seen = persons if used is None else used
    for variant, files in progress(parts.items(), "part detectors measured"):
        table = tables.read_all(files, tables.PARTS_TABLE)
        measured.append(measure_parts(annotations, seen, table, stride, variant))
    measures = [entry.table for entry in measured]
    if keypoints is not None:
        truth = read_keypoints(root, annotations)
        measures.append(measure_pose(truth, annotations, persons, keypoints, stride))
    curves = [entry.curves for entry in measured]
    for joined, out in ((measures, measures_out), (curves, curves_out)):
        write_text(out, pd.concat(joined).to_csv(index=False, float_format="%.4f"))
