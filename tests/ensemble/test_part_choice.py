"""The part detector that is best on val, on made-up tables."""

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import ArrayLike

from partparse import tables
from partparse.ensemble.choice import take_best
from partparse.ensemble.folds import ALL, fold_of
from partparse.ensemble.part_choice import COLUMNS, rank_detectors
from partparse.files.csv_tables import read_csv, write_csv
from partparse.tables import BOX
from partparse.vocabulary import PERSON

FOLDS = 3
VIDEOS = [f"v{number:02}" for number in range(12)]


def hitting(shares: ArrayLike) -> pd.DataFrame:
    """Whether ten annotated parts of each video are hit: a share of them."""
    hit = np.arange(10) < 10 * np.broadcast_to(np.asarray(shares), len(VIDEOS))[:, None]
    return pd.DataFrame({"video": np.repeat(VIDEOS, 10), "hit": hit.ravel()})


def found_by(name: str) -> pd.DataFrame:
    """PARTS_TABLE in which a detector's name stands as where it finds the heads."""
    box = dict.fromkeys(BOX, float(len(name)))
    rows = pd.DataFrame({"video": VIDEOS, "frame": 1, "person": 1, "part": "head", "score": 0.5})
    return tables.checked(rows.assign(**box), tables.PARTS_TABLE)


def test_the_detector_that_hits_most_is_first_and_says_by_how_much() -> None:
    hits = {"parser": hitting(0.5), "dots": hitting(0.6), "plain": hitting(0.2)}
    ranking = rank_detectors(hits, FOLDS)
    assert tuple(ranking.columns) == COLUMNS
    overall = ranking[ranking["fold"] == ALL]
    assert overall.index.tolist() == [0, 1, 2]  # it is what new videos go by
    assert overall["variant"].tolist() == ["dots", "parser", "plain"]
    assert overall["rank"].tolist() == [1, 2, 3]
    assert overall["hits"].tolist() == pytest.approx([0.6, 0.5, 0.2])
    assert set(overall["parts"]) == {120}


def test_of_equals_the_first_in_order_is_best() -> None:
    hits = {"parser": hitting(0.5), "dots": hitting(0.5), "plain": hitting(0.5)}
    best = rank_detectors(hits, FOLDS).query("rank == 1")
    assert set(best["variant"]) == {"parser"}
    assert len(best) == 1 + FOLDS


def test_a_video_of_val_has_no_part_in_the_choice_that_serves_it() -> None:
    inside = np.array([fold_of(video, FOLDS) == "0" for video in VIDEOS])
    assert 0 < inside.sum() < len(VIDEOS)
    hits = {
        "there": hitting(np.where(inside, 1.0, 0.5)),
        "elsewhere": hitting(np.where(inside, 0, 0.6)),
    }
    ranking = rank_detectors(hits, FOLDS)
    given = {name: found_by(name) for name in hits}
    taken = take_best(given, ranking, "variant", "val", FOLDS).set_index("video")["x1"]
    assert (taken[np.array(VIDEOS)[inside].tolist()] == len("elsewhere")).all()
    on_test = take_best(given, ranking, "variant", "test", FOLDS)
    pd.testing.assert_frame_equal(on_test, found_by("there"))


def test_without_an_annotated_part_the_first_detector_is_taken(tmp_path: Path) -> None:
    nothing = hitting(0.5)[:0]
    write_csv(rank_detectors({"parser": nothing, "dots": nothing}, FOLDS), tmp_path / "a.csv")
    ranking = read_csv(tmp_path / "a.csv")
    assert ranking.empty
    given = {"parser": found_by("parser"), "dots": found_by("dots")}
    for split in ("val", "test"):
        taken = take_best(given, ranking, "variant", split, FOLDS)
        pd.testing.assert_frame_equal(taken, given["parser"])


def written(folder: Path, **named: pd.DataFrame) -> Mapping[str, Path]:
    """Each table as a file."""
    schemas = {"annotations": tables.ANNOTATIONS, "persons": tables.PERSONS}
    paths = {name: folder / f"{name}.parquet" for name in named}
    for name, table in named.items():
        tables.write(table, paths[name], schemas.get(name, tables.PARTS_TABLE))
    return paths


def test_the_programs_rank_and_choose_persons(
    run_script: Callable[..., None], tmp_path: Path
) -> None:
    keys = pd.DataFrame({"video": VIDEOS, "frame": 1, "person": 1})
    person = keys.assign(**dict(zip(BOX, [0.0, 0.0, 39.0, 79.0], strict=True)))
    head = person.assign(part="head", y2=19.0)
    annotations = pd.concat([head.assign(state="none"), person.assign(part=PERSON, state=None)])
    seen = person.assign(score=0.9, track=-1)
    files = written(tmp_path, annotations=annotations, head=head.assign(score=0.9), persons=seen)
    boxes = {"parser": tmp_path / "cut.parquet", "detected": files["persons"]}
    tables.write(seen.assign(y2=30.0), boxes["parser"], tables.PERSONS)  # IoU .39: not matched
    ranking, out = tmp_path / "ranking.csv", tmp_path / "found.parquet"
    named = [f"{name}={path}" for name, path in boxes.items()]
    given = ["--annotations", files["annotations"], "--parts", files["head"]]
    ways = ["--stride", 5, "--folds", FOLDS]
    run_script("rank_persons.py", *given, "--persons", *named, *ways, "--out", ranking)
    best = read_csv(ranking).query("fold == 'all'").set_index("variant")
    assert best["hits"].to_dict() == {"detected": 1.0, "parser": 0.0}
    asked = ["--ranking", ranking, "--split", "test", "--folds", FOLDS, "--out", out]
    run_script("choose_persons.py", "--persons", *named, *asked)
    chosen = tables.read(out, tables.PERSONS)
    pd.testing.assert_frame_equal(chosen, tables.read(files["persons"], tables.PERSONS))


def test_the_programs_rank_and_choose(run_script: Callable[..., None], tmp_path: Path) -> None:
    box = dict(zip(BOX, [0.0, 0.0, 39.0, 79.0], strict=True))
    keys = pd.DataFrame({"video": VIDEOS, "frame": 1, "person": 1})
    person = keys.assign(**box)
    head = person.assign(part="head", y2=19.0)
    far = head.assign(x1=30.0, score=0.9)  # IoU .25
    near = head.assign(x1=20.0, score=0.9)  # .5
    annotations = pd.concat([head.assign(state="none"), person.assign(part=PERSON, state=None)])
    files = written(
        tmp_path,
        annotations=annotations,
        persons=person.assign(score=0.9, track=-1),
        parser=far,
        dots=near,
    )
    ranking, out = tmp_path / "ranking.csv", tmp_path / "best.parquet"
    parts = [f"parser={files['parser']}", f"dots={files['dots']}"]
    given = ["--annotations", files["annotations"], "--persons", files["persons"]]
    ways = ["--stride", 5, "--folds", FOLDS]
    run_script("rank_parts.py", *given, "--parts", *parts, *ways, "--out", ranking)
    best = read_csv(ranking).query("fold == 'all'").set_index("variant")
    assert best["hits"].to_dict() == {"dots": 1.0, "parser": 0.0}
    assert set(best["parts"]) == {len(VIDEOS)}
    asked = ["--ranking", ranking, "--split", "test", "--folds", FOLDS, "--out", out]
    for named in (parts, parts[1:]):  # of new videos the chosen detector's alone is there
        run_script("choose_parts.py", "--parts", *named, *asked)
        chosen = tables.read(out, tables.PARTS_TABLE)
        pd.testing.assert_frame_equal(chosen, tables.read(files["dots"], tables.PARTS_TABLE))
