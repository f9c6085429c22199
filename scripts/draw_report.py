from pathlib import Path

import pandas as pd

from partparse.files.csv_tables import read_csv, read_csvs
from partparse.report import figures, heat_maps
from partparse.running.command_line import program


@program
def draw_report(
    *,
    scores: Path,
    videos: list[Path],
    parts: list[Path],
    actions: Path,
    oracles: list[Path],
    choice: Path,
    final: str,
    split: str,
    ladder_out: Path,
    oracles_out: Path,
    threshold_curve_out: Path,
    psc_distribution_out: Path,
    part_accuracy_out: Path,
    state_accuracy_out: Path,
    choice_out: Path,
    action_confusion_out: Path,
) -> None:
    """Draw the figures of the report, each an SVG.

    Args:
        videos: Scores by video.
        parts: Scores by part.
        actions: Scores by action and part of the method that is submitted.
        split: Of the figures that show one split alone.
    """

    def read(paths: list[Path]) -> pd.DataFrame:
        table = read_csvs(paths)
        return table[table["split"] == split]

    scored = read(videos)
    submitted = scored[scored["method"] == final]
    figures.draw_ladder(read_csv(scores), ladder_out)
    figures.draw_oracles(read(oracles), oracles_out)
    figures.draw_threshold_curve(scored, final, threshold_curve_out)
    figures.draw_psc_distribution(submitted, psc_distribution_out)
    heat_maps.draw_part_accuracy(read(parts), part_accuracy_out)
    heat_maps.draw_state_accuracy(read_csv(actions), state_accuracy_out)
    heat_maps.draw_choice(read_csv(choice), choice_out)
    heat_maps.draw_confusion(submitted, action_confusion_out)
