"""One page, in one file, of a data set's statistics: figures and tables with their captions."""

import base64
from pathlib import Path

import pandas as pd

from partparse.dataset.annotation_counts import Counts
from partparse.dataset.label_hints import KINDS
from partparse.dataset.statistics import FEW, Statistics
from partparse.errors import one_line
from partparse.files.atomic import write_text
from partparse.report import statistics_figures as figures
from partparse.report.page import plain_text, render, text_table

SHOWN = 10  # examples of each kind of hint on the page; the table of examples has more

_PER_CENT = {"share", "none", "others", "top_1", "top_5", "top_10"}


def write_figures(statistics: Statistics, folder: Path) -> None:
    """Write classes.svg, class_parts.svg, top_states.svg and long_tail.svg."""
    figures.draw_classes(statistics.classes, folder / "classes.svg")
    figures.draw_class_parts(statistics.class_parts, folder / "class_parts.svg")
    figures.draw_top_states(statistics.top_states, folder / "top_states.svg")
    figures.draw_tail(statistics.frequencies, folder / "long_tail.svg")


def write_page(statistics: Statistics, counts: Counts, title: str, folder: Path) -> None:
    """Write statistics.html beside the figures of `write_figures`, which it takes in.

    Args:
        statistics: the tables, and
        counts: what they were made from.
        title: the data set's name.
        folder: where the figures are.
    """
    text = render(
        f"Statistics of {title}",
        _PAGE,
        picture=lambda name: _as_url(folder / f"{name}.svg"),
        cells=_cells,
        numeric=lambda table, name: pd.api.types.is_numeric_dtype(table[name]),
        tables=statistics,
        pairs=_pairs_by_rank(statistics.top_pairs),
        hints=count_hints(statistics),
        examples=statistics.hint_examples.groupby("kind", sort=False).head(SHOWN),
        shown=SHOWN,
        few=FEW,
        faults=[one_line(fault) for fault in counts.faults],
        fault_count=counts.fault_count,
    )
    write_text(folder / "statistics.html", text)


def as_text(statistics: Statistics, fault_count: int) -> str:
    """The summary for the terminal: sizes, the long tail, the hints, how many faults were told."""
    tail = ["of", "names", "unused", "top_1", "top_5", f"under_{FEW}", "gini", "effective"]
    hints = text_table("label hints", count_hints(statistics))
    return plain_text(
        text_table("annotations", statistics.splits),
        text_table("long tail", statistics.long_tail.reindex(columns=tail)),
        hints if len(statistics.hints) else "no label hints",
        *([f"{fault_count} faults: what has them is left out"] if fault_count else []),
    )


def count_hints(statistics: Statistics) -> pd.DataFrame:
    """Columns hint, count, meaning: a row for each kind that there is."""
    counts = statistics.hints.groupby("kind", sort=False)["count"].sum()
    return pd.DataFrame(
        {"hint": counts.index, "count": counts.to_numpy(), "meaning": counts.index.map(KINDS)}
    )


def _pairs_by_rank(top_pairs: pd.DataFrame) -> pd.DataFrame:
    """A row for each class: its most frequent pairs with their shares."""
    text = [f"{row.part} {row.state} {row.share:.0%}" for row in top_pairs.itertuples(index=False)]
    wide = top_pairs.assign(text=text).pivot(index="action", columns="rank", values="text")
    return wide.fillna("").rename_axis(columns=None).reset_index()


def _as_url(path: Path) -> str:
    """A figure as a part of the page: their ids would clash if they were in one document."""
    return f"data:image/svg+xml;base64,{base64.b64encode(path.read_bytes()).decode()}"


def _cells(table: pd.DataFrame) -> list[list[str]]:
    return [
        [_cell(name, value) for name, value in zip(table.columns, row, strict=True)]
        for row in table.itertuples(index=False)
    ]


def _cell(name: object, value: object) -> str:
    if isinstance(value, str):
        return value
    if pd.isna(value):
        return "–"
    if name in _PER_CENT:
        return f"{value:.1%}"
    return f"{value:,.2f}" if isinstance(value, float) else f"{value:,}"


_PAGE = """
{% macro show(table) %}
<div class="wide"><table>
<thead><tr>{% for name in table.columns %}
<th{% if numeric(table, name) %} class="number"{% endif %}>{{ name }}</th>
{% endfor %}</tr></thead>
<tbody>
{% for row in cells(table) %}
<tr>{% for cell in row %}
<td{% if numeric(table, table.columns[loop.index0]) %} class="number"{% endif %}>{{ cell }}</td>
{% endfor %}</tr>
{% endfor %}
</tbody>
</table></div>
{% endmacro %}
{{ show(tables.splits) }}
<p>Videos, those of them that are annotated, and what is annotated in them. All figures below are of
train and test together; the CSV tables beside this page have both.</p>

<h2>Classes</h2>
<img src="{{ picture("classes") }}" alt="Humans, parts and objects of each class">
<p>Humans, parts and objects annotated in each class, on a logarithmic scale. The nearer
the humans are to the parts, the fewer of the ten parts each of them has.</p>
<img src="{{ picture("class_parts") }}" alt="Annotations of each part in each class">
<p>How often each part is annotated in each class; the colours are on a logarithmic scale. A cell
that is darker than the rest of its row is a part that this class hides or leaves out of the
picture.</p>

<h2>States</h2>
{{ show(tables.parts) }}
<p>Annotations of each part and the number of different states it has in them. <i>none</i> is a part
that does not move and <i>others</i> a state that the vocabulary does not have: neither is counted
among the states.</p>
<img src="{{ picture("top_states") }}" alt="Most frequent states of each part">
<p>The five most frequent states of each part as shares of all its annotations (their number is
beside its name). Grey are the rest, <i>others</i> and <i>none</i>, which have no rank.</p>
{{ show(pairs) }}
<p>The most frequent pairs of part and state in each class, left and right as one, as shares of all
annotations of the class. Pairs with <i>none</i> or <i>others</i> count in the whole and are not
listed.</p>

<h2>The long tail</h2>
<img src="{{ picture("long_tail") }}" alt="Annotations of states by their rank">
<p>Annotations of each state, and of each pair of part and state, by falling frequency, on a
logarithmic scale. What lies below the dashed line has fewer than {{ few }} annotations to learn
from, and these are often neighbouring frames of a few videos.</p>
{{ show(tables.long_tail) }}
<p><i>unused</i> stand in the list and never occur; <i>top_1</i>, <i>top_5</i>, <i>top_10</i> are
the shares of the most frequent; <i>for_50</i>, <i>for_90</i> are how many of them hold that per
cent; <i>imbalance</i> is the most frequent over the rarest. <i>gini</i> (Gini's coefficient) is 0
where all are as frequent and near 1 where one has all; <i>effective</i> is the exponential of
Shannon's entropy, the number of equally frequent names that would be as varied.</p>

<h2>Label hints</h2>
{% if hints.empty %}
<p>Nothing was found.</p>
{% else %}
{{ show(hints) }}
<p>Labels that a person should look at; a hint is no fault. People in the background often have no
parts, and a rare state may be true.</p>
{% for kind, rows in examples.groupby("kind", sort=False) %}
<h3>{{ kind }}</h3>
<div class="wide"><table>
<thead><tr><th>file</th><th class="number">frame</th><th>entry</th><th>what</th></tr></thead>
<tbody>
{% for row in rows.itertuples() %}
<tr><td><code>{{ row.file }}</code></td><td class="number">{{ row.frame }}</td>
<td>{{ row.entry }}</td><td>{{ row.detail }}</td></tr>
{% endfor %}
</tbody>
</table></div>
{% endfor %}
<p>The first examples of each kind, {{ shown }} at most, files as they lie in the data set.
<code>hint_examples.csv</code> has more of them, <code>hints.csv</code> their numbers by class.</p>
{% endif %}
{% if fault_count %}

<h2>Left out</h2>
<ul>
{% for fault in faults %}
<li><code>{{ fault }}</code></li>
{% endfor %}
</ul>
<p>Frames with a fault are not counted, nor are videos whose annotations can't be read:
{{ fault_count }} faults, of which the first stand here. <code>partparse check-dataset</code> lists
all.</p>
{% endif %}
"""
