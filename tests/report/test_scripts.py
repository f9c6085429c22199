"""The last programs of the workflow on a split in which nothing at all was found."""

import runpy
import sys
from pathlib import Path

import pandas as pd
import pytest
from pandera.pandas import DataFrameSchema

from partparse import tables
from partparse.files.atomic import read_json
from partparse.files.csv_tables import read_csv
from partparse.tables import BOX
from partparse.vocabulary import PERSON

METHOD = "NA"  # a name that must not be taken for a missing value
VIDEOS = ["null", "w [x]"]
FIGURES = ["ladder", "oracles", "threshold_curve", "psc_distribution", "part_accuracy"]
FIGURES += ["state_accuracy", "choice", "action_confusion"]


@pytest.fixture
def results(tmp_path: Path, repository: Path, monkeypatch: pytest.MonkeyPatch) -> "Results":
    return Results(tmp_path, repository, monkeypatch)


class Results:
    """A folder of tables: annotated videos, no frame of which decodes."""

    def __init__(self, folder: Path, repository: Path, patch: pytest.MonkeyPatch) -> None:
        self.folder, self._repository, self._patch = folder, repository, patch
        rows = pd.DataFrame({"video": VIDEOS, "frame": 1, "person": 1, "state": None})
        rows = rows.assign(**dict(zip(BOX, (0, 0, 9, 9), strict=True)))
        both = [rows.assign(part=PERSON), rows.assign(part="head", state="bend")]
        self._write("annotations", tables.ANNOTATIONS, pd.concat(both))
        truth = pd.DataFrame({"video": VIDEOS, "action": ["None", "run"]})
        self._write("truth", tables.TRUTH, truth)
        actions = pd.DataFrame({"video": VIDEOS, "p_None": 0.6, "p_run": 0.4})
        self._write("actions", tables.ACTIONS, actions)
        frames = tables.empty(tables.FRAMES).reindex(range(2)).assign(video=VIDEOS)
        known = {"frames": 0, "expected": 6, "width": 0, "height": 0, "problem": "no [frame]"}
        self._write("frames", tables.FRAMES, frames.assign(**known, source=""))
        for name, schema in {
            "persons": tables.PERSONS,
            "keypoints": tables.KEYPOINT_TABLE,
            "parts": tables.PARTS_TABLE,
            "parses": tables.PARSES,
        }.items():
            self._write(name, schema, tables.empty(schema))

    def _write(self, name: str, schema: DataFrameSchema, table: pd.DataFrame) -> None:
        tables.write(table, self.table(name), schema)

    def table(self, name: str) -> Path:
        return self.folder / f"{name}.parquet"

    def run(self, script: str, *names: str, **options: object) -> None:
        """Run a program with the named tables and further options."""
        words = [f"--{name}={self.table(name)}" for name in names]
        for name, value in options.items():
            each = value if isinstance(value, list) else [value]
            words += [f"--{name.replace('_', '-')}", *map(str, each)]
        self._patch.setattr(sys, "argv", [script, *words])
        runpy.run_path(str(self._repository / "scripts" / script), run_name="__main__")


def test_a_split_without_persons_is_scored_and_reported(
    results: Results, capsys: pytest.CaptureFixture[str]
) -> None:
    out = results.folder
    scored = ("truth", "annotations", "actions", "parses", "frames")
    named = {"method": METHOD, "split": "val", "stride": 5}
    by_video, by_part = out / "by_video.csv", out / "by_part.csv"
    by_action = out / "by_action.csv"
    written = {"videos_out": by_video, "parts_out": by_part, "actions_out": by_action}
    results.run("score_parses.py", *scored, **named, **written)
    results.run("score_oracles.py", *scored, **named, out=out / "val.csv")
    results.run("rank_methods.py", scores=by_video, folds=2, out=out / "ranking.csv")
    detection = out / "detection" / "val.csv"
    results.run(
        "evaluate_detection.py",
        "annotations",
        "persons",
        "keypoints",
        root=out,
        used=results.table("persons"),
        parts=f"dots={results.table('parts')}",
        stride=5,
        measures_out=detection,
        curves_out=out / "curves.csv",
    )
    failed = pd.DataFrame({"video": ["null"], "stage": "parts/dots", "reason": "IndexError: 3"})
    tables.write(failed, out / "of_parts.parquet", tables.PROBLEMS)
    # where networks are refitted, a stage may fail on a video of val twice
    tables.write(failed, out / "of_refit_parts.parquet", tables.PROBLEMS)
    results.run(
        "write_problems.py",
        "frames",
        problems=[out / "of_parts.parquet", out / "of_refit_parts.parquet"],
        table_out=results.table("problems"),
        page_out=out / "problems.html",
    )
    assert "IndexError: 3" in (out / "problems.html").read_text()
    results.run("print_problems.py", "problems", parsed=out / "of_parts.parquet")
    said = capsys.readouterr().out
    assert "videos with problems: 2 (frames 2, parts/dots 1);" in said
    assert "video null is not parsed: IndexError: 3" in said
    model = {"model": "csn", "split": "val"}
    results.run("score_actions.py", "actions", "truth", **model, out=out / "csn.csv")
    results.run(
        "join_scores.py",
        "problems",
        actions=out / "csn.csv",
        actions_out=out / "actions.csv",
        videos=by_video,
        oracles=out / "val.csv",
        detection=detection,
        table_out=out / "scores.csv",
        text_out=out / "scores.txt",
    )
    joined = read_csv(out / "scores.csv")
    assert joined[["method", "videos", "score"]].to_numpy().tolist() == [[METHOD, 2, 0]]
    assert joined.notna().all(axis=None)
    ranked = read_csv(out / "ranking.csv")
    assert set(ranked["action"]) == {"*", "None", "run"}
    assert read_csv(out / "actions.csv")[["split", "method", "videos"]].to_numpy().tolist() == [
        ["val", "csn", 2]
    ]
    measures = read_csv(detection)
    assert set(measures["variant"]) == {"detected", "used", "dots"}
    assert (measures["value"] == 0).all()
    text = (out / "scores.txt").read_text()
    assert "w [x]" in text
    assert "no [frame]" in text
    results.run(
        "draw_report.py",
        scores=out / "scores.csv",
        videos=by_video,
        parts=by_part,
        actions=by_action,
        oracles=out / "val.csv",
        choice=out / "ranking.csv",
        final=METHOD,
        split="val",
        **{f"{name}_out": out / "report" / f"{name}.svg" for name in FIGURES},
    )
    assert all((out / "report" / f"{name}.svg").is_file() for name in FIGURES)
    figure = out / "report" / "detection.svg"
    results.run("draw_detection.py", curves=out / "curves.csv", out=figure)
    results.run(
        "write_front_page.py",
        "problems",
        data_set="nothing",
        scores=out / "scores.csv",
        videos=by_video,
        oracles=out / "val.csv",
        choice=out / "ranking.csv",
        final=METHOD,
        out=out / "front_page.rst",
    )
    assert "**2** videos did not decode whole" in (out / "front_page.rst").read_text()
    results.run(
        "write_gallery.py",
        "parses",
        "annotations",
        "frames",
        videos=by_video,
        method=METHOD,
        split="val",
        stride=5,
        each=1,
        pictures=1,
        persons=2,
        score=0.1,
        out=out / "gallery.html",
    )
    assert "w [x]: PSC" in (out / "gallery.html").read_text()


def test_a_split_without_frames_is_submitted_and_drawn(results: Results) -> None:
    out = results.folder
    files = {"parts": "pred_part_result.json", "actions": "pred_vid_result.json", "zip": "a.zip"}
    written = {f"{name}_out": out / file for name, file in files.items()}
    results.run("write_submission.py", "parses", "actions", "frames", stride=5, **written)
    submitted = read_json(out / "pred_part_result.json")
    assert {video: len(frames) for video, frames in submitted.items()} == {"null": 2, "w [x]": 2}
    results.run(
        "draw_overlays.py",
        "parses",
        "annotations",
        "actions",
        "frames",
        stride=5,
        pictures=3,
        persons=2,
        score=0.1,
        out=out / "overlays",
    )
    assert [path.name for path in (out / "overlays").iterdir()] == ["00.jpg"]
