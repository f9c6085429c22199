"""Statistics of a small data set whose counts are known by hand, and hints planted in it."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from partparse.cli import main
from partparse.dataset import annotation_counts
from partparse.dataset.annotation_counts import Counts, count_annotations
from partparse.dataset.lists import read_vocabulary
from partparse.dataset.statistics import REST, Statistics, make_statistics, tail_measures
from partparse.errors import InputError
from partparse.report import statistics_figures as figures
from tests.samples.tiny import HEIGHT, WIDTH, human, write_annotation, write_data_set, write_video

STATES = ["none", "others", *"abcdefg"]


def part(state: str, box: list[int] | None = None) -> dict[str, object]:
    return {"box": box or [12, 10, 20, 18], "verb": state}


def person(number: int = 1, box: list[int] | None = None, **parts: object) -> dict[str, object]:
    return {"number": number, "box": box or [10, 8, 30, 40], "parts": parts}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """Train: 20 frames of j1, 2 of j2, r1; test: t1. r2 is not annotated."""
    root = write_data_set(tmp_path / "data")
    for path in root.glob("*_annotations/*/*/*"):
        path.unlink()
    (root / "train_annotations/run/r2").rmdir()
    (root / "list/part_stat.txt").write_text("\n".join(STATES))
    (root / "list/object.txt").write_text("bar\nnone\n")
    for frame in range(1, 21):
        humans = [person(1, head=part("none"), left_arm=part("a"), right_arm=part("b")), person(2)]
        write_annotation(root / "train_annotations/jump/j1", frame, {"humans": humans})
    bar = {"name": "bar", "box": [1, 2, 3, 4]}
    write_annotation(root / "train_annotations/jump/j2", 1, {"humans": [], "objects": [bar] * 3})
    write_annotation(root / "train_annotations/jump/j2", 2, {"humans": [person(head=part("a"))]})
    arms = [person(i, left_arm=part(state)) for i, state in enumerate("abbcccdddd", start=1)]
    write_annotation(root / "train_annotations/run/r1", 1, {"humans": arms})
    arms = [person(i, left_arm=part("e")) for i in range(1, 6)]
    arms += [person(i, left_arm=part("f")) for i in range(6, 13)]
    arms += [person(i, left_arm=part("others")) for i in range(13, 16)]
    other = {"name": "none", "box": [1, 2, 3, 4]}
    write_annotation(
        root / "train_annotations/run/r1", 2, {"humans": arms, "objects": [other, bar, other]}
    )
    write_annotation(root / "test_annotations/jump/t1", 3, {"humans": [person(head=part("c"))]})
    return root


def counted(root: Path) -> Counts:
    return count_annotations(root, read_vocabulary(root), 1)


def measured(root: Path) -> Statistics:
    return make_statistics(counted(root), read_vocabulary(root))


def rows(table: pd.DataFrame) -> list[list[object]]:
    return table.astype(object).where(table.notna(), None).to_numpy().tolist()


def test_the_sizes_of_splits_and_classes(root: Path) -> None:
    found = measured(root)
    assert rows(found.splits.drop(columns="parts_per_human")) == [
        ["train", 4, 3, 24, 66, 86, 6],
        ["test", 1, 1, 1, 1, 1, 0],
        ["all", 5, 4, 25, 67, 87, 6],
    ]
    assert found.splits["parts_per_human"].tolist() == [86 / 66, 1, 87 / 67]
    classes = found.classes.drop(columns="parts_per_human")
    assert rows(classes[classes["split"] == "all"]) == [
        ["all", "jump", 3, 3, 23, 42, 62, 3],
        ["all", "run", 2, 1, 2, 25, 25, 3],
    ]
    wide = found.class_parts.set_index("action")
    assert wide.loc["jump", ["head", "left_arm", "right_arm", "hip"]].tolist() == [22, 20, 20, 0]
    assert wide.loc["run"].sum() == wide.loc["run", "left_arm"] == 25
    assert rows(found.objects) == [
        ["jump", "bar", 3, 0, 3],
        ["run", "none", 2, 0, 2],
        ["run", "bar", 1, 0, 1],
    ]


def test_the_states_of_parts_and_the_pairs_of_classes(root: Path) -> None:
    found = measured(root)
    head = found.states[found.states["part"] == "head"]
    assert rows(head.drop(columns="share")) == [
        ["head", "none", 20, 0, 20, 1],
        ["head", "a", 1, 0, 1, 1],
        ["head", "c", 0, 1, 1, 1],
    ]
    assert head["share"].tolist() == [20 / 22, 1 / 22, 1 / 22]
    parts = found.parts.set_index("part")
    assert parts.loc["head"].tolist() == [22, 2, 20 / 22, 0]
    assert parts.loc["left_arm"].tolist() == [45, 6, 0, 3 / 45]
    assert parts.loc["hip"].tolist() == [0, 0, 0, 0]
    pairs = found.pairs.set_index(["action", "part", "state"])
    assert pairs.loc[("jump", "left_arm", "a"), ["train", "all", "videos"]].tolist() == [20, 20, 1]
    assert pairs.loc[("run", "left_arm", "f"), "share"] == 7 / 25
    # left and right are one; none and others count in the whole and have no rank
    assert rows(found.top_pairs[["action", "rank", "part", "state", "count"]]) == [
        ["jump", 1, "arm", "a", 20],
        ["jump", 2, "arm", "b", 20],
        ["jump", 3, "head", "a", 1],
        ["jump", 4, "head", "c", 1],
        ["run", 1, "arm", "f", 7],
        ["run", 2, "arm", "e", 5],
        ["run", 3, "arm", "d", 4],
        ["run", 4, "arm", "c", 3],
    ]
    assert found.top_pairs["share"].iloc[0] == 20 / 62


def test_the_five_most_frequent_states_without_none_and_others(root: Path) -> None:
    top = measured(root).top_states
    assert rows(top[top["part"] == "left_arm"].drop(columns="share")) == [
        ["left_arm", 1, "a", 21],
        ["left_arm", 2, "f", 7],
        ["left_arm", 3, "e", 5],
        ["left_arm", 4, "d", 4],
        ["left_arm", 5, "c", 3],
        ["left_arm", None, REST, 2],
        ["left_arm", None, "others", 3],
    ]
    assert rows(top[top["part"] == "head"].drop(columns="share"))[2] == ["head", None, "none", 20]
    assert top.groupby("part")["share"].sum().to_numpy() == pytest.approx(1)


def test_the_long_tail(root: Path) -> None:
    found = measured(root)
    tail = found.long_tail.set_index("of")
    assert tail.loc["states", ["names", "unused", "annotations"]].tolist() == [9, 1, 87]
    assert tail.loc["named states", ["names", "unused", "annotations"]].tolist() == [7, 1, 64]
    assert tail.loc["states", "top_1"] == 22 / 87  # a: 20 + 1 + 1
    assert tail.loc["pairs", "names"] == 11
    states = found.frequencies[found.frequencies["of"] == "states"]
    assert rows(states[["rank", "state", "count"]])[:3] == [
        [1, "a", 22],
        [2, "b", 22],
        [3, "none", 20],
    ]
    assert states["cumulative_share"].iloc[-1] == pytest.approx(1)


def test_the_measures_of_a_tail() -> None:
    even = tail_measures(np.array([200, 200, 200, 200]))
    assert even["gini"] == pytest.approx(0)
    assert even["effective"] == pytest.approx(4)
    assert (even["for_50"], even["for_90"], even["imbalance"], even["under_100"]) == (2, 4, 1, 0)
    steep = tail_measures(np.array([0, 900, 90, 10]))
    assert (steep["names"], steep["unused"], steep["annotations"]) == (4, 1, 1000)
    assert (steep["top_1"], steep["top_5"], steep["top_10"]) == pytest.approx((0.9, 1, 1))
    assert (steep["for_50"], steep["for_90"], steep["under_100"]) == (1, 1, 2)
    assert steep["imbalance"] == 90
    # the mean difference of all pairs over twice the mean
    pairs = np.abs(np.subtract.outer([900, 90, 10], [900, 90, 10])).mean()
    assert steep["gini"] == pytest.approx(pairs / (2 * 1000 / 3))
    assert steep["effective"] == pytest.approx(0.9**-0.9 * 0.09**-0.09 * 0.01**-0.01)


def test_planted_hints_are_found(root: Path) -> None:
    folder = root / "train_annotations/jump/j2"
    beyond, over = [WIDTH, 1, WIDTH + 5, 9], [50, 8, WIDTH, 40]
    humans = [
        person(1, box=over, head=part("a", [52, 10, WIDTH - 1, 20])),
        person(2, head=part("a", [5, 8, 11, 12]), left_arm=part("a", [5, 8, 14, 12])),
        person(3, head=part("a", [12, 10, 12, 10]), left_arm=part("a", [12, 10, 19, 10])),
    ]
    bar = {"name": "bar", "box": [1, 2, 3, 4]}
    things = [bar, bar | {"box": beyond}, bar | {"box": [-1, 1, WIDTH - 1, HEIGHT - 1]}]
    write_annotation(folder, 5, {"humans": humans, "objects": things})
    found = measured(root)
    examples = found.hint_examples.set_index("kind")
    at = "train_annotations/jump/j2/img_00005.json"
    planted = examples[examples["file"] == at]
    assert [(kind, row.entry, row.detail) for kind, row in planted.iterrows()] == [
        ("outside picture", "object 2, 'bar'", "[64, 1, 69, 9] of 64x48"),
        ("over border", "human 1", "[50, 8, 64, 40] of 64x48"),
        ("over border", "object 3, 'bar'", "[-1, 1, 63, 47] of 64x48"),
        ("one pixel", "human 3, head", "[12, 10, 12, 10]"),
        ("flat", "human 3, left_arm", "[12, 10, 19, 10]"),
        (
            "part outside person",
            "human 2, head",
            "[5, 8, 11, 12], 29% in the person's [10, 8, 30, 40]",
        ),
    ]
    assert set(planted["frame"]) == {5}
    assert set(planted["video"]) == {"j2"}
    counts = found.hints.groupby("kind")["count"].sum().to_dict()
    assert counts.pop("rare state") == 2
    assert counts == {
        "outside picture": 1,
        "over border": 2,
        "one pixel": 1,
        "flat": 1,
        "part outside person": 1,
        "person without parts": 20,
        "frame without persons": 1,
    }
    empty = examples.loc["frame without persons"]
    assert (empty["file"], empty["entry"]) == ("train_annotations/jump/j2/img_00001.json", "")
    bare = examples.loc[["person without parts"]]
    assert bare["frame"].tolist() == [1, 2, 3]  # of one video no more than these are shown
    assert set(bare["entry"]) == {"human 2"}


def test_rare_states_are_found_over_the_whole_data_set(root: Path) -> None:
    found = measured(root)
    rare = found.hint_examples[found.hint_examples["kind"] == "rare state"]
    rare = rare[["split", "action", "file", "entry", "detail"]]
    # others is no state, and with a share of .05 or more nothing is rare
    assert rows(rare) == [
        [
            *("train", "jump", "train_annotations/jump/j2/img_00002.json"),
            *("human 1, head", "a: 1 of 22"),
        ],
        [
            *("train", "run", "train_annotations/run/r1/img_00001.json"),
            *("human 1, left_arm", "a: 1 of 25"),
        ],
        [
            *("test", "jump", "test_annotations/jump/t1/img_00003.json"),
            *("human 1, head", "c: 1 of 22"),
        ],
    ]


def test_faults_are_told_and_left_out(root: Path) -> None:
    before = measured(root)
    folder = root / "train_annotations/jump/j2"
    write_annotation(folder, 7, {"humans": [person(hip=part("sing"))]})
    write_annotation(folder, 8, {"humans": [person(hip=part("a", [9, 1, 2, 3])), person(2)]})
    (folder / "img_00009.json").write_text("{")
    (root / "train_videos/run/r1.mp4").write_bytes(b"")
    (root / "train_videos/run/notes.txt").touch()
    counts = counted(root)
    expected = [
        "notes.txt: not a video",
        "j2/img_00007.json: human 1, hip: unknown state 'sing'",
        "j2/img_00008.json: human 1, hip: the box [9, 1, 2, 3] has x2 < x1",
        "j2/img_00009.json: not valid JSON at line 1",
        "r1.mp4: not a readable video",
    ]
    assert len(counts.faults) == counts.fault_count == len(expected)
    for fault, text in zip(counts.faults, expected, strict=True):
        assert text in fault
    after = make_statistics(counts, read_vocabulary(root))
    for name in Statistics._fields:
        pd.testing.assert_frame_equal(getattr(before, name), getattr(after, name), obj=name)


def test_annotations_in_two_places_leave_out_the_video(root: Path) -> None:
    write_annotation(root / "train_annotations/j1", 1, {"humans": [person()]})
    counts = counted(root)
    assert "expected one of the two" in counts.faults[0]
    assert counts.videos.set_index(["split", "action"]).loc[("train", "jump"), "frames"] == 2


def test_counts_depend_neither_on_chunks_nor_on_processes(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = counted(root)
    monkeypatch.setattr(annotation_counts, "CHUNK", 1)
    for workers in (1, 2):
        pieces = count_annotations(root, read_vocabulary(root), workers)
        assert pieces.faults == whole.faults
        for name in ("videos", "states", "objects"):
            table, expected = getattr(pieces, name), getattr(whole, name)
            pd.testing.assert_frame_equal(table, expected, obj=name, check_dtype=False)
        for table, expected in zip(pieces.hints, whole.hints, strict=True):
            pd.testing.assert_frame_equal(
                *(t.sort_values([*t.columns]).reset_index(drop=True) for t in (table, expected)),
                check_dtype=False,
            )


def test_a_test_video_without_a_known_action(root: Path) -> None:
    write_video(root / "test_videos/t2.mp4")
    write_annotation(root / "test_annotations/t2", 1, {"humans": [person(head=part("a"))]})
    assert measured(root).classes.query("split == 'test'")["action"].tolist() == [
        "(unknown)",
        "jump",
    ]


@pytest.mark.parametrize("humans", [[human(parts={})], []])
def test_a_data_set_without_parts_has_a_page(tmp_path: Path, humans: list[object]) -> None:
    root, out = write_data_set(tmp_path / "data"), tmp_path / "out"
    for path in root.glob("*_annotations/*/*/*"):
        path.write_text(json.dumps({"humans": humans}))
    assert main(["stats", str(root), "--out", str(out)]) == 0
    assert pd.read_csv(out / "states.csv").empty
    assert pd.read_csv(out / "splits.csv")["humans"].tolist() == [
        size * len(humans) for size in (32, 8, 40)
    ]


def test_nothing_annotated_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"nothing is annotated; expected .*train_videos: no such"):
        count_annotations(tmp_path, read_vocabulary(write_data_set(tmp_path / "data")), 1)


def test_the_command(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    out = tmp_path / "deep/out"
    write_annotation(
        root / "train_annotations/jump/j2", 7, {"humans": [person(hip=part("<b>sing</b>"))]}
    )
    assert main(["stats", str(root), "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert "frame without persons" in said
    assert "1 faults: what has them is left out" in said
    assert said.endswith(f"{out / 'statistics.html'}\n")
    assert "img_00007.json: human 1, hip: unknown state '<b>sing</b>'" in caplog.text
    names = {f"{name}.csv" for name in Statistics._fields}
    figures = {f"{name}.svg" for name in ("classes", "class_parts", "top_states", "long_tail")}
    assert {path.name for path in out.iterdir()} == names | figures | {"statistics.html"}
    assert pd.read_csv(out / "splits.csv")["parts"].tolist() == [86, 1, 87]
    page = (out / "statistics.html").read_text()
    assert page.count("data:image/svg+xml;base64,") == 4
    assert "http" not in page  # nothing is fetched
    assert "&lt;b&gt;sing" in page
    assert "train_annotations/jump/j2/img_00001.json" in page
    first = {path.name: path.read_bytes() for path in out.iterdir()}
    assert main(["stats", str(root), "--out", str(out)]) == 0
    assert {path.name: path.read_bytes() for path in out.iterdir()} == first


def test_the_command_names_the_file_that_is_wrong(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "taken").touch()
    assert main(["stats", str(root), "--out", str(tmp_path / "taken")]) == 1
    assert str(tmp_path / "taken") in capsys.readouterr().err
    (root / "list/part_stat.txt").unlink()
    assert main(["stats", str(root), "--out", str(tmp_path / "out")]) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"error: {root}/list/part_stat.txt: no such file")
    assert said.count("\n") == 1


def test_the_real_clips(real_clips: Path) -> None:
    found = measured(real_clips)
    assert rows(found.splits)[0][1:6] == [16, 16, 626, 912, 6494]
    assert rows(found.splits)[1][1:6] == [9, 9, 367, 575, 4211]
    both = found.states.assign(
        part=found.states["part"].str.replace("left_|right_", "", regex=True)
    )
    states = both.groupby(["part", "state"])["all"].sum()
    assert states["arm", "bend"] == 792
    assert states["head", "none"] == 1457
    assert states["leg", "raise"] == 8
    assert states.groupby("part").size().sum() == 15
    kinds = found.hints.groupby("kind")["count"].sum()
    assert not {"outside picture", "over border"} & set(kinds.index)
    squat = found.hint_examples.query("kind == 'part outside person' and action == 'squat'")
    assert squat["entry"].iloc[0] == "human 1, right_foot"


def test_the_figures_say_what_the_tables_say(root: Path, tmp_path: Path) -> None:
    found = measured(root)
    path = tmp_path / "figure.svg"
    arms = next(
        axes
        for axes in figures.draw_top_states(found.top_states, path).axes
        if axes.get_title("left") == "left_arm (45)"
    )
    assert [text.get_text() for text in arms.texts][:2] == ["a 46.7%", "f 15.6%"]
    assert [text.get_text() for text in arms.texts][-2:] == [f"{REST} 4.4%", "others 6.7%"]
    assert sorted(bar.get_y() + 0.4 for bar in arms.patches) == pytest.approx([0, 1, 2, 3, 4, 5, 6])
    heat_map = figures.draw_class_parts(found.class_parts, path).axes[0]
    cells = [text.get_text() for text in heat_map.texts]
    assert cells[:3] == ["22", "20", "20"]
    (axes,) = figures.draw_tail(found.frequencies, path).axes
    assert axes.get_yscale() == "log"
    legend = [text.get_text() for text in axes.get_legend().get_texts()]
    assert legend == ["states (8)", "pairs of part and state (11)", "100 annotations"]
    assert [text.get_text() for text in axes.texts] == ["none", "others"]
    (axes,) = figures.draw_classes(found.classes, path).axes
    dots = {line.get_label(): line.get_xdata().tolist() for line in axes.get_lines()}
    assert dots == {"parts": [25, 62], "humans": [25, 42], "objects": [3, 3]}
