"""Training and prediction on a few made-up videos."""

import shutil
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pandas as pd
import pytest
import torch

from partparse import tables
from partparse.errors import InputError
from partparse.files.atomic import read_json
from partparse.frames.flow import extract_shard
from partparse.frames.settings import FlowSettings
from partparse.learning.task import rate_factor
from partparse.recognition.clips import LabelledClips, label_videos
from partparse.recognition.prediction import load_actions, load_classifier, read_pictures
from partparse.recognition.registry import create
from partparse.recognition.settings import TrainSettings
from partparse.recognition.training import ClipClassifier, train
from partparse.running.arguments import Job, Pictures
from tests.samples.prediction import predicted
from tests.samples.recognition import PREDICT, SETTINGS

WIDER = ("ir_csn", {**SETTINGS.network[1], "stem_channels": 8})
CLASSES = ["rising", "falling", "still"]


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve videos of a bar that goes up, goes down or rests: only time tells them apart."""
    folder = tmp_path_factory.mktemp("frames")
    rng = np.random.default_rng(0)
    for name in _names():
        (folder / name).mkdir()
        phase = rng.uniform(-3, 3)
        for number in range(1, 9):
            picture = np.full((36, 48, 3), rng.integers(30, 60), np.uint8)
            move = {"rising": -3.0, "falling": 3.0, "still": 0.0}[name.split("_")[0]]
            y = 18 + phase + move * (number - 4.5)
            cv2.rectangle(picture, (4, round(y) - 3), (44, round(y) + 3), (255, 255, 255), -1)
            cv2.imwrite(str(folder / name / f"img_{number:05d}.jpg"), picture)
    return folder


def _names() -> list[str]:
    return [f"{name}_{copy}" for name in CLASSES for copy in range(4)]


@pytest.fixture
def frames() -> pd.DataFrame:
    names = [*_names(), "broken"]
    counts = [8] * 12 + [0]
    table = {"video": names, "frames": counts, "expected": None, "width": 48, "height": 36}
    return tables.FRAMES.validate(pd.DataFrame(table).assign(fps=None, problem=None, source="1"))


@pytest.fixture
def labelled(frames: pd.DataFrame) -> LabelledClips:
    names = frames["video"]
    labels = pd.Series([n.split("_")[0] for n in names[:-1]] + ["still"], index=names)
    return label_videos(frames, labels, CLASSES)


def _train(
    labelled: LabelledClips, settings: TrainSettings, cache: Path, out: Path, version: int = 1
) -> None:
    how: dict[str, Any] = {"job": Job(version=version), "stage": "test"}
    train(labelled, labelled, CLASSES, settings, cache=cache, out=out, **how)


def _weights(folder: Path) -> dict[str, torch.Tensor]:
    return torch.load(folder / "weights.pt", weights_only=True)


def test_learns_motion_and_predicts_every_video(
    frames: pd.DataFrame, labelled: LabelledClips, cache: Path, tmp_path: Path
) -> None:
    settings = SETTINGS.replace(
        epochs=40,
        batch=12,
        network=WIDER,
    )
    _train(labelled, settings, cache, tmp_path / "model")
    classifier = load_actions(tmp_path / "model", PREDICT, cache=cache, device="cpu")
    (table,) = predicted(classifier, {"frames": frames}, tmp_path)
    actions = table.set_index("video")
    assert list(actions.columns) == ["p_rising", "p_falling", "p_still"]
    found = tables.likeliest(actions.loc[_names()])
    assert np.mean(found == [name.split("_")[0] for name in _names()]) > 0.95
    assert actions.loc["broken"].to_numpy() == pytest.approx([1 / 3] * 3)
    card = read_json(tmp_path / "model" / "model.json")
    assert card["classes"] == CLASSES
    assert card["precision"] == "32-true"
    assert card["trained_on"] == {"videos": 12, "classes": 3}  # the broken one is left out
    history = pd.read_csv(tmp_path / "model" / "metrics.csv")
    assert history["epoch"].tolist() == list(range(1, 41))
    assert history["val_right"].notna().sum() == 20
    assert not (tmp_path / ".model.training").exists()


def test_the_same_network_learns_from_flow(
    frames: pd.DataFrame, labelled: LabelledClips, cache: Path, tmp_path: Path
) -> None:
    how = FlowSettings(preset="fast", frame_side=36, bound=10, jpeg_quality=95)
    flow = extract_shard(Pictures(frames, cache), tmp_path / "flow", how, version=1, workers=1)
    settings = SETTINGS.replace(
        modality="flow",
        epochs=30,
        batch=12,
        rotate=0.0,
        network=WIDER,
    )
    labels = pd.Series([name.split("_")[0] for name in _names()], index=_names())
    moving = label_videos(flow, labels, CLASSES)
    assert [video.name for video in moving.videos] == [video.name for video in labelled.videos]
    _train(moving, settings, tmp_path / "flow", tmp_path / "model")
    assert _weights(tmp_path / "model")["blocks.0.conv.weight"].shape[1] == 2
    tables.write(flow, tmp_path / "flow.parquet", tables.FLOW)
    read = read_pictures(tmp_path / "model", tmp_path / "flow.parquet")
    classifier = load_actions(tmp_path / "model", PREDICT, cache=tmp_path / "flow", device="cpu")
    (actions,) = predicted(classifier, {"frames": read}, tmp_path)
    found = tables.likeliest(actions.set_index("video").loc[_names()])
    assert np.mean(found == [name.split("_")[0] for name in _names()]) > 0.9
    tables.write(frames, tmp_path / "frames.parquet", tables.FRAMES)
    with pytest.raises(InputError, match=r"frames\.parquet: not a flow table"):
        read_pictures(tmp_path / "model", tmp_path / "frames.parquet")


def test_a_killed_run_goes_on_exactly(
    labelled: LabelledClips, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _train(labelled, SETTINGS, cache, tmp_path / "whole")
    epochs: list[int] = []
    stops_at = 2

    def note(module: ClipClassifier) -> None:
        if module.current_epoch == stops_at:
            raise KeyboardInterrupt
        epochs.append(module.current_epoch)

    monkeypatch.setattr(ClipClassifier, "on_train_epoch_start", note)
    with pytest.raises((KeyboardInterrupt, SystemExit)):
        _train(labelled, SETTINGS, cache, tmp_path / "parts")
    assert not (tmp_path / "parts").exists()
    stops_at = -1
    _train(labelled, SETTINGS, cache, tmp_path / "parts")
    assert epochs == [0, 1, 2, 3]
    whole, parts = _weights(tmp_path / "whole"), _weights(tmp_path / "parts")
    for name, value in whole.items():
        torch.testing.assert_close(parts[name], value, rtol=0, atol=1e-6)
    one, other = (pd.read_csv(tmp_path / run / "metrics.csv") for run in ("whole", "parts"))
    pd.testing.assert_frame_equal(one, other)


@pytest.mark.parametrize("changed", ["version", "pictures"])
def test_half_a_run_of_something_else_is_not_used(
    labelled: LabelledClips,
    cache: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    changed: str,
) -> None:
    settings = SETTINGS.replace(epochs=2)
    epochs: list[int] = []

    def note(module: ClipClassifier) -> None:
        epochs.append(module.current_epoch)
        if epochs == [0, 1]:
            raise KeyboardInterrupt

    monkeypatch.setattr(ClipClassifier, "on_train_epoch_start", note)
    with pytest.raises((KeyboardInterrupt, SystemExit)):
        _train(labelled, settings, cache, tmp_path / "model")
    if changed == "pictures":
        videos = [video._replace(source="2") for video in labelled.videos]
        labelled = labelled._replace(videos=videos)
    version = 2 if changed == "version" else 1
    _train(labelled, settings, cache, tmp_path / "model", version)
    assert epochs == [0, 1, 0, 1]


def test_a_run_killed_after_its_last_epoch_is_only_finished(
    labelled: LabelledClips, cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = SETTINGS.replace(epochs=2)
    _train(labelled, settings, cache, tmp_path / "whole")

    def killed(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("partparse.learning.loop.write_model_card", killed)
        with pytest.raises(KeyboardInterrupt):
            _train(labelled, settings, cache, tmp_path / "late")
    _train(labelled, settings, cache, tmp_path / "late")
    whole, late = _weights(tmp_path / "whole"), _weights(tmp_path / "late")
    assert all(torch.equal(whole[name], late[name]) for name in whole)
    assert len(pd.read_csv(tmp_path / "late" / "metrics.csv")) == 2


def test_a_run_with_other_settings_starts_anew(
    labelled: LabelledClips, cache: Path, tmp_path: Path
) -> None:
    work = tmp_path / ".model.training"
    work.mkdir()
    (work / "run.txt").write_text("another run")
    (work / "last.ckpt").write_text("of another run")
    _train(labelled, SETTINGS.replace(epochs=1), cache, tmp_path / "model")
    assert (tmp_path / "model" / "weights.pt").is_file()


def test_fine_tuning_with_frozen_batch_norms_keeps_their_statistics(
    labelled: LabelledClips, cache: Path, tmp_path: Path
) -> None:
    _train(labelled, SETTINGS.replace(epochs=1), cache, tmp_path / "first")
    pairs = LabelledClips(labelled.videos, [target % 2 for target in labelled.targets])
    train(
        pairs,
        LabelledClips([], []),
        ["even", "odd"],
        SETTINGS.replace(epochs=2, freeze_bn=True),
        cache=cache,
        out=tmp_path / "second",
        job=Job(version=1),
        stage="test",
        initial=tmp_path / "first",
        facts={"group": "head"},
    )
    first, second = _weights(tmp_path / "first"), _weights(tmp_path / "second")
    norms = [name for name in first if "norm" in name or name.endswith("running_mean")]
    assert norms
    assert all(torch.equal(first[name], second[name]) for name in norms)
    assert not torch.equal(first["blocks.0.conv.weight"], second["blocks.0.conv.weight"])
    assert second["blocks.5.proj.weight"].shape[0] == 2
    assert read_json(tmp_path / "second" / "model.json")["group"] == "head"


@pytest.mark.skipif(shutil.which("g++") is None, reason="torch.compile needs a C++ compiler")
def test_compiled_steps_learn_what_plain_ones_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCHINDUCTOR_CACHE_DIR", str(tmp_path))
    swin = {"size": None, "channels": 8, "depths": [1, 1], "heads": [1, 2], "window": [2, 4, 4]}
    settings = SETTINGS.replace(network=("swin3d", swin | {"stochastic_depth": 0.0}))
    clips = torch.randint(0, 256, (2, 4, 32, 32, 3), dtype=torch.uint8)
    batch = clips, torch.tensor([0, 2])

    def learn(compiled: bool) -> tuple[float, dict[str, torch.Tensor]]:
        torch.manual_seed(0)
        name, own = settings.network
        network = create(name, **own, classes=len(CLASSES))
        task = ClipClassifier(network, settings.replace(compile=compiled)).train()
        loss = task.figures(batch)["loss"]
        loss.backward()
        assert task.state_dict().keys() == {f"network.{key}" for key in network.state_dict()}
        return loss.item(), {key: value.grad for key, value in network.named_parameters()}

    (loss, gradients), (plain, expected) = learn(True), learn(False)
    assert loss == pytest.approx(plain, abs=1e-5)
    for name, gradient in gradients.items():
        torch.testing.assert_close(gradient, expected[name], atol=1e-5, rtol=1e-3)


def test_no_video_to_train_on_is_said(cache: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no training video has both decoded frames and a label"):
        _train(LabelledClips([], []), SETTINGS, cache, tmp_path / "model")


def test_a_damaged_model_folder_is_said(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        load_classifier(tmp_path, "cpu")
    (tmp_path / "model.json").write_text('{"classes": ["a"]}')
    with pytest.raises(InputError, match="not the card of such a model"):
        load_classifier(tmp_path, "cpu")


def test_choices_that_do_not_exist_are_refused() -> None:
    with pytest.raises(InputError, match="optimizer: expected 'sgd' or 'adamw', got 'adam'"):
        TrainSettings.of(SETTINGS.model_dump() | {"optimizer": "adam"})
    with pytest.raises(InputError, match="crops: expected 1 or 3, got 2"):
        PREDICT.replace(crops=2)


def test_rates_rise_and_fall_as_the_schedules_say() -> None:
    step = SETTINGS.replace(schedule="step", epochs=58, warm_up=4, drops=(32, 48))
    factors = [rate_factor(10 * epoch, 10, step) for epoch in (4, 31, 32, 47, 48, 57)]
    assert factors == pytest.approx([1, 1, 0.1, 0.1, 0.01, 0.01])
    warm = [rate_factor(i, 10, step) for i in range(41)]
    assert np.all(np.diff(warm) > 0)
    assert warm[-1] == 1
    cycle = SETTINGS.replace(epochs=10, warm_up=0)
    assert rate_factor(0, 5, cycle) == pytest.approx(1)
    assert rate_factor(25, 5, cycle) == pytest.approx(0.5)
    assert rate_factor(50, 5, cycle) == pytest.approx(0)
    tenth = SETTINGS.replace(epochs=58, warm_up=16, warm_up_start=0.1)
    risen = [rate_factor(step, 10, tenth) for step in (0, 80, 160)]
    assert risen == pytest.approx([0.1, 0.55, 1.0], abs=0.01)
