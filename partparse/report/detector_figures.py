"""Precision over recall of the detectors, at the IoU of .5."""

from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from partparse.report.style import OKABE_ITO, draw_nothing, panels
from partparse.vocabulary import PARTS, PERSON

_DASHES = ("-", "--", ":", "-.")


def draw_detector_curves(curves: pd.DataFrame, path: Path) -> Figure:
    """A panel for persons and one for each part, a line for each detector.

    Args:
        curves: of `partparse.detection.measure`, of one split: columns stage, variant, part,
            recall, precision. A line's mean precision, AP50, stands in the legend.
        path: SVG to write.
    """
    if curves.empty:
        return draw_nothing(path, "no box is annotated")
    names = [name for name in (PERSON, *PARTS) if (curves["part"] == name).any()]
    columns = min(4, len(names))
    rows = -(-len(names) // columns)
    with panels(path, rows, columns, 0.6 + 2.4 * columns, 0.6 + 2.2 * rows) as (drawing, grid):
        for axes in grid.flat[len(names) :]:
            axes.set_axis_off()
        for axes in grid.flat[max(len(names) - columns, 0) : len(names)]:
            axes.tick_params(labelbottom=True)
        for axes, name in zip(grid.flat, names, strict=False):
            own = curves[curves["part"] == name]
            for place, (variant, line) in enumerate(own.groupby("variant", sort=False)):
                axes.plot(
                    line["recall"],
                    line["precision"],
                    color=OKABE_ITO[place % len(OKABE_ITO)],
                    linestyle=_DASHES[place % len(_DASHES)],
                    label=f"{variant} {line['precision'].mean():.2f}",
                )
            axes.set_title(name, fontsize=10)
            axes.set(xlim=(0, 1), ylim=(0, 1.02))
            axes.legend(fontsize=7, loc="lower left")
        drawing.supxlabel("recall", fontsize=10)
        drawing.supylabel("precision", fontsize=10)
    return drawing
