"""What the decision learned and chose on val, and on what evidence: tables for people."""

from pathlib import Path

import pandas as pd

from partparse.decision.model import DecisionModel, TrainingStatistics
from partparse.ensemble.folds import ALL
from partparse.files.csv_tables import read_csv
from partparse.report.page import render
from partparse.vocabulary import PARTS

EVIDENCE: dict[str, str] = {
    "stacking": "How the methods are joined: candidates and their log-loss on the half of val's"
    " videos that they were not fitted on. The least is chosen.",
    "time": "How far the smoother trusts the transitions that were counted on train (none: no"
    " smoothing), and the temperature that goes with it.",
    "boxes": "By how much the box of each part is enlarged.",
    "slots": "What fills the places for ten persons in a frame: the mean PSC on val with each step,"
    " the difference to the step kept before it, and its standard error. A step is kept where it"
    " gains more than chance would.",
}
"""The tables of the fitted model that say what was chosen, and their captions."""

_PAGE = """
<p>Fitted on all of val, as it is used on test. What val videos themselves were decided with was
fitted without their fold in the same way.</p>
{% for name, table in tables.items() %}
<h2>{{ name | capitalize }}</h2>
<p>{{ captions[name] }}</p>
<table>
<tr>{% for column in table.columns %}<th>{{ column }}</th>{% endfor %}</tr>
{% for row in table.itertuples(index=False) %}
<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>
{% endfor %}
</table>
{% endfor %}
"""


def decision_page(model: Path) -> str:
    """HTML that needs no other file, of the folder that `scripts/fit_decision.py` wrote.

    A table is there where its step was fitted.
    """
    tables = {}
    for name in EVIDENCE:
        if (model / f"{name}.csv").is_file():
            table = read_csv(model / f"{name}.csv")
            own = table[table["fold"] == ALL].drop(columns="fold")
            tables[name] = own.map(_text).replace("nan", "none")
    return render("What the decision chose", _PAGE, tables=tables, captions=EVIDENCE)


def pool_weights(model: DecisionModel, statistics: TrainingStatistics) -> pd.DataFrame:
    """A row for each method and one for the action's prior, a column a part.

    Of a person seen as well as val's are on average. No rows where the methods are averaged.
    """
    pool = model.stack.pool
    if pool is None:
        return pd.DataFrame(columns=list(PARTS))
    names = [*statistics.methods, "the action"]
    return pd.DataFrame((pool.weights + pool.by_part).T, index=names, columns=list(PARTS))


def _text(cell: object) -> str:
    return f"{cell:.4g}" if isinstance(cell, float) else str(cell)
