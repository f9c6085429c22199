"""Heat maps of shares: dark is none, bright is all."""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from partparse.ensemble.choice import EVERY_ACTION
from partparse.ensemble.folds import ALL
from partparse.report.style import OKABE_ITO, draw_nothing, figure, write_cells


def draw_part_accuracy(parts: pd.DataFrame, path: Path) -> Figure:
    """Heat map of the share of ground-truth parts that count, by method and part.

    Args:
        parts: columns method, part, correct (a share).
    """
    table = parts.pivot_table(index="method", columns="part", values="correct", sort=False)
    return _draw_heat_map(table, path, "share of annotated parts that count")


def draw_state_accuracy(actions: pd.DataFrame, path: Path) -> Figure:
    """Heat map of the share of parts with the right state, by action and part.

    Of parts whose box hits: what is wrong here is not the detector's fault.

    Args:
        actions: of one method and split: columns action, part, truth_parts, state_given_box.
    """
    table = actions.pivot_table(index="action", columns="part", values="state_given_box")
    return _draw_heat_map(table, path, "share of hit parts with the right state")


def draw_confusion(videos: pd.DataFrame, path: Path) -> Figure:
    """Heat map of true against predicted actions, as shares of the true action's videos.

    Args:
        videos: scores by video of one method and split: columns action, predicted.
    """
    names = sorted({*videos["action"], *videos["predicted"]})
    table = pd.crosstab(videos["action"], videos["predicted"], normalize="index")
    table = table.reindex(index=names, columns=names, fill_value=0.0)
    return _draw_heat_map(table, path, "share of the true action's videos")


def draw_choice(choice: pd.DataFrame, path: Path) -> Figure:
    """Heat map of each method's mean PSC on val, by action; the chosen one is framed.

    Args:
        choice: of `partparse.ensemble.choice.rank_methods`; the ranking from all folds is drawn.
    """
    whole = choice[choice["fold"] == ALL]
    table = whole.pivot(index="action", columns="method", values="psc")
    titles = {EVERY_ACTION: "over all actions"}
    return _draw_heat_map(
        table.rename(index=titles),
        path,
        "mean PSC on val",
        limits=(float(table.min(axis=None)), float(table.max(axis=None))),  # they are close
        framed=whole.pivot(index="action", columns="method", values="rank").to_numpy() == 1,
    )


def draw_weights(weights: pd.DataFrame, path: Path) -> Figure:
    """Heat map of how much each method counts in the decision, by part.

    Args:
        weights: a row a method, a column a part; without rows where nothing is weighed.
    """
    if weights.empty:
        return draw_nothing(path, "the methods' probabilities are averaged")
    largest = float(weights.abs().max(axis=None)) or 1.0
    return _draw_heat_map(weights, path, "weight in the pool", limits=(-largest, largest))


def _draw_heat_map(
    table: pd.DataFrame,
    path: Path,
    meaning: str,
    *,
    limits: tuple[float, float] = (0, 1),
    framed: NDArray[np.bool_] | None = None,
) -> Figure:
    if table.empty:
        return draw_nothing(path)
    low, high = limits
    height = 2.0 + 0.4 * len(table)
    with figure(path, width=2.5 + 0.7 * len(table.columns), height=height) as (drawing, axes):
        picture = axes.imshow(
            table.to_numpy(float), vmin=low, vmax=high, cmap="cividis", aspect="auto"
        )
        write_cells(
            axes,
            table,
            lambda value: "" if np.isnan(value) else f"{value:.2f}",
            lambda value: value < (low + high) / 2,
        )
        for row, column in [] if framed is None else np.argwhere(framed):
            corner = (column - 0.47, row - 0.47)
            axes.add_patch(
                Rectangle(corner, 0.94, 0.94, fill=False, color=OKABE_ITO[5], linewidth=2)
            )
        drawing.colorbar(picture, label=meaning, shrink=0.8)
    return drawing
