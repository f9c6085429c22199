"""The figures are drawn, deterministically, and show what the tables say."""

import numpy as np
import pandas as pd
import pytest

from partparse import tables
from partparse.errors import InputError
from partparse.report import figures, heat_maps
from partparse.report.methods import stage_times
from partparse.report.overlays import best_persons, draw_beside, notice
from partparse.report.scores import as_text, main_detection, summarise
from partparse.vocabulary import PERSON


@pytest.fixture
def videos():
    rng = np.random.default_rng(0)
    rows = [
        (split, method, f"v{i}", "run" if i % 2 else "jump", rng.random(), True)
        for split in ("val", "test")
        for method in ("category", "group")
        for i in range(6)
    ]
    frame = pd.DataFrame(rows, columns=["split", "method", "video", "action", "psc", "correct"])
    return frame.assign(predicted=frame["action"], value=frame["psc"])


@pytest.fixture
def oracles():
    return pd.DataFrame({"split": "test", "row": ["ours", "all_gt"], "score": [0.3, 0.9999]})


@pytest.fixture
def actions():
    row = {"split": "val", "method": "csn", "videos": 6, "top1": 0.8125}
    return pd.DataFrame([row | {"mean_class": 0.75, "log_loss": 0.5}])


def test_the_summary_is_the_mean_over_videos(videos):
    scores = summarise(videos).set_index(["split", "method"])
    mine = videos[(videos["split"] == "test") & (videos["method"] == "group")]
    assert scores.loc[("test", "group"), "score"] == pytest.approx(mine["value"].mean())
    assert scores.loc[("test", "group"), "videos"] == 6
    assert scores.index[-1][0] == "test"


def test_figures_have_the_same_bytes_each_time(videos, oracles, tmp_path):
    scores = summarise(videos)
    parts = pd.DataFrame(
        {"method": ["group"] * 2, "part": ["head", "hip"], "correct": [0.5, np.nan]}
    )

    def draw(folder):
        figures.draw_ladder(scores, folder / "ladder.svg")
        heat_maps.draw_part_accuracy(parts, folder / "parts.svg")
        heat_maps.draw_confusion(videos, folder / "confusion.svg")
        return {path.name: path.read_bytes() for path in folder.iterdir()}

    first, second = draw(tmp_path / "a"), draw(tmp_path / "b")
    assert len(first) == 3
    assert first == second
    assert b"<g id" in first["ladder.svg"]


def test_tables_without_rows_give_figures_and_text(videos, oracles, tmp_path):
    parts = pd.DataFrame({"method": ["group"], "part": ["head"], "correct": [np.nan]})
    scores = summarise(videos.iloc[:0])
    assert scores.empty
    figures.draw_ladder(scores, tmp_path / "ladder.svg")
    heat_maps.draw_part_accuracy(parts, tmp_path / "nan.svg")
    heat_maps.draw_part_accuracy(parts.iloc[:0], tmp_path / "parts.svg")
    heat_maps.draw_confusion(videos.iloc[:0], tmp_path / "confusion.svg")
    assert len(list(tmp_path.iterdir())) == 4
    nothing = pd.DataFrame({"split": [], "measure": [], "value": []})
    assert "detection" in as_text(scores, nothing, oracles.iloc[:0], nothing, nothing)


def test_the_confusion_shows_actions_that_are_never_predicted_or_never_true(tmp_path):
    videos = pd.DataFrame({"action": ["run", "jump"], "predicted": ["jump", "squat"]})
    heat_maps.draw_confusion(videos, tmp_path / "confusion.svg")
    assert (tmp_path / "confusion.svg").stat().st_size


def test_main_measures_are_those_of_persons_and_of_all_parts():
    measures = pd.DataFrame({"part": ["person", "all", "head"], "measure": "AP50", "value": 0.5})
    assert len(main_detection(measures)) == 2


def test_the_text_names_scores_oracles_and_skipped_videos(videos, actions, oracles):
    detection = pd.DataFrame({"split": ["val"], "measure": ["AP50"], "value": [0.5]})
    problems = pd.DataFrame({"video": ["v9"], "problem": ["empty file"]})
    text = as_text(summarise(videos), actions, oracles, detection, problems)
    assert "by_category" not in text
    for word in ("group", "csn", "0.8125", "0.9999", "AP50", "v9", "empty file"):
        assert word in text
    assert "every video decoded whole" in as_text(
        summarise(videos), actions, oracles, detection, problems.iloc[:0]
    )


def test_names_with_brackets_stay_whole(videos, actions, oracles):
    detection = pd.DataFrame({"split": ["val"], "measure": ["AP50"], "value": [0.5]})
    problems = pd.DataFrame({"video": ["clip [abc123]"], "problem": ["[red]odd[/red]"]})
    text = as_text(summarise(videos), actions, oracles, detection, problems)
    assert "clip [abc123]" in text
    assert "[red]odd[/red]" in text


def test_an_overlay_draws_the_boxes_of_the_best_persons():
    rows = [
        ("v", 1, person, part, 10.0, 10.0, 60.0, 90.0, score, state)
        for person, score in ((1, 0.9), (2, 0.1))
        for part, state in ((PERSON, None), ("head", "none"))
    ]
    columns = ["video", "frame", "person", "part", *tables.BOX, "score", "state"]
    parse = pd.DataFrame(rows, columns=columns)
    parse.loc[parse["person"] == 2, ["x1", "x2"]] = [70.0, 95.0]
    picture = np.zeros((100, 100, 3), np.uint8)
    assert best_persons(parse, 1, 0.0)["person"].tolist() == [1, 1]
    assert best_persons(parse, 5, 0.5)["person"].tolist() == [1, 1]
    both = {"truth": parse[parse["person"] == 2].drop(columns="score"), "parse": parse}
    drawn = draw_beside(picture, both, "v 1", persons=1, score=0.0)
    truth, parsed = np.hsplit(drawn, 2)
    assert truth.shape[0] == 480 + 30
    below = slice(30 + 200, None)  # the heading and the heads' boxes are above
    assert parsed[below, 60:300].any()
    assert not parsed[below, 330:480].any()
    assert truth[below, 330:480].any()
    assert not truth[below, 60:300].any()
    assert not picture.any()


def test_an_overlay_of_nothing_is_the_picture():
    nothing = tables.empty(tables.PARSES)
    drawn = draw_beside(np.zeros((480, 600, 3), np.uint8), {"parse": nothing}, "v 1", 3, 0.0)
    assert not drawn[30:, :600].any()


def test_a_notice_says_that_there_is_no_frame():
    assert (notice("no frame") < 255).any()


def test_the_times_of_a_run_are_summed_by_stage(tmp_path):
    (tmp_path / "vote").mkdir()
    for path, seconds in (("pose.tsv", 5), ("vote/a.tsv", 2), ("vote/b.tsv", 4)):
        (tmp_path / path).write_text(
            f"s\th:m:s\tmax_rss\tcpu_time\n{seconds}\t0:00:05\t{100 * seconds}\t-\n"
        )
    times = stage_times(tmp_path).set_index("stage")
    assert times.loc["vote", ["jobs", "seconds", "peak_mb"]].tolist() == [2, 6, 400]
    assert times.index.tolist() == ["vote", "pose"]


def test_a_folder_without_benchmarks_is_named(tmp_path):
    with pytest.raises(InputError, match="no benchmark files"):
        stage_times(tmp_path)
