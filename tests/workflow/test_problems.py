"""A video that breaks a stage in the middle: the programs after it, down to the submission."""

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from partparse import tables
from partparse.files.atomic import read_json
from partparse.states.category import prediction
from partparse.states.category.prediction import fit_category
from partparse.states.category.settings import CategorySettings
from partparse.tables import BOX
from partparse.vocabulary import PARTS, PERSON, Vocabulary

NAMES = Vocabulary(("jump", "run"), PARTS, ("none", "bend"), ())
VIDEOS = ["good", "broken [1]", "other"]


@pytest.fixture
def results(tmp_path: Path) -> Path:
    """What stages have found in three videos of six frames: a person and its head in two frames."""
    keys = pd.DataFrame([(v, f, 1) for v in VIDEOS for f in (1, 6)], columns=tables.PERSON_KEY)
    boxes = keys.assign(**dict(zip(BOX, (1, 1, 30, 40), strict=True)), score=0.9)
    heads = boxes.assign(part="head", x2=9.0, y2=9.0)
    frames = pd.DataFrame({"video": VIDEOS, "frames": 6, "expected": 6, "width": 64, "height": 48})
    actions = pd.DataFrame({"video": VIDEOS, "p_jump": 0.75, "p_run": 0.25})
    labels = pd.concat([heads.assign(state="bend"), boxes.assign(part=PERSON, state=None)])
    statistics = fit_category(
        pd.DataFrame({"video": VIDEOS, "action": "jump"}),
        tables.ANNOTATIONS.validate(labels.drop(columns="score")),
        NAMES,
        CategorySettings(pseudo_count=0.5),
    )
    for name, table, schema in (
        ("persons", boxes.assign(track=-1), tables.PERSONS),
        ("parts", heads, tables.PARTS_TABLE),
        ("frames", frames.assign(fps=10.0, problem=None, source=""), tables.FRAMES),
        ("actions", actions, tables.ACTIONS),
        ("statistics", statistics, tables.CATEGORY_STATISTICS),
    ):
        tables.write(table, tmp_path / f"{name}.parquet", schema)
    NAMES.write(tmp_path / "vocabulary.json")
    return tmp_path


@pytest.fixture
def run(results: Path, run_script: Callable[..., None]) -> Callable[..., None]:
    """Run a program with tables of the folder by their names, and other options."""

    def call(program: str, *names: str, **options: object) -> None:
        words = [f"--{name}={results / name}.parquet" for name in names]
        for name, value in options.items():
            option = f"--{name.replace('_', '-')}"
            words.append(option if value is True else f"{option}={value}")
        run_script(f"{program}.py", *words)

    return call


@pytest.fixture
def _states_that_fail(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = prediction.part_rows

    def fails(parts: pd.DataFrame) -> pd.DataFrame:
        if VIDEOS[1] in set(parts["video"]):
            raise IndexError("index 7 is out of bounds")
        return plain(parts)

    monkeypatch.setattr(prediction, "part_rows", fails)


@pytest.mark.usefixtures("_states_that_fail")
def test_one_video_breaks_a_stage_and_the_submission_is_whole(
    results: Path, run: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    told = {"stage": "states/category", "problems_out": results / "told.parquet"}
    given = {"vocabulary": results / "vocabulary.json", "out": results / "states.parquet"}
    run("predict_category", "statistics", "actions", "parts", **given, **told)
    told = {"stage": "parses/category", "problems_out": results / "nothing.parquet"}
    run("parse_states", "persons", "parts", "states", out=results / "parses.parquet", **told)
    out = results / "submission"
    files = {"parts": "pred_part_result.json", "actions": "pred_vid_result.json", "zip": "a.zip"}
    written = {f"{name}_out": out / file for name, file in files.items()}
    run("write_submission", "parses", "actions", "frames", stride=5, **written)
    checked = {"submission": out, "out": results / "checked.txt", "stride": 5}
    run("check_submission", "frames", **checked)
    assert "3 videos, can be scored" in (results / "checked.txt").read_text()
    submitted = read_json(out / files["parts"])
    heads = {
        video: [len(frame["humans"][0]["parts"]) for frame in frames.values()]
        for video, frames in submitted.items()
    }
    assert heads == {"good": [1, 1], "broken [1]": [0, 0], "other": [1, 1]}

    run(
        "write_problems",
        "frames",
        problems=results / "told.parquet",
        table_out=results / "problems.parquet",
        page_out=results / "problems.html",
    )
    assert len(tables.read(results / "nothing.parquet", tables.PROBLEMS)) == 0
    page = (results / "problems.html").read_text()
    assert "1 of 3 videos" in page
    assert "<td>broken [1]</td><td>states/category</td><td>IndexError: index 7 is out" in page
    assert "good" not in page
    capsys.readouterr()
    run("print_problems", "problems")
    assert capsys.readouterr().out.startswith("videos with problems: 1 (states/category 1);")


@pytest.mark.usefixtures("_states_that_fail")
def test_in_development_the_stage_stops(results: Path, run: Callable[..., None]) -> None:
    given = {"vocabulary": results / "vocabulary.json", "out": results / "states.parquet"}
    told = {"stage": "states/category", "problems_out": results / "told.parquet"}
    with pytest.raises(IndexError):
        run(
            "predict_category",
            "statistics",
            "actions",
            "parts",
            stop_on_fault=True,
            **given,
            **told,
        )
    assert not (results / "told.parquet").exists()
