"""Frames with their truth and their parse side by side, for people to look at."""

import cv2
import numpy as np
import pandas as pd

from partparse.augment import Picture
from partparse.report.annotated_frame import SHORT_SIDE, draw_frame, plan_layout
from partparse.sampling import scored, spread
from partparse.tables import FRAME_KEY
from partparse.vocabulary import PERSON


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


def draw_beside(
    picture: Picture, tables: dict[str, pd.DataFrame], name: str, persons: int, score: float
) -> Picture:
    """A frame once for each table, with the best persons of that table, their parts and states.

    Args:
        picture: (H, W, 3) BGR.
        tables: rows of a PARSES or ANNOTATIONS table of this frame, by what is said above.
        name: of the frame, above as well.
        persons: how many persons of a table at most, by falling score where there is one.
        score: persons below it are not drawn.

    Returns:
        (H', W', 3) BGR.
    """
    shown = {title: best_persons(rows, persons, score) for title, rows in tables.items()}
    layout = plan_layout(
        picture.shape[1],
        picture.shape[0],
        pd.concat([rows["state"] for rows in shown.values()]).dropna().unique(),
        max(rows["person"].nunique() for rows in shown.values()),
    )
    drawn = [draw_frame(picture, rows, {}, layout, (title, name)) for title, rows in shown.items()]
    return cv2.cvtColor(np.hstack(drawn), cv2.COLOR_RGB2BGR)


def notice(text: str) -> Picture:
    """A white picture that says `text`, for where there is no frame to draw on."""
    picture = np.full((SHORT_SIDE, 640, 3), 255, np.uint8)
    return cv2.putText(picture, text, (6, 19), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (0, 0, 0), 1)


def best_persons(parse: pd.DataFrame, persons: int, score: float) -> pd.DataFrame:
    """The rows of the persons of a frame that are drawn, see `draw_beside`."""
    own = parse[parse["part"] == PERSON]
    if "score" in own:
        own = own[own["score"] >= score].sort_values("score", ascending=False, kind="stable")
    return parse[parse["person"].isin(own["person"].head(persons))]
