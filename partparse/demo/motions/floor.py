"""Push-ups and the crawling baby: hands on the floor."""

from dataclasses import replace

import numpy as np

from partparse.demo.body import LETTERS, Body
from partparse.demo.motions.base import SIGNS, Hand, Motion, both, point, reach_hand
from partparse.demo.pose import Pose, Reach
from partparse.demo.style import Style, mix


def push_up(body: Body, style: Style) -> Motion:
    """Push-ups: on the toes, on the knees, or with one leg raised."""
    variant, frames = style.variant, style.frames
    up = style.wave(*((0.15, 0.3), (0.3, 0.12), (0.1, 0.45))[variant])
    height = mix(0.26, 0.93, np.clip(up * style.amplitude, 0, 1)) * body.arm + 0.06
    on_knees = variant == 1
    pivot_height = 0.06 if on_knees else body.sole + 0.115
    to_root = body.thigh if on_knees else body.thigh + body.shank
    slope = np.degrees(np.arcsin((height - pivot_height) / (to_root + body.torso)))
    along = np.radians(slope)
    root = point(0, -to_root * np.cos(along), pivot_height + to_root * np.sin(along), frames)
    hollow = 8 * style.share_of_time(0.3)
    pose = replace(
        Pose.neutral(frames, 0),
        root=root,
        turn=point(0, 90 - slope, 0, frames),
        spine=point(-hollow, 0, 0, frames),
        head=np.array([14.0, 0.0]) + style.look(*((0.6, 0.05), (0.2, 0.1), (0.15, 0.45))[variant]),
    )
    raised = style.wave(0.3, 0.45, 0.3) if variant == 2 else np.zeros(frames)
    dip = style.share_of_time(0.28)
    knee = mix(62.0, 95.0, dip) if on_knees else 3.0 + np.zeros(frames)
    for side in LETTERS:
        high = raised if side == "left" else 0.0
        pose = pose.posed(
            side,
            hip_flex=-26 * high + np.zeros(frames) + (0 if on_knees else 22 * dip * (1 - high)),
            hip_out=np.full(frames, 5.0),
            knee=knee + (0 if on_knees else 44 * dip * (1 - high)),
            ankle=np.full(frames, 20.0 if on_knees else -18.0) + 40 * high,
        )
    hands_y = -(to_root + body.torso) * 0.985
    for side, sign in SIGNS.items():
        target = point(sign * body.shoulder * 1.55, hands_y, 0.066, frames)
        pose = reach_hand(pose, side, target, np.array([1.2 * sign, 0.9, 0.3]), grip=0.0, flat=True)
    return Motion(pose, (), both("floor"))


def crawling_baby(body: Body, style: Style) -> Motion:
    """A baby on hands and knees, on hands and feet, or resting while it plays with a hand."""
    variant, frames = style.variant, style.frames
    crawl = replace(style, cycles=style.cycles * (0.35 if variant == 2 else 1.2))
    on_feet = variant == 1
    steps = {side: crawl.wave(0.2, 0.2, 0.0 if side == "left" else 0.5) for side in LETTERS}
    hip = body.hip_height * 0.84 if on_feet else body.thigh + 0.05
    pitch = 102.0 if on_feet else 72.0
    pose = replace(
        Pose.neutral(frames, hip),
        turn=point(5 * (steps["left"] - 0.5), pitch, 0, frames),
        spine=point(0, 0, 14 * (0.5 - steps["left"]), frames),
        head=np.array([18.0, 0.0]) + style.look(*((0.5, 0.1), (0.05, 0.15), (0.2, 0.55))[variant]),
    )
    play = style.share_of_time(0.55) if variant == 2 else np.zeros(frames)
    hands = {}
    for side, sign in SIGNS.items():
        other = steps["right" if side == "left" else "left"]
        speed = np.diff(steps[side], prepend=steps[side][:1])
        lift = 0.09 * np.clip(speed * 6, 0, 1) * style.amplitude
        base = body.joint(pose, f"upperarm01.{LETTERS[side]}")
        ahead = base[:, 1] - 0.16 * (steps[side] - 0.5) - 0.03
        target = point(sign * body.shoulder * 1.25, ahead, 0.022 + lift, frames)
        if side == "left":
            target = target + np.outer(play, [0.02, -0.16, 0.16])
        pose = reach_hand(pose, side, target, np.array([0.9 * sign, 0.8, 0.2]), grip=0.0, flat=True)
        hands[side] = Hand("floor", target[:, 2] < 0.06)
        if on_feet:
            ankle = point(sign * body.hip * 1.5, 0.12 - 0.12 * (other - 0.5), body.sole, frames)
            ankle[:, 2] += 0.4 * lift[::-1] + 0.03
            foot = Reach(ankle, np.array([0.5 * sign, -1, 0]))
            pose = pose.posed(side, foot=foot, ankle=12 + 0 * other)
        else:
            pose = pose.posed(
                side,
                hip_flex=pitch - 14 + 30 * (other - 0.5) + 0 * pitch,
                hip_out=np.full(frames, 10.0),
                knee=mix(84.0, 104.0, other),
                ankle=np.full(frames, 45.0),
            )
    return Motion(pose, (), hands)
