"""The oracle ladder, drawn: what each piece of the submission costs."""

from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from partparse.report.style import OKABE_ITO, draw_nothing, figure

OURS = "ours"
SWAPPED: dict[str, str] = {
    "gt_action": "the true action of each video",
    "gt_states": "the true states of the parts found",
    "gt_part_boxes": "the true boxes of the parts",
    "gt_part_boxes_states": "the true boxes and states of the parts",
    "gt_persons": "the true boxes of the persons",
    "all_gt": "the annotations themselves",
}
"""What each row of `partparse.metric.oracle` swaps in, in words."""


def gains(oracles: pd.DataFrame) -> pd.DataFrame:
    """What the truth would add, most first.

    Args:
        oracles: the ladder of one split: columns row, score.

    Returns:
        what (in words), score, gain over the submission's own score.
    """
    scores = oracles.set_index("row")["score"]
    found = scores.reindex([row for row in SWAPPED if row in scores]).sort_values(ascending=False)
    return pd.DataFrame(
        {
            "what": [SWAPPED[str(row)] for row in found.index],
            "score": found.to_numpy(),
            "gain": found.to_numpy() - scores.get(OURS, float("nan")),
        }
    )


def draw_oracles(oracles: pd.DataFrame, path: Path) -> Figure:
    """A bar for each piece of truth: our score, and what the piece would add to it.

    Args:
        oracles: the ladder of one split: columns row, score.
    """
    if oracles.empty:
        return draw_nothing(path)
    table = gains(oracles).iloc[::-1]
    ours = float(oracles.loc[oracles["row"] == OURS, "score"].iloc[0])
    with figure(path, width=8.0, height=1.4 + 0.4 * len(table)) as (drawing, axes):
        axes.barh(table["what"], ours, color=OKABE_ITO[0], label=f"ours {ours:.4f}")
        bars = axes.barh(
            table["what"],
            table["gain"],
            left=ours,
            color=OKABE_ITO[1],
            label="gain with the truth of",
        )
        labels = [f"{gain:+.4f}" for gain in table["gain"]]
        axes.bar_label(bars, labels, padding=3, fontsize=8)
        axes.set(xlabel="score", xlim=(0, 1.12))
        axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2)
    return drawing
