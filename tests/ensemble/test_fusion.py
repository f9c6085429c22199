"""Weighted score fusion of state methods."""

import numpy as np
import pandas as pd
import pytest

from partparse import tables
from partparse.ensemble.fusion import fuse_states
from partparse.errors import InputError
from partparse.tables import likeliest
from partparse.vocabulary import PART_GROUPS

EVEN = dict.fromkeys(PART_GROUPS, 1.0)


def _states(rows: list[tuple[str, list[float]]], order: int = 1) -> pd.DataFrame:
    keys = pd.DataFrame({"video": "v", "frame": 1, "person": 1, "part": [part for part, _ in rows]})
    values = pd.DataFrame([p for _, p in rows], columns=["p_none", "p_bend"])
    return tables.STATES.validate(pd.concat([keys, values], axis=1)[::order])


def test_a_part_has_its_group_s_weights() -> None:
    one = _states([("head", [0.8, 0.2]), ("left_arm", [0.8, 0.2]), ("right_arm", [0.1, 0.9])])
    other = _states(
        [("head", [0.2, 0.8]), ("left_arm", [0.2, 0.8]), ("right_arm", [0.3, 0.7])], order=-1
    )
    fused = fuse_states({"a": one, "b": other}, {"a": EVEN | {"head": 3.0}, "b": EVEN})
    expected = {"head": 0.65, "left_arm": 0.5, "right_arm": 0.2}
    assert dict(zip(fused["part"], fused["p_none"], strict=True)) == pytest.approx(expected)
    assert list(likeliest(fused)) == ["none", "none", "bend"]


def test_a_weight_of_nothing_leaves_the_other_member() -> None:
    one, other = _states([("hip", [0.9, 0.1])]), _states([("hip", [0.4, 0.6])])
    fused = fuse_states({"a": one, "b": other}, {"a": EVEN | {"hip": 0.0}, "b": EVEN})
    assert np.allclose(fused["p_none"], 0.4)
    with pytest.raises(InputError, match="no member has a weight in group 'hip'"):
        fuse_states({"a": one, "b": other}, dict.fromkeys("ab", EVEN | {"hip": 0.0}))


def test_members_of_other_parts_are_refused() -> None:
    with pytest.raises(InputError, match="b gives states of other parts than a"):
        fuse_states(
            {"a": _states([("hip", [1, 0])]), "b": _states([("head", [1, 0])])},
            {"a": EVEN, "b": EVEN},
        )
