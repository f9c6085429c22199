"""Fused action models, and the scores of action models, against sums by hand."""

import os
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from partparse import tables
from partparse.errors import InputError
from partparse.files.csv_tables import read_csv
from partparse.metric.actions import score_actions
from partparse.recognition.fusion import fuse_actions


def _actions(rows: dict[str, tuple[float, float, float]]) -> pd.DataFrame:
    columns = tables.probability_columns(["run", "jump", "squat"])
    table = pd.DataFrame(list(rows.values()), columns=columns)
    table.insert(0, "video", list(rows))
    return tables.ACTIONS.validate(table)


@pytest.fixture
def csn() -> pd.DataFrame:
    return _actions({"a": (0.6, 0.4, 0.0), "b": (0.1, 0.2, 0.7), "c": (0.5, 0.3, 0.2)})


@pytest.fixture
def swin() -> pd.DataFrame:
    return _actions({"c": (0.2, 0.6, 0.2), "a": (0.0, 1.0, 0.0), "b": (0.1, 0.2, 0.7)})


def test_the_weighted_mean_by_hand(csn, swin):
    fused = fuse_actions({"csn": csn, "swin": swin}, {"csn": 3.0, "swin": 1.0})
    assert list(fused["video"]) == ["a", "b", "c"]
    expected = [(0.45, 0.55, 0.0), (0.1, 0.2, 0.7), (0.425, 0.375, 0.2)]
    np.testing.assert_allclose(fused.iloc[:, 1:], expected, rtol=1e-6)


def test_only_ratios_count_and_columns_may_be_in_another_order(csn, swin):
    swapped = swin[["video", "p_squat", "p_run", "p_jump"]]
    one = fuse_actions({"csn": csn, "swin": swin}, {"csn": 7.0, "swin": 1.0})
    other = fuse_actions({"csn": csn, "swin": swapped}, {"csn": 0.7, "swin": 0.1})
    pd.testing.assert_frame_equal(one, other)


def test_a_weight_of_0_leaves_a_member_out(csn, swin):
    fused = fuse_actions({"csn": csn, "swin": swin}, {"csn": 2.0, "swin": 0.0})
    pd.testing.assert_frame_equal(fused, csn)


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ({"csn": 1.0}, "weights are of csn"),
        ({"csn": 0.0, "swin": 0.0}, "expected none below 0 and one above"),
        ({"csn": 2.0, "swin": -1.0}, "expected none below 0 and one above"),
    ],
)
def test_wrong_weights_are_refused(csn, swin, weights, message):
    with pytest.raises(InputError, match=message):
        fuse_actions({"csn": csn, "swin": swin}, weights)


def test_tables_of_other_videos_or_actions_are_refused(csn, swin):
    weights = {"csn": 1.0, "swin": 1.0}
    with pytest.raises(InputError, match="swin and csn have the actions of different videos"):
        fuse_actions({"csn": csn, "swin": swin.iloc[:2]}, weights)
    renamed = swin.rename(columns={"p_run": "p_walk"})
    with pytest.raises(InputError, match="swin and csn have different actions"):
        fuse_actions({"csn": csn, "swin": renamed}, weights)


def test_scores_by_hand(csn):
    truth = pd.DataFrame({"video": ["a", "b", "c"], "action": ["run", "squat", "squat"]})
    scores = score_actions(truth, csn)
    assert scores["videos"] == 3
    assert scores["top1"] == pytest.approx(2 / 3)
    assert scores["mean_class"] == pytest.approx((1 + 1 / 2) / 2)
    expected = -(np.log(0.6) + np.log(0.7) + np.log(0.2)) / 3
    assert scores["log_loss"] == pytest.approx(expected, rel=1e-5)


def test_an_action_that_the_model_does_not_know_is_wrong(csn):
    truth = pd.DataFrame({"video": ["a"], "action": ["swim"]})
    assert score_actions(truth, csn)["top1"] == 0
    with pytest.raises(InputError, match="video z: no action was predicted"):
        score_actions(pd.DataFrame({"video": ["z"], "action": ["run"]}), csn)


def test_a_split_without_videos_has_no_scores(csn):
    scores = score_actions(pd.DataFrame({"video": [], "action": []}, dtype=str), csn)
    assert scores["videos"] == 0
    assert np.isnan([scores["top1"], scores["mean_class"], scores["log_loss"]]).all()


def test_the_programs_fuse_and_score(repository, csn, swin, tmp_path):
    for name, table in (("csn", csn), ("swin", swin)):
        tables.write(table, tmp_path / f"{name}.parquet", tables.ACTIONS)
    truth = pd.DataFrame({"video": ["a", "b", "c"], "action": ["jump", "squat", "squat"]})
    tables.write(truth, tmp_path / "truth.parquet", tables.TRUTH)

    def program(name, *arguments):
        command = [sys.executable, repository / "scripts" / name, *arguments]
        where = os.environ | {"PYTHONPATH": str(repository)}
        subprocess.run(command, check=True, capture_output=True, env=where)

    out = tmp_path / "both.parquet"
    members = [f"{name}={tmp_path / name}.parquet" for name in ("csn", "swin")]
    program("fuse_actions.py", "--actions", *members, "--weights", "csn=3.0", "swin=1.0",
            "--out", out)  # fmt: skip
    program("score_actions.py", "--model", "both", "--split", "val", "--actions", out,
            "--truth", tmp_path / "truth.parquet", "--out", tmp_path / "s.csv")  # fmt: skip
    row = read_csv(tmp_path / "s.csv").iloc[0]
    assert (row["split"], row["method"], row["videos"]) == ("val", "both", 3)
    assert row["top1"] == pytest.approx(2 / 3)
