"""A mirrored annotation is the annotation of the mirrored world, drawn and labelled anew."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from partparse.augment import mirror_keypoints, mirror_labels
from partparse.demo.body import TORSO
from partparse.demo.cast import Person
from partparse.demo.pose import MIRROR
from partparse.demo.scene import Frame, Scene, _surfaces, build_scene, render
from partparse.demo.states import part_states
from partparse.vocabulary import KEYPOINTS, PARTS, swap_order, swap_side

SIZE = (2, 320, 240)
FPS = 10
NEAR = 1.0
"""Pixels: polygons are filled from one side, and a label is that of one of four fine pixels."""
SLIVER = 6.0
"""Pixels: where surfaces touch, rounding decides which is in front."""

SWAPPED_PARTS = np.array([*swap_order(PARTS), TORSO])


def mirrored_person(person: Person) -> Person:
    """What the mirror shows of a person: each surface, and each joint, is the other side's."""
    solved, rig = person.solved, person.body.rig
    keypoints = (solved.keypoints * MIRROR)[:, swap_order(KEYPOINTS)]
    image = SimpleNamespace(faces=rig.faces[:, ::-1], face_parts=SWAPPED_PARTS[rig.face_parts])
    body: Any = SimpleNamespace(rig=image)
    motion = person.motion.mirrored()
    return replace(
        person,
        body=body,
        motion=motion,
        solved=replace(
            solved,
            vertices=solved.vertices * MIRROR,
            heads=solved.heads * MIRROR,
            keypoints=keypoints,
        ),
        # read off the mirrored motion as of any other
        states=part_states(person.body, motion, person.body.solve(motion.pose), FPS),
        place=person.place * MIRROR,
        yaw=-person.yaw,
        annotated=tuple(swap_side(part) for part in person.annotated),
    )


def seen(scene: Scene, persons: list[Person], *, mirrored: bool) -> Scene:
    """The scene with these persons and what they handle, seen by its camera or the mirrored."""
    camera = scene.camera
    if mirrored:
        camera = replace(
            camera,
            target=camera.target * MIRROR,
            centre=np.array([SIZE[1] - 1 - camera.centre[0], camera.centre[1]]),
            shake=camera.shake * [-1.0, 1.0, 1.0],
        )
    props = [(person, prop) for person in persons for prop in person.motion.props]
    return replace(
        scene,
        persons=persons,
        objects=[prop.name for _, prop in props if prop.name],
        surfaces=_surfaces(persons, props, camera, SIZE[0]),
        camera=camera,
    )


def first_frame(scene: Scene) -> Frame:
    return next(render(scene, SIZE, np.random.default_rng(0)))


def labels(human: dict[str, Any]) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Boxes (N, 4), classes (N,) and states of a human's parts."""
    parts = sorted(human["parts"].values(), key=lambda part: PARTS.index(part["name"]))
    box = np.array([part["box"] for part in parts], float).reshape(-1, 4)
    return (
        box,
        np.array([PARTS.index(part["name"]) for part in parts], int),
        [part["verb"] for part in parts],
    )


@pytest.mark.parametrize(
    ("action", "number"), [("lunge", 0), ("juggling_balls", 1), ("push_up", 2), ("deadlifting", 1)]
)
def test_a_mirrored_annotation_is_that_of_the_mirrored_world(action: str, number: int) -> None:
    scene = build_scene(action, number, SIZE, FPS, np.random.default_rng(number))
    everything = [replace(person, annotated=PARTS) for person in scene.persons]
    plain = first_frame(seen(scene, everything, mirrored=False))
    others = [mirrored_person(person) for person in everything]
    flipped = first_frame(seen(scene, others, mirrored=True))

    assert len(plain.annotation["humans"]) == len(flipped.annotation["humans"]) >= 1
    offsets: list[np.ndarray] = []
    swapped = same = 0
    for before, after in zip(plain.annotation["humans"], flipped.annotation["humans"], strict=True):
        box, classes, states = labels(before)
        box, classes = mirror_labels(box, classes, PARTS, SIZE[1])
        found, found_classes, found_states = labels(after)
        held = {int(c): index for index, c in enumerate(found_classes)}
        for own, part, state in zip(box, classes.tolist(), states, strict=True):
            # a part of which a few pixels are seen may have them on one side of the limit only
            if part not in held:
                continue
            swapped += PARTS[part].startswith(("left_", "right_"))
            offsets.append(np.abs(own - found[held[part]]))
            same += state == found_states[held[part]]
        people = np.array([before["box"]], float), np.zeros(1, int)
        person, _ = mirror_labels(*people, ["person"], SIZE[1])
        assert np.abs(person[0] - after["box"]).max() <= NEAR + 1
        assert abs(len(classes) - len(found_classes)) <= 1
    assert len(offsets) >= 8
    assert np.quantile(offsets, 0.85) <= NEAR
    assert np.max(offsets) <= SLIVER
    assert swapped >= 6
    # bodies are not quite symmetric, so that an angle may lie on the other side of its limit
    assert same >= 0.9 * len(offsets)

    points, drawn = mirror_keypoints(plain.keypoints, SIZE[1]), flipped.keypoints
    both = (points[..., 2] > 0) & (drawn[..., 2] > 0)
    assert both.sum() >= 12
    assert ((points[..., 2] > 0) == (drawn[..., 2] > 0)).mean() > 0.97
    assert np.abs((points - drawn)[both][:, :2]).max() <= 0.01
