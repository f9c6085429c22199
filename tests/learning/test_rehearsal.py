"""Trainings that end after a few steps, and say how long a step takes."""

import json
import logging
import re
from pathlib import Path

import pandas as pd
import pytest
import torch

from partparse.running.arguments import Job
from partparse.running.rehearsal import StepClock
from tests.detection.yolo.test_detector import Rectangles, settings
from tests.samples.learning import SETTINGS, train_sums

TOLD = r"rehearsal: (\d+) steps timed, (\d+) examples in [\d.]+ s"


def told(caplog: pytest.LogCaptureFixture) -> tuple[int, int]:
    found = re.search(TOLD, caplog.text)
    assert found
    return int(found[1]), int(found[2])


@pytest.mark.parametrize(
    ("steps", "timed", "epochs"),
    [
        (1, (1, 4), 1),
        (2, (1, 4), 1),  # the first is left out
        (8, (7, 3 * 4 + 4 + 4 + 4 + 2), 2),  # over the end of an epoch, whose last step is small
    ],
)
def test_a_training_ends_after_some_steps(
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    steps: int,
    timed: tuple[int, int],
    epochs: int,
) -> None:
    caplog.set_level(logging.INFO)
    out = tmp_path / "model"
    train_sums(out, SETTINGS.replace(device_batch=2), rehearsal_steps=steps)
    assert told(caplog) == timed
    assert len(pd.read_csv(out / "metrics.csv")) == epochs
    assert json.loads((out / "model.json").read_text())["rehearsal_steps"] == steps


def test_what_lies_between_two_epochs_is_not_timed(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.INFO)
    now = iter([0.0, 9.0, 9.0, 100.0, 102.0, 102.0, 105.0, 105.0])
    monkeypatch.setattr("time.perf_counter", lambda: next(now))
    clock = StepClock()
    clock.begin()
    clock.step(4)
    clock.begin()  # at 100
    clock.step(4)
    clock.step(2)
    clock.tell()
    assert "2 steps timed, 6 examples in 5.000 s" in caplog.text


def test_its_steps_are_the_first_of_the_whole_training(tmp_path: Path) -> None:
    """At the same rates: the schedule is that of all epochs."""
    one_epoch = SETTINGS.replace(epochs=3)
    train_sums(tmp_path / "cut", one_epoch, rehearsal_steps=6)
    train_sums(tmp_path / "whole", one_epoch)
    cut, whole = (pd.read_csv(tmp_path / run / "metrics.csv") for run in ("cut", "whole"))
    pd.testing.assert_frame_equal(cut, whole.head(1))
    assert "rehearsal_steps" not in json.loads((tmp_path / "whole/model.json").read_text())


def test_a_detectors_training_ends_after_some_steps(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    from partparse.detection.yolo.training import train_detector

    caplog.set_level(logging.INFO)
    out = tmp_path / "model"
    train_detector(
        Rectangles(12),
        ["thing"],
        settings(network="yolov5n.yaml", image_size=64, epochs=3, batch=4, device_batch=2),
        out,
        stage="things",
        job=Job(version=1, rehearsal_steps=2),
        pictures={},
        trained_on={},
    )
    assert told(caplog) == (1, 4)
    assert len(pd.read_csv(out / "training.csv")) == 1
    assert json.loads((out / "model.json").read_text())["rehearsal_steps"] == 2
    assert torch.load(out / "weights.pt", weights_only=True)["names"] == ["thing"]
