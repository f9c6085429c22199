from pathlib import Path

from partparse.report.curves import draw_detector_curves
from partparse.running.arguments import Csv
from partparse.running.command_line import program


@program
def draw_detection(*, curves: Csv, out: Path) -> None:
    """Draw precision over recall of the detectors.

    Args:
        curves: Precision by recall.
    """
    draw_detector_curves(curves, out)
