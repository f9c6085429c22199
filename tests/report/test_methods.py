"""The table of all methods."""

from pathlib import Path

import pandas as pd
import pytest

from partparse.report.methods import as_markdown, methods_table, training_seconds


def _benchmark(path: Path, seconds: float) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"s\tmax_rss\tcpu_time\n{seconds}\t100\t{seconds}\n")


@pytest.fixture
def benchmarks(tmp_path: Path) -> Path:
    _benchmark(tmp_path / "train_group" / "group" / "head.tsv", 10)
    _benchmark(tmp_path / "train_group" / "group" / "foot.tsv", 20)
    _benchmark(tmp_path / "train_clip_labels" / "video.tsv", 7)
    _benchmark(tmp_path / "train_baseline.tsv", 4)
    _benchmark(tmp_path / "train_skeleton" / "model.tsv", 5)
    _benchmark(tmp_path / "train_skeleton" / "refit.tsv", 3)
    _benchmark(tmp_path / "predict_skeleton" / "val-000.tsv", 99)
    _benchmark(tmp_path / "fit_category.tsv", 1)
    return tmp_path


def test_the_seconds_are_of_all_jobs_that_fitted_a_method(benchmarks: Path) -> None:
    found = [
        training_seconds(benchmarks, name)
        for name in ("group", "video", "baseline", "skeleton", "category", "vote")
    ]
    assert found == [30, 7, 4, 8, 1, 0]


def test_a_row_a_method_by_its_score_on_val(benchmarks: Path) -> None:
    scores = pd.DataFrame(
        {
            "split": ["val", "val", "test", "test"],
            "method": ["group", "category", "group", "category"],
            "score": [0.5, 0.4, 0.3, 0.35],
        }
    )
    parts = pd.DataFrame(
        {
            "split": ["val", "test", "test", "test", "test"],
            "method": ["group", "group", "group", "category", "category"],
            "part": ["all", "all", "hip", "all", "hip"],
            "state_given_box": [0.9, 0.6, 0.7, 0.5, float("nan")],
        }
    )
    table = methods_table(scores, parts, benchmarks)
    assert as_markdown(table).splitlines() == [
        "| method | val | test | all | hip | train_seconds |",
        "| --- | --- | --- | --- | --- | --- |",
        "| category | 0.400 | 0.350 | 0.500 |  | 1.000 |",
        "| group | 0.500 | 0.300 | 0.600 | 0.700 | 30 |",
    ]
