"""The figures of the report, each from the table that it shows.

A table without rows gives a figure that says so: the report names every figure.
"""

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from partparse.metric.psc import video_values
from partparse.report.style import OKABE_ITO, draw_nothing, figure, panel_for_each, panels

_MARKERS = ("o", "s", "^", "D")  # as well as colours, for prints in grey
_BINS = np.linspace(0, 1, 21)
OURS = "ours"
SWAPPED: dict[str, str] = {
    "gt_action": "the true action of each video",
    "gt_states": "the true states of the parts found",
    "gt_part_boxes": "the true boxes of the parts",
    "gt_part_boxes_states": "the true boxes and states of the parts",
    "gt_persons": "the true boxes of the persons",
    "all_gt": "the annotations themselves",
}
"""What each row of `partparse.metric.oracle` swaps in, in words."""


def draw_ladder(scores: pd.DataFrame, path: Path) -> Figure:
    """Bars of the score of each method, a bar for each split, the best on the last at the top.

    Args:
        scores: columns split, method, score.
    """
    table = scores.pivot_table(index="method", columns="split", values="score", sort=False)
    if table.empty:
        return draw_nothing(path)
    table = table.sort_values(table.columns[-1], kind="stable")
    with figure(path, height=1.2 + 0.45 * table.size) as (drawing, axes):
        table.plot.barh(ax=axes, width=0.8)
        for container in axes.containers:
            axes.bar_label(container, fmt="%.4f", padding=3, fontsize=8, color=OKABE_ITO[-1])
        axes.set(xlabel="score", ylabel="", xlim=(0, 1))
        axes.legend(title="", loc="lower right", bbox_to_anchor=(1, 1), ncols=2)
    return drawing


def draw_steps(
    steps: pd.DataFrame,
    path: Path,
    label: str = "score added to the step before, with its 95 % interval",
) -> Figure:
    """What each step of an ablation ladder adds to the one before, a panel for each split.

    Args:
        steps: of `partparse.report.comparison.compare_ladder`: columns split, method, difference,
            low, high; steps without a difference, such as the first, are left out.
        path: SVG.
        label: what the difference is.
    """
    steps = steps.dropna(subset="difference")
    if steps.empty:
        return draw_nothing(path, "no step was compared to one before it")
    methods = list(dict.fromkeys(steps["method"]))
    splits = steps.groupby("split", sort=False)
    height = 1.2 + 0.35 * len(methods)
    with panels(path, 1, splits.ngroups, 7.0, height) as (drawing, grid):
        for axes, (split, rows) in zip(grid[0], splits, strict=True):
            places = rows["method"].map(methods.index)
            axes.axvline(0, color=OKABE_ITO[-2], linewidth=0.8)
            # not errorbar: rounding puts the ends of a certain step on its wrong sides
            axes.hlines(places, rows["low"], rows["high"], color=OKABE_ITO[0])
            axes.plot(rows["difference"], places, _MARKERS[0], color=OKABE_ITO[0])
            axes.set_title(split)
        grid[0, 0].set_yticks(range(len(methods)), methods)
        grid[0, 0].set_ylim(len(methods) - 0.5, -0.5)
        drawing.supxlabel(label, fontsize=10)
    return drawing


def draw_reliability(bins: pd.DataFrame, path: Path) -> Figure:
    """Reliability diagrams: a panel for each model, a line for each stage of its calibration.

    The legends give the expected calibration error: the mean of |confidence - accuracy| over
    bins, weighted by their shares.

    Args:
        bins: columns what (the model), stage (such as before, after), bin (its number), confidence
            (mean of the bin), accuracy (share of the bin's rows that are right), weight (share of
            all rows that are in the bin; bins of weight 0 are not drawn).
    """
    bins = bins[bins["weight"] > 0]
    if bins.empty:
        return draw_nothing(path, "nothing was calibrated")
    stages = list(dict.fromkeys(bins["stage"]))
    models = bins.groupby("what", sort=False)
    with panel_for_each(path, models.ngroups, most=3, width=2.6, height=2.6) as (drawing, places):
        for axes, (model, both) in zip(places, models, strict=True):
            _draw_diagonal(axes)
            for stage, rows in both.groupby("stage", sort=False):
                line = rows.sort_values("bin")
                place = stages.index(stage)
                gap = (line["confidence"] - line["accuracy"]).abs()
                axes.plot(
                    line["confidence"],
                    line["accuracy"],
                    color=OKABE_ITO[place],
                    marker=_MARKERS[place],
                    markersize=4,
                    label=f"{stage} (ECE {np.average(gap, weights=line['weight']):.3f})",
                )
            axes.set_title(model, fontsize=10)
            axes.legend(fontsize=7, loc="upper left")
        drawing.supxlabel("confidence", fontsize=10)
        drawing.supylabel("share that is right", fontsize=10)
    return drawing


def draw_expected_psc(videos: pd.DataFrame, path: Path) -> Figure:
    """The PSC that was expected of each video over the one obtained, a colour for each split.

    The legend gives Pearson's correlation, and as the bias the mean of expected - obtained.

    Args:
        videos: columns video, split, expected, psc, the last two from 0 to 1.
    """
    if videos.empty:
        return draw_nothing(path)
    with figure(path, width=5.0, height=5.0) as (drawing, axes):
        _draw_diagonal(axes)
        for place, (split, rows) in enumerate(videos.groupby("split", sort=False)):
            bias = (rows["expected"] - rows["psc"]).mean()
            axes.plot(
                rows["expected"],
                rows["psc"],
                _MARKERS[place],
                color=OKABE_ITO[place],
                markersize=4,
                alpha=0.7,
                label=f"{split} (r = {_correlation(rows)}, bias {bias:+.3f})",
            )
        axes.set(xlabel="expected PSC", ylabel="PSC obtained")
        axes.legend(loc="upper left")
    return drawing


def _draw_diagonal(axes: Axes) -> None:
    axes.plot([0, 1], [0, 1], color=OKABE_ITO[-2], linestyle="--", linewidth=0.8)
    axes.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02), aspect="equal")


def _correlation(rows: pd.DataFrame) -> str:
    """Of expected and obtained PSC; where one of them never changes there is none."""
    if rows["expected"].nunique() < 2 or rows["psc"].nunique() < 2:
        return "none"
    return f"{rows['expected'].corr(rows['psc']):.2f}"


def draw_threshold_curve(videos: pd.DataFrame, final: str, path: Path) -> Figure:
    """The metric: the share of videos with the right action over the PSC that they reach.

    The score is the area under it; that of the final method is filled.

    Args:
        videos: scores by video of one split: columns method, psc, correct.
        final: name of the method that is submitted.
    """
    if videos.empty:
        return draw_nothing(path)
    with figure(path) as (drawing, axes):
        methods = videos.groupby("method", sort=False)
        # the largest area first
        for method, rows in sorted(methods, key=lambda m: -(m[1]["psc"] * m[1]["correct"]).mean()):
            reached = np.sort(rows.loc[rows["correct"] == 1, "psc"])
            # from each video's PSC on, it is right no more
            share = np.append(len(reached) - np.arange(len(reached)), 0) / len(rows)
            edges = np.concatenate([[0], reached, [1]])
            area = video_values(rows["psc"].to_numpy(), rows["correct"].to_numpy()).mean()
            line = axes.stairs(
                share, edges, baseline=None, label=f"{method} (area {area:.4f})", linewidth=1.5
            )
            if method == final:
                axes.stairs(share, edges, fill=True, color=line.get_edgecolor(), alpha=0.2)
        axes.set(
            xlabel="PSC threshold",
            ylabel="share of videos right at it",
            xlim=(0, 1),
            ylim=(0, 1.02),
        )
        axes.legend()
    return drawing


def draw_psc_distribution(videos: pd.DataFrame, path: Path) -> Figure:
    """Histogram of PSC over videos; those with a wrong action, which count nothing, hatched.

    Args:
        videos: scores by video of one method and split: columns psc, correct.
    """
    if videos.empty:
        return draw_nothing(path)
    right = videos["correct"] == 1
    with figure(path) as (drawing, axes):
        _, _, (counted, lost) = axes.hist(
            [videos.loc[right, "psc"], videos.loc[~right, "psc"]],
            bins=_BINS.tolist(),
            stacked=True,
            color=[OKABE_ITO[0], OKABE_ITO[1]],
            edgecolor="white",
        )
        for bar in lost:
            bar.set_hatch("///")
        mean = videos["psc"].mean()
        rule = axes.axvline(mean, color="black", linestyle="--", linewidth=1)
        axes.set(xlabel="PSC of a video", ylabel="videos", xlim=(0, 1))
        axes.yaxis.get_major_locator().set_params(integer=True)
        axes.legend(
            [counted[0], lost[0], rule],
            ["action right", "action wrong: adds nothing", f"mean {mean:.4f}"],
        )
    return drawing


def gains(oracles: pd.DataFrame) -> pd.DataFrame:
    """What the truth would add, most first.

    Args:
        oracles: the ladder of one split: columns row, score.

    Returns:
        what (in words), score, gain over the submission's own score.
    """
    scores = oracles.set_index("row")["score"]
    found = scores.reindex([row for row in SWAPPED if row in scores]).sort_values(ascending=False)
    return pd.DataFrame(
        {
            "what": [SWAPPED[str(row)] for row in found.index],
            "score": found.to_numpy(),
            "gain": found.to_numpy() - scores.get(OURS, float("nan")),
        }
    )


def draw_oracles(oracles: pd.DataFrame, path: Path) -> Figure:
    """A bar for each piece of truth: our score, and what the piece would add to it.

    Args:
        oracles: the ladder of one split: columns row, score.
    """
    if oracles.empty:
        return draw_nothing(path)
    table = gains(oracles).iloc[::-1]
    ours = float(oracles.loc[oracles["row"] == OURS, "score"].iloc[0])
    with figure(path, width=8.0, height=1.4 + 0.4 * len(table)) as (drawing, axes):
        axes.barh(table["what"], ours, color=OKABE_ITO[0], label=f"ours {ours:.4f}")
        bars = axes.barh(
            table["what"],
            table["gain"],
            left=ours,
            color=OKABE_ITO[1],
            label="gain with the truth of",
        )
        labels = [f"{gain:+.4f}" for gain in table["gain"]]
        axes.bar_label(bars, labels, padding=3, fontsize=8)
        axes.set(xlabel="score", xlim=(0, 1.12))
        axes.legend(loc="lower right", bbox_to_anchor=(1, 1), ncols=2)
    return drawing
