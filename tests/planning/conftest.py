"""What tests of planning plan."""

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from partparse.planning.methods import Methods
from tests.planning.test_config import merged


@pytest.fixture
def plan(repository: Path) -> Callable[..., Methods]:
    """What an overlay over config.yaml comes to."""
    base = yaml.safe_load((repository / "config.yaml").read_text())
    return lambda **overlay: Methods(merged(base, overlay))
