from pathlib import Path

import pandas as pd

from partparse.files.csv_tables import write_csv
from partparse.metric import actions as metric
from partparse.running.arguments import Actions, Truth
from partparse.running.command_line import program


@program
def score_actions(*, model: str, split: str, actions: Actions, truth: Truth, out: Path) -> None:
    """Score one action model on one split: top-1, mean accuracy over the classes, log-loss.

    Args:
        model: Its name.
        out: CSV to write, one row.
    """
    scores = metric.score_actions(truth, actions)
    write_csv(pd.DataFrame([{"split": split, "method": model, **scores}]), out)
