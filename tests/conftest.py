"""Fixtures that several test modules use."""

import os
import runpy
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from unittest import mock

import pytest
import yaml

from tests.samples.tiny_runs import TINY, draw_data_set, snakemake

REPOSITORY = Path(__file__).resolve().parents[1]

# programs hide from their users what libraries warn of; here all of it is shown
sys.warnoptions.append("default")


@pytest.fixture(scope="session")
def repository() -> Path:
    """The checkout that is under test."""
    return REPOSITORY


@pytest.fixture(scope="session")
def real_clips() -> Path:
    """A data set of clips of real people, which may not be passed on; tests of it skip without."""
    folder = REPOSITORY.parent / "shared/real-mini"
    if not folder.is_dir():
        pytest.skip("the clips of real people (shared/real-mini) are not beside this checkout")
    return folder


@pytest.fixture
def run_script(repository: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Run a program of scripts/ in this process, which has the heavy libraries loaded."""

    def run(name: str, *arguments: object) -> None:
        monkeypatch.setattr(sys, "argv", [name, *map(str, arguments)])
        with mock.patch.dict(os.environ):  # a program says in it what threads and GPUs it uses
            runpy.run_path(str(repository / "scripts" / name), run_name="__main__")

    return run


@pytest.fixture(scope="session")
def tiny_data(repository: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The root of a tiny data set, some of whose videos are damaged."""
    return draw_data_set(repository, tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="session")
def tiny_overlay(
    repository: Path, tiny_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A config for that data set."""
    config = yaml.safe_load((repository / TINY).read_text())
    config["dataset"]["root"] = str(tiny_data)
    path = tmp_path_factory.mktemp("config") / "config.yaml"
    path.write_text(yaml.safe_dump(config))
    return path


@pytest.fixture(scope="session")
def tiny_run(
    repository: Path, tiny_overlay: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """A folder in which the whole workflow has run; tests that change it do so in a copy."""
    folder = tmp_path_factory.mktemp("run")
    done = snakemake(repository, folder, "--configfile", str(tiny_overlay))
    assert done.returncode == 0, done.stdout[-6000:] + done.stderr[-6000:]
    return folder


@pytest.fixture
def interruptible() -> Iterator[None]:
    """Programs that a test starts can be interrupted; those of a shell's background cannot."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)
