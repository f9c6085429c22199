"""Whether the boxes of a video are x, y, width, height in place of two corners.

Many tools write boxes so (COCO's files are), and many such boxes can be read as corners as well: a
video is judged as a whole.
"""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from partparse.boxes import Floats
from partparse.dataset.frame_check import Size, entries, is_box

_IMPOSSIBLE = 0.25
"""The least share of the boxes that can't be corners: x2 < x1 or y2 < y1."""
_INSIDE = 0.9
"""The least share of parts whose middle lies in their person, where boxes are read rightly."""
_SLACK = 2  # pixels that a box may stick out, rounded as it is


def are_widths(documents: Iterable[Any], size: Size | None) -> bool:
    """Whether the boxes of a video's annotations are x, y, width, height.

    They are where many of them can't be corners, and all fit if they are read so: into the picture
    of `size` (width, height), where it is known, and parts into their persons, which they don't if
    just some corners are exchanged. Entries without a box are passed over.
    """
    found = list(chain.from_iterable(map(_boxes, documents)))
    if not found:
        return False
    array = np.array(found, float)  # (N, 2, 4): a box and that of its person, or its own
    low, side = array[..., :2], array[..., 2:]
    impossible = (side[:, 0] < low[:, 0]).any(axis=-1)
    if impossible.mean() < _IMPOSSIBLE or (side <= 0).any():
        return False
    if size is not None and ((low < -_SLACK) | (low + side > np.array(size) + _SLACK)).any():
        return False
    parts = (array[:, 0] != array[:, 1]).any(axis=-1)
    if not parts.any():
        return True
    exchanged = np.minimum(low, side), np.maximum(low, side)
    as_widths, as_corners = _inside(low, low + side), _inside(*exchanged)
    return bool(as_widths[parts].mean() >= _INSIDE > as_corners[parts].mean())


def _boxes(document: Any) -> Iterator[tuple[list[float], list[float]]]:
    """The boxes of a frame, each with its person's; what is none is left out."""
    frame = document if isinstance(document, dict) else {}
    for human in entries(frame.get("humans")):
        own = human.get("box")
        if is_box(own):
            yield own, own
            for part in entries(human.get("parts")):
                if is_box(part.get("box")):
                    yield part["box"], own
    for thing in entries(frame.get("objects")):
        if is_box(thing.get("box")):
            yield thing["box"], thing["box"]


def _inside(low: Floats, high: Floats) -> NDArray[np.bool_]:
    """Whether a box's middle lies in its person, of corners (N, 2: box and person, 2)."""
    middle = (low[:, 0] + high[:, 0]) / 2
    return np.all((middle >= low[:, 1]) & (middle <= high[:, 1]), axis=-1)
