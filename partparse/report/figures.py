"""The figures of the report, each from the table that it shows.

A table without rows gives a figure that says so: the report names every figure.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from partparse.report.style import OKABE_ITO, figure


def draw_ladder(scores: pd.DataFrame, path: Path) -> None:
    """Bars of the score of each method, a bar for each split.

    Args:
        scores: columns split, method, score.
        path: SVG to write.
    """
    table = scores.pivot_table(index="method", columns="split", values="score", sort=False)
    _draw_bars(table, path, 1.0)


def draw_oracles(oracles: pd.DataFrame, path: Path) -> None:
    """Bars of the oracle ladder: the score after swapping a piece of ground truth in.

    Args:
        oracles: columns split, row, score.
        path: SVG to write.
    """
    table = oracles.pivot_table(index="row", columns="split", values="score", sort=False)
    _draw_bars(table.iloc[::-1], path, 1.1)


def draw_threshold_curve(videos: pd.DataFrame, path: Path) -> None:
    """The metric, drawn: action accuracy among videos over the PSC threshold.

    Args:
        videos: scores by video of one split: columns method, psc, correct.
        path: SVG to write.
    """
    if videos.empty:
        _draw_nothing(path)
        return
    thresholds = np.arange(1, 10_000) / 10_000
    with figure(path) as (_, axes):
        for method, rows in videos.groupby("method", sort=False):
            counted = np.sort(np.where(rows["correct"], rows["psc"], -1.0))
            share = 1 - np.searchsorted(counted, thresholds, side="left") / len(counted)
            axes.plot(thresholds, share, label=f"{method} (area {share.sum() / 1e4:.4f})")
        axes.set(xlabel="PSC threshold", ylabel="videos right at it", xlim=(0, 1), ylim=(0, 1.02))
        axes.legend()


def draw_part_accuracy(parts: pd.DataFrame, path: Path) -> None:
    """Heat map of the share of ground-truth parts that count, by method and part.

    Args:
        parts: columns method, part, correct (a share).
        path: SVG to write.
    """
    table = parts.pivot_table(index="method", columns="part", values="correct", sort=False)
    _draw_heat_map(table, path, "share of annotated parts that count")


def draw_confusion(videos: pd.DataFrame, path: Path) -> None:
    """Heat map of true against predicted actions, as shares of the true action's videos.

    Args:
        videos: scores by video of one method and split: columns action, predicted.
        path: SVG to write.
    """
    names = sorted({*videos["action"], *videos["predicted"]})
    table = pd.crosstab(videos["action"], videos["predicted"], normalize="index")
    table = table.reindex(index=names, columns=names, fill_value=0.0)
    _draw_heat_map(table, path, "share of the true action's videos")


def _draw_bars(table: pd.DataFrame, path: Path, limit: float) -> None:
    if table.empty:
        _draw_nothing(path)
        return
    with figure(path, height=1.2 + 0.45 * table.size) as (_, axes):
        table.plot.barh(ax=axes, width=0.8)
        _label_bars(axes)
        axes.set(xlabel="score", ylabel="", xlim=(0, limit))
        axes.legend(title="", loc="lower right", bbox_to_anchor=(1, 1), ncols=2)


def _draw_heat_map(table: pd.DataFrame, path: Path, meaning: str) -> None:
    if table.empty:
        _draw_nothing(path)
        return
    height = 2.0 + 0.4 * len(table)
    with figure(path, width=2.5 + 0.7 * len(table.columns), height=height) as (drawing, axes):
        picture = axes.imshow(table.to_numpy(float), vmin=0, vmax=1, cmap="cividis", aspect="auto")
        axes.set_xticks(range(len(table.columns)), table.columns, rotation=45, ha="right")
        axes.set_yticks(range(len(table.index)), table.index)
        for (row, column), value in np.ndenumerate(table.to_numpy(float)):
            colour = "white" if value < 0.5 else "black"
            text = "" if np.isnan(value) else f"{value:.2f}"
            axes.text(column, row, text, ha="center", va="center", color=colour, fontsize=8)
        axes.spines[:].set_visible(False)
        drawing.colorbar(picture, label=meaning, shrink=0.8)


def _draw_nothing(path: Path) -> None:
    with figure(path, height=1.5) as (_, axes):
        axes.set_axis_off()
        axes.text(0.5, 0.5, "no video was scored", ha="center", va="center")


def _label_bars(axes: Axes) -> None:
    for container in axes.containers:
        axes.bar_label(container, fmt="%.4f", padding=3, fontsize=8, color=OKABE_ITO[-1])
