"""Detectors whose batch is divided: among passes, among processes, or both."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from partparse.detection.yolo import training
from partparse.detection.yolo.training import _Trainer
from partparse.errors import InputError
from partparse.running.arguments import Job
from tests.detection.yolo.test_detector import Rectangles, settings
from tests.detection.yolo.together import gradients_of


def run_together(
    repository: Path, out: Path, processes: int, **changes: Any
) -> subprocess.CompletedProcess[str]:
    """Train in several processes, each on a core of its own."""
    command = [sys.executable, "-m", "tests.detection.yolo.together", str(out), str(processes)]
    environment = os.environ | {"PYTHONPATH": str(repository), "OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [*command, json.dumps(changes)],
        cwd=repository,
        env=environment,
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> list[Tensor]:
    """Gradients of a step of eight pictures and one of four, each in one pass."""
    return gradients_of(tmp_path_factory.mktemp("whole") / "model")


@pytest.mark.parametrize(("processes", "device_batch"), [(1, 2), (2, None), (2, 2)])
def test_a_detectors_gradients_are_the_same_however_its_batch_is_divided(
    tmp_path: Path,
    repository: Path,
    whole: list[Tensor],
    processes: int,
    device_batch: int | None,
) -> None:
    out = tmp_path / "model"
    if processes == 1:
        divided = gradients_of(out, device_batch=device_batch)
    else:
        ended = run_together(repository, out, processes, device_batch=device_batch)
        assert ended.returncode == 0, ended.stderr
        divided = torch.load(out.with_suffix(".gradients"), weights_only=True)
    assert (out / "weights.pt").is_file()
    assert len(divided) == len(whole) == 2
    for found, expected in zip(divided, whole, strict=True):
        # which of two almost equal places an object is given to is a matter of the last bits
        assert float((found - expected).norm()) < 0.02 * float(expected.norm())


def test_steps_are_as_many_in_the_warm_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """ultralytics' own accumulation begins with a step a pass."""
    asked, answer = [], _Trainer.optimizer_step

    def note(self: _Trainer) -> None:
        asked.append(self.passes)
        answer(self)

    monkeypatch.setattr(_Trainer, "optimizer_step", note)
    steps = gradients_of(tmp_path / "model", epochs=2, warm_up=2, device_batch=2)
    assert asked == 2 * [0, 1, 2, 3, 4, 5]
    assert len(steps) == 2 * 2


def test_processes_end_together(tmp_path: Path, repository: Path) -> None:
    """What one of them cannot do none goes on with, and what it says is shown."""
    ended = run_together(repository, tmp_path / "model", 2, weights=str(tmp_path / "no.pth"))
    assert ended.returncode == 1
    assert "no.pth" in ended.stderr
    assert not (tmp_path / "model").exists()


def test_a_detectors_batch_that_cannot_be_divided_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "device_count", lambda job: job.gpus)
    with pytest.raises(InputError, match="a batch of 8 cannot be divided among 3 GPUs"):
        training.train_detector(
            Rectangles(8),
            ["thing"],
            settings(batch=8),
            tmp_path / "model",
            stage="things",
            job=Job(version=1, gpus=3),
            pictures={},
            trained_on={},
        )
