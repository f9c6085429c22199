"""Instance-level methods from training to the STATES table."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest
import torch

from benchmarks.instance.plain import judge_one_by_one
from benchmarks.made_up.public_names import Pairs, acar, pyslowfast
from partparse import tables
from partparse.errors import InputError
from partparse.files.weights import CARD, WEIGHTS
from partparse.recognition.clips import FrameReader, decoded_videos
from partparse.recognition.slowfast import build_slowfast
from partparse.running.arguments import Job, Pictures
from partparse.states.instance.clips import Example, KeyFrames, WholeView, collate, view_example
from partparse.states.instance.keypoints import Tracks
from partparse.states.instance.network import build_instance_network, load_backbone
from partparse.states.instance.prediction import (
    InstanceModel,
    judge_persons,
    load_instance,
)
from partparse.states.instance.settings import InstancePredictSettings
from partparse.states.instance.training import InstanceTask, train_instance
from partparse.states.pairs import observed_pairs
from partparse.states.persons import annotated_persons
from partparse.states.skeleton.input import mirror_windows
from partparse.vocabulary import KEYPOINTS as KEYPOINT_NAMES
from partparse.vocabulary import PERSON
from tests.samples.instance import SETTINGS, VOCABULARY, detections, write_clips
from tests.samples.prediction import predicted

PREDICT = InstancePredictSettings(batch=3, precision="32-true")


def _train(cache, out, videos=2, initial=None, **changes):
    frames, annotations = write_clips(cache, videos)
    train_instance(
        annotations,
        Pictures(frames, cache),
        VOCABULARY,
        SETTINGS.replace(**changes),
        out=out,
        job=Job(version=1),
        stage="train_instance_roi",
        initial=initial,
    )
    return frames, annotations


def _fit(frames, annotations, folder, settings, tracks):
    pictures = Pictures(frames, folder / "frames")
    how = {"out": folder / "model", "job": Job(version=1), "stage": "train_instance"}
    train_instance(annotations, pictures, VOCABULARY, settings, tracks, **how)


def _judge(folder, frames, annotations, cache, tracks=None):
    method = load_instance(folder, VOCABULARY, PREDICT, cache=cache, device="cpu")
    persons, parts = detections(annotations)
    rows = {"parts": parts, "persons": persons, "frames": frames}
    rows |= {} if tracks is None else tracks._asdict()
    (states,) = predicted(method, rows, cache)
    return [own for _, own in states.groupby("video")]


@pytest.mark.parametrize("head", ["roi", "person", "context"])
def test_a_method_trains_and_gives_each_part_a_distribution(tmp_path: Path, head: str) -> None:
    frames, annotations = _train(tmp_path / "frames", tmp_path / "model", head=head)
    card = json.loads((tmp_path / "model" / CARD).read_text())
    assert card["trained_on"] == {"videos": 2, "key_frames": 2, "persons": 4, "parts": 20}
    assert card["settings"]["head"] == head
    for states in _judge(tmp_path / "model", frames, annotations, tmp_path / "frames"):
        assert list(states.columns[4:]) == tables.probability_columns(VOCABULARY.states)
        assert len(states) == 10
    pairs = observed_pairs(annotations, VOCABULARY)
    assert card["pairs"] == [list(pair) for pair in pairs.pairs]
    seen = states.set_index("part")[[f"p_{state}" for state in VOCABULARY.states]].to_numpy() > 0
    allowed = [
        [(part, state) in pairs.pairs for state in VOCABULARY.states] for part in states["part"]
    ]
    assert np.array_equal(seen, allowed)


KEYPOINTS = {"channels": [8], "length": 3, "stride": 1, "gap": 2, "noise": 0.01, "hide": 0.0}
KEYPOINTS |= {"rotate": 5, "box_jitter": 0.05}


def _tracks(annotations: pd.DataFrame) -> Tracks:
    """Every annotated person on three frames; a wrist's height says its states."""
    persons = annotations[annotations["part"] == PERSON].copy()
    level = annotations[annotations["part"] == "head"]["state"].map(VOCABULARY.states.index)
    rows, points = [], []
    for frame in (1, 2, 3):
        rows.append(persons.assign(frame=frame, score=1.0, track=persons["person"]))
        keypoints = np.zeros((len(persons), len(KEYPOINT_NAMES), 3), np.float32)
        keypoints[..., :2] = persons[["x1", "y1"]].to_numpy()[:, None]
        keypoints[:, KEYPOINT_NAMES.index("left_wrist"), 1] += 20 * level.to_numpy()
        keypoints[..., 2] = 0.9
        points.append(tables.unpack_keypoints(persons.assign(frame=frame), keypoints))
    tracked = pd.concat(rows)[[*tables.PERSONS.columns]]
    keypoints = tables.KEYPOINT_TABLE.validate(pd.concat(points, ignore_index=True))
    return Tracks(tables.PERSONS.validate(tracked), keypoints, keypoints)


def test_keypoints_join_the_features_of_a_person(tmp_path: Path) -> None:
    """Black frames: what keypoints say is all that there is to learn from."""
    frames, annotations = write_clips(tmp_path / "frames", 8)
    for path in (tmp_path / "frames").rglob("*.jpg"):
        cv2.imwrite(str(path), np.zeros((72, 96, 3), np.uint8))
    tracks = _tracks(annotations)
    settings = SETTINGS.replace(
        keypoints=KEYPOINTS, epochs=60, batch=4, learning_rate=0.01, mirror=0.0
    )
    _fit(frames, annotations, tmp_path, settings, tracks)
    states = pd.concat(
        _judge(tmp_path / "model", frames, annotations, tmp_path / "frames", tracks=tracks)
    )
    key = ["video", "frame", "person", "part"]
    judged = states[key].assign(found=tables.likeliest(states)).merge(annotations, on=key)
    assert (judged["found"] == judged["state"]).mean() > 0.9
    with pytest.raises(InputError, match="the method needs the tracks of the persons"):
        _judge(tmp_path / "model", frames, annotations, tmp_path / "frames")


def test_a_mirrored_clip_has_mirrored_windows() -> None:
    windows = np.random.default_rng(0).normal(size=(2, 3, 17, 8)).astype(np.float32)
    clip, edges = np.zeros((4, 20, 30, 3), np.uint8), np.array([[1.0, 2, 9, 12]] * 2)
    example = Example(clip, edges, np.full((2, 10), -1), windows)
    seen = view_example(example, WholeView(mirrored=True))
    again = view_example(seen, WholeView(mirrored=True))
    assert seen.windows is not None
    assert again.windows is not None
    assert np.array_equal(seen.windows, mirror_windows(windows))
    assert np.array_equal(again.windows, windows)


def test_missing_parts_give_no_gradient(tmp_path: Path) -> None:
    frames, annotations = write_clips(tmp_path, 1)
    pairs = observed_pairs(annotations, VOCABULARY)
    persons = annotated_persons(annotations, frames, VOCABULARY, 1)
    persons.states[1] = -1  # nothing is known of the second person
    reader = FrameReader(tmp_path, SETTINGS.frame_side, 0)
    batch = collate([KeyFrames(persons, decoded_videos(frames), reader, SETTINGS)[0]])
    torch.manual_seed(0)
    task = InstanceTask(build_instance_network(SETTINGS, len(pairs)).eval(), SETTINGS, pairs)
    loss = task.figures(batch)["loss"]
    alone = batch._replace(edges=batch.edges[:1], owners=batch.owners[:1], states=batch.states[:1])
    torch.testing.assert_close(task.figures(alone)["loss"], loss)
    scores = torch.zeros(2, len(pairs), requires_grad=True)
    task.network.forward = lambda *_: scores
    task.figures(batch)["loss"].backward()
    assert scores.grad is not None
    assert scores.grad[0].any()
    assert not scores.grad[1].any()


def test_persons_are_judged_by_frames_in_their_order(tmp_path: Path) -> None:
    frames, annotations = _train(tmp_path / "frames", tmp_path / "model")
    more = annotations.assign(frame=4)
    three = annotations.assign(frame=3)[annotations["person"] == 2]
    mixed = pd.concat([more, annotations, three], ignore_index=True)
    first = _judge(tmp_path / "model", frames, mixed, tmp_path / "frames")[0]
    assert first.groupby("frame")["person"].nunique().to_dict() == {2: 2, 3: 1, 4: 2}
    columns = tables.probability_columns(VOCABULARY.states)
    by_frame = {
        frame: rows[rows["person"] == 2][columns].to_numpy()
        for frame, rows in first.groupby("frame")
    }
    # every frame of a video is the same picture here, and a plain RoI knows its person alone
    np.testing.assert_allclose(by_frame[2], by_frame[3], rtol=1e-4)
    np.testing.assert_allclose(by_frame[2], by_frame[4], rtol=1e-4)


@pytest.mark.parametrize("head", ["roi", "person", "context"])
def test_all_persons_in_one_pass_are_judged_as_one_by_one(tmp_path: Path, head: str) -> None:
    frames, annotations = write_clips(tmp_path, 1)
    many = pd.concat([annotations.assign(frame=frame) for frame in (1, 2, 4)])
    persons = annotated_persons(many, frames, VOCABULARY, 1)
    pairs = observed_pairs(annotations, VOCABULARY)
    torch.manual_seed(0)
    settings = SETTINGS.replace(head=head)
    model = InstanceModel(build_instance_network(settings, len(pairs)).eval(), pairs, settings)
    [video] = decoded_videos(frames)
    reader = FrameReader(tmp_path, settings.frame_side, 2**20)
    together = judge_persons(model, persons, video, reader, settings=PREDICT, device="cpu")
    alone = judge_one_by_one(model, persons, video, reader, "cpu")
    assert len(together) == len(persons) == 6
    np.testing.assert_allclose(together, alone, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("prefix", ["", "model.", "backbone."])
def test_a_backbone_starts_from_classifiers_detectors_and_methods(
    tmp_path: Path, prefix: str
) -> None:
    torch.manual_seed(1)
    donor = build_slowfast(classes=7, **SETTINGS.backbone)
    state = {prefix + key: value for key, value in donor.state_dict().items()}
    torch.save(state | {"detection_head.proj.weight": torch.zeros(3)}, tmp_path / "w.pt")
    network = build_instance_network(SETTINGS, 5)
    load_backbone(network, tmp_path / "w.pt")
    held = donor.state_dict()
    assert all(torch.equal(v, held[k]) for k, v in network.backbone.state_dict().items())
    torch.save({k: v for k, v in state.items() if "blocks.3" not in k}, tmp_path / "w.pt")
    with pytest.raises(InputError, match=r"not the weights of this SlowFast backbone: .* blocks.3"):
        load_backbone(network, tmp_path / "w.pt")


@pytest.mark.parametrize(
    ("pairs", "inner", "norm"), [(pyslowfast, "model_state", True), (acar, "state_dict", False)]
)
def test_a_backbone_starts_from_those_of_slowfasts_authors_and_of_acar(
    tmp_path: Path, pairs: Callable[[], Pairs], inner: str, norm: bool
) -> None:
    torch.manual_seed(1)
    own = SETTINGS.backbone | {"fusion_norm": norm}
    held = build_slowfast(classes=None, **own).state_dict()
    public = {theirs: held[ours] for theirs, ours in pairs()}
    assert len(public) == len(held)
    public |= {"head.projection.weight": torch.zeros(3), "module.head.fc1.weight": torch.zeros(3)}
    torch.save({"epoch": 3, inner: public, "cfg": "a: 1"}, tmp_path / "w.pyth")
    network = build_instance_network(SETTINGS.replace(backbone=own), 5)
    load_backbone(network, tmp_path / "w.pyth")
    assert all(torch.equal(v, held[k]) for k, v in network.backbone.state_dict().items())


def test_a_method_starts_from_another_one(tmp_path: Path) -> None:
    _train(tmp_path / "frames", tmp_path / "roi")
    quiet = {"learning_rate": 0.0, "freeze_bn": True, "head": "context"}
    _train(tmp_path / "again", tmp_path / "context", initial=tmp_path / "roi", **quiet)
    before, after = (
        torch.load(tmp_path / name / WEIGHTS, weights_only=True) for name in ("roi", "context")
    )
    shared = [key for key in before if key.startswith("backbone.")]
    assert shared
    assert all(torch.equal(before[key], after[key]) for key in shared)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"head": "object"}, "head: expected 'context', 'person' or 'roi', got 'object'"),
        ({"head": "context", "frame_side": 32}, "feature maps of 2 pixels; the context head needs"),
    ],
)
def test_impossible_settings_are_refused(changes: dict, message: str) -> None:
    with pytest.raises(InputError, match=message):
        SETTINGS.replace(**changes)


def test_an_impossible_backbone_is_refused() -> None:
    with pytest.raises(InputError, match="backbone: depth 34 is none of 50, 101"):
        build_instance_network(SETTINGS.replace(backbone={"depth": 34}), 5)


def test_without_a_state_there_is_nothing_to_learn(tmp_path: Path) -> None:
    frames, annotations = write_clips(tmp_path / "frames", 1)
    with pytest.raises(InputError, match="train_x: no person of the training videos"):
        train_instance(
            annotations.assign(state=None),
            Pictures(frames, tmp_path),
            VOCABULARY,
            SETTINGS,
            out=tmp_path / "model",
            job=Job(version=1),
            stage="train_x",
        )


def test_the_full_size_network_has_the_published_channels() -> None:
    settings = SETTINGS.replace(
        head="context",
        backbone={"depth": 101, "fusion_kernel": 5, "dilated": True},
        reduced=1024,
        hidden=512,
    )
    with torch.device("meta"):
        network = build_instance_network(settings, 164)
        scores = network(
            torch.zeros(1, 3, 32, 320, 426),
            torch.zeros(3, 4),
            torch.zeros(3, dtype=torch.long),
            [(320, 426)],
        )
    assert network.head.reduce.weight.shape == (1024, 2304, 1, 1)
    assert network.classifier.weight.shape == (164, 1024)
    assert scores.shape == (3, 164)


@pytest.mark.slow
@pytest.mark.parametrize("head", ["roi", "person", "context"])
def test_a_network_overfits_eight_clips(tmp_path: Path, head: str) -> None:
    changes = {"head": head, "epochs": 40, "warm_up": 2, "batch": 4, "checkpoint_minutes": 5}
    still = {"scale": (1.0, 1.0), "rotate": 0.0, "mirror": 0.0, "colour": 0.0, "box_jitter": 0.0}
    frames, annotations = _train(tmp_path / "frames", tmp_path / "m", 8, **(changes | still))
    states = pd.concat(_judge(tmp_path / "m", frames, annotations, tmp_path / "frames"))
    key = ["video", "frame", "person", "part"]
    judged = states[key].assign(found=tables.likeliest(states)).merge(annotations, on=key)
    assert len(judged) == 80
    assert (judged["found"] == judged["state"]).mean() > 0.95


def test_settings_survive_the_card() -> None:
    assert type(SETTINGS).parse(json.dumps(SETTINGS.model_dump())) == SETTINGS


def test_the_programs_train_and_write_the_states_table(repository: Path, tmp_path: Path) -> None:
    frames, annotations = write_clips(tmp_path / "frames", 2)
    persons, parts = detections(annotations)
    given = {
        "annotations": (annotations, tables.ANNOTATIONS),
        "frames/all": (frames, tables.FRAMES),
        "persons": (persons, tables.PERSONS),
        "parts": (parts, tables.PARTS_TABLE),
    }
    for name, (table, schema) in given.items():
        tables.write(table, tmp_path / f"{name}.parquet", schema)
    VOCABULARY.write(tmp_path / "vocabulary.json")
    shared: dict[str, object] = {"version": 1, "threads": 1, "gpus": 0}
    shared |= {"frames": tmp_path / "frames/all.parquet"}
    shared |= {"vocabulary": tmp_path / "vocabulary.json"}
    _run(
        repository / "scripts" / "train_instance.py",
        annotations=tmp_path / "annotations.parquet",
        settings=json.dumps(SETTINGS.model_dump()),
        stage="train_instance_roi",
        out=tmp_path / "model",
        **shared,
    )
    _run(
        repository / "scripts" / "predict_instance.py",
        model=tmp_path / "model",
        persons=tmp_path / "persons.parquet",
        parts=tmp_path / "parts.parquet",
        settings=json.dumps(PREDICT.model_dump()),
        out=tmp_path / "states.parquet",
        **shared,
    )
    states = tables.read(tmp_path / "states.parquet", tables.STATES)
    key = ["video", "frame", "person", "part"]
    assert set(states[key].itertuples(index=False)) == set(parts[key].itertuples(index=False))


def _run(program: Path, **options: object) -> None:
    arguments = [str(a) for name, value in options.items() for a in (f"--{name}", value)]
    environment = os.environ | {"PYTHONPATH": str(program.parents[1])}
    command = [sys.executable, str(program), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
