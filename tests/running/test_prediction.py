"""One way to predict: a killed job goes on, and gives what one gives that was never killed."""

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from partparse import tables
from partparse.running.arguments import Job
from partparse.running.prediction import Output, Predictor, Rows, predict

VIDEOS = ["a", "b", "c", "d", "e"]
OUTPUTS = [Output(tables.PERSONS), Output(tables.ACTIONS, ("sit", "jump"))]


class Method:
    """Gives the persons that it gets, and an action by how many there are; may be killed."""

    def __init__(self) -> None:
        self.asked: list[Sequence[str]] = []
        self.killed_at: str | None = None
        self.other = "jump"

    def __call__(self, rows: Rows) -> list[pd.DataFrame]:
        videos = sorted(rows["persons"]["video"].unique())
        self.asked.append(videos)
        if self.killed_at in videos:
            raise KeyboardInterrupt
        assert set(rows["frames"]["video"]) <= set(videos)
        sizes = rows["persons"].groupby("video").size().to_numpy()
        shares = 1 / (1 + sizes)
        actions = pd.DataFrame({"video": videos, "p_sit": shares, f"p_{self.other}": 1 - shares})
        return [rows["persons"], actions]


def some_rows() -> dict[str, pd.DataFrame]:
    """Videos in no order, with one person, two persons, …"""
    count = len(VIDEOS)
    keys = pd.DataFrame({"video": np.repeat(VIDEOS, np.arange(1, count + 1)), "frame": 1})
    persons = keys.assign(person=keys.groupby("video").cumcount() + 1)
    persons = persons.assign(x1=0, y1=0, x2=np.linspace(1, 2, len(keys)), y2=9, score=0.5, track=-1)
    frames = pd.DataFrame({"video": [*VIDEOS, "nobody"], "source": "1"})
    return {"persons": persons.sample(frac=1, random_state=0), "frames": frames}


def make_predictor(method: Method, at_once: int | None = 1) -> Predictor:
    return Predictor(method, OUTPUTS, [], {"settings": 1}, at_once)


@pytest.mark.parametrize("changed", ["nothing", "version", "settings", "names", "pictures", "rows"])
@pytest.mark.parametrize("at_once", [1, 2, None])
def test_a_killed_prediction_goes_on_where_all_is_the_same(
    tmp_path: Path, at_once: int | None, changed: str
) -> None:
    method, rows, version = Method(), some_rows(), 1
    predictor = make_predictor(method, at_once)
    files = [tmp_path / "persons.parquet", tmp_path / "actions.parquet"]
    method.killed_at = "c"
    with pytest.raises(KeyboardInterrupt):
        predict(predictor, rows, files, Job(version))
    assert not any(file.exists() for file in files)
    if changed == "version":
        version = 2
    if changed == "settings":
        predictor = replace(predictor, made_by={"settings": 2})
    if changed == "names":
        method.other = "run"
        predictor = replace(predictor, outputs=[OUTPUTS[0], Output(tables.ACTIONS, ("sit", "run"))])
    if changed == "pictures":
        rows["frames"] = rows["frames"].assign(source="2")
    if changed == "rows":
        rows["persons"] = rows["persons"].assign(x2=rows["persons"]["x2"] + 1)
    method.killed_at, method.asked = None, []
    predict(predictor, rows, files, Job(version))
    chunks = {1: [[video] for video in VIDEOS], 2: [["a", "b"], ["c", "d"], ["e"]], None: [VIDEOS]}
    done = {1: 2, 2: 1, None: 0}[at_once] if changed == "nothing" else 0
    assert method.asked == chunks[at_once][done:]
    assert sorted(tmp_path.iterdir()) == sorted(files)
    whole = [tmp_path / "whole-persons.parquet", tmp_path / "whole-actions.parquet"]
    predict(predictor, rows, whole, Job(version))
    for one, other in zip(files, whole, strict=True):
        assert one.read_bytes() == other.read_bytes()


def test_another_model_is_asked_anew(tmp_path: Path) -> None:
    method, rows = Method(), some_rows()
    predictor = replace(make_predictor(method), models=[tmp_path])
    files = [tmp_path / "persons.parquet", tmp_path / "actions.parquet"]
    (tmp_path / "weights.pt").write_text("one")
    method.killed_at = "b"
    for weights in ("one", "other"):
        (tmp_path / "weights.pt").write_text(weights)
        with pytest.raises(KeyboardInterrupt):
            predict(predictor, rows, files, Job(1))
    assert method.asked == [["a"], ["b"], ["a"], ["b"]]


def test_of_nothing_the_tables_are_empty(tmp_path: Path) -> None:
    rows = {name: table.iloc[:0] for name, table in some_rows().items()}
    files = [tmp_path / "persons.parquet", tmp_path / "actions.parquet"]
    predict(make_predictor(Method()), rows, files, Job(1))
    assert len(tables.read(files[0], tables.PERSONS)) == 0
    actions = tables.read(files[1], tables.ACTIONS)
    assert list(actions) == ["video", "p_sit", "p_jump"]
    assert len(actions) == 0


def test_no_program_predicts_in_another_way(repository: Path) -> None:
    """They load a method and hand it over: none writes a table itself."""
    programs = sorted(
        path
        for kind in ("detect", "predict")
        for path in (repository / "scripts").glob(f"{kind}_*.py")
    )
    assert len(programs) > 10
    for path in programs:
        text = path.read_text(encoding="utf-8")
        assert re.search(r"^    predict\(", text, re.MULTILINE), path
        assert "tables.write" not in text, path
