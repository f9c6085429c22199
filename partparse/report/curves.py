"""How the trainings went, epoch by epoch, and the detectors' precision over recall at IoU .5."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from partparse.errors import InputError
from partparse.files.csv_tables import read_csv
from partparse.report.style import OKABE_ITO, draw_nothing, panel_for_each
from partparse.vocabulary import PARTS, PERSON

HISTORIES: tuple[str, ...] = ("metrics.csv", "training.csv")
"""The file of a model folder with a row an epoch: of our training loop, of the detectors and the
pose net."""

_EPOCH, _RATE = "epoch", "learning_rate"


_DASHES = ("-", "--", ":", "-.")


def read_history(model: Path) -> pd.DataFrame | None:
    """What a training kept of each epoch: column epoch (from 1) and its measures.

    None where nothing was trained: a model of pretrained weights alone, or of counts.

    Raises:
        InputError: the folder holds no history that can be read.
    """
    for name in HISTORIES:
        if (model / name).is_file():
            history = read_csv(model / name)
            if _EPOCH not in history:
                raise InputError(f"{model / name}: no column {_EPOCH!r}")
            return history.drop(columns=_RATE, errors="ignore") if len(history) else None
    return None


def draw_trainings(models: Mapping[str, Path], path: Path) -> Figure:
    """A panel for each training: its losses and rates over the epochs.

    Losses are drawn as shares of their first value, since they have no common scale; what is a
    share already (of examples that are right) is drawn as it is.

    Args:
        models: folder of each model, by the name that its panel gets; those without a history
            are left out.
    """
    read = {name: read_history(folder) for name, folder in models.items()}
    histories = {name: history for name, history in read.items() if history is not None}
    if not histories:
        return draw_nothing(path, "nothing was trained")
    with panel_for_each(path, len(histories), most=3, width=3.0, height=2.3, share_x=False) as (
        drawing,
        grid,
    ):
        for axes, (name, history) in zip(grid, histories.items(), strict=True):
            measures = history.columns.drop(_EPOCH)
            for place, measure in enumerate(measures):
                values = history[measure].dropna()
                scaled = values / values.iloc[0] if _is_loss(measure) else values
                axes.plot(
                    history.loc[values.index, _EPOCH],
                    scaled,
                    color=OKABE_ITO[place % len(OKABE_ITO)],
                    linestyle="-" if _is_loss(measure) else "--",
                    marker="." if len(values) < 3 else "",
                    label=f"{measure} {values.iloc[-1]:.3g}",
                )
            axes.set_title(name, fontsize=10)
            axes.set_ylim(0, 1.25)
            axes.legend(fontsize=7)
        drawing.supxlabel("epoch", fontsize=10)
        drawing.supylabel("loss (share of the first epoch's), or share right", fontsize=10)
    return drawing


def _is_loss(measure: str) -> bool:
    return "loss" in measure


def draw_detector_curves(curves: pd.DataFrame, path: Path) -> Figure:
    """A panel for persons and one for each part, a line for each detector.

    Args:
        curves: of `partparse.detection.measure`, of one split: columns stage, variant, part,
            recall, precision. A line's mean precision, AP50, stands in the legend.
    """
    if curves.empty:
        return draw_nothing(path, "no box is annotated")
    names = [name for name in (PERSON, *PARTS) if (curves["part"] == name).any()]
    with panel_for_each(path, len(names), most=4, width=2.4, height=2.2) as (drawing, grid):
        for axes, name in zip(grid, names, strict=True):
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
