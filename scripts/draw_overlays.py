from pathlib import Path

import cv2

from partparse import tables
from partparse.files.atomic import atomic_path
from partparse.frames.picture_cache import picture_path
from partparse.report.overlays import draw_beside, notice, pick_frames
from partparse.running.arguments import Actions, Annotations, Frames, Parses
from partparse.running.command_line import program


@program
def draw_overlays(
    *,
    parses: Parses,
    annotations: Annotations,
    actions: Actions,
    frames: Frames,
    stride: int,
    pictures: int,
    persons: int,
    score: float,
    out: Path,
) -> None:
    """Draw the submitted parse on some frames, beside the ground truth where it is known.

    Args:
        pictures: How many are drawn.
        persons: Drawn of a frame at most.
    """
    chosen = tables.predicted_action(actions)
    predicted = chosen.set_index("video")["action"]
    picked = pick_frames(frames.table, stride, pictures)
    if picked.empty:
        with atomic_path(out / "00.jpg") as path:
            cv2.imwrite(str(path), notice("no frame of any video decodes"))
    for place, row in enumerate(picked.itertuples(), 1):
        picture = cv2.imread(str(picture_path(frames.cache, row.video, row.frame)))
        shown = {}
        for title, table in (("truth", annotations), (f"parse: {predicted[row.video]}", parses)):
            rows = table[(table["video"] == row.video) & (table["frame"] == row.frame)]
            if len(rows) or table is parses:
                shown[title] = rows
        name = f"{row.video}, frame {row.frame}"
        with atomic_path(out / f"{place:02d}.jpg") as path:
            cv2.imwrite(str(path), draw_beside(picture, shown, name, persons, score))
