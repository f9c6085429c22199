"""`partparse compare`: a table and a page of two runs, with paired intervals."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from partparse.cli import main

CONFIG = {"frames": {"scored_stride": 5}, "dataset": {}, "states": {"group": {"rate": 0.1}}}
VIDEOS = [f"v{number:02d}" for number in range(30)]


def write_run(folder: Path, gain: float, config: dict[str, Any], methods: tuple[str, ...]) -> Path:
    """A finished run as far as its record and its scores go."""
    results = folder / "results"
    value = np.linspace(0.2, 0.6, len(VIDEOS))
    listed = []
    for split in ("val", "test"):
        for method in methods:
            added = gain if method == "group" else 0.0
            table = pd.DataFrame(
                {
                    **{"method": method, "split": split, "video": VIDEOS, "action": "run"},
                    **{"predicted": "run", "psc": value + added, "correct": 1},
                    "value": value + added,
                }
            )
            path = results / "scores" / split / f"{method}.csv"
            path.parent.mkdir(parents=True, exist_ok=True)
            table.to_csv(path, index=False)
            listed.append((split, method))
    pd.DataFrame(listed, columns=["split", "method"]).to_csv(results / "scores.csv", index=False)
    record = {"config": config, "submission": {}, "data_set": {"fingerprint": "1"}}
    (results / "run.json").write_text(json.dumps(record))
    return results


@pytest.fixture
def runs(tmp_path: Path) -> tuple[Path, Path]:
    faster = {**CONFIG, "states": {"group": {"rate": 0.2}}}
    return (
        write_run(tmp_path / "a", 0, CONFIG, ("category", "group")),
        write_run(tmp_path / "b", 0.05, faster, ("category", "group", "vote")),
    )


def test_two_runs(
    runs: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare", *map(str, runs), "--out", str(tmp_path / "out")]) == 0
    said = capsys.readouterr().out
    lines = [" ".join(line.strip("│ ").replace("│", " ").split()) for line in said.splitlines()]
    assert "test group 30 0.4000 0.4500 +0.0500 [+0.0500, +0.0500]" in lines
    assert "test category 30 0.4000 0.4000 +0.0000 [+0.0000, +0.0000]" in lines
    assert "states.group.rate 0.1 0.2" in lines
    assert f"Only {runs[1]} has vote." in said.replace("\n", " ")
    table = pd.read_csv(tmp_path / "out/compare.csv")
    assert list(table["measure"]) == ["score", "action", "PSC"] * 4
    assert table.loc[table["measure"] == "action", "difference"].tolist() == [0] * 4
    page = (tmp_path / "out/compare.html").read_text()
    for words in ("+0.0500 [+0.0500, +0.0500]", "states.group.rate", "<svg", "v29", "Only "):
        assert words in page, words


def test_an_interval_that_holds_chance(
    tmp_path: Path, runs: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    path = runs[1] / "scores/test/group.csv"
    table = pd.read_csv(path)
    table["value"] -= 0.05
    table.loc[::2, "value"] += 0.1
    table.loc[1::2, "value"] -= 0.09
    table.to_csv(path, index=False)
    assert main(["compare", *map(str, runs), "--out", str(tmp_path / "out")]) == 0
    compared = pd.read_csv(tmp_path / "out/compare.csv").set_index(["split", "method", "measure"])
    row = compared.loc[("test", "group", "score")]
    assert row["difference"] == pytest.approx(0.005)
    assert row["low"] < 0 < row["high"]


def test_other_videos_are_left_out_and_counted(
    runs: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    for path in (runs[1] / "scores").rglob("*.csv"):
        pd.read_csv(path).iloc[5:].to_csv(path, index=False)
    assert main(["compare", *map(str, runs)]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert f"Only {runs[0]} has scored 5 of its videos; left out." in said
    assert " 25 " in said


def test_what_cannot_be_compared(
    runs: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for path in (runs[1] / "scores").rglob("*.csv"):
        table = pd.read_csv(path)
        table.assign(video="w" + table["video"]).to_csv(path, index=False)
    assert main(["compare", *map(str, runs)]) == 1
    assert capsys.readouterr().err == (
        f"error: {runs[1]}: no scored video in common with {runs[0]}; expected runs of the same "
        "data set\n"
    )
    assert main(["compare", str(runs[0].parent), str(runs[1])]) == 1
    assert f"did you mean {runs[0]}?" in capsys.readouterr().err
