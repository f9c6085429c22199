from pathlib import Path

import pandas as pd

from partparse.files.atomic import write_text
from partparse.files.csv_tables import read_csv, write_csv
from partparse.report.scores import as_text, main_detection, summarise
from partparse.running.arguments import Csv, Problems
from partparse.running.command_line import program


def read_split_tables(paths: list[Path]) -> pd.DataFrame:
    """Join CSVs named SPLIT.csv, with the split as the first column."""
    frames = [read_csv(path).assign(split=path.stem) for path in paths]
    joined = pd.concat(frames, ignore_index=True)
    return joined[["split", *joined.columns.drop("split")]]


@program
def join_scores(
    *,
    videos: Csv,
    oracles: list[Path],
    detection: list[Path],
    problems: Problems,
    actions: Csv,
    table_out: Path,
    actions_out: Path,
    text_out: Path,
) -> None:
    """Join what was measured to results/scores.csv, and to a text for the terminal.

    Args:
        videos: Scores by video, of each method and split.
        detection: Measures of the detectors.
        actions: Scores of the actions.
    """
    scores = summarise(videos)
    write_csv(scores, table_out)
    write_csv(actions, actions_out)
    measures = main_detection(read_split_tables(detection))
    write_text(text_out, as_text(scores, actions, read_split_tables(oracles), measures, problems))
