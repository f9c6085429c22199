"""Draw the submitted parse on some frames, beside the ground truth where it is known."""

import argparse
from pathlib import Path

import cv2
import pandas as pd

from partparse import tables
from partparse.files.atomic import atomic_path
from partparse.frames.cache import frame_path
from partparse.report.overlays import draw_beside, notice
from partparse.running.program import run
from partparse.sampling import scored, spread
from partparse.tables import FRAME_KEY


def pick_frames(frames: pd.DataFrame, stride: int, count: int) -> pd.DataFrame:
    """`count` scored frames (all, if there are fewer), spread evenly over the videos in order."""
    decoded = frames[frames["frames"] > 0].sort_values("video")
    every = pd.DataFrame(
        [
            (video, int(number))
            for video, length in zip(decoded["video"], decoded["frames"], strict=True)
            for number in scored(length, stride)
        ],
        columns=FRAME_KEY,
    )
    return every.iloc[spread(range(len(every)), count)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parses", type=Path, nargs="+", required=True, help="parses tables")
    parser.add_argument("--annotations", type=Path, nargs="+", required=True, help="ground truth")
    parser.add_argument("--actions", type=Path, nargs="+", required=True, help="actions tables")
    parser.add_argument("--frames", type=Path, nargs="+", required=True, help="frames tables")
    parser.add_argument("--cache", type=Path, required=True, help="folder of the frames")
    parser.add_argument("--stride", type=int, required=True, help="every n-th frame is scored")
    parser.add_argument("--count", type=int, required=True, help="how many frames")
    parser.add_argument("--persons", type=int, required=True, help="persons drawn a frame")
    parser.add_argument("--score", type=float, required=True, help="persons below are not drawn")
    parser.add_argument("--out", type=Path, required=True, help="folder for the pictures")
    args = parser.parse_args()
    parses = tables.read_all(args.parses, tables.PARSES)
    truth = tables.read_all(args.annotations, tables.ANNOTATIONS)
    actions = tables.predicted_action(tables.read_all(args.actions, tables.ACTIONS))
    predicted = actions.set_index("video")["action"]
    frames = tables.read_all(args.frames, tables.FRAMES)
    picked = pick_frames(frames, args.stride, args.count)
    if picked.empty:
        with atomic_path(args.out / "00.jpg") as path:
            cv2.imwrite(str(path), notice("no frame of any video decodes"))
    for place, row in enumerate(picked.itertuples(), 1):
        picture = cv2.imread(str(frame_path(args.cache, row.video, row.frame)))
        shown = {}
        for title, table in (("truth", truth), (f"parse: {predicted[row.video]}", parses)):
            rows = table[(table["video"] == row.video) & (table["frame"] == row.frame)]
            if len(rows) or table is parses:
                shown[title] = rows
        name = f"{row.video}, frame {row.frame}"
        with atomic_path(args.out / f"{place:02d}.jpg") as path:
            cv2.imwrite(str(path), draw_beside(picture, shown, name, args.persons, args.score))


if __name__ == "__main__":
    run(main)
