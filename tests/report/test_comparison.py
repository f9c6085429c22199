"""Paired comparisons are what statistics says they are, and their programs write them."""

import runpy
import sys

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from partparse.errors import InputError
from partparse.files.csv_tables import read_csv
from partparse.report import comparison
from partparse.report.comparison import compare_ladder, ladder_markdown, paired_differences


def scores(run="a", **methods):
    """Rows of one run: for each method its values on v000, v001, …"""
    return pd.concat(
        pd.DataFrame(
            {
                "run": run,
                "method": method,
                "video": [f"v{number:03}" for number in range(len(values))],
                "value": np.asarray(values, float),
            }
        )
        for method, values in methods.items()
    )


def interval(videos, method="new", reference="old"):
    return paired_differences(videos, [(method, reference)])[["low", "high"]].to_numpy()[0]


@pytest.fixture
def skewed():
    """Two methods of 60 videos whose differences are skewed."""
    rng = np.random.default_rng(1)
    old = rng.random(60)
    return scores(old=old, new=old + rng.exponential(0.1, 60) - 0.05)


def differences(videos):
    values = videos.pivot(index="video", columns="method", values="value")
    return (values["new"] - values["old"]).to_numpy()


def test_means_are_over_videos_and_the_difference_is_theirs():
    row = paired_differences(scores(old=[0, 0.5], new=[0.5, 1]), [("new", "old")]).iloc[0]
    expected = {"method": "new", "reference": "old", "videos": 2, "score": 0.75}
    expected |= {"reference_score": 0.25, "difference": 0.5, "low": 0.5, "high": 0.5}
    assert row.to_dict() == expected


def test_the_interval_is_scipys_percentile_bootstrap(skewed):
    theirs = stats.bootstrap(
        [differences(skewed)], np.mean, method="percentile", n_resamples=20_000, rng=2
    ).confidence_interval
    assert interval(skewed) == pytest.approx([theirs.low, theirs.high], abs=0.002)


def test_the_interval_of_many_normal_differences_is_about_two_standard_errors():
    change = np.random.default_rng(3).normal(0.02, 0.1, 2500)
    width = 1.96 * change.std() / 50
    found = interval(scores(old=np.zeros(2500), new=change))
    assert found == pytest.approx([change.mean() - width, change.mean() + width], abs=2e-4)


def test_a_constant_difference_is_certain_however_the_scores_spread():
    old = np.random.default_rng(4).random(30)
    assert interval(scores(old=old, new=old + 0.1)) == pytest.approx([0.1, 0.1])


def test_the_interval_depends_on_neither_the_order_of_rows_nor_the_other_pairs(skewed):
    shuffled = skewed.sample(frac=1, random_state=0)
    both = paired_differences(shuffled, [("old", "new"), ("new", "old")])
    low, high = interval(skewed)
    assert both[["low", "high"]].to_numpy() == pytest.approx(np.array([[-high, -low], [low, high]]))


def test_videos_that_do_not_fit_the_memory_at_once_are_drawn_one_resample_at_a_time(
    skewed, monkeypatch
):
    monkeypatch.setattr(comparison, "RESAMPLES", 500)
    monkeypatch.setattr(comparison, "_CELLS", 7)
    change = differences(skewed)
    width = 1.96 * change.std() / np.sqrt(60)
    expected = [change.mean() - width, change.mean() + width]
    assert interval(skewed) == pytest.approx(expected, abs=width / 2)


def test_each_run_keeps_its_videos():
    """Drawn from one heap, all +1 and all -1 would mix to anything between."""
    zeros = np.zeros(20)
    up, down = scores("up", old=zeros, new=zeros + 1), scores("down", old=zeros, new=zeros - 1)
    other = down.assign(video="w" + down["video"])
    assert interval(pd.concat([up, other])).tolist() == [0, 0]
    assert interval(pd.concat([up, down])).tolist() == [0, 0]
    overlapping = down.assign(video=down["video"].mask(down["video"] > "v009", other["video"]))
    assert interval(pd.concat([up, overlapping])).tolist() == [0, 0]
    one_heap = pd.concat([up, other]).assign(run="both")
    assert np.diff(interval(one_heap)) > 0.5


def test_the_pooled_score_is_the_mean_over_all_videos_of_all_runs():
    both = pd.concat([scores("a", old=[0.0], new=[1.0]), scores("b", old=[0, 0, 0], new=[0, 0, 0])])
    row = paired_differences(both, [("new", "old")]).iloc[0]
    assert row[["videos", "score", "difference"]].tolist() == [4, 0.25, 0.25]


def test_runs_of_the_same_videos_say_no_more_than_one(skewed):
    """Whereas runs of other videos halve the variance."""
    again = skewed.assign(run="b")
    assert interval(pd.concat([skewed, again])) == pytest.approx(interval(skewed))
    other = again.assign(video="w" + again["video"])
    ratio = np.diff(interval(pd.concat([skewed, other]))) / np.diff(interval(skewed))
    assert ratio == pytest.approx(np.sqrt(0.5), abs=0.03)


@pytest.mark.parametrize(
    ("dropped", "said"),
    [
        ("new", "method 'new': no score of video 'v001' in run 'a'"),
        ("old", "method 'old': no score of video 'v001' in run 'a'"),
    ],
)
def test_methods_have_to_have_the_same_videos(dropped, said):
    videos = scores(old=[0, 0, 0], new=[1, 1, 1])
    short = videos[(videos["method"] != dropped) | (videos["video"] != "v001")]
    with pytest.raises(InputError, match=said):
        paired_differences(short, [("new", "old")])


def test_a_method_without_scores_and_a_run_named_twice_are_refused():
    videos = scores(old=[0.0], new=[1.0])
    with pytest.raises(InputError, match="method 'other': no score of video 'v000'"):
        paired_differences(videos, [("new", "other")])
    with pytest.raises(InputError, match="method 'old': two scores of video 'v000' in run 'a'"):
        paired_differences(pd.concat([videos, videos]), [("new", "old")])


@pytest.fixture
def ladder_scores():
    val = scores(vote=[0.2, 0.4], first=[0, 0], second=[0.1, 0.1], third=[0.4, 0.6])
    return pd.concat([val.assign(split="val"), val.assign(split="test", value=0.5)])


def test_each_step_is_compared_to_the_one_before_and_to_the_references(ladder_scores):
    table = compare_ladder(ladder_scores, ["first", "second", "third"], ["vote", "first"])
    assert table["split"].tolist() == ["val"] * 3 + ["test"] * 3
    val = table.iloc[:3]
    assert val["method"].tolist() == ["first", "second", "third"]
    assert val["score"].tolist() == pytest.approx([0, 0.1, 0.5])
    assert val["difference"].tolist() == pytest.approx([np.nan, 0.1, 0.4], nan_ok=True)
    assert val["difference_to_vote"].tolist() == pytest.approx([-0.3, -0.2, 0.2])
    assert val["difference_to_first"].tolist() == pytest.approx([0, 0.1, 0.5])
    assert val["low"].tolist() == pytest.approx([np.nan, 0.1, 0.3], nan_ok=True)
    assert val["high_to_vote"].tolist() == pytest.approx([-0.2, -0.1, 0.2])
    assert (table.iloc[3:].filter(like="_to_") == 0).all(axis=None)


def test_a_ladder_without_videos_has_no_rows(ladder_scores):
    table = compare_ladder(ladder_scores.iloc[:0], ["first", "second"], ["vote"])
    assert table.empty
    assert "difference_to_vote" in table
    assert ladder_markdown(table).startswith("| split | method |")


def test_the_markdown_has_an_interval_in_each_cell(ladder_scores):
    table = compare_ladder(ladder_scores.iloc[:8], ["first", "third"], ["vote"])
    assert ladder_markdown(table).splitlines() == [
        "| split | method | videos | score | to the step before | to vote |",
        "| --- | --- | --- | --- | --- | --- |",
        "| val | first | 2 | 0.0000 |  | -0.3000 [-0.4000, -0.2000] |",
        "| val | third | 2 | 0.5000 | +0.5000 [+0.4000, +0.6000] | +0.2000 [+0.2000, +0.2000] |",
    ]


@pytest.fixture
def run_script(repository, monkeypatch):
    def run(script, *words):
        monkeypatch.setattr(sys, "argv", [script, *map(str, words)])
        runpy.run_path(str(repository / "scripts" / script), run_name="__main__")

    return run


def write_run(folder, videos):
    """The scores by video as a finished run has them."""
    for (split, method), rows in videos.groupby(["split", "method"]):
        path = folder / "results" / "scores" / split / f"{method}.csv"
        path.parent.mkdir(parents=True, exist_ok=True)
        rows.drop(columns="run").to_csv(path, index=False)
    return folder


def test_the_stage_writes_the_comparison(ladder_scores, run_script, tmp_path):
    found = write_run(tmp_path, ladder_scores.replace({"video": {"v000": "NA"}})).rglob("*.csv")
    words = ["--methods", "first", "third", "--references", "vote", "--out", tmp_path / "out.csv"]
    run_script("compare_methods.py", "--scores", *sorted(found), *words)
    expected = compare_ladder(ladder_scores, ["first", "third"], ["vote"])
    written = read_csv(tmp_path / "out.csv").sort_values("split", ascending=False)
    pd.testing.assert_frame_equal(written.reset_index(drop=True), expected, check_exact=False)


def test_runs_are_pooled_and_printed(ladder_scores, run_script, tmp_path, capsys):
    more = ladder_scores.assign(value=ladder_scores["value"] + (ladder_scores["method"] == "third"))
    folders = write_run(tmp_path / "a", ladder_scores), write_run(tmp_path / "b", more)
    words = ["--methods", "first", "third", "--references", "vote"]
    run_script("compare_runs.py", "--runs", *folders, *words, "--out", tmp_path / "out.csv")
    written = read_csv(tmp_path / "out.csv")
    assert written["videos"].tolist() == [4] * 4
    assert written["split"].tolist() == ["val", "val", "test", "test"]
    assert written.loc[1, "score"] == pytest.approx((0.5 + 1.5) / 2)
    assert capsys.readouterr().out == ladder_markdown(written) + "\n"
    run_script("compare_runs.py", "--runs", folders[0], "--splits", "test", *words)
    printed = capsys.readouterr().out.splitlines()
    assert [line.split(" | ")[0] for line in printed[2:]] == ["| test"] * 2


def test_faults_end_the_programs_with_one_line(ladder_scores, run_script, tmp_path, capsys):
    folder = write_run(tmp_path, ladder_scores)
    words = ["--methods", "first", "absent", "--references", "vote"]
    with pytest.raises(SystemExit):
        run_script("compare_runs.py", "--runs", folder, *words)
    assert "absent.csv: no such table" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        run_script("compare_runs.py", "--runs", folder, folder, *words[:2], *words[3:])
    assert "two scores of video 'v000'" in capsys.readouterr().err
