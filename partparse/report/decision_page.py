"""What the decision learned and chose on val, and on what evidence: tables for people."""

from pathlib import Path

import pandas as pd

from partparse.decision.model import DecisionModel, TrainingStatistics
from partparse.ensemble.folds import ALL
from partparse.files.csv_tables import read_csv
from partparse.report.page import render
from partparse.vocabulary import PARTS

EVIDENCE: dict[str, str] = {
    "choices": "The candidates of each step from simple to rich: the mean score of each on val, as"
    " fitted without the videos that judge it, and the gain to the one that was taken before, with"
    " its standard error and how likely luck alone would make it. A candidate is better, and taken,"
    " where that is less than two standard errors would be."
    " Scores are PSC; of the action, ln P; of joint and submitted, PSC where the action is right.",
    "stacking": "What joins the methods, and the log-loss on the half of val's videos that it was"
    " not fitted on. It chooses among those of a kind, which differ in the strength of a penalty.",
    "time": "How far the smoother trusts the transitions that were counted on train (none: no"
    " smoothing), and the temperature that goes with it.",
    "boxes": "By how much the box of each part is enlarged.",
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
