"""Frames with a parse drawn on them, for people to look at."""

from collections.abc import Sequence

import cv2
import numpy as np
import pandas as pd
import supervision as sv
from numpy.typing import NDArray

from partparse.report.style import OKABE_ITO
from partparse.tables import BOX
from partparse.vocabulary import PARTS, PERSON

Picture = NDArray[np.uint8]

_COLOURS = sv.ColorPalette.from_hex(list(OKABE_ITO[:8]))
SHORT_SIDE = 480
"""Pixels that the shorter side of a picture has at least: labels have to be readable."""


def draw_parse(picture: Picture, parse: pd.DataFrame, persons: int, score: float = 0.0) -> Picture:
    """Draw the best persons of a frame with their parts and states.

    Args:
        picture: (H, W, 3) BGR.
        parse: rows of a PARSES or ANNOTATIONS table of this frame.
        persons: how many persons at most, by falling score where there is one.
        score: persons below it are not drawn.

    Returns:
        (H', W', 3) BGR, enlarged so that the shorter side has 480 pixels or more.
    """
    scale = max(1.0, SHORT_SIDE / min(picture.shape[:2]))
    canvas = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR)
    rows = parse[parse["person"].isin(best_persons(parse, persons, score))].reset_index(drop=True)
    if rows.empty:
        return canvas
    names = [PERSON, *PARTS]
    boxes = sv.Detections(
        xyxy=(rows[BOX].to_numpy(float) * scale),
        class_id=rows["part"].map(names.index).to_numpy(int),
    )
    labels = [_label(row.part, row.state) for row in rows.itertuples()]
    canvas = sv.BoxAnnotator(_COLOURS, thickness=2).annotate(canvas, boxes)
    annotator = sv.LabelAnnotator(
        _COLOURS, text_color=sv.Color.BLACK, text_scale=0.35, text_padding=2, smart_position=True
    )
    return annotator.annotate(canvas, boxes, labels)


def beside(pictures: Sequence[Picture], titles: Sequence[str]) -> Picture:
    """Pictures of one size side by side, each under its title."""
    titled = []
    for picture, title in zip(pictures, titles, strict=True):
        strip = np.full((28, picture.shape[1], 3), 255, np.uint8)
        cv2.putText(strip, title, (6, 19), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (0, 0, 0), 1, cv2.LINE_AA)
        titled.append(np.vstack([strip, picture]))
    return np.hstack(titled)


def notice(text: str) -> Picture:
    """A white picture that says `text`, for where there is no frame to draw on."""
    return beside([np.full((SHORT_SIDE, 640, 3), 255, np.uint8)], [text])


def best_persons(parse: pd.DataFrame, persons: int, score: float) -> pd.Series:
    """The numbers of the persons of a frame that are drawn, see `draw_parse`."""
    own = parse[parse["part"] == PERSON]
    if "score" in own:
        own = own[own["score"] >= score].sort_values("score", ascending=False, kind="stable")
    return own["person"].head(persons)


def _label(part: str, state: object) -> str:
    return part if pd.isna(state) else f"{part}: {state}"
