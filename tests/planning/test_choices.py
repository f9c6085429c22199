"""What a run has chosen, read from its files."""

from pathlib import Path

import pytest

from partparse.planning.choices import best_of


@pytest.mark.parametrize(
    ("text", "best"),
    [
        (None, "parser"),
        ("fold,variant,rank\n", "parser"),
        ("fold,variant,rank\nall,dots,1\nall,parser,2\n0,parser,1\n", "dots"),
    ],
)
def test_the_first_of_a_ranking_is_best(tmp_path: Path, text: str | None, best: str) -> None:
    path = tmp_path / "ranking.csv"
    if text is not None:
        path.write_text(text)
    assert best_of(path, ["parser", "dots"]) == best
