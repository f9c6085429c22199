"""Fixtures that several test modules use."""

import os
import runpy
import sys
from collections.abc import Callable
from pathlib import Path
from unittest import mock

import pytest

REPOSITORY = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def repository() -> Path:
    """The checkout that is under test."""
    return REPOSITORY


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder `shared/` beside the checkout; tests that need it skip where it is absent."""
    folder = REPOSITORY.parent / "shared"
    if not folder.is_dir():
        pytest.skip("the folder shared/ is not beside this checkout")
    return folder


@pytest.fixture
def run_script(repository: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Run a program of scripts/ in this process, which has the heavy libraries loaded."""

    def run(name: str, *arguments: object) -> None:
        monkeypatch.setattr(sys, "argv", [name, *map(str, arguments)])
        with mock.patch.dict(os.environ):  # a program says in it what threads and GPUs it uses
            runpy.run_path(str(repository / "scripts" / name), run_name="__main__")

    return run
