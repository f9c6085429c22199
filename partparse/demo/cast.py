"""Who is in a video: bodies, outfits, styles and places; up to three persons."""

from dataclasses import dataclass

import numpy as np

from partparse.boxes import Floats
from partparse.demo.body import TORSO, Body, Rig, Solved
from partparse.demo.camera import turned
from partparse.demo.motions import MOTIONS, Motion, idling
from partparse.demo.states import Names, part_states
from partparse.demo.style import Style
from partparse.vocabulary import PARTS

BABY_SHAPE = 0
ADULT_SHAPES = tuple(range(1, 12))
LYING = ("push_up", "crawling_baby")
SKIN = np.array([(150, 185, 235), (120, 160, 215), (90, 130, 190), (60, 95, 150), (45, 65, 105)])


@dataclass(frozen=True)
class Person:
    """One person of a video, posed."""

    body: Body
    motion: Motion
    solved: Solved
    states: dict[str, Names]
    colours: Floats  # (F, 3): of the body's faces
    place: Floats  # (3,): in the scene, metres
    yaw: float  # degrees; 0 faces the camera
    annotated: tuple[str, ...]  # parts that have boxes; none for most bystanders

    def to_scene(self, points: Floats) -> Floats:
        """Person space -> scene."""
        return turned(points, self.yaw, self.place)


def outfit(body: Body, rng: np.random.Generator) -> Floats:
    """(F, 3): colours of skin, hair, shirt, trousers and shoes of the body's faces."""
    rig: Rig = body.rig
    colours = np.zeros((len(rig.faces), 3))
    skin = SKIN[rng.integers(len(SKIN))] + rng.uniform(-8, 8, 3)
    shirt, trousers, shoes = (_cloth(rng) for _ in range(3))
    while np.abs(trousers - shirt).sum() < 130:
        trousers = _cloth(rng)
    parts = rig.face_parts
    colours[:] = skin
    middle = body.rest[rig.faces].mean(axis=1)
    colours[parts == TORSO] = shirt
    legs = np.isin(parts, [PARTS.index("left_leg"), PARTS.index("right_leg")])
    shorts = rng.random() < 0.35
    knee = float(body.head_of("lowerleg01.L")[2])
    colours[legs & ((middle[:, 2] > knee) | ~np.bool_(shorts))] = trousers
    colours[parts == PARTS.index("hip")] = trousers * 0.85
    arms = np.isin(parts, [PARTS.index("left_arm"), PARTS.index("right_arm")])
    elbow = float(abs(body.head_of("lowerarm01.L")[0]))
    sleeve = (0.0, 0.75, 9.0)[rng.integers(3)] * elbow
    colours[arms & (np.abs(middle[:, 0]) < sleeve)] = shirt * 0.9
    colours[np.isin(parts, [PARTS.index("left_foot"), PARTS.index("right_foot")])] = shoes
    _head(body, colours, middle, rng)
    chest = (parts == TORSO) & (middle[:, 1] < 0) & (np.abs(middle[:, 0]) < 0.6 * body.shoulder)
    low, high = np.percentile(middle[parts == TORSO, 2], (45, 80))
    badge = chest & (middle[:, 2] > low) & (middle[:, 2] < high)
    colours[badge] = 255 - shirt if rng.random() < 0.6 else shirt
    return np.clip(colours, 5, 250)


def _cloth(rng: np.random.Generator) -> Floats:
    return np.array([rng.uniform(25, 235) for _ in range(3)])


def _head(body: Body, colours: Floats, middle: Floats, rng: np.random.Generator) -> None:
    """Hair on top and behind, dark eyes in front."""
    rig = body.rig
    eye = body.head_of("eye.L")
    is_head = rig.face_parts == PARTS.index("head")
    size = float(body.rest[:, 2].max() - eye[2])
    top = middle[:, 2] > eye[2] + 0.42 * size
    ear = float(body.head_of("head")[1])
    behind = (middle[:, 1] > ear - 0.01) & (middle[:, 2] > eye[2] - 0.8 * size)
    colours[is_head & (top | behind)] = np.array([40, 60, 90]) * rng.uniform(0.2, 2.2)
    for name in ("eye.L", "eye.R"):
        near = np.linalg.norm(middle - body.head_of(name), axis=1) < 0.22 * size
        colours[is_head & near & (middle[:, 1] < eye[1] + 0.1 * size)] = (40, 30, 30)


def _yaw(action: str, rng: np.random.Generator) -> float:
    """Mostly facing the camera; lying bodies are shown from the side, at a slant."""
    side = rng.choice([-1.0, 1.0])
    if action in LYING:
        return float(side * rng.uniform(25, 75))
    if action == "punching_bag":  # the bag would hide who stands straight behind it
        return float(side * rng.uniform(32, 80))
    chance = rng.random()
    if chance < 0.8:
        return float(side * rng.uniform(0, 45))
    if chance < 0.92:
        return float(side * rng.uniform(45, 85))
    return float(side * rng.uniform(140, 180))


@dataclass(frozen=True)
class Role:
    """What a person is in the video for."""

    action: str | None  # None: a bystander
    variant: int
    place: Floats
    yaw: float
    share: float  # of the parts that are annotated


def _roles(action: str, variant: int, rng: np.random.Generator) -> list[Role]:
    roles = [Role(action, variant, np.zeros(3), _yaw(action, rng), 0.66)]
    more = int(rng.choice(3, p=[0.5, 0.35, 0.15]))
    side = rng.choice([-1.0, 1.0])
    for number in range(more):
        where = side if number == 0 else -side
        joins = number == 0 and action != "crawling_baby" and rng.random() < 0.4
        if joins:
            place = np.array([where * rng.uniform(1.5, 1.9), rng.uniform(0.5, 1.4), 0])
            share = 0.5 if rng.random() < 0.7 else 0.0
            roles.append(Role(action, variant, place, _yaw(action, rng), share))
        else:
            place = np.array([where * rng.uniform(0.8, 1.9), rng.uniform(1.3, 2.6), 0])
            share = 0.4 if rng.random() < 0.2 else 0.0
            yaw = float(rng.uniform(-60, 60))
            roles.append(Role(None, int(rng.integers(3)), place, yaw, share))
    return roles


def cast(
    action: str, variant: int, frames: int, fps: int, rng: np.random.Generator
) -> list[Person]:
    """The persons of a video; the first does the action in the middle of the scene."""
    return [_person(role, frames, fps, rng) for role in _roles(action, variant, rng)]


def _person(role: Role, frames: int, fps: int, rng: np.random.Generator) -> Person:
    if role.action == "crawling_baby":
        body = Body(BABY_SHAPE, scale=rng.uniform(0.56, 0.66), head_scale=rng.uniform(1.3, 1.45))
    else:
        body = Body(int(rng.choice(ADULT_SHAPES)), scale=rng.uniform(0.95, 1.04))
    style = Style(
        frames=frames,
        variant=role.variant,
        cycles=frames / fps * rng.uniform(0.38, 0.75),
        phase=rng.uniform(0, 1),
        amplitude=rng.uniform(0.88, 1.08),
        rng=rng,
    )
    motion = (MOTIONS[role.action] if role.action else idling)(body, style)
    if rng.random() < 0.5:
        motion = motion.mirrored()
    solved = body.solve(motion.pose)
    return Person(
        body=body,
        motion=motion,
        solved=solved,
        states=part_states(body, motion, solved, fps),
        colours=outfit(body, rng),
        place=role.place,
        yaw=role.yaw,
        annotated=tuple(part for part in PARTS if role.share and rng.random() < role.share),
    )
