from pathlib import Path

from partparse.report import figures, heat_maps
from partparse.running.arguments import Csv
from partparse.running.command_line import program


@program
def draw_report(
    *,
    scores: Csv,
    videos: Csv,
    parts: Csv,
    actions: Csv,
    oracles: Csv,
    choice: Csv,
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
    videos, parts, oracles = (t[t["split"] == split] for t in (videos, parts, oracles))
    submitted = videos[videos["method"] == final]
    figures.draw_ladder(scores, ladder_out)
    figures.draw_oracles(oracles, oracles_out)
    figures.draw_threshold_curve(videos, final, threshold_curve_out)
    figures.draw_psc_distribution(submitted, psc_distribution_out)
    heat_maps.draw_part_accuracy(parts, part_accuracy_out)
    heat_maps.draw_state_accuracy(actions, state_accuracy_out)
    heat_maps.draw_choice(choice, choice_out)
    heat_maps.draw_confusion(submitted, action_confusion_out)
