"""A whole video: persons, props, place, light and camera, drawn and labelled frame by frame."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from partparse.augment import Picture
from partparse.boxes import Floats, Integers
from partparse.demo.body import TORSO
from partparse.demo.camera import Camera, fit, shaking, turned
from partparse.demo.cast import Person, cast
from partparse.demo.draw import FINENESS, Light, Surfaces, compose, face_map, shade
from partparse.demo.places import PLACES, paint
from partparse.demo.plan import DEMO_ACTIONS
from partparse.demo.props import Prop, block, mesh, still
from partparse.vocabulary import PARTS

FEWEST_PIXELS = 8  # parts of which fewer pixels are seen have no box

FEWEST_KEYPOINTS = 6
"""Persons of whom fewer of the 17 keypoints are inside the picture are not annotated: an annotator
would not take a sliver at the border for a person either."""

_INSIDE = 0.13  # metres that a keypoint may lie under the skin that is seen there

_SLOTS = TORSO + 1
_MARGIN = 1.12
VARIANTS = 3


@dataclass(frozen=True)
class Scene:
    """Everything that a video shows."""

    persons: list[Person]
    objects: list[str]  # names of the annotated props
    surfaces: Surfaces
    camera: Camera
    background: Picture
    light: Light
    noise: float  # standard deviation of the sensor's noise, grey levels


def build_scene(
    action: str, number: int, size: tuple[int, int, int], fps: int, rng: np.random.Generator
) -> Scene:
    """Everything of a video's scene, by chance.

    Args:
        action: one of DEMO_ACTIONS.
        number: of the video in its action; the variants take turns.
        size: frames, width and height in pixels.
        fps: frames a second.
        rng: all chance comes from here.
    """
    frames, width, height = size
    variant = number % VARIANTS
    persons = cast(action, variant, frames, fps, rng)
    props = [(person, prop) for person in persons for prop in person.motion.props]
    camera = _camera(persons, size, rng)
    if rng.random() < 0.2:
        props.append((persons[0], _occluder(persons[0], camera, frames, rng)))
    objects = [prop.name for _, prop in props if prop.name]
    surfaces = _surfaces(persons, props, camera, frames)
    background = _background(action, variant, camera, (width, height), rng)
    direction = np.array([rng.uniform(-0.9, 0.9), -rng.uniform(0.4, 1.0), -rng.uniform(0.4, 1.0)])
    light = Light(
        direction / np.linalg.norm(direction),
        ambient=rng.uniform(0.42, 0.62),
        gain=rng.uniform(0.85, 1.2) * rng.uniform(0.95, 1.05, 3),
    )
    return Scene(persons, objects, surfaces, camera, background, light, rng.uniform(1.0, 4.0))


def _camera(persons: list[Person], size: tuple[int, int, int], rng: np.random.Generator) -> Camera:
    frames, width, height = size
    main = persons[0]
    points = main.to_scene(main.solved.vertices[:, ::9]).reshape(-1, 3)
    fill = rng.uniform(0.78, 0.98) if rng.random() < 0.84 else rng.uniform(1.05, 1.3)
    camera = fit(points, rng.uniform(2, 16), width, height, fill)
    aside = np.array([rng.uniform(-0.06, 0.06) * width, 0.0])
    strength = rng.uniform(0.2, 0.018 * width)
    return replace(camera, centre=camera.centre + aside, shake=shaking(rng, frames, strength))


def _occluder(main: Person, camera: Camera, frames: int, rng: np.random.Generator) -> Prop:
    """A post or a bench between the camera and the main person, in that person's space."""
    low, high = main.solved.vertices.min(axis=(0, 1)), main.solved.vertices.max(axis=(0, 1))
    colour = tuple(rng.uniform(30, 200, 3).tolist())
    reach = float(np.abs([low[:2], high[:2]]).max())
    if rng.random() < 0.5:
        x = rng.uniform(-0.8, 0.8) * reach
        corners = (x - 0.035, 0.0, 0.0), (x + 0.035, 0.07, 3.0)
    else:
        x = rng.uniform(-1.2, 0.4) * reach
        corners = (x, 0.0, 0.0), (x + 0.9 * reach, 0.2, rng.uniform(0.12, 0.24) * high[2])
    shift = np.array([0.0, -reach - 0.25, 0.0])
    # props stand in person space, so turn the scene's axes back by the person's yaw
    place = turned(shift[None], -main.yaw, np.zeros(3))[0]
    start, end = np.array(corners[0]) + place, np.array(corners[1]) + place
    return Prop(None, (block(still(tuple(start), frames), still(tuple(end), frames), colour),), 2)


def _surfaces(
    persons: list[Person], props: list[tuple[Person, Prop]], camera: Camera, frames: int
) -> Surfaces:
    vertices, faces, colours, labels, layers = [], [], [], [], []
    total, named = 0, 0

    def add(points: Floats, triangles: Any, colour: Any, label: Any, layer: int) -> None:
        nonlocal total
        count = len(triangles)
        vertices.append(points)
        faces.append(triangles + total)
        colours.append(np.broadcast_to(colour, (count, 3)))
        labels.append(np.broadcast_to(label, (count,)))
        layers.append(np.full(count, layer))
        total += points.shape[1]

    for number, person in enumerate(persons):
        rig = person.body.rig
        points = person.to_scene(person.solved.vertices)
        add(points, rig.faces, person.colours, 1 + number * _SLOTS + rig.face_parts, 1)
    for person, prop in props:
        label = 1 + len(persons) * _SLOTS + named if prop.name else 0
        named += bool(prop.name)
        for shape in prop.shapes:
            points, triangles = mesh(shape)
            add(person.to_scene(points), triangles, shape.colour, label, prop.layer)
    placed = camera.place(np.concatenate(vertices, axis=1))
    return Surfaces(
        camera.project(placed),
        placed,
        np.concatenate(faces),
        np.concatenate(colours),
        np.concatenate(labels),
        np.concatenate(layers),
    )


def _background(
    action: str, variant: int, camera: Camera, size: tuple[int, int], rng: np.random.Generator
) -> Picture:
    """The variant's place in most videos, else another of the action's, seldom a foreign one."""
    chance = rng.random()
    own = PLACES[action]
    if chance < 0.84:
        place = own[variant]
    elif chance < 0.97:
        place = own[int(rng.integers(VARIANTS))]
    else:
        place = PLACES[DEMO_ACTIONS[int(rng.integers(len(DEMO_ACTIONS)))]][0]
    width, height = (int(side * _MARGIN) // 2 * 2 for side in size)
    line = camera.floor_line(rng.uniform(2.6, 4.0)) + (height - size[1]) / 2
    return paint(place, rng, width, height, float(np.clip(line, 0.12 * height, 0.9 * height)))


@dataclass(frozen=True)
class Frame:
    """One drawn frame with its labels."""

    picture: Picture  # (H, W, 3): blue, green, red
    annotation: dict[str, Any]  # in the official shape
    keypoints: NDArray[np.float32]
    """(persons, 17, 3): x, y, and 1 seen, 0.5 hidden, 0 outside the picture."""


def render(scene: Scene, size: tuple[int, int, int], rng: np.random.Generator) -> Iterator[Frame]:
    """Draw every frame of a scene."""
    frames, width, height = size
    grain = rng.normal(0, scene.noise, (height + 32, width + 32, 3)).astype(np.float32)
    for frame in range(frames):
        faces = face_map(scene.surfaces, frame, width, height)
        background = _moved(scene.background, scene.camera.shake[frame], width, height)
        background = _shadowed(background, scene, frame)
        picture = compose(background, faces, shade(scene.surfaces, frame, scene.light))
        y, x = rng.integers(0, 32, 2)
        noisy = picture + grain[y : y + height, x : x + width]
        # of what each pixel shows; 0: nothing that is labelled
        labels = np.append(0, scene.surfaces.labels)[faces[::FINENESS, ::FINENESS]]
        keypoints = _keypoints(scene, frame, faces, labels)
        yield Frame(
            np.clip(np.rint(noisy), 0, 255).astype(np.uint8),
            _annotation(scene, frame, labels, keypoints),
            keypoints,
        )


def _moved(background: Picture, shake: Floats, width: int, height: int) -> Picture:
    """The part of a background that the shaken camera sees."""
    zoom = shake[2]
    centre = np.array([background.shape[1], background.shape[0]]) / 2
    shift = np.array([width, height]) / 2 + shake[:2] - zoom * centre
    matrix = np.array([[zoom, 0, shift[0]], [0, zoom, shift[1]]])
    return cv2.warpAffine(
        background, matrix, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
    )


def _shadowed(background: Picture, scene: Scene, frame: int) -> Picture:
    """Darken the floor under the bodies."""
    mask = np.zeros(background.shape[:2], np.uint8)
    camera = replace(scene.camera, shake=scene.camera.shake[frame : frame + 1])
    for person in scene.persons:
        floor = person.to_scene(person.solved.heads[frame, ::3] * [1.0, 1.0, 0.0])
        placed = camera.place(floor)
        pixels = np.rint(camera.project(placed[None])[0]).astype(int)
        for middle, depth in zip(pixels.tolist(), placed[:, 2].tolist(), strict=True):
            size = int(0.1 * camera.focal / max(depth, 0.3))
            cv2.ellipse(mask, middle, (size, max(size // 3, 1)), 0, 0, 360, 90, -1)
    shade = 255 - cv2.GaussianBlur(mask, (0, 0), 2.5).astype(np.uint16)
    return (background * shade[..., None] // 255).astype(np.uint8)


def _annotation(
    scene: Scene, frame: int, labels: Integers, keypoints: NDArray[np.float32]
) -> dict[str, Any]:
    boxes = _boxes(labels)
    inside = (keypoints[:, :, 2] > 0).sum(axis=1)
    humans = []
    for number, person in enumerate(scene.persons):
        first = 1 + number * _SLOTS
        own = [boxes[label] for label in range(first, first + _SLOTS) if label in boxes]
        if not own or inside[number] < FEWEST_KEYPOINTS:
            continue
        parts = {
            part: {
                "name": part,
                "number": number + 1,
                "box": list(boxes[first + PARTS.index(part)]),
                "verb": str(person.states[part][frame]),
            }
            for part in person.annotated
            if first + PARTS.index(part) in boxes
        }
        humans.append({"number": number + 1, "box": _around(own), "parts": parts})
    start = 1 + len(scene.persons) * _SLOTS
    objects = [
        {"name": name, "box": list(boxes[start + number])}
        for number, name in enumerate(scene.objects)
        if start + number in boxes
    ]
    return {"humans": humans, "objects": objects}


def _around(boxes: list[tuple[int, int, int, int]]) -> list[int]:
    x1, y1, x2, y2 = zip(*boxes, strict=True)
    return [min(x1), min(y1), max(x2), max(y2)]


def _boxes(labels: Integers) -> dict[int, tuple[int, int, int, int]]:
    """Boxes of all labels of which enough pixels are seen; corners inclusive."""
    counts = np.bincount(labels.ravel())
    boxes = {}
    for label, where in enumerate(ndimage.find_objects(labels), start=1):
        if where is not None and counts[label] >= FEWEST_PIXELS:
            rows, columns = where
            boxes[label] = (columns.start, rows.start, columns.stop - 1, rows.stop - 1)
    return boxes


def _keypoints(
    scene: Scene, frame: int, faces: NDArray[np.int32], labels: Integers
) -> NDArray[np.float32]:
    height, width = labels.shape
    surfaces, depths = scene.surfaces, scene.surfaces.placed[frame, :, 2]
    rows = []
    for number, person in enumerate(scene.persons):
        points = person.to_scene(person.solved.keypoints[frame])
        placed = scene.camera.place(points)
        still = scene.camera.centre + scene.camera.focal * placed[:, :2] / placed[:, 2:]
        moved = replace(scene.camera, shake=scene.camera.shake[frame : frame + 1])
        pixels = moved.shaken(still[None])[0]
        inside = ((pixels >= 0) & (pixels <= [width - 1, height - 1])).all(axis=1)
        nearest = np.clip(np.rint(pixels), 0, [width - 1, height - 1]).astype(int)
        owner = (labels[nearest[:, 1], nearest[:, 0]] - 1) // _SLOTS
        face = faces[FINENESS * nearest[:, 1], FINENESS * nearest[:, 0]] - 1
        surface = depths[surfaces.faces[face]].mean(axis=1)
        seen = (owner == number) & (placed[:, 2] < surface + _INSIDE)
        score = np.where(inside, np.where(seen, 1.0, 0.5), 0.0)
        rows.append(np.concatenate([pixels * inside[:, None], score[:, None]], axis=1))
    return np.array(rows, np.float32)
