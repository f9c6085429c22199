"""Juggling, boxing, pull-ups, and what bystanders do."""

from dataclasses import replace
from itertools import pairwise

import numpy as np

from partparse.boxes import Floats
from partparse.demo.body import LETTERS, Body
from partparse.demo.motions.base import (
    BACK,
    SIGNS,
    Hand,
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
from partparse.demo.props import Prop, Shape, ball, still, tube
from partparse.demo.style import Style, mix, smooth

BALL_COLOURS = ((30, 40, 230), (40, 220, 240), (230, 120, 30))


def juggling_balls(body: Body, style: Style) -> Motion:
    """Three balls in a cascade: standing, sitting, or stepping from foot to foot."""
    variant, frames = style.variant, style.frames
    seated = variant == 1
    throws = replace(style, cycles=style.cycles * 1.8)
    if seated:
        pose = sitting(body, style)
    elif variant == 2:
        pose = _marching(body, style)
    else:
        pose = standing(body, style, tiptoe=0.25, bent=0.4)
    pose = replace(
        pose,
        head=style.look(*((0.5, 0.05), (0.2, 0.3), (0.75, 0.0))[variant]),
        spine=point(0, 0, twisting(style, (0.4, 0.0, 0.25)[variant]), frames),
    )
    held, hands = {}, {}
    for side, sign in SIGNS.items():
        moment = (throws.turns() + (0.5 if side == "right" else 0.0)) % 1.0
        lift = np.sin(2 * np.pi * moment)
        base = shoulder(body, pose, side)
        high = style.share_of_time(0.25)
        low = style.share_of_time((0.2, 0.25, 0.35)[variant])
        target = base + point(
            -sign * 0.05 * np.cos(2 * np.pi * moment) + 0.03 * sign,
            -0.27 * body.arm / 0.5 - 0.04 * lift,
            -0.27 + 0.1 * lift * style.amplitude + 0.2 * high - 0.3 * low, frames,
        )  # fmt: skip
        pose = reach_hand(pose, side, target, np.array([0.5 * sign, 0.7, -0.8]), grip=0.0)
        held[side] = moment < 0.45
        hands[side] = Hand("ball", held[side])
    balls = _cascade(body, pose, throws)
    props: list[Prop] = [Prop("ball", (shape,)) for shape in balls]
    if seated:
        props.append(seat(body, frames, (150, 110, 60)))
    return Motion(pose, tuple(props), hands, seated=seated)


def _cascade(body: Body, pose: Pose, style: Style) -> list[Shape]:
    """Three balls that fly from hand to hand; each hand throws once a repetition."""
    left, right = (palm(body, pose, side) + vector(0, -0.03, 0.05) for side in LETTERS)
    shapes = []
    for number, colour in enumerate(BALL_COLOURS):
        beat = style.turns() * 2 / 3 + number / 3
        stage = (beat % 1.0) * 2
        from_left = stage < 1
        way = stage % 1.0
        flight = np.clip((way - 0.25) / 0.75, 0, 1)[:, None]
        start = np.where(from_left[:, None], left, right)
        end = np.where(from_left[:, None], right, left)
        place = start + (end - start) * flight
        place = place + 4 * flight * (1 - flight) * [0, 0, 0.55 * style.amplitude]
        shapes.append(ball(place, 0.055, colour))
    return shapes


def _marching(body: Body, style: Style) -> Pose:
    """Stepping on the spot."""
    frames = style.frames
    walk = replace(style, cycles=style.cycles * 0.9)
    lifts = [walk.wave(0.45, 0.15, delay) for delay in (0.0, 0.5)]
    pose = Pose.neutral(frames, body.hip_height * 0.975)
    pose.root[:, 0] += 0.06 * (lifts[1] - lifts[0])
    height = 0.42 * body.shank
    return plant_feet(
        pose, body,
        heels=(lifts[0], lifts[1]),
        forward=(0.12 * lifts[0], 0.12 * lifts[1]),
        lift=(height * lifts[0], height * lifts[1]),
    )  # fmt: skip


def punching_bag(body: Body, style: Style) -> Motion:
    """Punches at a hanging bag: firm on the feet, bouncing on tiptoe, or with kicks."""
    variant, frames = style.variant, style.frames
    punches = replace(style, cycles=style.cycles * 1.3)
    jab, cross = punches.wave(0.45, 0.2), punches.wave(0.62, 0.14, 0.45)
    bounce = np.abs(np.sin(2 * np.pi * 1.5 * punches.turns())) * (variant == 1)
    kick = style.wave(0.5, 0.2) if variant == 2 else np.zeros(frames)
    cross = cross * (1 - np.clip(3 * kick, 0, 1))
    pose = Pose.neutral(frames, body.hip_height * 0.955)
    pose.root[:, 2] += 0.045 * bounce
    twist = 30 * cross - 26 * jab
    pose = replace(
        pose,
        turn=point(0.45 * twist - 12, 7 - 12 * kick, 0, frames),
        spine=point(6, 0, 0.7 * twist, frames),
        head=style.look(*((0.03, 0.2), (0.08, 0.5), (0.35, 0.05))[variant]),
    )
    heel = np.full(frames, 0.55) + 0.3 * bounce if variant == 1 else style.share_of_time(0.2)
    pose = plant_feet(
        pose, body, width=1.9, out=14.0,
        heels=(heel * (variant == 1), np.maximum(heel, 0.8 * cross)),
        forward=(0.2, -0.16 + 0.75 * kick),
        lift=(0.05 * bounce, 0.05 * bounce + 0.72 * body.hip_height * 0.8 * kick),
    )  # fmt: skip
    bag = _swinging_bag(style, body, np.maximum(jab, cross))
    chest = (shoulder(body, pose, "left") + shoulder(body, pose, "right")) / 2
    for side, hit in (("left", jab), ("right", cross)):
        sign = SIGNS[side]
        lowered = style.share_of_time((0.15, 0.2, 0.4)[variant])
        guard = chest + vector(sign * 0.14, -0.24, 0.02) - np.outer(lowered, [0, -0.16, 0.42])
        surface = bag + point(sign * 0.06, 0.2, 0.1 * body.torso, frames)
        target = mix(guard, surface, hit[:, None])
        pose = reach_hand(pose, side, target, np.array([0.7 * sign, 0.3, -0.9]))
    return Motion(pose, (_bag(bag, variant, body),), both("bag"), bag=bag)


def _swinging_bag(style: Style, body: Body, hit: Floats) -> Floats:
    """(T, 3): the middle of a bag that gives way when hit."""
    swing = smooth(smooth(hit)) * 0.05 * style.amplitude
    return point(0.03, -0.86 * body.arm - 0.3 - swing, body.hip_height + 0.2, style.frames)


def _bag(middle: Floats, variant: int, body: Body) -> Prop:
    colour = ((35, 35, 190), (45, 40, 40), (190, 120, 30))[variant]
    low, high = middle - vector(0, 0, 0.5), middle + vector(0, 0, 0.45)
    cuts = [low + (high - low) * share for share in np.linspace(0, 1, 5)]
    body_of_bag = [tube(a, b, 0.17, colour) for a, b in pairwise(cuts)]
    hook = still((0.03, float(middle[0, 1]), 3.2), len(middle))
    return Prop("punching_bag", (*body_of_bag, tube(high, hook, 0.015, (90, 90, 90))))


def pull_ups(body: Body, style: Style) -> Motion:
    """Hanging from a bar and pulling up: straight legs, bent legs, or knees drawn up."""
    variant, frames = style.variant, style.frames
    up = style.wave(*((0.3, 0.2), (0.12, 0.35), (0.4, 0.1))[variant])
    bar = body.hip_height + body.torso + body.arm * 0.97 + 0.17
    drop = mix(0.97, 0.22 + 0.1 * (1 - style.amplitude), up) * body.arm
    root = point(0, 0.05, bar - drop - body.torso, frames)
    knees = np.clip(style.share_of_time((0.25, 0.72, 0.3)[variant]), 0, 1)
    raise_ = style.wave(0.3, 0.35, 0.2) if variant == 2 else np.zeros(frames)
    pose = replace(
        Pose.neutral(frames, 0),
        root=root,
        turn=point(0, -4 * up, 0, frames),
        spine=point(-6 * up, 0, twisting(style, (0.15, 0.45, 0.25)[variant]), frames),
        head=style.look(*((0.55, 0.05), (0.15, 0.1), (0.1, 0.5))[variant]),
    )
    down = style.share_of_time((0.75, 0.3, 0.5)[variant])
    for side, delay in (("left", 0.0), ("right", 6.0)):
        pose = pose.posed(
            side,
            hip_flex=4 + 82 * raise_ + 12 * knees * (variant == 1),
            hip_out=np.full(frames, 3.0),
            knee=6 + (86 + delay) * np.maximum(knees * (variant != 2), 0.9 * raise_),
            ankle=10 + 35 * down,
        )
    grip = body.shoulder * (1.45 + 0.3 * (style.amplitude - 1))
    for side, sign in SIGNS.items():
        pose = reach_hand(
            pose, side, still((sign * grip, -0.03, bar - 0.05), frames),
            np.array([1.0 * sign, -0.1, -0.7]),
        )  # fmt: skip
    height = bar + 0.02
    rail = tube(
        still((-1.1, -0.03, height), frames),
        still((1.1, -0.03, height), frames),
        0.02,
        (70, 70, 75),
    )
    posts = [
        tube(still((x, -0.03, 0), frames), still((x, -0.03, height), frames), 0.03, (70, 70, 75))
        for x in (-1.1, 1.1)
    ]
    return Motion(pose, (Prop("horizontal_bar", (rail,)), Prop(None, tuple(posts))), both("bar"))


def idling(body: Body, style: Style) -> Motion:
    """What bystanders do: stand about, look around, step, clap, cross an arm."""
    frames = style.frames
    pose = _marching(body, style) if style.variant == 1 else standing(body, style, tiptoe=0.1)
    pose = replace(pose, head=style.look(0.1, 0.35))
    clap = style.schedule((0.5, 0.5)).astype(bool) if style.variant == 2 else np.zeros(frames, bool)
    chest = (shoulder(body, pose, "left") + shoulder(body, pose, "right")) / 2
    shake = 0.05 * (1 + np.sin(2 * np.pi * 4 * style.turns()))
    bent = style.share_of_time(0.4)
    for side, sign in SIGNS.items():
        together = chest + point(sign * (0.02 + shake), -0.3, -0.12, frames)
        hanging = shoulder(body, pose, side) + vector(sign * 0.1, 0.0, -0.97 * body.arm)
        on_hip = shoulder(body, pose, side) + vector(sign * 0.06, -0.08, -0.45)
        target = mix(mix(hanging, on_hip, bent[:, None]), together, clap[:, None].astype(float))
        pose = reach_hand(pose, side, target, BACK + sign * np.array([0.9, 0, 0]), grip=0.0)
    return Motion(pose, (), both("each_other", clap))
