from pathlib import Path

from partparse.decision.model import DecisionModel, TrainingStatistics
from partparse.ensemble.folds import ALL
from partparse.files.array_files import read_arrays
from partparse.files.atomic import write_text
from partparse.files.csv_tables import read_csv
from partparse.report import figures
from partparse.report.decision_page import decision_page, pool_weights
from partparse.report.heat_maps import draw_weights
from partparse.running.arguments import Csv
from partparse.running.command_line import program


@program
def draw_decision(
    *,
    model: Path,
    expected: Csv,
    videos: Csv,
    reliability_out: Path,
    expected_out: Path,
    weights_out: Path,
    chosen_out: Path,
) -> None:
    """Draw what the decision chose, and whether its probabilities and expectations come true.

    Args:
        expected: What it expects of each video.
        videos: Scores by video.
    """
    figures.draw_reliability(read_csv(model / "reliability.csv"), reliability_out)
    awaited = expected[["video", "psc"]].rename(columns={"psc": "expected"})
    obtained = videos[["video", "split", "psc"]]
    joined = obtained.merge(awaited, on="video", validate="one_to_one")
    figures.draw_expected_psc(joined, expected_out)
    fitted = read_arrays(DecisionModel, model / f"{ALL}.npz")
    statistics = read_arrays(TrainingStatistics, model / "background.npz")
    draw_weights(pool_weights(fitted, statistics), weights_out)
    write_text(chosen_out, decision_page(model))
