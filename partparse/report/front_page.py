"""The report's front page: the answer in words and tables, as reStructuredText for Snakemake.

Snakemake renders the page with Jinja2 and docutils. Names come from the data set, so they are
escaped for both.
"""

import csv
import io
import re
from base64 import encodebytes
from collections.abc import Iterable
from pathlib import Path
from textwrap import indent

import pandas as pd

from partparse.ensemble.choice import EVERY_ACTION
from partparse.ensemble.folds import ALL
from partparse.report.comparison import paired_differences
from partparse.report.figures import gains

_STYLE = """.. raw:: html

   <style>
     #app .h-screen.items-center { align-items: flex-start; justify-content: flex-start }
     #app .grow.gap-3 { flex-direction: column }
     #app .prose { max-width: 56rem }
     #app .prose table { width: auto }
   </style>"""
"""Snakemake centres the page, which cuts off the top of a long one, in a narrow column beside the
graph of its rules; the style holds while the page is shown."""

_ZERO = "no method"

_PICTURE = Path(__file__).with_name("task.jpg")
_TASK = (
    "Of a video the task asks for its action, and in each scored frame for the persons, ten parts"
    " of each as boxes, and the state of each part. A video counts where its action is right, by"
    " the share of its parts whose box and state are right."
)
_PUBLISHED = (
    "**Not comparable**: on the test set of Kinetics-TPS, whose truth is not public, systems of the"
    " challenge scored .7389 (winner 2022), .6305 (first place 2021) and .6137 (second place 2021)."
)


def front_page(
    data_set: str,
    *,
    scores: pd.DataFrame,
    videos: pd.DataFrame,
    oracles: pd.DataFrame,
    choice: pd.DataFrame,
    problems: int,
    final: str,
) -> str:
    """The page of a finished run.

    Args:
        data_set: what the figures were measured on.
        scores: of `partparse.report.scores.summarise`; the last split gives the answer.
        videos: scores by video of all methods: columns split, method, video, value.
        oracles: the oracle ladders: columns split, row, score.
        choice: of `partparse.ensemble.choice.rank_methods`.
        problems: how many videos did not decode whole, or failed in a stage.
        final: method that is submitted.

    Returns:
        reStructuredText, to be rendered with Jinja2 first.
    """
    if scores.empty:
        return (
            f"{_heading('No video was scored', '=')}\nNothing is annotated in {escape(data_set)}.\n"
        )
    split = scores["split"].iloc[-1]
    own = scores[(scores["split"] == split) & (scores["method"] == final)].iloc[0]
    videos = videos[videos["split"] == split].assign(run="")
    low, high = _interval(videos[videos["method"] == final])
    paragraphs = [
        _heading(f"{own['score']:.4f}", "="),
        f"is the score of ``{final}``, which is submitted, on the {own['videos']} {split} videos of"
        f" {escape(data_set)} (95 % interval over videos: {low:.3f} to {high:.3f}). The action is"
        f" right in {own['action_top1']:.1%} of them, and a part state correctness (PSC) of"
        f" {own['psc']:.3f} is reached on average.",
        _problems(problems),
        _heading("The task"),
        _TASK,
        _picture(),
        _heading("Methods"),
        _ladder(scores, videos, final),
        "The last column is the difference to what is submitted, over the same videos, with its"
        " 95 % interval. Where the interval holds 0, the two may be as good. The figures: Scores_,"
        " States_, Actions_.",
        _PUBLISHED,
        _heading("Where the next point is"),
        _next_point(oracles[oracles["split"] == split]),
        _heading("What the choice by action chose"),
        "For each action the method with the best mean PSC on val; ``*`` stands for all actions.",
        _chosen(choice),
        "What the decision makes of all methods: Decision_.",
        _heading("Look at it"),
        "Best, median and worst videos, and frames of others: Videos_. What was trained: Training_;"
        " what was found: Detection_. What it all came from, and what did not decode: Data_.",
        _STYLE,
    ]
    return "\n\n".join(paragraphs) + "\n"


def escape(text: str) -> str:
    """`text` as it is, for reStructuredText that Jinja2 has rendered."""
    return re.sub(r"[^\w\s]", lambda found: f"\\{_braces(found[0])}", text)


def _braces(sign: str) -> str:
    # Jinja2 would read two of them, or one and a percent sign, as its own
    return "{{ '%s' }}" % sign if sign in "{}%#" else sign  # noqa: UP031


def _interval(values: pd.DataFrame) -> tuple[float, float]:
    """The 95 % interval of a mean over videos: of its difference to a method that scores 0."""
    own = values.assign(method="own")
    both = pd.concat([own, own.assign(method=_ZERO, value=0.0)])
    difference = paired_differences(both, [("own", _ZERO)]).iloc[0]
    return difference["low"], difference["high"]


def _problems(count: int) -> str:
    if not count:
        return "Every video decoded whole, and went through every stage."
    listed = "they are listed under Data_."
    return f"**{count}** videos did not decode whole, or failed in a stage; {listed}"


def _picture() -> str:
    """A parsed frame, within the page: Snakemake keeps no files beside it."""
    said = "Two drawn persons with boxes of their parts; beside them the state of each part"
    options = f"   :alt: {said}\n   :width: 640"
    # in many lines: docutils takes none of more than 10,000 characters
    data = indent(encodebytes(_PICTURE.read_bytes()).decode(), " " * 3)
    return f".. image:: data:image/jpeg;base64,\n{data}{options}"


def _ladder(scores: pd.DataFrame, videos: pd.DataFrame, final: str) -> str:
    """The scores of all methods; `videos` are those of the first column's split."""
    table = scores.pivot(index="method", columns="split", values="score")
    splits = list(dict.fromkeys(scores["split"]))[::-1]
    last = scores[scores["split"] == splits[0]].set_index("method")
    methods = table[splits[0]].sort_values(ascending=False).index
    pairs = [(str(method), final) for method in methods]
    differences = paired_differences(videos, pairs).set_index("method")
    rows = [
        [
            f"{escape(str(method))}{' (submitted)' if method == final else ''}",
            *(f"{table.loc[method, split]:.4f}" for split in splits),
            f"{last.loc[method, 'action_top1']:.3f}",
            f"{last.loc[method, 'psc']:.3f}",
            _difference(differences.loc[method]) if method != final else "",
        ]
        for method in methods
    ]
    return _table(["method", *splits, "action", "PSC", "difference"], rows)


def _difference(row: pd.Series) -> str:
    return f"{row['difference']:+.4f} [{row['low']:+.4f}, {row['high']:+.4f}]"


def _next_point(oracles: pd.DataFrame) -> str:
    rows = [
        [str(row.what), f"{row.score:.4f}", f"{row.gain:+.4f}"]
        for row in gains(oracles).itertuples()
    ]
    words = "What the score would be if a piece of the submission were the truth:"
    return f"{words}\n\n{_table(['with', 'score', 'gain'], rows)}"


def _chosen(choice: pd.DataFrame) -> str:
    best = choice[(choice["fold"] == ALL) & (choice["rank"] == 1)]
    best = best.sort_values("action", key=lambda names: names.where(names != EVERY_ACTION, ""))
    rows = [
        [escape(str(row.action)), escape(str(row.method)), f"{row.psc:.3f}", str(row.videos)]
        for row in best.itertuples()
    ]
    return _table(["action", "method", "PSC", "val videos"], rows)


def _table(header: list[str], rows: Iterable[list[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows([header, *rows])
    lines = "\n".join(f"   {line}" for line in text.getvalue().splitlines())
    return f".. csv-table::\n   :header-rows: 1\n\n{lines}"


def _heading(text: str, line: str = "-") -> str:
    return f"{text}\n{line * len(text)}"
