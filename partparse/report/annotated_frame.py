"""A frame with its persons: boxes and keypoints on the picture, all words beside it.

Each kind of part has a colour that the colour-blind can tell from the others; parts of the
person's right side have thin boxes with strong corners.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import cv2
import matplotlib as mpl
import numpy as np
import pandas as pd
import supervision as sv
from PIL import Image, ImageDraw, ImageFont

from partparse.augment import Picture
from partparse.boxes import Floats
from partparse.tables import BOX
from partparse.vocabulary import PART_GROUPS, PARTS, PERSON

SHORT_SIDE = 480
"""Pixels that the shorter side of the picture has at least: small things have to be seen."""
LARGEST_SIDE = 720
"""Pixels that the shorter side of the picture has at most: words keep their size beside it."""
KEYPOINT_SCORE = 0.3  # keypoints below it are not drawn

# of Okabe and Ito
_COLOURS = {
    "head": "#E69F00",
    "arm": "#56B4E9",
    "hand": "#0072B2",
    "hip": "#F0E442",
    "leg": "#CC79A7",
    "foot": "#D55E00",
}
COLOUR_OF = {part: _COLOURS[group] for group, parts in PART_GROUPS.items() for part in parts}
"""As #rrggbb, by part."""
_PALETTE = sv.ColorPalette.from_hex([COLOUR_OF[part] for part in PARTS])
_KEYPOINTS = sv.Color.from_hex("#009E73")
RIGHT = [part for part in PARTS if part.startswith("right_")]
"""Parts that have the colour of another one, and look else in another way."""

_FONT = 15  # pixels
_LINE = 19
_MARGIN = 8
_SWATCH = 11
_HEADER = 30
_NOTHING = "–"


@dataclass(frozen=True)
class Layout:
    """Where things are in every frame of a video; all in pixels."""

    picture: tuple[int, int]  # width and height of the enlarged picture
    size: tuple[int, int]  # width and height of the whole frame, both even as H.264 needs them
    names: int  # width of the names of parts
    column: int  # width of a column of persons
    persons: int  # persons below each other in a column


def plan_layout(width: int, height: int, states: Iterable[str], persons: int) -> Layout:
    """The layout for frames of `width` x `height` pixels.

    Args:
        width: of the video.
        height: of the video.
        states: all that may stand beside a part.
        persons: how many are drawn in a frame at most.
    """
    short = min(width, height)
    scale = min(max(short, SHORT_SIDE), LARGEST_SIDE) / short
    picture = round(width * scale), round(height * scale)
    names = _SWATCH + _MARGIN + max(map(_width, map(_plain, PARTS)))
    state = max(map(_width, [_NOTHING, *map(_plain, states)]))
    column = names + state + 3 * _MARGIN
    below = max(1, (picture[1] - _MARGIN) // _block())
    columns = -(-persons // below)
    size = picture[0] + columns * column, picture[1] + _HEADER
    return Layout(picture, (size[0] + size[0] % 2, size[1] + size[1] % 2), names, column, below)


def draw_frame(
    picture: Picture,
    parse: pd.DataFrame,
    keypoints: Mapping[int, Floats],
    layout: Layout,
    captions: tuple[str, str],
) -> Picture:
    """A frame with its parse.

    Args:
        picture: (H, W, 3) BGR.
        parse: rows of a PARSES, PARSED or ANNOTATIONS table: the persons to draw, with their parts.
            Where they have tracks, persons are called by these; "-" is on none.
        keypoints: (17, 3) as x, y, score in pixels of the picture, by a person's number.
        layout: of the video.
        captions: what is said above the picture at the left, and at the right.

    Returns:
        (H', W', 3) RGB of the layout's size.
    """
    scale = layout.picture[0] / picture.shape[1]
    canvas = cv2.resize(picture, layout.picture, interpolation=cv2.INTER_AREA)
    canvas = _draw_boxes(canvas, parse, scale)
    drawn = [keypoints[person] for person in parse["person"].unique() if person in keypoints]
    if drawn:
        canvas = _draw_keypoints(canvas, np.stack(drawn), scale)
    width, height = layout.size
    page = Image.new("RGB", (width, height), "white")
    page.paste(Image.fromarray(cv2.cvtColor(canvas, cv2.COLOR_BGR2RGB)), (0, _HEADER))
    pen = ImageDraw.Draw(page)
    pen.text((_MARGIN, _HEADER // 2), captions[0], "black", _font(bold=True), anchor="lm")
    pen.text((layout.picture[0], _HEADER // 2), captions[1], "black", _font(), anchor="rm")
    for place, rows in enumerate(_from_left(parse)):
        column, row = divmod(place, layout.persons)
        corner = layout.picture[0] + column * layout.column, _HEADER + row * _block()
        _write_person(pen, corner, rows, layout.names)
    return np.asarray(page)


def _draw_boxes(canvas: Picture, parse: pd.DataFrame, scale: float) -> Picture:
    persons, right = parse[parse["part"] == PERSON], parse["part"].isin(RIGHT)
    others = parse[~right & (parse["part"] != PERSON)]
    corners = sv.BoxCornerAnnotator(_PALETTE, thickness=3, corner_length=7)
    for rows, annotator in (
        (persons, sv.BoxAnnotator(sv.Color.BLACK, thickness=4)),
        (persons, sv.BoxAnnotator(sv.Color.WHITE, thickness=2)),
        (others, sv.BoxAnnotator(_PALETTE, thickness=2)),
        (parse[right], sv.BoxAnnotator(_PALETTE, thickness=1)),
        (parse[right], corners),
    ):
        canvas = annotator.annotate(canvas, _detections(rows, scale))
    tags = sv.LabelAnnotator(
        sv.Color.WHITE, text_color=sv.Color.BLACK, text_scale=0.5, text_padding=3
    )
    return tags.annotate(canvas, _detections(persons, scale), list(map(_call, _rows(persons))))


def _rows(persons: pd.DataFrame) -> list[pd.Series]:
    return [row for _, row in persons.iterrows()]


def _call(person: pd.Series) -> str:
    """What a person is called: the same in all frames of a video that has tracks."""
    if "track" not in person:
        return str(person["person"])
    return str(person["track"]) if person["track"] > 0 else "-"


def _detections(rows: pd.DataFrame, scale: float) -> sv.Detections:
    places = {part: place for place, part in enumerate([*PARTS, PERSON])}
    return sv.Detections(
        xyxy=rows[BOX].to_numpy(float).reshape(-1, 4) * scale,
        class_id=rows["part"].map(places).to_numpy(int),
    )


def _draw_keypoints(canvas: Picture, keypoints: Floats, scale: float) -> Picture:
    found = sv.KeyPoints(
        xy=(keypoints[..., :2] * scale).astype(np.float32),
        visible=keypoints[..., 2] >= KEYPOINT_SCORE,
    )
    canvas = sv.EdgeAnnotator(_KEYPOINTS, thickness=2).annotate(canvas, found)
    return sv.VertexAnnotator(_KEYPOINTS, radius=3).annotate(canvas, found)


def _from_left(parse: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Persons in the order in which they stand, so that they keep their place beside the picture.

    Their numbers follow from scores, which change from frame to frame.
    """
    persons = parse[parse["part"] == PERSON]
    centre = persons["x1"] + persons["x2"]
    for person in persons["person"].iloc[np.argsort(centre.to_numpy(), kind="stable")]:
        yield parse[parse["person"] == person]


def _write_person(
    pen: ImageDraw.ImageDraw, corner: tuple[int, int], rows: pd.DataFrame, names: int
) -> None:
    """Write a person's score, where it has one, and the states of its parts, below `corner`."""
    left, top = corner[0] + _MARGIN, corner[1] + _MARGIN + _LINE // 2
    by_part = rows.set_index("part")
    score = f"   {by_part.loc[PERSON, 'score']:.2f}" if "score" in by_part else ""
    heading = f"{_call(by_part.loc[PERSON])}{score}"
    pen.text((left, top), heading, "black", _font(bold=True), anchor="lm")
    for line, part in enumerate(PARTS, start=1):
        middle = top + line * _LINE
        state = _plain(by_part.loc[part, "state"]) if part in by_part.index else _NOTHING
        _draw_swatch(pen, (left, middle), part)
        pen.text((left + _SWATCH + _MARGIN, middle), _plain(part), "black", _font(), anchor="lm")
        pen.text((left + names + _MARGIN, middle), state, "black", _font(), anchor="lm")


def _draw_swatch(pen: ImageDraw.ImageDraw, corner: tuple[int, int], part: str) -> None:
    """A part's colour: a full square, or for the right side a thin one with strong corners."""
    left, top = corner[0], corner[1] - _SWATCH // 2
    right, bottom, colour = left + _SWATCH - 1, top + _SWATCH - 1, COLOUR_OF[part]
    if part not in RIGHT:
        pen.rectangle((left, top, right, bottom), colour)
        return
    pen.rectangle((left, top, right, bottom), outline=colour)
    for x in (left, right - 2):
        for y in (top, bottom - 2):
            pen.rectangle((x, y, x + 2, y + 2), colour)


def _plain(name: str) -> str:
    return name.replace("_", " ")


def _block() -> int:
    """Height of what is written of a person."""
    return (len(PARTS) + 1) * _LINE + 2 * _MARGIN


def _width(text: str) -> int:
    return int(np.ceil(_font().getlength(text)))


@lru_cache
def _font(bold: bool = False) -> ImageFont.FreeTypeFont:
    name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
    return ImageFont.truetype(Path(mpl.get_data_path()) / "fonts" / "ttf" / name, _FONT)
