"""The video level and the segment level: labels of clips, and states from them."""

from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest

from partparse import tables
from partparse.recognition.clips import LabelledClips
from partparse.recognition.training import train
from partparse.running.arguments import Job
from partparse.states.clips.labels import label_clips, load_clip_labels, measure_reach
from partparse.states.pairs import modal_pairs
from partparse.vocabulary import PARTS
from tests.samples.prediction import predicted
from tests.samples.recognition import PREDICT, SETTINGS
from tests.samples.states import VOCABULARY, annotations_table, parts_table

ANNOTATIONS = annotations_table(
    [
        ("a", 1, "head", "turn"),
        ("a", 2, "head", "none"),
        ("a", 3, "head", "none"),
        ("a", 3, "left_arm", "bend"),
        ("b", 1, "right_arm", "bend"),
        ("b", 2, "right_arm", "bend"),
        ("b", 9, "head", "turn"),
    ]
)
FRAMES = tables.FRAMES.validate(
    pd.DataFrame({"video": ["a", "b"], "frames": [4, 4], "expected": None}).assign(
        width=48, height=36, fps=None, problem=None, source="1"
    )
)


def test_a_video_has_each_part_s_most_frequent_state() -> None:
    clips, pairs = label_clips("video", ANNOTATIONS, FRAMES, VOCABULARY, 1)
    assert pairs.pairs == (
        ("head", "none"),
        ("head", "turn"),
        ("left_arm", "bend"),
        ("right_arm", "bend"),
    )
    assert [video.name for video in clips.videos] == ["a", "b"]
    assert np.asarray(clips.targets).tolist() == [[1, 0, 1, 0], [0, 1, 0, 1]]
    assert np.asarray(clips.mirrored).tolist() == [[1, 0, 0, 1], [0, 1, 1, 0]]
    assert clips.centres is None


def test_a_segment_has_the_states_of_its_frame_that_are_labels() -> None:
    of_a = ANNOTATIONS[ANNOTATIONS["video"] == "a"]
    clips, pairs = label_clips("segment", of_a, FRAMES, VOCABULARY, 2)
    assert pairs.pairs == (("head", "none"), ("left_arm", "bend"))  # turn is no video's most
    assert clips.centres == [0, 2]
    assert np.asarray(clips.targets).tolist() == [[0, 0], [1, 1]]
    clips, _ = label_clips("segment", ANNOTATIONS, FRAMES, VOCABULARY, 1)
    places = [(v.name, c) for v, c in zip(clips.videos, clips.centres or [], strict=True)]
    assert places == [("a", 0), ("a", 1), ("a", 2), ("b", 0), ("b", 1)]  # b has no frame 9


def test_reach_counts_what_the_labels_can_say() -> None:
    rows = ANNOTATIONS[ANNOTATIONS["video"] == "a"]
    reach = measure_reach(rows, modal_pairs(rows, VOCABULARY))
    assert reach == {"labels": 2, "parts_reached": 3 / 4, "pairs_out_of_reach": 1 / 3}


@pytest.mark.parametrize("level", ["video", "segment"])
def test_a_level_learns_and_gives_every_part_a_distribution(level: str, tmp_path: Path) -> None:
    """Bright frames are bent arms, dark ones are not; a video is all bright or all dark."""
    names = [f"{kind}{copy}" for kind in ("bend", "none") for copy in range(3)]
    for name in names:
        (tmp_path / name).mkdir()
        for number in range(1, 5):
            shade = 220 if name.startswith("bend") else 30
            picture = np.full((36, 48, 3), shade, np.uint8)
            cv2.imwrite(str(tmp_path / name / f"img_{number:05d}.jpg"), picture)
    frames = tables.FRAMES.validate(
        pd.DataFrame({"video": names, "frames": 4, "expected": None}).assign(
            width=48, height=36, fps=None, problem=None, source="1"
        )
    )
    rows = [(name, number, "hip", name[:-1]) for name in names for number in (1, 3)]
    clips, pairs = label_clips(level, annotations_table(rows), frames, VOCABULARY, 2)
    train(
        clips,
        LabelledClips([], []),
        [f"{part} {state}" for part, state in pairs.pairs],
        SETTINGS.replace(epochs=40, batch=6, sampling="dense", length=2),
        cache=tmp_path,
        out=tmp_path / "model",
        job=Job(version=1),
        stage=level,
        outputs="labels",
        facts={"level": level, **pairs.facts()},
    )
    judged = [(name, number) for name in names for number in (1, 2)]
    parts = parts_table([(*place, part) for place in judged for part in ("hip", "head")])
    method = load_clip_labels(tmp_path / "model", VOCABULARY, PREDICT, cache=tmp_path, device="cpu")
    (states,) = predicted(method, {"parts": parts, "frames": frames}, tmp_path)
    hips = states[states["part"] == "hip"]
    assert list(tables.likeliest(hips)) == [video[:-1] for video in hips["video"]]
    heads = states.loc[states["part"] == "head", tables.probability_columns(VOCABULARY.states)]
    assert heads.to_numpy() == pytest.approx(1 / 3)
    assert len(states) == len(parts)
    assert set(states["part"]) <= set(PARTS)
