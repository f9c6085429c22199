"""Two finished runs side by side: the score of each method in both, and the settings that differ.

Videos are compared in pairs, so that what is hard about a video counts for both runs alike
(`partparse.report.comparison`).
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from markupsafe import Markup

from partparse.errors import InputError
from partparse.files.csv_tables import read_csv, read_csvs
from partparse.report.comparison import paired_differences
from partparse.report.figures import draw_steps
from partparse.report.page import plain_text, render, text_table
from partparse.report.scores import SPLIT_ORDER

MEASURES: dict[str, str] = {"score": "value", "action": "correct", "PSC": "psc"}
"""What is compared, and the column of the scores by video that it is the mean of."""
SHOWN = 10  # videos that changed most, in each direction

_PAGE = """
<p>Second minus first, over the {{ counts }}. In brackets the 95 % interval of the difference, by
the bootstrap over videos that both runs have scored: where it holds 0, the difference may be
chance.</p>
<table><tr><th></th><th>run</th></tr>
<tr><td>first</td><td>{{ first }}</td></tr><tr><td>second</td><td>{{ second }}</td></tr></table>
{{ figure }}
<table>
<tr><th>split</th><th>method</th><th>measure</th><th class="number">first</th>
<th class="number">second</th><th class="number">difference</th></tr>
{% for row in rows %}
<tr><td>{{ row.split }}</td><td>{{ row.method }}</td><td>{{ row.measure }}</td>
<td class="number">{{ "%.4f" | format(row.first) }}</td>
<td class="number">{{ "%.4f" | format(row.second) }}</td>
<td class="number">{{ row.said }}</td></tr>
{% endfor %}
</table>
{% for note in notes %}<p>{{ note }}</p>{% endfor %}
<h2>Settings that differ</h2>
{% if settings %}
<table><tr><th>setting</th><th>first</th><th>second</th></tr>
{% for name, one, other in settings %}
<tr><td>{{ name }}</td><td><code>{{ one }}</code></td><td><code>{{ other }}</code></td></tr>
{% endfor %}
</table>
{% else %}<p>None.</p>{% endif %}
<h2>Videos that changed most</h2>
<p>By what they add to the score of <code>{{ method }}</code> on {{ split }}.</p>
<table><tr><th>video</th><th class="number">first</th><th class="number">second</th>
<th class="number">difference</th></tr>
{% for row in changed %}
<tr><td>{{ row.video }}</td><td class="number">{{ "%.4f" | format(row.first) }}</td>
<td class="number">{{ "%.4f" | format(row.second) }}</td>
<td class="number">{{ "%+.4f" | format(row.second - row.first) }}</td></tr>
{% endfor %}
</table>
"""

Config = Mapping[str, Any]


class RunScores(NamedTuple):
    """What a finished run says of itself."""

    name: str
    videos: pd.DataFrame  # split, method, video, value, correct, psc
    config: Config


def read_scores(results: Path, config: Config) -> RunScores:
    """The scores by video of the run whose results are in a folder."""
    listed = read_csv(results / "scores.csv")
    if listed.empty:
        raise InputError(f"{results / 'scores.csv'}: no scores; expected a run with known truth")
    files = [
        results / "scores" / split / f"{method}.csv"
        for split, method in listed[["split", "method"]].itertuples(index=False)
    ]
    return RunScores(str(results), read_csvs(files), config)


def compare(first: RunScores, second: RunScores) -> tuple[pd.DataFrame, list[str]]:
    """Each method that both runs have, over the videos that both have scored.

    Returns:
        split, method, measure (of MEASURES), videos, first, second (means), difference (second -
        first), and the ends low and high of its 95 % interval; by split, then method. And a line
        for all that only one of the runs has.

    Raises:
        InputError: they have no scored video in common.
    """
    key = ["split", "method", "video"]
    both = first.videos.merge(second.videos, on=key, suffixes=("_first", "_second"))
    if both.empty:
        raise InputError(
            f"{second.name}: no scored video in common with {first.name}; expected runs of the "
            "same data set"
        )
    tables = [
        _differences(rows, column).assign(split=split, method=method, measure=measure)
        for (split, method), rows in both.groupby(["split", "method"], sort=False)
        for measure, column in MEASURES.items()
    ]
    table = pd.concat(tables, ignore_index=True)
    table["place"] = table["split"].map(SPLIT_ORDER)
    table = table.sort_values(["place", "method"], kind="stable").reset_index(drop=True)
    columns = ["split", "method", "measure", "videos", "first", "second"]
    return table[[*columns, "difference", "low", "high"]], list(_only_one(first, second))


def _differences(both: pd.DataFrame, column: str) -> pd.DataFrame:
    """A row as `compare` gives it, of one method on one split."""
    long = pd.concat(
        [
            pd.DataFrame(
                {
                    "run": "",
                    "method": side,
                    "video": both["video"],
                    "value": both[f"{column}_{side}"].astype(float),
                }
            )
            for side in ("first", "second")
        ]
    )
    found = paired_differences(long, [("second", "first")])
    return found.rename(columns={"score": "second", "reference_score": "first"}).drop(
        columns=["method", "reference"]
    )


def _only_one(first: RunScores, second: RunScores) -> list[str]:
    """What is left out, a line each."""
    lines = []
    for one, other in ((first, second), (second, first)):
        methods = sorted(set(one.videos["method"]) - set(other.videos["method"]))
        if methods:
            lines.append(f"Only {one.name} has {', '.join(methods)}.")
        videos = set(one.videos["video"]) - set(other.videos["video"])
        if videos:
            lines.append(f"Only {one.name} has scored {len(videos)} of its videos; left out.")
    return lines


def differing_settings(first: Config, second: Config) -> list[tuple[str, str, str]]:
    """Name and both values of each setting that differs; `-` where a run does not have it."""
    one, other = (dict(_flat(config)) for config in (first, second))
    names = [*one, *(name for name in other if name not in one)]
    pairs = [(name, one.get(name, "-"), other.get(name, "-")) for name in names]
    return [(name, a, b) for name, a, b in pairs if a != b]


def _flat(config: Any, name: str = "") -> list[tuple[str, str]]:
    if isinstance(config, Mapping) and config:
        return [
            found
            for key, value in config.items()
            for found in _flat(value, f"{name}.{key}" if name else str(key))
        ]
    return [(name, str(config))]


def said(row: Any) -> str:
    """A difference and its interval, as in `+0.0123 [+0.0040, +0.0210]`."""
    return f"{row.difference:+.4f} [{row.low:+.4f}, {row.high:+.4f}]"


def as_text(table: pd.DataFrame, notes: list[str], settings: list[tuple[str, str, str]]) -> str:
    """The scores for the terminal, and the settings that differ."""
    scores = table[table["measure"] == "score"]
    shown = scores[["split", "method", "videos", "first", "second"]]
    differ = pd.DataFrame(settings, columns=["setting", "first", "second"])
    return plain_text(
        text_table(
            "score: second - first, 95 % interval",
            shown.assign(difference=[said(row) for row in scores.itertuples()]),
        ),
        *notes,
        text_table("settings that differ", differ) if settings else "no setting differs",
    )


def write_page(
    out: Path, first: RunScores, second: RunScores, table: pd.DataFrame, notes: list[str]
) -> Path:
    """Write `compare.html` into a folder, which needs no other file, and `compare.svg`."""
    scores = table[table["measure"] == "score"]
    out.mkdir(parents=True, exist_ok=True)
    draw_steps(scores, out / "compare.svg", "score: second - first, with its 95 % interval")
    split = str(scores["split"].iloc[-1])
    own = scores[scores["split"] == split]
    method = str(own.loc[own["second"].idxmax(), "method"])
    counts = " and ".join(
        f"{rows['videos'].iloc[0]} {name} videos"
        for name, rows in scores.groupby("split", sort=False)
    )
    svg = (out / "compare.svg").read_text(encoding="utf-8")
    page = render(
        "Two runs",
        _PAGE,
        first=first.name,
        second=second.name,
        counts=counts,
        figure=Markup(svg[svg.index("<svg") :]),  # our own: names in it are escaped
        rows=list(table.assign(said=[said(row) for row in table.itertuples()]).itertuples()),
        notes=notes,
        settings=differing_settings(first.config, second.config),
        method=method,
        split=split,
        changed=list(_changed(first, second, split, method).itertuples()),
    )
    path = out / "compare.html"
    path.write_text(page, encoding="utf-8")
    return path


def _changed(first: RunScores, second: RunScores, split: str, method: str) -> pd.DataFrame:
    """video, first, second of those that lost or gained most, from the largest loss on."""
    sides = [
        run.videos[(run.videos["split"] == split) & (run.videos["method"] == method)]
        .set_index("video")["value"]
        .rename(name)
        for run, name in ((first, "first"), (second, "second"))
    ]
    both = pd.concat(sides, axis=1, join="inner").reset_index()
    order = np.argsort((both["second"] - both["first"]).to_numpy(), kind="stable")
    both = both.iloc[order]
    most = both if len(both) <= 2 * SHOWN else pd.concat([both.head(SHOWN), both.tail(SHOWN)])
    return most[most["first"] != most["second"]]
