"""The figures of a data set's statistics, each from the table of `Statistics` that it shows."""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, NullFormatter
from numpy.typing import NDArray

from partparse.dataset.statistics import FEW, REST, TOP_STATES, UNNAMED
from partparse.report.style import OKABE_ITO, figure, panels, write_cells
from partparse.vocabulary import PARTS

_GREY = OKABE_ITO[-2]
_PLACES = {REST: TOP_STATES, **{name: TOP_STATES + 2 - i for i, name in enumerate(UNNAMED)}}
"""Below the ranked states: the rest, others, none."""
_ROWS = (("head", "hip"), *((part, PARTS[PARTS.index(part) + 1]) for part in PARTS[1:-1:2]))
"""Pairs of parts that are shown side by side: left and right, and the two without a side."""


def draw_classes(classes: pd.DataFrame, path: Path) -> Figure:
    """Humans, parts and objects of each class as dots on a logarithmic scale.

    Args:
        classes: columns split, action, humans, parts, objects; the rows of the split "all" count.
    """
    table = classes[classes["split"] == "all"].sort_values("parts", kind="stable")
    places = np.arange(len(table))
    numbers = table[["humans", "parts", "objects"]]
    low = 10 ** np.floor(np.log10(_least(numbers.to_numpy())))
    with figure(path, height=1.4 + 0.24 * len(table)) as (drawing, axes):
        axes.hlines(places, low, numbers.max(axis=1), color="#dddddd")
        markers = {"parts": ("o", "full"), "humans": ("s", "full"), "objects": ("D", "none")}
        for kind, (marker, fill) in markers.items():
            # a logarithmic axis leaves out what there is none of
            axes.plot(table[kind], places, marker, markersize=6, fillstyle=fill, label=kind)
        axes.set_yticks(places, table["action"])
        axes.set(
            xlabel="annotations", xscale="log", xlim=(low, None), ylim=(-0.7, len(table) - 0.3)
        )
        axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=3, frameon=False)
    return drawing


def draw_class_parts(class_parts: pd.DataFrame, path: Path) -> Figure:
    """Heat map of how often each part is annotated in each class, on a logarithmic scale.

    Args:
        class_parts: columns action and the ten parts.
    """
    table = class_parts.set_index("action")
    values = table.to_numpy(float)
    low = _least(values)
    scale = LogNorm(low, max(values.max(), 2 * low))
    with figure(path, width=9.0, height=1.6 + 0.3 * len(table)) as (drawing, axes):
        shown = np.ma.masked_equal(values, 0)
        picture = axes.imshow(shown, norm=scale, cmap="cividis", aspect="auto")
        write_cells(axes, table, _short, lambda value: value > 0 and scale(value) < 0.5)
        short = FuncFormatter(lambda value, _: _short(value))
        bar = drawing.colorbar(picture, label="annotations of the part", shrink=0.8, format=short)
        # of a short range there is hardly a power of ten to write beside it
        few = scale.vmax < 10 * scale.vmin
        bar.ax.yaxis.set_minor_formatter(short if few else NullFormatter())
    return drawing


def draw_top_states(top_states: pd.DataFrame, path: Path) -> Figure:
    """Bars of the most frequent states of each part, a panel for each; below them, grey, the rest.

    Args:
        top_states: columns part, rank, state, count, share.
    """
    with panels(path, len(_ROWS), 2, 8.0, 9.5) as (drawing, grid):
        for axes, part in zip(grid.flat, np.ravel(_ROWS), strict=True):
            _draw_part(axes, top_states[top_states["part"] == part], part)
        grid[0, 0].set(xlim=(0, 1), ylim=(TOP_STATES + 2.6, -0.6))
        drawing.supxlabel("share of the part's annotations", fontsize=10)
    return drawing


def _draw_part(axes: Axes, rows: pd.DataFrame, part: str) -> None:
    named = rows["rank"].notna()
    places = (rows["rank"] - 1).astype(float).fillna(rows["state"].map(_PLACES)).to_numpy(float)
    colours = np.where(named, OKABE_ITO[0], _GREY).tolist()
    axes.barh(places, rows["share"], height=0.8, color=colours)
    for place, state, share in zip(places, rows["state"], rows["share"], strict=True):
        inside = share > 0.6  # there is no room to the right of it
        axes.annotate(
            f"{state} {share:.1%}",
            (share, place),
            xytext=(-4 if inside else 4, 0),
            textcoords="offset points",
            ha="right" if inside else "left",
            va="center",
            fontsize=8,
            color="white" if inside and state not in _PLACES else "black",
        )
    axes.set_yticks([])
    axes.set_title(f"{part} ({_short(rows['count'].sum())})", fontsize=10, loc="left")


def draw_tail(frequencies: pd.DataFrame, path: Path) -> Figure:
    """The long tail: annotations over rank, on a logarithmic scale, of states and of pairs.

    Args:
        frequencies: columns of, rank, state, count; states that never occur are not drawn.
    """
    labels = {"states": "states", "pairs": "pairs of part and state"}
    with figure(path) as (drawing, axes):
        for (of, label), marker in zip(labels.items(), "os", strict=True):
            rows = frequencies[(frequencies["of"] == of) & (frequencies["count"] > 0)]
            axes.plot(
                rows["rank"],
                rows["count"],
                marker=marker,
                markersize=3,
                linewidth=0.8,
                label=f"{label} ({len(rows)})",
            )
            if of == "states":
                _name(axes, rows[rows["state"].isin(UNNAMED)])
        axes.axhline(FEW, color=_GREY, linestyle="--", linewidth=0.8, label=f"{FEW} annotations")
        axes.set(xlabel="rank by frequency", ylabel="annotations", yscale="log", xlim=(0, None))
        axes.legend()
    return drawing


def _name(axes: Axes, rows: pd.DataFrame) -> None:
    for state, rank, count in zip(rows["state"], rows["rank"], rows["count"], strict=True):
        axes.plot(rank, count, "o", markersize=7, fillstyle="none", color=OKABE_ITO[5])
        axes.annotate(
            state, (rank, count), xytext=(7, 4), textcoords="offset points", color=OKABE_ITO[5]
        )


def _least(values: NDArray) -> float:
    """The least number above 0, which a logarithmic scale can start at; 1 where there is none."""
    return float(values[values > 0].min(initial=max(values.max(), 1)))


def _short(value: float) -> str:
    """A number of annotations in at most four characters."""
    if value < 999.5:
        return f"{value:.0f}"
    value, unit = (value / 1e3, "k") if value < 999_500 else (value / 1e6, "M")
    return f"{value:.1f}{unit}" if value < 9.95 else f"{value:.0f}{unit}"
