"""The metric, drawn: PSC by video, and the area under the share of videos that reach it."""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from partparse.metric import video_values
from partparse.report.style import OKABE_ITO, draw_nothing, figure

_BINS = np.linspace(0, 1, 21)


def draw_threshold_curve(videos: pd.DataFrame, final: str, path: Path) -> Figure:
    """The metric: the share of videos with the right action over the PSC that they reach.

    The score is the area under it; that of the final method is filled.

    Args:
        videos: scores by video of one split: columns method, psc, correct.
        final: name of the method that is submitted.
    """
    if videos.empty:
        return draw_nothing(path)
    with figure(path) as (drawing, axes):
        for method, rows in _by_area(videos):
            reached = np.sort(rows.loc[rows["correct"] == 1, "psc"])
            # from each video's PSC on, it is right no more
            share = np.append(len(reached) - np.arange(len(reached)), 0) / len(rows)
            edges = np.concatenate([[0], reached, [1]])
            area = video_values(rows["psc"].to_numpy(), rows["correct"].to_numpy()).mean()
            line = axes.stairs(
                share, edges, baseline=None, label=f"{method} (area {area:.4f})", linewidth=1.5
            )
            if method == final:
                axes.stairs(share, edges, fill=True, color=line.get_edgecolor(), alpha=0.2)
        axes.set(
            xlabel="PSC threshold",
            ylabel="share of videos right at it",
            xlim=(0, 1),
            ylim=(0, 1.02),
        )
        axes.legend()
    return drawing


def _by_area(videos: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """The methods and their videos, the largest area first."""
    methods = list(videos.groupby("method", sort=False))
    return sorted(methods, key=lambda method: -(method[1]["psc"] * method[1]["correct"]).mean())


def draw_psc_distribution(videos: pd.DataFrame, path: Path) -> Figure:
    """Histogram of PSC over videos; those with a wrong action, which count nothing, hatched.

    Args:
        videos: scores by video of one method and split: columns psc, correct.
    """
    if videos.empty:
        return draw_nothing(path)
    right = videos["correct"] == 1
    with figure(path) as (drawing, axes):
        _, _, (counted, lost) = axes.hist(
            [videos.loc[right, "psc"], videos.loc[~right, "psc"]],
            bins=_BINS.tolist(),
            stacked=True,
            color=[OKABE_ITO[0], OKABE_ITO[1]],
            edgecolor="white",
        )
        for bar in lost:
            bar.set_hatch("///")
        mean = videos["psc"].mean()
        rule = axes.axvline(mean, color="black", linestyle="--", linewidth=1)
        axes.set(xlabel="PSC of a video", ylabel="videos", xlim=(0, 1))
        axes.yaxis.get_major_locator().set_params(integer=True)
        axes.legend(
            [counted[0], lost[0], rule],
            ["action right", "action wrong: adds nothing", f"mean {mean:.4f}"],
        )
    return drawing
