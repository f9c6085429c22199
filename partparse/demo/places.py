"""Places: walls, floors and clutter that tell an action, and in part its variant, at a glance."""

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from partparse.augment import Picture

Colour = tuple[float, float, float]
Point = tuple[float, float]


@dataclass(frozen=True)
class Place:
    """Colours are blue, green, red."""

    wall: Colour
    wall_pattern: str
    floor: Colour
    floor_pattern: str
    clutter: str


PLACES: dict[str, tuple[Place, Place, Place]] = {
    "crawling_baby": (
        Place((190, 210, 245), "dots", (200, 170, 225), "checks", "toys"),
        Place((215, 235, 190), "dots", (150, 190, 235), "planks", "toys"),
        Place((235, 205, 215), "stripes", (205, 225, 150), "checks", "toys"),
    ),
    "deadlifting": (
        Place((70, 70, 75), "blocks", (45, 45, 45), "grid", "racks"),
        Place((60, 60, 120), "blocks", (50, 50, 60), "grid", "racks"),
        Place((110, 80, 50), "plain", (60, 50, 40), "grid", "racks"),
    ),
    "front_raises": (
        Place((200, 170, 60), "panels", (120, 130, 140), "grid", "mirrors"),
        Place((190, 120, 190), "panels", (140, 120, 130), "grid", "mirrors"),
        Place((120, 200, 190), "panels", (110, 130, 110), "planks", "mirrors"),
    ),
    "juggling_balls": (
        Place((60, 190, 250), "stripes", (70, 90, 190), "rings", "bunting"),
        Place((80, 80, 230), "stripes", (60, 150, 220), "rings", "bunting"),
        Place((60, 225, 225), "rays", (90, 60, 120), "rings", "bunting"),
    ),
    "lunge": (
        Place((235, 190, 130), "sky", (60, 150, 70), "grass", "trees"),
        Place((245, 220, 190), "sky", (70, 130, 130), "grass", "trees"),
        Place((190, 150, 120), "sky", (50, 110, 60), "track", "trees"),
    ),
    "pull_ups": (
        Place((230, 200, 170), "sky", (120, 190, 225), "sand", "fences"),
        Place((60, 100, 160), "bricks", (140, 140, 140), "grid", "fences"),
        Place((200, 200, 205), "bricks", (90, 160, 210), "sand", "fences"),
    ),
    "punching_bag": (
        Place((50, 45, 130), "planks", (70, 60, 60), "plain", "ropes"),
        Place((130, 50, 45), "planks", (110, 90, 80), "plain", "ropes"),
        Place((45, 110, 110), "planks", (60, 60, 90), "plain", "ropes"),
    ),
    "push_up": (
        Place((150, 180, 200), "plain", (60, 110, 170), "planks", "windows"),
        Place((175, 160, 140), "plain", (120, 70, 60), "planks", "windows"),
        Place((150, 200, 160), "plain", (70, 90, 130), "planks", "windows"),
    ),
}
"""One place for each variant of each action."""


def paint(
    place: Place, rng: np.random.Generator, width: int, height: int, horizon: float
) -> Picture:
    """Paint an empty place; `horizon` is the row where the wall meets the floor."""
    picture = np.empty((height, width, 3), np.uint8)
    line = int(np.clip(round(horizon), 1, height - 1))
    tint = rng.uniform(-14, 14, 3)
    wall, floor = _shifted(place.wall, tint), _shifted(place.floor, tint)
    picture[:line], picture[line:] = wall, floor
    unit = max(height // 12, 4)
    _WALLS[place.wall_pattern](picture[:line], rng, wall, unit)
    _floor(picture, line, rng, place.floor_pattern, floor)
    _CLUTTER[place.clutter](picture, rng, line, unit)
    _scatter(picture, rng, line, unit)
    shade = np.linspace(rng.uniform(0.8, 1.1), rng.uniform(0.8, 1.1), width)[None, :, None]
    blurred = cv2.GaussianBlur(picture, (0, 0), 0.8)
    return np.clip(blurred * shade, 0, 255).astype(np.uint8)


def _shifted(colour: Colour, by: NDArray[np.float64] | float) -> Colour:
    blue, green, red = np.clip(np.array(colour, float) + by, 0, 255).tolist()
    return blue, green, red


def _plain(wall: Picture, rng: np.random.Generator, colour: Colour, unit: int) -> None:
    wall[-max(unit // 3, 1) :] = np.clip(np.array(colour) * 0.6, 0, 255)


def _stripes(wall: Picture, rng: np.random.Generator, colour: Colour, unit: int) -> None:
    step = int(unit * rng.uniform(2.0, 3.2))
    for x in range(int(rng.integers(-step, 0)), wall.shape[1], 2 * step):
        cv2.rectangle(wall, (x, 0), (x + step, wall.shape[0]), _shifted(colour, 45), -1)


def _dots(wall: Picture, rng: np.random.Generator, colour: Colour, unit: int) -> None:
    step = int(unit * rng.uniform(1.8, 2.6))
    for row, y in enumerate(range(step // 2, wall.shape[0], step)):
        for x in range((row % 2) * step // 2, wall.shape[1], step):
            cv2.circle(wall, (x, y), max(unit // 3, 2), _shifted(colour, -50), -1)


def _bricks(wall: Picture, rng: np.random.Generator, colour: Colour, unit: int) -> None:
    for row, y in enumerate(range(0, wall.shape[0], unit)):
        cv2.line(wall, (0, y), (wall.shape[1], y), _shifted(colour, -40), 1)
        for x in range((row % 2) * unit, wall.shape[1], 2 * unit):
            cv2.line(wall, (x, y), (x, y + unit), _shifted(colour, -40), 1)


def _blocks(wall: Picture, rng: np.random.Generator, colour: Colour, unit: int) -> None:
    for y in range(0, wall.shape[0], 2 * unit):
        for x in range(0, wall.shape[1], 3 * unit):
            shade = _shifted(colour, rng.uniform(-14, 14))
            cv2.rectangle(wall, (x, y), (x + 3 * unit - 2, y + 2 * unit - 2), shade, -1)


def _panels(wall: Picture, rng: np.random.Generator, colour: Colour, unit: int) -> None:
    step = int(unit * rng.uniform(3.5, 5))
    for x in range(int(rng.integers(-step, 0)), wall.shape[1], step):
        top = (x + 2, wall.shape[0] // 8)
        cv2.rectangle(wall, top, (x + step - 3, wall.shape[0] - 2), _shifted(colour, 32), -1)
        cv2.line(wall, (x + step, 0), (x, wall.shape[0]), _shifted(colour, 60), 2)


def _sky(wall: Picture, rng: np.random.Generator, colour: Colour, unit: int) -> None:
    fade = np.linspace(-25, 25, wall.shape[0])[:, None, None]
    wall[:] = np.clip(wall + fade, 0, 255).astype(np.uint8)
    for _ in range(5):
        middle = int(rng.integers(0, wall.shape[1])), int(rng.integers(0, max(wall.shape[0], 1)))
        size = int(unit * rng.uniform(1, 3)), int(unit * rng.uniform(0.4, 0.9))
        cv2.ellipse(wall, middle, size, 0, 0, 360, (245, 245, 245), -1)


def _rays(wall: Picture, rng: np.random.Generator, colour: Colour, unit: int) -> None:
    height, width = wall.shape[:2]
    middle, reach = (width // 2, height), width + height
    for start in np.arange(rng.uniform(0, 20), 360, 30):
        angles = np.radians([start, start + 15])
        ends = np.stack([np.cos(angles), np.sin(angles)], 1) * reach + middle
        corners = np.vstack([middle, ends]).astype(np.int32)
        cv2.fillConvexPoly(wall, corners, _shifted(colour, -60))


def _upright_planks(wall: Picture, rng: np.random.Generator, colour: Colour, unit: int) -> None:
    for x in range(0, wall.shape[1], unit):
        shade = _shifted(colour, rng.uniform(-22, 22))
        cv2.rectangle(wall, (x, 0), (x + unit - 2, wall.shape[0]), shade, -1)


_WALLS = {
    "plain": _plain,
    "stripes": _stripes,
    "dots": _dots,
    "bricks": _bricks,
    "blocks": _blocks,
    "panels": _panels,
    "sky": _sky,
    "rays": _rays,
    "planks": _upright_planks,
}


def _floor(
    picture: Picture,
    line: int,
    rng: np.random.Generator,
    pattern: str,
    colour: Colour,
) -> None:
    """A pattern in perspective: rows come closer together towards the horizon."""
    height, width = picture.shape[:2]
    depth = height / np.maximum(np.arange(line, height) - line + height * 0.06, 1.0)
    across = (np.arange(width) - width / 2)[None, :] / width * depth[:, None] * 2.2
    along = np.broadcast_to(depth[:, None] * 1.6, across.shape) + rng.uniform(0, 2)
    mark = {
        "checks": (np.floor(across * 2) + np.floor(along * 2)) % 2 * 50 - 25,
        "grid": ((across * 2 % 1 < 0.08) | (along * 2 % 1 < 0.1)) * 40.0,
        "planks": np.floor(across * 3) * 37 % 5 * 11 - 22,
        "rings": np.floor(np.hypot(across, along - 3) * 2) % 2 * 60 - 30,
        "grass": rng.normal(0, 14, across.shape),
        "sand": rng.normal(0, 8, across.shape) + 10 * np.sin(along * 6),
        "track": ((across * 1.5 % 1) < 0.09) * 130.0,
        "plain": np.zeros(across.shape),
    }[pattern]
    fade = np.linspace(-12, 12, height - line)[:, None, None]
    floor = np.array(colour) + mark[..., None] + fade
    picture[line:] = np.clip(floor, 0, 255).astype(np.uint8)


def _box(picture: Picture, colour: Any, corner: Point, size: Point) -> None:
    """A filled rectangle from its upper left corner, of a width and height."""
    (x, y), (w, h) = corner, size
    cv2.rectangle(picture, (int(x), int(y)), (int(x + w), int(y + h)), colour, -1)


def _toys(picture: Picture, rng: np.random.Generator, line: int, unit: int) -> None:
    for _ in range(9):
        x, y = rng.uniform(0, picture.shape[1]), rng.uniform(line, picture.shape[0])
        colour = rng.uniform(40, 250, 3).tolist()
        size = unit * rng.uniform(0.3, 0.8)
        if rng.random() < 0.5:
            _box(picture, colour, (x, y - size), (size * 1.4, size * 1.4))
        else:
            cv2.circle(picture, (int(x), int(y)), int(size), colour, -1)
    left = rng.uniform(0, picture.shape[1] * 0.7)
    for x in range(9):  # a cot
        corner = left + x * unit, line - 3.2 * unit
        _box(picture, (235, 235, 240), corner, (unit * 0.25, 3.4 * unit))
    _box(picture, (235, 235, 240), (left, line - 3.4 * unit), (8.3 * unit, unit * 0.3))


def _racks(picture: Picture, rng: np.random.Generator, line: int, unit: int) -> None:
    left = rng.uniform(-unit, picture.shape[1] * 0.5)
    for level in (1.2, 2.6):
        _box(picture, (120, 120, 125), (left, line - level * unit), (11 * unit, unit * 0.25))
        for plate in range(8):
            middle = int(left + (1 + 1.3 * plate) * unit), int(line - (level + 0.55) * unit)
            colour = ((30, 30, 200), (200, 90, 30), (30, 200, 220), (20, 20, 20))[plate % 4]
            cv2.circle(picture, middle, int(unit * 0.55), colour, -1)
            cv2.circle(picture, middle, max(int(unit * 0.12), 1), (130, 130, 130), -1)


def _mirrors(picture: Picture, rng: np.random.Generator, line: int, unit: int) -> None:
    left = rng.uniform(0, picture.shape[1] * 0.6)
    for plate in range(7):
        corner = left + plate * 1.3 * unit, line - 0.6 * unit
        _box(picture, (60, 60, 65), corner, (unit, 0.5 * unit))
    _box(picture, (90, 90, 95), (left - 0.2 * unit, line - 0.15 * unit), (9.4 * unit, 0.3 * unit))


def _bunting(picture: Picture, rng: np.random.Generator, line: int, unit: int) -> None:
    top = unit * rng.uniform(0.3, 1.2)
    for number, x in enumerate(np.arange(0, picture.shape[1], 1.4 * unit)):
        sag = top + unit * 0.8 * np.sin(np.pi * x / picture.shape[1])
        corners = np.array([[x, sag], [x + unit, sag], [x + unit / 2, sag + 1.3 * unit]])
        colour = ((40, 40, 220), (220, 200, 40), (60, 200, 60), (220, 60, 200))[number % 4]
        cv2.fillConvexPoly(picture, corners.astype(np.int32), colour)


def _trees(picture: Picture, rng: np.random.Generator, line: int, unit: int) -> None:
    for x in rng.uniform(0, picture.shape[1], 5):
        size = unit * rng.uniform(1.2, 2.2)
        _box(picture, (40, 70, 100), (x - 0.15 * size, line - 1.2 * size), (0.3 * size, 1.3 * size))
        green = 40.0, rng.uniform(90, 150), 50.0
        cv2.circle(picture, (int(x), int(line - 1.9 * size)), int(size), green, -1)


def _fences(picture: Picture, rng: np.random.Generator, line: int, unit: int) -> None:
    colour = rng.choice([70.0, 200.0]), 120.0, rng.choice([60.0, 210.0])
    for x in np.arange(rng.uniform(-unit, 0), picture.shape[1], 0.9 * unit):
        _box(picture, colour, (x, line - 2.4 * unit), (max(0.2 * unit, 1), 2.5 * unit))
    for level in (0.5, 2.2):
        _box(picture, colour, (0, line - level * unit), (picture.shape[1], max(0.2 * unit, 1)))


def _ropes(picture: Picture, rng: np.random.Generator, line: int, unit: int) -> None:
    for level, colour in ((0.8, (235, 235, 235)), (1.9, (40, 40, 210)), (3.0, (235, 235, 235))):
        y = line - level * unit
        _box(picture, colour, (0, y), (picture.shape[1], max(0.22 * unit, 2)))
    for x in (rng.uniform(0, 0.2), rng.uniform(0.8, 1)):
        corner = x * picture.shape[1], line - 3.5 * unit
        _box(picture, (30, 30, 35), corner, (0.8 * unit, 3.8 * unit))


def _windows(picture: Picture, rng: np.random.Generator, line: int, unit: int) -> None:
    for x in np.arange(rng.uniform(0, 3), picture.shape[1] / unit, 5.5):
        height = max(line - 2.5 * unit, unit)
        _box(picture, (250, 240, 220), (x * unit, unit), (3.6 * unit, height))
        _box(picture, (120, 120, 120), ((x + 1.7) * unit, unit), (0.2 * unit, height))
    mat = np.array([[0.1, 0.98], [0.9, 0.98], [0.78, 0.7], [0.22, 0.7]])
    corners = mat * [picture.shape[1], picture.shape[0] - line] + [0, line]
    cv2.fillConvexPoly(picture, corners.astype(np.int32), rng.uniform(60, 220, 3).tolist())


_CLUTTER = {
    "toys": _toys,
    "racks": _racks,
    "mirrors": _mirrors,
    "bunting": _bunting,
    "trees": _trees,
    "fences": _fences,
    "ropes": _ropes,
    "windows": _windows,
}


def _scatter(picture: Picture, rng: np.random.Generator, line: int, unit: int) -> None:
    """Things that are anywhere and tell nothing: pictures, bags, cones, lamps."""
    height, width = picture.shape[:2]
    for _ in range(int(rng.integers(3, 8))):
        colour = rng.uniform(20, 235, 3).tolist()
        x, size = rng.uniform(0, width), unit * rng.uniform(0.5, 1.4)
        kind = rng.integers(3)
        if kind == 0:
            _box(picture, colour, (x, rng.uniform(0, max(line - size, 1))), (size * 1.3, size))
        elif kind == 1:
            y = rng.uniform(line, height)
            corners = np.array([[x, y], [x + size, y], [x + size / 2, y - 1.5 * size]])
            cv2.fillConvexPoly(picture, corners.astype(np.int32), colour)
        else:
            y = rng.uniform(line - unit, height)
            cv2.ellipse(
                picture, (int(x), int(y)), (int(size), int(size / 2)), 0, 0, 360, colour, -1
            )
