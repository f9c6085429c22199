"""Videos as clip networks see them person by person: each track in a square of its own."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from partparse.boxes import Floats, area, to_edges
from partparse.recognition.clips import LabelledClips, Video
from partparse.tables import BOX

_PERSONS = 3  # of a video: those that act; the others are in the background
_ROOM = 1.1  # sides of the box about all of a track's boxes that its square has


def person_views(videos: Sequence[Video], persons: pd.DataFrame) -> list[Video]:
    """What is looked at of videos to see their persons, one after the other.

    A view is of a track: all of its frames, in the square about all of its boxes. It is held
    still, so that the person is seen to move in it. A video gives its main persons, those that
    are large and there for long; the whole of it where it has none.

    Args:
        videos: Whole ones.
        persons: Tracked PERSONS of them.
    """
    tracked = persons[persons["track"] >= 0]
    tracked = tracked.assign(size=np.sqrt(area(tracked[BOX].to_numpy())))
    found = tracked.groupby(["video", "track"]).agg(
        first=("frame", "min"),
        last=("frame", "max"),
        x1=("x1", "min"),
        y1=("y1", "min"),
        x2=("x2", "max"),
        y2=("y2", "max"),
        size=("size", "sum"),
    )
    main = found[found["last"] > found["first"]].sort_values("size", ascending=False, kind="stable")
    main = main.groupby("video").head(_PERSONS).sort_index().reset_index()
    views: dict[str, list[Video]] = {video.name: [] for video in videos}
    whole = {video.name: video for video in videos}
    edges = to_edges(main[BOX].to_numpy())
    for name, first, last, about in zip(
        main["video"], main["first"], main["last"], edges, strict=True
    ):
        frames = min(last, whole[name].frames) - first + 1 if name in whole else 0
        if frames > 0:
            square = _square_about(about)
            view = whole[name]._replace(frames=int(frames), first=int(first) - 1, square=square)
            views[name].append(view)
    return [view for video in videos for view in views[video.name] or [video]]


def _square_about(edges: Floats) -> tuple[int, int, int]:
    x0, y0, x1, y1 = edges
    side = max(2, round(float(max(x1 - x0, y1 - y0) * _ROOM)))
    return round(float(x0 + x1 - side) / 2), round(float(y0 + y1 - side) / 2), side


def label_persons(labelled: LabelledClips, persons: pd.DataFrame) -> LabelledClips:
    """The clips of whole videos that show a person each; a person does what its video is of."""
    views = person_views(labelled.videos, persons)
    targets = {v.name: target for v, target in zip(labelled.videos, labelled.targets, strict=True)}
    return LabelledClips(views, [targets[view.name] for view in views])


def join_persons(views: Sequence[Video], values: Floats, videos: Sequence[Video]) -> Floats:
    """The means (videos, C) of what is said of their views (V, C), weighted by their frames."""
    row = {video.name: i for i, video in enumerate(videos)}
    rows = [row[view.name] for view in views]
    weights = np.array([view.frames for view in views], float)
    total = np.zeros((len(videos), values.shape[1]))
    np.add.at(total, rows, values * weights[:, None])
    return total / np.bincount(rows, weights, len(videos))[:, None]
