"""Which methods differ: paired comparisons over the same videos, with bootstrap intervals.

Two methods meet the same hard and easy videos: what a video adds to both scores alike cancels in
their paired difference, and only what is left tells a step from chance.
"""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from partparse.errors import InputError
from partparse.report.methods import as_markdown

RESAMPLES = 10_000
INTERVAL = (0.025, 0.975)
"""The shares of resampled means at both ends of an interval: it covers 95 %."""

_SEED = 0
_CELLS = 1_000_000  # numbers drawn at once: about 8 MB for each array of them
_MEASURES = ["difference", "low", "high"]


def paired_differences(videos: pd.DataFrame, pairs: Iterable[tuple[str, str]]) -> pd.DataFrame:
    """How much more each method of a pair scores than its reference, over the same videos.

    Args:
        videos: a row for each (run, method, video) of one split: columns run, method, video,
            value, where `value` is what the video adds to the score. Runs may differ in a seed
            or in their data.
        pairs: (method, reference) for each comparison.

    Returns:
        A row for each pair: method, reference, videos (of all runs), score and reference_score
        (means over all videos of all runs), difference (of these two), and the ends low and high
        of its 95 % interval: percentiles of 10,000 bootstrap resamples of videos. Each run keeps
        its number of videos in every resample; a video that several runs have is drawn for all of
        them at once. The same table gives the same interval each time.

    Raises:
        InputError: a method lacks a video that another has, or has it twice.
    """
    table = pd.DataFrame(pairs, columns=["method", "reference"])
    values = _values(videos, pd.unique(table.to_numpy().ravel()).tolist())
    means = values.mean()
    differences = values[table["method"]].to_numpy() - values[table["reference"]].to_numpy()
    low, high = np.quantile(_resampled_means(differences, values.index), INTERVAL, axis=0)
    return table.assign(
        videos=len(values),
        score=means[table["method"]].to_numpy(),
        reference_score=means[table["reference"]].to_numpy(),
        difference=differences.mean(axis=0),
        low=low,
        high=high,
    )


def compare_ladder(
    videos: pd.DataFrame, methods: Sequence[str], references: Sequence[str]
) -> pd.DataFrame:
    """Compare each step of a ladder of methods to the one before and to the references.

    Args:
        videos: as for `paired_differences`, of any splits, with a column split.
        methods: the steps, lowest first.
        references: methods that every step is compared to.

    Returns:
        A row for each (split, step), splits as they come in `videos`: split, method, videos,
        score; difference, low, high to the step before (NaN for the first); for each reference R
        difference_to_R, low_to_R, high_to_R.
    """
    before = [*methods[:1], *methods[:-1]]
    pairs = list(zip(methods, before, strict=True))
    pairs += [(method, reference) for reference in references for method in methods]
    suffixes = ["", *(f"_to_{reference}" for reference in references)]
    columns = ["split", "method", "videos", "score"]
    columns += [f"{measure}{suffix}" for suffix in suffixes for measure in _MEASURES]
    ladders = [pd.DataFrame(columns=columns)]
    for split, rows in videos.groupby("split", sort=False):
        compared = paired_differences(rows, pairs)
        ladder = compared.loc[: len(methods) - 1, ["method", "videos", "score"]]
        ladder.insert(0, "split", split)
        blocks = np.split(compared[_MEASURES].to_numpy(), len(suffixes))
        for suffix, block in zip(suffixes, blocks, strict=True):
            ladder[[f"{measure}{suffix}" for measure in _MEASURES]] = block
        ladder.loc[0, _MEASURES] = np.nan
        ladders.append(ladder)
    # a table without rows has no types that the others could keep
    return pd.concat(ladders[1:] or ladders, ignore_index=True)


def ladder_markdown(ladder: pd.DataFrame) -> str:
    """The table of `compare_ladder` for docs/: `+0.0123 [+0.0040, +0.0210]` for a difference."""
    table = ladder[["split", "method", "videos"]].assign(score=ladder["score"].map("{:.4f}".format))
    for column in ladder.columns[ladder.columns.str.startswith("difference")]:
        which = column.removeprefix("difference")
        ends = ladder[[column, f"low{which}", f"high{which}"]].itertuples(index=False, name=None)
        title = which.removeprefix("_").replace("_", " ", 1) or "to the step before"
        table[title] = [_interval_text(*cells) for cells in ends]
    return as_markdown(table)


def _interval_text(difference: float, low: float, high: float) -> str:
    return "" if np.isnan(difference) else f"{difference:+.4f} [{low:+.4f}, {high:+.4f}]"


def _values(videos: pd.DataFrame, methods: list[str]) -> pd.DataFrame:
    """Values of the methods (columns) on each (run, video), in an order that rows do not change."""
    rows = videos[videos["method"].isin(methods)]
    twice = rows.duplicated(["run", "video", "method"])
    if twice.any():
        run, video, method = rows.loc[twice, ["run", "video", "method"]].iloc[0]
        raise InputError(f"method {method!r}: two scores of {_place(run, video)}")
    values = rows.pivot(index=["run", "video"], columns="method", values="value")
    values = values.reindex(columns=methods)
    for method in methods:
        missing = values.index[values[method].isna()]
        if len(missing):
            raise InputError(
                f"method {method!r}: no score of {_place(*missing[0])};"
                " methods are compared over the same videos"
            )
    return values


def _place(run: str, video: str) -> str:
    return f"video {video!r} in run {run!r}"


def _resampled_means(differences: NDArray[np.float64], places: pd.MultiIndex) -> NDArray:
    """(RESAMPLES, pairs) means of the (run, video) rows of `differences`, drawn again."""
    rng = np.random.default_rng(_SEED)
    videos = pd.DataFrame(differences, index=places).groupby(level="video")
    # runs that share videos share what is hard about them: drawing a video for each run on its
    # own would count it as many times as there are runs, and make the interval too narrow
    runs = places.to_frame(index=False).groupby("video")["run"].agg("\n".join)
    sums = np.zeros((RESAMPLES, differences.shape[1]))
    for _, stratum in videos.sum().groupby(runs):
        sums += _resampled_sums(stratum.to_numpy(), rng)
    return sums / len(differences)


def _resampled_sums(values: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.float64]:
    """(RESAMPLES, pairs) sums of as many rows of `values` (videos, pairs), drawn with replacement.

    All pairs see the same resamples: how often each row is drawn is a matrix, times the values.
    """
    rows = len(values)
    sums = []
    step = max(1, _CELLS // rows)
    for start in range(0, RESAMPLES, step):
        count = min(step, RESAMPLES - start)
        drawn = rng.integers(rows, size=(count, rows)) + rows * np.arange(count)[:, None]
        times = np.bincount(drawn.ravel(), minlength=count * rows).reshape(count, rows)
        sums.append(times @ values)
    return np.concatenate(sums)
