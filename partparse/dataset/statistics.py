"""The statistics of a data set that Kinetics-TPS was published with, and how long its tail is.

`none` and `others` are no states like the rest: `none` is a part that does not move, `others` any
state that the vocabulary does not have (of objects, `none` is that). They are counted, but have no
rank among the most frequent states, as in the published figures.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from partparse.dataset.annotation_counts import Counts
from partparse.dataset.label_hints import KINDS, OTHERS, find_rare_states, join_hints
from partparse.files.atomic import atomic_path
from partparse.vocabulary import PART_GROUPS, PARTS, Vocabulary

NONE = "none"
UNNAMED: tuple[str, ...] = (NONE, OTHERS)  # what has no rank among the states
REST = "(all other states)"

TOP_STATES = 5
TOP_PAIRS = 4  # most frequent states of a part, and pairs of a class, as in the published figures
FEW = 100  # fewer annotations of a state than this are few

_SPLITS = ("train", "test")
_GROUP = {part: group for group, parts in PART_GROUPS.items() for part in parts}


class Statistics(NamedTuple):
    """Tables, each of one subject; `train`, `test` and `all` are numbers of annotations."""

    splits: pd.DataFrame
    """split (and "all"), videos, annotated, frames, humans, parts, objects, parts_per_human."""
    classes: pd.DataFrame
    """The same for each split (and "all") and action."""
    class_parts: pd.DataFrame
    """action, and how often each of the ten parts is annotated."""
    parts: pd.DataFrame
    """part, annotations, states (named ones that occur), the shares of none and others."""
    states: pd.DataFrame
    """part, state, train, test, all, videos, share (of the part's annotations)."""
    top_states: pd.DataFrame
    """part, rank, state, count, share (of the part's annotations); without a rank what is left,
    others and none."""
    pairs: pd.DataFrame
    """action, part, state, train, test, all, videos, share (of the class's annotations)."""
    top_pairs: pd.DataFrame
    """action, rank, part (left and right as one), state, count, share, named states alone."""
    frequencies: pd.DataFrame
    """of (states, or pairs of part and state), rank, part, state, count, share, cumulative_share;
    states of the list that never occur have a count of 0."""
    long_tail: pd.DataFrame
    """of, and what `tail_measures` says of it."""
    objects: pd.DataFrame
    """action, object, train, test, all."""
    hints: pd.DataFrame
    """kind, split, action, count."""
    hint_examples: pd.DataFrame
    """kind, split, action, video, frame, file (in the data set), entry, detail."""


def make_statistics(counts: Counts, vocabulary: Vocabulary) -> Statistics:
    """All tables from what was counted."""
    hints = join_hints(counts.hints, find_rare_states(counts.states))
    states = _by_split(counts.states, ["part", "state"])
    pairs = _by_split(counts.states, ["action", "part", "state"])
    frequencies = _frequencies(states, vocabulary.states)
    classes = pd.concat([counts.videos, counts.videos.assign(split="all")], ignore_index=True)
    return Statistics(
        splits=_totals(classes, ["split"]),
        classes=_totals(classes, ["split", "action"]),
        class_parts=_class_parts(pairs, sorted(set(counts.videos["action"]))),
        parts=_parts(states),
        states=states,
        top_states=_top_states(states),
        pairs=pairs,
        top_pairs=_top_pairs(pairs),
        frequencies=frequencies,
        long_tail=_long_tail(frequencies),
        objects=_objects(counts.objects),
        hints=_in_order(hints.counts),
        hint_examples=_in_order(hints.examples),
    )


def write_statistics(statistics: Statistics, folder: Path) -> None:
    """Write each table as `folder`/NAME.csv; shares have six digits."""
    for name, table in statistics._asdict().items():
        with atomic_path(folder / f"{name}.csv") as path:
            table.to_csv(path, index=False, float_format="%.6g")


def tail_measures(counts: NDArray[np.integer]) -> dict[str, float]:
    """How unequal numbers of annotations are.

    Args:
        counts: (names,) annotations of each; those without any are counted as `unused` and then
            left out.

    Returns:
        names, unused, annotations; top_1, top_5, top_10, the shares of the most frequent; for_50,
        for_90, how many of the most frequent hold that per cent; under_100, how many have fewer
        than `FEW`; imbalance, the largest over the smallest (imbalance ratio); gini, Gini's
        coefficient (0: all the same, near 1: one has all); effective, the exponential of Shannon's
        entropy (Hill's number of order 1): as many names of one frequency would be as varied.
        Without annotations the first three alone.
    """
    used = np.sort(counts[counts > 0])[::-1]
    total = used.sum()
    names: dict[str, float] = {
        "names": len(counts),
        "unused": int((counts == 0).sum()),
        "annotations": int(total),
    }
    if not total:
        return names
    share = used / total
    cumulative = share.cumsum()
    place = np.arange(len(used), 0, -1)  # from the rarest
    return names | {
        **{f"top_{top}": cumulative[:top][-1] for top in (1, 5, 10)},
        # the sum of shares may miss the bound by rounding
        "for_50": int(np.searchsorted(cumulative, 0.5 - 1e-9)) + 1,
        "for_90": int(np.searchsorted(cumulative, 0.9 - 1e-9)) + 1,
        f"under_{FEW}": int((used < FEW).sum()),
        "imbalance": used[0] / used[-1],
        "gini": 2 * (place * share).sum() / len(used) - (len(used) + 1) / len(used),
        "effective": float(np.exp(-(share * np.log(share)).sum())),
    }


def _totals(classes: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    table = classes.groupby(keys, as_index=False).sum(numeric_only=True)
    order = {split: place for place, split in enumerate([*_SPLITS, "all"])}
    table = table.sort_values(keys, key=lambda c: c.map(order) if c.name == "split" else c)
    # 0 / 0, of a class without humans, is NaN
    table["parts_per_human"] = table["parts"] / table["humans"]
    return table.reset_index(drop=True)


def _by_split(states: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """One row for each of `keys`, its annotations in each split, and its share of the first's."""
    table = _split_columns(states, keys)
    table["videos"] = states.groupby(keys)["videos"].sum()
    table["share"] = table["all"] / table.groupby(keys[0])["all"].transform("sum")
    table = table.reset_index()
    table["order"] = table["part"].map(PARTS.index)
    first = [key for key in keys if key == "action"]
    table = table.sort_values(
        [*first, "order", "all"], ascending=[*[True] * len(first), True, False], kind="stable"
    )
    return table.drop(columns="order").reset_index(drop=True)


def _split_columns(table: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    columns = {
        split: table[table["split"] == split].groupby(keys)["count"].sum() for split in _SPLITS
    }
    wide = pd.DataFrame(columns).fillna(0).astype(np.int64)
    return wide.assign(all=wide.sum(axis=1))


def _class_parts(pairs: pd.DataFrame, actions: Sequence[str]) -> pd.DataFrame:
    wide = pairs.pivot_table(index="action", columns="part", values="all", aggfunc="sum")
    wide = wide.reindex(index=pd.Index(actions, name="action"), columns=list(PARTS))
    return wide.fillna(0).astype(np.int64).rename_axis(columns=None).reset_index()


def _parts(states: pd.DataFrame) -> pd.DataFrame:
    named = states[~states["state"].isin(UNNAMED)]
    table = pd.DataFrame(
        {
            "annotations": states.groupby("part")["all"].sum(),
            "states": named.groupby("part").size(),
            **{
                name: states[states["state"] == name].set_index("part")["share"] for name in UNNAMED
            },
        }
    )
    table = table.reindex(pd.Index(PARTS, name="part")).fillna(0)
    return table.astype({"annotations": np.int64, "states": np.int64}).reset_index()


def _top_states(states: pd.DataFrame) -> pd.DataFrame:
    """The most frequent named states of each part, then what is left, without a rank."""
    table = states.rename(columns={"all": "count"})[["part", "state", "count", "share"]]
    unnamed = table["state"].isin(UNNAMED)
    # rows of a part stand by falling frequency
    rank = table[~unnamed].groupby("part", sort=False).cumcount() + 1
    table["rank"] = rank.reindex(table.index).astype("Int64")
    left = (table["rank"] > TOP_STATES).fillna(False)
    table.loc[left, ["state", "rank"]] = [REST, pd.NA]
    table = table.groupby(["part", "state"], as_index=False, sort=False).agg(
        {"rank": "first", "count": "sum", "share": "sum"}
    )
    last = {REST: 1.0, OTHERS: 2.0, NONE: 3.0}
    table["part_order"] = table["part"].map(PARTS.index)
    after = TOP_STATES + table["state"].map(last).astype(float)  # of no rows it is text
    table["order"] = table["rank"].astype(float).fillna(after)
    table = table.sort_values(["part_order", "order"])
    return table[["part", "rank", "state", "count", "share"]].reset_index(drop=True)


def _top_pairs(pairs: pd.DataFrame) -> pd.DataFrame:
    """The most frequent pairs of each class, the sides as one; shares are of all its pairs."""
    both = pairs.assign(part=pairs["part"].map(_GROUP)).rename(columns={"all": "count"})
    keys = ["action", "part", "state"]
    table = both.groupby(keys, as_index=False)[["count", "share"]].sum()
    table = table[~table["state"].isin(UNNAMED)]
    table = table.sort_values(["action", "count"], ascending=[True, False], kind="stable")
    table.insert(1, "rank", table.groupby("action").cumcount() + 1)
    return table[table["rank"] <= TOP_PAIRS].reset_index(drop=True)


def _frequencies(states: pd.DataFrame, known: Sequence[str]) -> pd.DataFrame:
    """States, and pairs of part and state, by falling frequency."""
    alone = states.groupby("state")["all"].sum()
    alone = alone.reindex(pd.Index(known, name="state"), fill_value=0).reset_index()
    tables = {"states": alone.assign(part=""), "pairs": states}
    return pd.concat([_ranked(table, of) for of, table in tables.items()], ignore_index=True)


def _ranked(table: pd.DataFrame, of: str) -> pd.DataFrame:
    table = table.rename(columns={"all": "count"})[["part", "state", "count"]]
    table = table.sort_values("count", ascending=False, kind="stable")
    share = table["count"] / max(table["count"].sum(), 1)
    table = table.assign(share=share, cumulative_share=share.cumsum())
    table.insert(0, "rank", np.arange(1, len(table) + 1))
    table.insert(0, "of", of)
    return table


def _long_tail(frequencies: pd.DataFrame) -> pd.DataFrame:
    named = frequencies[~frequencies["state"].isin(UNNAMED)]
    rows = [
        {"of": f"{prefix}{of}"} | tail_measures(table.loc[table["of"] == of, "count"].to_numpy())
        for of in ("states", "pairs")
        for prefix, table in (("", frequencies), ("named ", named))
    ]
    return pd.DataFrame(rows)


def _objects(objects: pd.DataFrame) -> pd.DataFrame:
    table = _split_columns(objects, ["action", "name"]).reset_index()
    table = table.sort_values(["action", "all"], ascending=[True, False], kind="stable")
    return table.rename(columns={"name": "object"}).reset_index(drop=True)


def _in_order(table: pd.DataFrame) -> pd.DataFrame:
    """By kind in the order of `KINDS`; within a kind as it was."""
    place = table["kind"].map(list(KINDS).index)
    return table.loc[place.sort_values(kind="stable").index].reset_index(drop=True)
