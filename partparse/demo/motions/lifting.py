"""Deadlifts, front raises and lunges: loads that are lifted on two feet."""

from dataclasses import replace

import numpy as np

from partparse.demo.body import LETTERS, Body
from partparse.demo.motions.base import (
    BACK,
    SIGNS,
    Motion,
    both,
    palm,
    plant_feet,
    point,
    reach_hand,
    seat,
    shoulder,
    sitting,
    standing,
    twisting,
    vector,
)
from partparse.demo.pose import Pose
from partparse.demo.props import Prop, barbell, dumbbell
from partparse.demo.style import Style, mix

ACROSS = np.array([1.0, 0.0, 0.0])
ALONG = np.array([0.0, 1.0, 0.0])


def deadlifting(body: Body, style: Style) -> Motion:
    """A weight from the floor to the hips: conventional, sumo, or with straight legs."""
    variant, frames = style.variant, style.frames
    up = style.wave(*((0.15, 0.35), (0.4, 0.15), (0.3, 0.25))[variant])
    sink = (0.34, 0.4, 0.05)[variant] * style.amplitude
    lean = (52.0, 38.0, 82.0)[variant] * style.amplitude
    width, out = ((1.4, 10.0), (3.0, 38.0), (1.3, 5.0))[variant]
    root = point(0, 0.2 * (1 - up) * (variant != 1) + 0.04, 0, frames)
    root[:, 2] = body.hip_height * (0.985 - sink * (1 - up))
    pose = replace(
        Pose.neutral(frames, 0),
        root=root,
        turn=point(0, 0.62 * lean * (1 - up), 0, frames),
        spine=point(0.38 * lean * (1 - up) - 4 * up, 0, 0, frames),
        head=style.look(*((0.25, 0.05), (0.7, 0.05), (0.1, 0.25))[variant]),
    )
    heel = style.share_of_time((0.12, 0.05, 0.3)[variant])
    pose = plant_feet(pose, body, width=width, heels=(heel, heel), out=out)
    hands_apart = 0.75 if variant == 1 else 1.35
    free = style.share_of_time(0.12) * up if variant == 2 else np.zeros(frames)
    tug = style.share_of_time((0.22, 0.4, 0.2)[variant])
    for side, sign in SIGNS.items():
        target = shoulder(body, pose, side) + vector(0, -0.03, -0.985 * body.arm)
        target[:, 0] = sign * body.shoulder * hands_apart
        target[:, 1] = np.minimum(target[:, 1], -0.13 - 0.05 * body.hip_height * (1 - up))
        target[:, 2] = np.maximum(target[:, 2], 0.3)
        if side == "left":
            target += free[:, None] * [0.1, -0.05, 0.45]
        target = target + np.outer(tug, [0.0, 0.02, 0.17])
        pose = reach_hand(pose, side, target, BACK + 0.4 * sign * ACROSS)
    left, right = (palm(body, pose, side) for side in LETTERS)
    if variant == 2:
        colour = (40, 40, 45)
        things: tuple[Prop, ...] = (dumbbell(left, ACROSS, colour), dumbbell(right, ACROSS, colour))
    else:
        things = (barbell(left, right, ((30, 30, 35), (40, 60, 200))[variant]),)
    return Motion(pose, things, both("load"))


def front_raises(body: Body, style: Style) -> Motion:
    """Straight arms raised forward: both at once, in turn, or sitting on a box."""
    variant, frames = style.variant, style.frames
    seated = variant == 2
    if seated:
        pose = sitting(body, style)
    else:
        pose = standing(body, style, tiptoe=(0.3, 0.1)[variant], bent=(0.2, 0.4)[variant])
    sway = style.wave(0.1, 0.2)
    pose = replace(
        pose,
        head=style.look(*((0.12, 0.08), (0.1, 0.55), (0.6, 0.1))[variant]),
        spine=point(-6 * sway, 0, twisting(style, (0.1, 0.4, 0.1)[variant]), frames),
    )
    bent = (12.0, 8.0, 48.0)[variant]
    for side in LETTERS:
        delay = 0.5 if (variant == 1 and side == "right") else 0.0
        rest, high = ((0.22, 0.3), (0.4, 0.1), (0.1, 0.45))[variant]
        level = style.wave(rest, high, delay)
        pose = pose.posed(
            side,
            shoulder_flex=mix(8.0, 88.0 * style.amplitude, level) + 6 * sway,
            shoulder_out=np.full(frames, 7.0),
            shoulder_twist=np.full(frames, 5.0),
            elbow=bent * style.share_of_time(0.7) + 4,
            grip=np.ones(frames),
        )
    colour = ((60, 60, 60), (170, 60, 160), (60, 170, 60))[variant]
    things = [dumbbell(palm(body, pose, side), ACROSS, colour) for side in LETTERS]
    if seated:
        things.append(seat(body, frames, (70, 90, 130)))
    return Motion(pose, tuple(things), both("load"), seated=seated)


def lunge(body: Body, style: Style) -> Motion:
    """A long step and a deep bend of both knees: free hands, dumbbells, or a barbell."""
    variant, frames = style.variant, style.frames
    step = style.wave(0.12, 0.58)
    deep = style.wave(0.3, 0.25) * step
    stride = 0.85 * body.thigh * 2 * style.amplitude
    air = 4 * step * (1 - step) * 0.14
    pose = Pose.neutral(frames, 0)
    pose = replace(
        pose,
        root=point(0, -0.5 * stride * step, 0, frames),
        turn=point(0, 8 * deep, 0, frames),
        spine=point(2, 0, 22 * style.share_of_time((0.45, 0.1, 0.05)[variant]), frames),
        head=style.look(*((0.05, 0.35), (0.1, 0.1), (0.6, 0.05))[variant]),
    )
    reach_of_legs = body.thigh + body.shank
    height = np.sqrt(np.maximum(reach_of_legs**2 - (0.5 * stride * step) ** 2, 0.1))
    pose.root[:, 2] = (height + body.sole) * 0.985 - (0.36 * deep) * reach_of_legs
    pose = plant_feet(
        pose, body, width=1.5,
        heels=(np.zeros(frames), step), forward=(stride * step, 0.0), lift=(air, 0.0), out=6.0,
    )  # fmt: skip
    if variant == 0:
        return _lunge_with_free_hands(body, style, pose)
    if variant == 1:
        for side in LETTERS:
            curl = 75 * style.share_of_time(0.35)
            pose = pose.posed(
                side,
                shoulder_out=np.full(frames, 14.0),
                elbow=8 + curl,
                grip=np.ones(frames),
            )
        things = [dumbbell(palm(body, pose, side), ALONG, (40, 140, 220)) for side in LETTERS]
        return Motion(pose, tuple(things), both("load"))
    for side, sign in SIGNS.items():
        press = style.share_of_time(0.15) if side == "left" else 0.0
        target = shoulder(body, pose, side) + vector(sign * 0.22, 0.0, 0.08)
        target[:, 2] += 0.05 * press
        pose = reach_hand(pose, side, target, np.array([0.6 * sign, 0.5, -1.0]))
    left, right = (palm(body, pose, side) + vector(0, 0.06, 0) for side in LETTERS)
    return Motion(pose, (barbell(left, right, (60, 150, 60), plate=0.17),), both("load"))


def _lunge_with_free_hands(body: Body, style: Style, pose: Pose) -> Motion:
    """Hands meet before the chest for a part of the time, else they swing."""
    clap = style.schedule((0.4, 0.6)).astype(bool)
    chest = (shoulder(body, pose, "left") + shoulder(body, pose, "right")) / 2
    for side, sign in SIGNS.items():
        together = chest + vector(sign * 0.035, -0.3, -0.14)
        hanging = shoulder(body, pose, side) + vector(sign * 0.14, 0.02, -0.97 * body.arm)
        target = mix(hanging, together, clap[:, None].astype(float))
        pose = reach_hand(pose, side, target, np.array([0.8 * sign, 0.6, -0.4]), grip=0.0)
    return Motion(pose, (), both("each_other", clap))
