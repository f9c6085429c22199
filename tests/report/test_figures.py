"""The figures of a ladder of methods show every row of their tables, and say what they are."""

import numpy as np
import pandas as pd
import pytest
from matplotlib.collections import LineCollection
from matplotlib.colors import to_hex

from partparse.report import figures


def legend(axes):
    return [text.get_text() for text in axes.get_legend().get_texts()]


def points(axes):
    """The (x, y) of every marker, line by line."""
    return [
        np.column_stack(line.get_data())
        for line in axes.get_lines()
        if line.get_marker() not in ("None", None)
    ]


@pytest.fixture
def steps():
    row = {"method": ["vote", "weights", "decide"], "difference": [np.nan, 0.1, -0.05]}
    row |= {"low": [np.nan, 0.02, -0.05], "high": [np.nan, 0.2, -0.05 - 1e-17]}
    return pd.concat([pd.DataFrame({"split": split} | row) for split in ("val", "test")])


@pytest.fixture
def bins():
    line = {"bin": [2, 0, 1], "confidence": [0.9, 0.1, 0.5], "accuracy": [0.6, 0.1, 0.4]}
    weight = [0.5, 0.5, 0.0]
    stages = [("group", "before"), ("group", "after"), ("skeleton", "after")]
    names = [{"what": what, "stage": stage, "weight": weight} for what, stage in stages]
    return pd.concat([pd.DataFrame(name | line) for name in names])


@pytest.fixture
def expected():
    rows = [("val", 0.2, 0.1), ("val", 0.4, 0.3), ("val", 0.6, 0.5), ("test", 0.5, 0.75)]
    table = pd.DataFrame(rows, columns=["split", "expected", "psc"])
    return table.assign(video=[f"v{number}" for number in range(len(rows))])


def test_steps_are_dots_with_whiskers_beside_their_names(steps, tmp_path):
    drawing = figures.draw_steps(steps, tmp_path / "steps.svg")
    assert [axes.get_title() for axes in drawing.axes] == ["val", "test"]
    assert "score added to the step before" in drawing.get_supxlabel()
    for axes in drawing.axes:
        assert np.concatenate(points(axes)).tolist() == [[0.1, 0], [-0.05, 1]]
        (whiskers,) = [each for each in axes.collections if isinstance(each, LineCollection)]
        assert [ends.tolist() for ends in whiskers.get_segments()] == [
            [[0.02, 0], [0.2, 0]],
            [[-0.05, 1], [-0.05 - 1e-17, 1]],
        ]
    names = [tick.get_text() for tick in drawing.axes[0].get_yticklabels()]
    assert names == ["weights", "decide"]
    assert drawing.axes[0].yaxis_inverted()


def test_a_step_that_one_split_lacks_keeps_its_place(steps, tmp_path):
    short = steps[(steps["split"] == "val") | (steps["method"] == "decide")]
    drawing = figures.draw_steps(short, tmp_path / "steps.svg")
    assert np.concatenate(points(drawing.axes[1])).tolist() == [[-0.05, 1]]


def test_reliability_has_a_panel_a_model_and_a_line_a_stage(bins, tmp_path):
    drawing = figures.draw_reliability(bins, tmp_path / "reliability.svg")
    first, second = drawing.axes
    assert [first.get_title(), second.get_title()] == ["group", "skeleton"]
    assert [drawing.get_supxlabel(), drawing.get_supylabel()] == [
        "confidence",
        "share that is right",
    ]
    assert legend(first) == ["before (ECE 0.150)", "after (ECE 0.150)"]
    assert legend(second) == ["after (ECE 0.150)"]
    assert [line.tolist() for line in points(first)] == [[[0.1, 0.1], [0.9, 0.6]]] * 2
    assert len(points(second)) == 1
    assert first.get_lines()[0].get_xydata().tolist() == [[0, 0], [1, 1]]
    assert to_hex(first.get_lines()[2].get_color()) == to_hex(second.get_lines()[1].get_color())


def test_the_calibration_error_is_weighted_by_the_shares(bins, tmp_path):
    uneven = bins.assign(weight=bins["bin"].map({0: 0.6, 1: 0.3, 2: 0.1}))
    drawing = figures.draw_reliability(uneven, tmp_path / "reliability.svg")
    assert legend(drawing.axes[1]) == ["after (ECE 0.060)"]


def test_panels_that_no_model_takes_are_blank(bins, tmp_path):
    four = pd.concat([bins.assign(what=f"model {number}") for number in range(4)])
    drawing = figures.draw_reliability(four, tmp_path / "reliability.svg")
    assert [axes.axison for axes in drawing.axes] == [True] * 4 + [False] * 2
    numbered = [axes.xaxis.get_tick_params()["labelbottom"] for axes in drawing.axes[:4]]
    assert numbered == [False, True, True, True]


def test_expected_psc_is_a_point_a_video_with_correlation_and_bias(expected, tmp_path):
    drawing = figures.draw_expected_psc(expected, tmp_path / "expected.svg")
    (axes,) = drawing.axes
    assert [axes.get_xlabel(), axes.get_ylabel()] == ["expected PSC", "PSC obtained"]
    assert [line.tolist() for line in points(axes)] == [
        [[0.2, 0.1], [0.4, 0.3], [0.6, 0.5]],
        [[0.5, 0.75]],
    ]
    assert legend(axes) == ["val (r = 1.00, bias +0.100)", "test (r = none, bias -0.250)"]
    assert len({line.get_color() for line in axes.get_lines()}) == 3


def test_figures_of_ladders_have_the_same_bytes_each_time(steps, bins, expected, tmp_path):
    def draw(folder):
        figures.draw_steps(steps, folder / "steps.svg")
        figures.draw_reliability(bins, folder / "reliability.svg")
        figures.draw_expected_psc(expected, folder / "expected.svg")
        return [path.read_bytes() for path in sorted(folder.iterdir())]

    first = draw(tmp_path / "a")
    assert len(first) == 3
    assert first == draw(tmp_path / "b")


def test_tables_without_rows_give_figures_that_say_so(steps, bins, expected, tmp_path):
    path = tmp_path / "nothing.svg"
    drawings = [
        figures.draw_steps(steps[steps["method"] == "vote"], path),
        figures.draw_reliability(bins.iloc[:0], path),
        figures.draw_expected_psc(expected.iloc[:0], path),
    ]
    assert [drawing.axes[0].texts[0].get_text() for drawing in drawings] == [
        "no step was compared to one before it",
        "nothing was calibrated",
        "no video was scored",
    ]
