"""Hints at labels that a person should look at: boxes, persons and states that are seldom right.

A hint is no fault: people in the background often have no parts, and a rare state may be true.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from partparse import boxes
from partparse.dataset.annotation import json_path
from partparse.tables import BOX, FRAME_KEY
from partparse.vocabulary import PERSON

OBJECT = "object"  # the `part` of an object among the entries, as "person" is that of a person
OTHERS = "others"  # the label of states that the vocabulary does not have; of objects `none` is

INSIDE = 0.5  # less of a part's box in its person's is a hint
RARE_COUNT = 10
RARE_SHARE = 0.05
"""A state is rare for its class with fewer annotations, and a smaller share of its part's."""

EXAMPLES = 100  # examples that are kept of a kind of hint
PER_VIDEO = 3
"""Of these, how many may be of one video: a fault of one clip must not hide all others."""

KINDS: dict[str, str] = {
    "outside picture": "no pixel of the box lies in the picture",
    "over border": "a part of the box lies outside the picture",
    "one pixel": "the box is one pixel wide and high",
    "flat": "the box is one pixel wide or high, so has no area as x2 - x1",
    "part outside person": f"less than {INSIDE:.0%} of the part's box lies in its person's",
    "rare state": f"fewer than {RARE_COUNT} annotations of this state of the part in its class, "
    f"and less than {RARE_SHARE:.0%} of them",
    "person without parts": "none of the ten parts is annotated",
    "frame without persons": "the file is there and names nobody",
}
"""Every kind of hint, and when it is given."""

_KEYS = ["kind", "split", "action"]


class Hints(NamedTuple):
    """Hints, counted, with some examples."""

    counts: pd.DataFrame  # kind, split, action, count
    examples: pd.DataFrame  # kind, split, action, video, frame, file, entry, detail


def find_hints(videos: pd.DataFrame, entries: pd.DataFrame, empty: pd.DataFrame) -> Hints:
    """All hints of some videos but the rare states, which show in the whole data set only.

    Args:
        videos: split, action, video (its id), folder (of its annotations, as it is shown), width
            and height in pixels, NaN where they are not known; indexed from 0.
        entries: a row for each box. video (row of `videos`), frame, number (of the person, or of
            the object), part (or "person", or "object"), label (the object's name), x1, y1, x2, y2;
            owner (position of the person's row among `entries`, -1 for objects); indexed from 0.
        empty: video (row of `videos`) and frame of each frame without persons.

    Returns:
        Counts, and the first examples: `PER_VIDEO` of each kind and video, `EXAMPLES` of a kind.
    """
    masks = _masks(videos, entries)
    found = [
        entries.loc[mask, FRAME_KEY].assign(kind=kind, row=np.flatnonzero(mask))
        for kind, mask in masks.items()
    ]
    found.append(empty.assign(kind="frame without persons", row=-1))
    hits = pd.concat(found, ignore_index=True)
    hits = hits.join(videos[["split", "action"]], on="video")
    chosen = hits.groupby(["kind", "video"], sort=False).head(PER_VIDEO)
    chosen = chosen.groupby("kind", sort=False).head(EXAMPLES)
    return Hints(_counted(hits.assign(count=1)), _described(chosen, videos, entries))


def _masks(videos: pd.DataFrame, entries: pd.DataFrame) -> dict[str, NDArray[np.bool_]]:
    """For each kind, (rows,) whether an entry is of it."""
    box = entries[BOX].to_numpy(float)
    size = videos[["width", "height"]].to_numpy(float)[entries["video"].to_numpy()]
    # nothing compares with NaN: where the size is not known there is no hint
    outside = ((box[:, 2:] < 0) | (box[:, :2] > size - 1)).any(axis=1)
    over = ((box[:, :2] < 0) | (box[:, 2:] > size - 1)).any(axis=1)
    thin = box[:, 2:] - box[:, :2] < 1
    owner = entries["owner"].to_numpy()
    rows = np.bincount(owner[owner >= 0], minlength=len(entries))  # the person's own is one
    return {
        "outside picture": outside,
        "over border": over & ~outside,
        "one pixel": thin.all(axis=1),
        "flat": thin.any(axis=1) & ~thin.all(axis=1),
        "part outside person": _inside(entries) < INSIDE,
        "person without parts": (entries["part"] == PERSON).to_numpy() & (rows == 1),
    }


def _inside(entries: pd.DataFrame) -> NDArray[np.float64]:
    """(rows,) the share of a part's box that lies in its person's; 1 for other entries."""
    box, owner = entries[BOX].to_numpy(float), entries["owner"].to_numpy()
    persons = box[owner]  # of objects any: they have no owner
    common = np.concatenate(
        [np.maximum(box[:, :2], persons[:, :2]), np.minimum(box[:, 2:], persons[:, 2:])], axis=1
    )
    return np.where(owner < 0, 1.0, boxes.area(common) / boxes.area(box))


def _counted(hits: pd.DataFrame) -> pd.DataFrame:
    return hits.groupby(_KEYS, as_index=False)["count"].sum()


def _described(chosen: pd.DataFrame, videos: pd.DataFrame, entries: pd.DataFrame) -> pd.DataFrame:
    """The examples as a person reads them; a loop, over a few of them."""
    shares = _inside(entries)
    rows = []
    for hit in chosen.itertuples(index=False):
        video = videos.loc[hit.video]
        entry, detail = "", ""
        if hit.row >= 0:
            found = entries.loc[hit.row]
            entry = _entry(found)
            detail = "" if hit.kind == "person without parts" else _box(found)
            if hit.kind == "part outside person":
                detail += (
                    f", {shares[hit.row]:.0%} in the person's {_box(entries.loc[found.owner])}"
                )
            elif hit.kind in {"outside picture", "over border"}:
                detail += f" of {video.width:.0f}x{video.height:.0f}"
        file = str(json_path(Path(video.folder), hit.frame))
        rows.append((hit.kind, hit.split, hit.action, video.video, hit.frame, file, entry, detail))
    return pd.DataFrame(rows, columns=[*_KEYS, "video", "frame", "file", "entry", "detail"])


def _entry(row: pd.Series) -> str:
    """An entry as the check of a data set names it."""
    if row.part == OBJECT:
        return f"object {row.number}, {row.label!r}"
    return f"human {row.number}" + ("" if row.part == PERSON else f", {row.part}")


def _box(row: pd.Series) -> str:
    return f"[{', '.join(f'{row[name]:g}' for name in BOX)}]"


def find_rare_states(states: pd.DataFrame) -> Hints:
    """The states that are rare for their class; the rarest first, one example of each.

    Args:
        states: split, action, part, state, count, videos; and of the first annotation video,
            frame, folder and number (of the person).

    `others` is no state, and so never rare.
    """
    pair = ["action", "part", "state"]
    total = states.groupby(pair)["count"].transform("sum")
    of_part = states.groupby(["action", "part"])["count"].transform("sum")
    rare = (total < RARE_COUNT) & (total < RARE_SHARE * of_part) & (states["state"] != OTHERS)
    hits = states.assign(kind="rare state", total=total, of_part=of_part)[rare]
    first = hits.drop_duplicates(pair).sort_values("total", kind="stable").head(EXAMPLES)
    examples = first.assign(
        file=[str(json_path(Path(row.folder), row.frame)) for row in first.itertuples()],
        entry=[f"human {row.number}, {row.part}" for row in first.itertuples()],
        detail=[f"{row.state}: {row.total} of {row.of_part}" for row in first.itertuples()],
    )
    columns = [*_KEYS, "video", "frame", "file", "entry", "detail"]
    return Hints(_counted(hits), examples[columns].reset_index(drop=True))


def join_hints(first: Hints, second: Hints) -> Hints:
    """Both together: counts added, the first `EXAMPLES` of each kind kept."""
    examples = pd.concat([first.examples, second.examples], ignore_index=True)
    return Hints(
        _counted(pd.concat([first.counts, second.counts], ignore_index=True)),
        examples.groupby("kind", sort=False).head(EXAMPLES).reset_index(drop=True),
    )
