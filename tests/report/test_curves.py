"""Heat maps, the metric as an area, curves of detectors and trainings: what they draw."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.patches import Rectangle, StepPatch

from partparse.errors import InputError
from partparse.report.curves import draw_detector_curves, draw_trainings, read_history
from partparse.report.figures import (
    draw_oracles,
    draw_psc_distribution,
    draw_threshold_curve,
    gains,
)
from partparse.report.heat_maps import draw_choice, draw_state_accuracy


def legend(axes):
    return [text.get_text() for text in axes.get_legend().get_texts()]


def test_the_area_under_the_curve_is_the_score(tmp_path):
    videos = pd.DataFrame(
        {"method": ["a"] * 4 + ["b"] * 4, "psc": [0.2, 0.4, 0.6, 0.8] * 2, "correct": 1}
    )
    videos.loc[7, "correct"] = 0
    drawing = draw_threshold_curve(videos, "b", tmp_path / "curve.svg")
    (axes,) = drawing.axes
    assert legend(axes) == ["a (area 0.5000)", "b (area 0.3000)"]
    steps = [patch for patch in axes.patches if isinstance(patch, StepPatch)]
    areas = []
    for step in steps:
        values, edges, _ = step.get_data()
        areas.append(float(np.sum(values * np.diff(edges))))
    assert areas == pytest.approx([0.5, 0.3, 0.3])
    assert [step.get_fill() for step in steps] == [False, False, True]  # b's area


def test_videos_with_a_wrong_action_are_hatched(tmp_path):
    videos = pd.DataFrame({"psc": [0.1, 0.1, 0.9], "correct": [1, 0, 1]})
    (axes,) = draw_psc_distribution(videos, tmp_path / "psc.svg").axes
    right, wrong = axes.containers
    assert sum(bar.get_height() for bar in right) == 2
    assert sum(bar.get_height() for bar in wrong) == 1
    assert {bar.get_hatch() for bar in wrong} == {"///"}
    assert legend(axes)[2] == "mean 0.3667"


def test_a_cell_an_action_and_part(tmp_path):
    actions = pd.DataFrame(
        {"action": ["run", "run", "jump"], "part": ["head", "hip", "head"]}
    ).assign(state_given_box=[0.25, np.nan, 1.0])
    axes = draw_state_accuracy(actions, tmp_path / "states.svg").axes[0]
    assert [text.get_text() for text in axes.texts] == ["1.00", "0.25"]


def test_the_chosen_method_of_each_action_is_framed(tmp_path):
    choice = pd.DataFrame(
        {
            "fold": ["all"] * 4 + ["0"],
            "action": ["*", "*", "run", "run", "run"],
            "method": ["a", "b", "a", "b", "a"],
            "psc": [0.5, 0.4, 0.2, 0.3, 0.9],
            "rank": [1, 2, 2, 1, 1],
        }
    )
    axes = draw_choice(choice, tmp_path / "choice.svg").axes[0]
    framed = [patch.get_center().tolist() for patch in axes.patches if isinstance(patch, Rectangle)]
    assert framed == [pytest.approx([0, 0]), pytest.approx([1, 1])]
    assert axes.get_yticklabels()[0].get_text() == "over all actions"


def test_gains_are_over_our_own_score(tmp_path):
    oracles = pd.DataFrame({"row": ["ours", "gt_action", "all_gt"], "score": [0.5, 0.6, 0.9999]})
    assert gains(oracles)["gain"].tolist() == pytest.approx([0.4999, 0.1])
    (axes,) = draw_oracles(oracles, tmp_path / "oracles.svg").axes
    assert [text.get_text() for text in axes.texts] == ["+0.1000", "+0.4999"]


def test_a_panel_a_part_and_a_line_a_detector(tmp_path):
    recall = np.linspace(0, 1, 101)
    curves = pd.concat(
        pd.DataFrame({"part": part, "variant": variant, "recall": recall, "precision": precision})
        for part, variant, precision in (
            ("person", "detected", 0.5),
            ("person", "used", 0.75),
            ("hip", "dots", 0.25),
        )
    )
    panels = draw_detector_curves(curves, tmp_path / "detection.svg").axes
    assert [axes.get_title() for axes in panels] == ["person", "hip"]
    assert legend(panels[0]) == ["detected 0.50", "used 0.75"]
    assert legend(panels[1]) == ["dots 0.25"]


def test_losses_are_shares_of_the_first_and_rates_as_they_are(tmp_path):
    for name, file, text in (
        ("csn", "metrics.csv", "epoch,train_loss,train_right,learning_rate\n1,4,.1,1\n2,1,.5,1\n"),
        ("pose", "training.csv", "epoch,loss\n1,0.5\n"),
        ("pretrained", "training.csv", "epoch,loss\n"),
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / file).write_text(text)
    (tmp_path / "counted").mkdir()
    models = {name: tmp_path / name for name in ("csn", "pose", "pretrained", "counted")}
    csn, pose = draw_trainings(models, tmp_path / "trainings.svg").axes
    assert [line.get_ydata().tolist() for line in csn.lines] == [[1, 0.25], [0.1, 0.5]]
    assert legend(csn) == ["train_loss 1", "train_right 0.5"]
    assert pose.get_title() == "pose"


def test_a_history_without_epochs_is_named(tmp_path):
    (tmp_path / "training.csv").write_text("loss\n1\n")
    with pytest.raises(InputError, match=r"training\.csv: no column 'epoch'"):
        read_history(tmp_path)


def test_nothing_to_draw_is_said(tmp_path):
    nothing = pd.DataFrame({"part": [], "psc": [], "correct": [], "row": [], "score": []})
    for number, drawing in enumerate(
        (
            draw_detector_curves(nothing, tmp_path / "a.svg"),
            draw_trainings({}, tmp_path / "b.svg"),
            draw_psc_distribution(nothing, tmp_path / "c.svg"),
            draw_threshold_curve(nothing, "decide", tmp_path / "d.svg"),
            draw_oracles(nothing, tmp_path / "e.svg"),
        )
    ):
        (text,) = drawing.axes[0].texts
        assert text.get_text(), number
