"""The rungs of the decision's ladder: each has one step more than the one before it."""

from collections.abc import Mapping
from typing import Any

STEPS: dict[str, Any] = {
    "calibrate": False,
    "stack": False,
    "smooth": False,
    "boxes": "first",
    "slots": False,
    "joint": False,
}
"""The steps of the decision in their order, and what leaves each out."""


def plan_rungs() -> dict[str, list[str]]:
    """{rung: steps that it leaves out}; it is named by its last step, the last one `decide`."""
    steps = list(STEPS)
    later = {f"decide_{step}": steps[place + 1 :] for place, step in enumerate(steps[:-1])}
    return {"decide_mean": steps, **later, "decide": []}


def settings_of(rung: str, decision: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a rung: the config's, but for the steps that it leaves out."""
    return {**decision, **{step: STEPS[step] for step in plan_rungs()[rung]}}
