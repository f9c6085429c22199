"""How all figures look: colours that the colour-blind can tell apart, one size, one font.

Every `draw_…` of this room writes its figure to `path`, an SVG, and returns it as it was saved.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from partparse.files.atomic import atomic_path

OKABE_ITO: tuple[str, ...] = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#CC79A7",
    "#56B4E9",
    "#D55E00",
    "#F0E442",
    "#999999",
    "#000000",
)
"""The palette of Okabe and Ito (2008), strongest contrasts first."""


@contextmanager
def figure(path: Path, width: float = 7.0, height: float = 4.0) -> Iterator[tuple[Figure, Axes]]:
    """Yield a figure and its axes; save it to `path` (SVG) when the block ends without error.

    The file's bytes depend on what is drawn alone: no date, no random ids.
    """
    with panels(path, 1, 1, width, height) as (drawing, grid):
        yield drawing, grid[0, 0]


@contextmanager
def panels(
    path: Path, rows: int, columns: int, width: float, height: float, *, share_x: bool = True
) -> Iterator[tuple[Figure, NDArray]]:
    """As `figure`, with a grid (rows, columns) of axes that share their y scale, and their x."""
    settings = {
        "svg.hashsalt": "partparse",
        "axes.prop_cycle": mpl.cycler(color=OKABE_ITO),
        "axes.spines.top": False,
        "axes.spines.right": False,
        "font.size": 10,
    }
    with mpl.rc_context(settings):
        drawing, grid = plt.subplots(
            rows,
            columns,
            squeeze=False,
            sharex=share_x,
            sharey=True,
            figsize=(width, height),
            layout="constrained",
        )
        try:
            yield drawing, grid
            with atomic_path(path) as temporary:
                drawing.savefig(temporary, metadata={"Date": None})
        finally:
            plt.close(drawing)


@contextmanager
def panel_for_each(
    path: Path, count: int, *, most: int, width: float, height: float, share_x: bool = True
) -> Iterator[tuple[Figure, list[Axes]]]:
    """As `panels`, with `count` axes of `width` x `height` inches, `most` side by side at most."""
    columns = min(most, count)
    rows = -(-count // columns)
    size = 0.6 + width * columns, 0.6 + height * rows
    with panels(path, rows, columns, *size, share_x=share_x) as (drawing, grid):
        for axes in grid.flat[count:]:
            axes.set_axis_off()
        for axes in grid.flat[count - columns : count]:
            axes.tick_params(labelbottom=True)  # nothing below them may have it for them
        yield drawing, list(grid.flat[:count])


def write_cells(
    axes: Axes,
    table: pd.DataFrame,
    text: Callable[[float], str],
    is_dark: Callable[[float], bool],
) -> None:
    """Write the names of a heat map's rows and columns, and in each cell its number."""
    axes.set_xticks(range(len(table.columns)), table.columns, rotation=45, ha="right")
    axes.set_yticks(range(len(table.index)), table.index)
    for (row, column), value in np.ndenumerate(table.to_numpy(float)):
        colour = "white" if is_dark(value) else "black"
        axes.text(column, row, text(value), ha="center", va="center", color=colour, fontsize=8)
    axes.spines[:].set_visible(False)


def draw_nothing(path: Path, why: str = "no video was scored") -> Figure:
    """Save a figure that says why there is nothing to see: the report names every figure."""
    with figure(path, height=1.5) as (drawing, axes):
        axes.set_axis_off()
        axes.text(0.5, 0.5, why, ha="center", va="center")
    return drawing
