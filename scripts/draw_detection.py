from pathlib import Path

from partparse.files.csv_tables import read_csv
from partparse.report.curves import draw_detector_curves
from partparse.running.command_line import program


@program
def draw_detection(*, curves: Path, out: Path) -> None:
    """Draw precision over recall of the detectors.

    Args:
        curves: Precision by recall.
    """
    draw_detector_curves(read_csv(curves), out)
