"""The metric on tables scores as the files that are written of them do."""

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from partparse import tables
from partparse.challenge import format as challenge
from partparse.challenge.submission import write_submission
from partparse.challenge.writer import write_results
from partparse.errors import InputError
from partparse.metric.psc import summarise_actions, summarise_parts
from partparse.metric.result_objects import evaluate
from partparse.metric.rows import evaluate_shards, evaluate_tables, judged, match_persons
from partparse.vocabulary import PERSON
from tests.samples.scenes import STRIDE, make_scene, within_lengths


@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=15, deadline=None)
def test_tables_score_as_their_files_do(
    seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    scene = make_scene(seed)
    folder = tmp_path_factory.mktemp("files")
    write_submission(folder, within_lengths(scene), scene.actions, scene.lengths, stride=STRIDE)
    reach = pd.DataFrame({"video": scene.truth["video"], "frames": 3 * STRIDE})
    write_results(folder, "gt", scene.truth, scene.annotations, reach, stride=STRIDE)
    true = challenge.read_results(folder, challenge.TRUTH)
    predicted = challenge.read_results(folder, challenge.PREDICTION)
    files = evaluate(true.actions, true.frames, predicted.actions, predicted.frames)
    result = evaluate_tables(*scene.all(), stride=STRIDE)
    pd.testing.assert_frame_equal(result.videos, files.videos, check_dtype=False, check_exact=True)
    assert result.score == files.score


@pytest.mark.parametrize("seed", range(5))
def test_shards_score_as_the_whole_does(seed: int) -> None:
    truth, annotations, actions, parses, lengths = make_scene(seed).all()
    whole = evaluate_tables(truth, annotations, actions, parses, lengths, stride=STRIDE)
    # nothing is predicted of video_1
    shards = [parses[parses["video"] == video] for video in ("video_0", "video_2")]
    left = parses[parses["video"] != "video_1"]
    expected = evaluate_tables(truth, annotations, actions, left, lengths, stride=STRIDE)
    is_second = annotations["video"] == "video_1"
    halves = [annotations[is_second], annotations[~is_second]]
    found = evaluate_shards(truth, halves, actions, shards, lengths, stride=STRIDE)
    pd.testing.assert_frame_equal(found.videos, expected.videos, check_exact=True)
    together = evaluate_shards(truth, [annotations], actions, [parses], lengths, stride=STRIDE)
    pd.testing.assert_frame_equal(together.videos, whole.videos, check_exact=True)
    for summary in (summarise_parts, lambda parts: summarise_actions(parts, truth)):
        pd.testing.assert_frame_equal(summary(found.parts), summary(expected.parts))
    with pytest.raises(InputError, match="video video_0 is in two tables"):
        evaluate_shards(truth, [annotations], actions, [shards[0]] * 2, lengths, stride=STRIDE)


def test_tables_need_no_order() -> None:
    scene = make_scene(11)
    shuffled = [table.sample(frac=1, random_state=3) for table in scene.all()]
    expected = evaluate_tables(*scene.all(), stride=STRIDE).videos
    found = evaluate_tables(*shuffled, stride=STRIDE).videos.sort_values("video")
    pd.testing.assert_frame_equal(found.reset_index(drop=True), expected)


def test_persons_may_have_any_number() -> None:
    scene = make_scene(11)
    numbers = {number: 2**31 - 1000 + number for number in range(1, 1000)}
    changed = [
        table.assign(person=table["person"].map(numbers).astype("int32"))
        if "person" in table
        else table
        for table in scene.all()
    ]
    found = evaluate_tables(*changed, stride=STRIDE).videos
    pd.testing.assert_frame_equal(found, evaluate_tables(*scene.all(), stride=STRIDE).videos)


def test_hits_by_part() -> None:
    scene = make_scene(5)
    result = evaluate_tables(*scene.all(), stride=STRIDE)
    parts = result.parts
    assert parts is not None
    assert len(parts) == (scene.annotations["part"] != PERSON).sum()
    assert parts["box_hit"].any()
    assert (parts["correct"] == (parts["box_hit"] & parts["state_hit"])).all()
    assert not (parts["box_hit"] & ~parts["matched"]).any()
    by_frame = parts.groupby(["video", "frame"], observed=True)["correct"].mean()
    counted = scene.annotations[scene.annotations["frame"] <= 11].groupby("video")["frame"]
    assert by_frame.between(0, 1).all()
    assert counted.size().gt(0).all()
    summary = summarise_parts(parts).set_index("part")
    assert summary.loc["all", "truth_parts"] == len(parts)
    head = parts[parts["part"] == "head"]
    assert summary.loc["head", "box_hit"] == pytest.approx(head["box_hit"].mean())
    assert summary.loc["head", "state_given_box"] == pytest.approx(
        head.loc[head["box_hit"], "state_hit"].mean()
    )
    by_action = summarise_actions(parts, scene.truth)
    assert by_action["truth_parts"].sum() == len(parts)
    action = scene.truth["action"].iloc[0]
    own = parts[parts["video"].isin(scene.truth.loc[scene.truth["action"] == action, "video"])]
    cell = by_action.set_index(["action", "part"]).loc[(action, "head")]
    assert cell["correct"] == pytest.approx(own.loc[own["part"] == "head", "correct"].mean())


def test_other_videos_and_frames_of_the_annotations_are_ignored() -> None:
    scene = make_scene(7)
    expected = evaluate_tables(*scene.all(), stride=STRIDE)
    odd = scene.annotations.assign(frame=scene.annotations["frame"] + 1)
    other = scene.annotations.assign(video="another")
    more = pd.concat([scene.annotations, odd, other])
    found = evaluate_tables(
        scene.truth, more, scene.actions, scene.parses, scene.lengths, stride=STRIDE
    )
    pd.testing.assert_frame_equal(found.videos, expected.videos)


def test_tables_that_lack_something_are_refused() -> None:
    scene = make_scene(7)
    truth, annotations, actions, parses, lengths = scene.all()
    with pytest.raises(InputError, match="predicted actions: no video 'video_0'"):
        evaluate_tables(truth, annotations, actions[1:], parses, lengths, stride=STRIDE)
    with pytest.raises(InputError, match="frames: no video 'video_2'"):
        evaluate_tables(truth, annotations, actions, parses, lengths[:2], stride=STRIDE)
    orphans = parses[(parses["part"] != PERSON) | (parses["frame"] > 1)]
    with pytest.raises(InputError, match=r"parses: video .* but no row of its own"):
        evaluate_tables(truth, annotations, actions, orphans, lengths, stride=STRIDE)


def test_no_videos_score_nothing() -> None:
    scene = make_scene(7)
    result = evaluate_tables(
        scene.truth[:0], scene.annotations, scene.actions, scene.parses, scene.lengths
    )
    assert result.score == 0
    assert result.videos.empty
    assert evaluate({}, {}, {}, {}).score == 0


def test_videos_without_parses_score_zero() -> None:
    scene = make_scene(7)
    nothing = tables.empty(tables.PARSES)
    result = evaluate_tables(
        scene.truth, scene.annotations, scene.actions, nothing, scene.lengths, stride=STRIDE
    )
    assert (result.videos["psc"] == 0).all()


def test_unannotated_videos_are_not_judged(caplog: pytest.LogCaptureFixture) -> None:
    scene = make_scene(7)
    some = scene.annotations[scene.annotations["video"] != "video_1"]
    assert judged(scene.truth, some)["video"].tolist() == ["video_0", "video_2"]
    assert "video_1" in caplog.text


def test_match_persons_gives_numbers_whatever_the_iou() -> None:
    row = {"video": "v", "frame": 1, "part": PERSON, "state": None}
    boxes = {"x1": [0, 200], "y1": [0, 0], "x2": [99, 299], "y2": [99, 99]}
    true = pd.DataFrame(row | {"person": [1, 2]} | boxes)
    parses = pd.DataFrame(row | {"person": [4, 9]} | boxes | {"x1": [200, 60], "x2": [299, 159]})
    pairs = match_persons(true, parses, ["v"])
    assert pairs["partner"].tolist() == [9, 4]
    assert pairs["iou"].tolist() == pytest.approx([4000 / 16000, 1])
