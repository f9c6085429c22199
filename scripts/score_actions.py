import logging
import math
from pathlib import Path

import pandas as pd

from partparse import tables
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
    chance = math.log(len(tables.probability_names(actions)))
    if split == "val" and scores["log_loss"] >= chance:
        logging.getLogger("partparse").warning(
            "action model %s: log-loss %.2f on val, where one that knows nothing has %.2f: methods "
            "that are given its action lose by it",
            *(model, scores["log_loss"], chance),
        )
    write_csv(pd.DataFrame([{"split": split, "method": model, **scores}]), out)
