"""AP and recall of persons and parts, on cases worked out by hand."""

import math

import numpy as np
import pandas as pd
import pytest

from partparse import tables
from partparse.detection.measure import (
    COLUMNS,
    CURVE_COLUMNS,
    Measured,
    box_precision,
    measure_parts,
    measure_persons,
    part_hits,
)
from partparse.tables import BOX

FIRST, SECOND = [10, 10, 29, 49], [60, 10, 79, 49]


def annotate(*rows: tuple) -> pd.DataFrame:
    """Rows of frame, person, part, box, all of one video."""
    columns = ["frame", "person", "part", *BOX]
    table = pd.DataFrame([(*row[:3], *row[3]) for row in rows], columns=columns)
    return tables.ANNOTATIONS.validate(table.assign(video="v", state=None))


def detect(*rows: tuple) -> pd.DataFrame:
    """Rows of frame, person, box, score."""
    table = pd.DataFrame(
        [(*row[:2], *row[2], row[3]) for row in rows],
        columns=["frame", "person", *BOX, "score"],
    )
    return tables.PERSONS.validate(table.assign(video="v", track=-1))


def find_parts(*rows: tuple) -> pd.DataFrame:
    """Rows of frame, person, part, box, score."""
    table = pd.DataFrame(
        [(*row[:3], *row[3], row[4]) for row in rows],
        columns=["frame", "person", "part", *BOX, "score"],
    )
    return tables.PARTS_TABLE.validate(table.assign(video="v"))


def values(measured: Measured) -> dict[tuple[str, str], float]:
    return {(row.part, row.measure): row.value for row in measured.table.itertuples()}


def box_ap(true: pd.DataFrame, detected: pd.DataFrame, names: list[str]) -> tuple:
    """AP and AP50 of each name."""
    precision = box_precision(true, detected, names)
    return precision.mean(axis=(0, 1)), precision[0].mean(axis=0)


def test_ap_of_one_miss_and_one_false_alarm() -> None:
    """Best first: right, wrong, and a third true box that nobody finds.

    Precision is 1 up to recall 1/3 (34 of the 101 recalls), 2/3 up to 2/3 (33), then 0.
    """
    box = dict(zip(BOX, [0.0, 0.0, 9.0, 9.0], strict=True))
    true = pd.DataFrame({"image": [0, 1, 2], "part": "head", **box})
    detected = true.assign(score=[0.9, 0.7, 0.8])
    detected.loc[2, BOX] = 50.0, 50.0, 59.0, 59.0
    ap, ap50 = box_ap(true, detected, ["head", "hip"])
    assert ap50[0] == pytest.approx((34 + 33 * 2 / 3) / 101)
    assert ap[0] == pytest.approx(ap50[0])
    assert math.isnan(ap50[1])


def test_boxes_are_inclusive() -> None:
    """Two boxes 2 pixels wide that share one: IoU 1/3 with +1 widths, 0 without."""
    true = pd.DataFrame({"image": [0], "part": "head"}).assign(x1=0.0, y1=0.0, x2=2.0, y2=0.0)
    detected = true.assign(x2=1.0, score=1.0)  # 2 of 3 pixels: IoU .67
    ap, ap50 = box_ap(true, detected, ["head"])
    assert ap50[0] == pytest.approx(1)
    assert ap[0] == pytest.approx(0.4)  # right at .50, .55, .60 and .65


def test_nothing_detected() -> None:
    true = pd.DataFrame({"image": [0], "part": "head"}).assign(x1=0.0, y1=0.0, x2=2.0, y2=0.0)
    assert box_ap(true, true.iloc[:0].assign(score=0.5), ["head"])[1] == [0]


def test_persons_on_annotated_scored_frames() -> None:
    annotations = annotate(
        (1, 1, "person", FIRST), (1, 2, "person", SECOND), (2, 1, "person", FIRST)
    )
    persons = detect(
        (1, 1, FIRST, 0.9),
        (1, 2, [60, 10, 79, 28], 0.8),  # 19 of 40 rows: IoU below .5
        (6, 1, FIRST, 0.99),  # nothing is annotated there
    )
    measured = measure_persons(annotations, persons, stride=5, variant="used")
    assert list(measured.table.columns) == list(COLUMNS)
    assert set(measured.table["count"]) == {2}
    assert list(measured.curves.columns) == list(CURVE_COLUMNS)
    curve = measured.curves.set_index("recall")["precision"]
    assert curve[:0.5].to_numpy() == pytest.approx(1)
    assert (curve[0.51:] == 0).all()
    found = values(measured)
    assert found["person", "recall@0.5"] == 0.5
    assert found["person", "AP50"] == pytest.approx(51 / 101)


def test_no_annotated_frame_and_no_person() -> None:
    annotations = annotate((2, 1, "person", FIRST))
    nobody = tables.empty(tables.PERSONS)
    assert measure_persons(annotations, nobody, 5, "detected").table.empty
    found = values(measure_persons(annotations, nobody, 1, "detected"))
    assert found["person", "recall@0.5"] == 0
    assert found["person", "AP50"] == 0


def test_parts_are_looked_for_in_their_person() -> None:
    head, hand, hip = [12, 10, 21, 19], [10, 30, 15, 35], [62, 30, 71, 39]
    annotations = annotate(
        (1, 1, "person", FIRST),
        (1, 1, "head", head),
        (1, 1, "left_hand", hand),
        (1, 2, "person", SECOND),
        (1, 2, "hip", hip),
        (6, 1, "person", FIRST),
        (6, 1, "head", head),
    )
    persons = detect((1, 1, SECOND, 0.9), (1, 2, FIRST, 0.8))
    parts = find_parts(
        (1, 2, "head", head, 0.9),
        (1, 2, "left_hand", [16, 30, 21, 35], 0.9),  # beside it
        (1, 2, "hip", hip, 0.9),  # not annotated for this person
        (1, 1, "hip", [62, 30, 71, 33], 0.2),  # 4 of 10 rows: IoU .4
    )
    measured = measure_parts(annotations, persons, parts, stride=5, variant="dots")
    table = measured.table
    assert set(table["stage"]) == {"parts"}
    assert set(table["variant"]) == {"dots"}
    found = values(measured)
    areas = measured.curves.groupby("part")["precision"].mean()
    assert areas.to_dict() == pytest.approx(
        {part: found[part, "AP50"] for part in ("head", "left_hand", "hip")}
    )
    # the head of frame 6 is missed with its person
    assert found["head", "recall@0.3"] == 0.5
    assert found["left_hand", "recall@0.3"] == 0
    assert found["hip", "recall@0.3"] == 1
    assert found["all", "recall@0.3"] == 0.5
    assert found["head", "AP50"] == pytest.approx(51 / 101)
    assert found["hip", "AP50"] == 0
    assert found["all", "AP50"] == pytest.approx(51 / 101 / 3)
    assert ("right_hand", "AP50") not in found
    counts = table.set_index(["part", "measure"])["count"]
    assert counts["all", "AP50"] == 4
    assert counts["head", "recall@0.3"] == 2
    assert part_hits(annotations, persons, parts, 5)["hit"].tolist() == [True, False, True, False]


def test_parts_of_nobody() -> None:
    annotations = annotate((1, 1, "person", FIRST), (1, 1, "head", [12, 10, 21, 19]))
    nobody, nothing = tables.empty(tables.PERSONS), tables.empty(tables.PARTS_TABLE)
    found = values(measure_parts(annotations, nobody, nothing, stride=5, variant="plain"))
    assert found["all", "recall@0.3"] == 0
    assert found["all", "AP50"] == 0
    only_person = annotations[annotations["part"] == "person"]
    assert measure_parts(only_person, nobody, nothing, stride=5, variant="plain").table.empty
    assert part_hits(only_person, nobody, nothing, 5).empty


def test_perfect_parts_of_many_persons() -> None:
    rng = np.random.default_rng(0)
    rows, found_persons, found_parts = [], [], []
    for frame in range(1, 30, 5):
        for person in range(1, 4):
            x = 100 * person + int(rng.integers(10))
            box, head = [x, 10, x + 40, 90], [x + 10, 12, x + 20, 24]
            rows += [(frame, person, "person", box), (frame, person, "head", head)]
            score = float(rng.random())
            found_persons.append((frame, 4 - person, box, score))
            found_parts.append((frame, 4 - person, "head", head, score))
    annotations, persons = annotate(*rows), detect(*found_persons)
    assert set(values(measure_persons(annotations, persons, 5, "detected")).values()) == {1.0}
    parts = measure_parts(annotations, persons, find_parts(*found_parts), 5, "dots")
    assert parts.table["value"].to_numpy() == pytest.approx(1)
