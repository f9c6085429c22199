"""The states of the ten parts, read off the true pose.

Rules of the kind an annotator would follow: angles of elbows and knees, heights over the floor,
what a hand is busy with, speeds and turn rates. Names are those attested for Kinetics-TPS.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from partparse.boxes import Floats
from partparse.demo.body import LETTERS, Body, Solved
from partparse.demo.motions import Motion
from partparse.demo.rotations import unit

Mask = NDArray[np.bool_]
Names = NDArray[np.str_]

STATES: tuple[str, ...] = (
    "none", "others", "bend", "unbend", "lift", "hug", "push", "swing", "carry", "hold", "grab",
    "applaud", "strike", "pull", "clutch", "stand", "step", "step_on", "raise", "jump", "crouch",
    "tiptoe", "turn", "sit", "stoop",
)  # fmt: skip
"""All attested names; the data set's `part_stat.txt`."""


@dataclass(frozen=True)
class Limbs:
    """What the rules look at on one side; everything (T,), metres, degrees, seconds."""

    elbow: Floats  # inner angle; 180 straight
    knee: Floats
    wrist_over_shoulder: Floats
    arm_speed: Floats  # of the wrist against the shoulder
    elbow_rate: Floats  # positive while the arm is stretched
    arm_hangs: Floats  # angle of the upper arm from straight down
    thigh: Floats  # angle of the thigh from straight down
    knee_height: Floats
    toe_height: Floats
    heel_height: Floats
    ankle_speed: Floats
    palm: Floats  # (T, 3)


def _inner_angle(first: Floats, middle: Floats, last: Floats) -> Floats:
    cosine = (unit(first - middle) * unit(last - middle)).sum(axis=1)
    return np.degrees(np.arccos(np.clip(cosine, -1, 1)))


def _from_down(vector: Floats) -> Floats:
    return np.degrees(np.arccos(np.clip(-unit(vector)[:, 2], -1, 1)))


def _rate(values: Floats, fps: int) -> Floats:
    if len(values) < 2:
        return np.zeros_like(values)
    return np.gradient(values, axis=0) * fps


def measure(body: Body, solved: Solved, side: str, fps: int) -> Limbs:
    """Measure the limbs of one side in every frame."""
    rig, letter = body.rig, LETTERS[side]

    def at(bone: str) -> Floats:
        return solved.heads[:, rig.bones[f"{bone}.{letter}"]]

    shoulder, elbow, wrist = at("upperarm01"), at("lowerarm01"), at("wrist")
    hip, knee, ankle = at("upperleg01"), at("lowerleg01"), at("foot")
    elbow_angle = _inner_angle(shoulder, elbow, wrist)
    on_side = np.sign(body.rest[:, 0]) == (1 if side == "left" else -1)
    low = on_side & (body.rest[:, 2] < body.head_of(f"foot.{letter}")[2])
    ankle_y = body.head_of(f"foot.{letter}")[1]
    toe_y = body.head_of(f"toe1-1.{letter}")[1]
    return Limbs(
        elbow=elbow_angle,
        knee=_inner_angle(hip, knee, ankle),
        wrist_over_shoulder=wrist[:, 2] - shoulder[:, 2],
        arm_speed=np.linalg.norm(_rate(wrist - shoulder, fps), axis=1),
        elbow_rate=_rate(elbow_angle, fps),
        arm_hangs=_from_down(elbow - shoulder),
        thigh=_from_down(knee - hip),
        knee_height=knee[:, 2],
        toe_height=solved.vertices[:, low & (body.rest[:, 1] < toe_y), 2].min(axis=1),
        heel_height=solved.vertices[:, low & (body.rest[:, 1] > ankle_y), 2].min(axis=1),
        ankle_speed=np.linalg.norm(_rate(ankle, fps)[:, :2], axis=1),
        palm=(wrist + at("finger3-1")) / 2,
    )


def _choose(frames: int, rules: list[tuple[Mask | bool, str]], default: str) -> Names:
    """The name of the first rule that holds, in each frame."""
    masks = [np.broadcast_to(mask, (frames,)) for mask, _ in rules]
    return np.select(masks, [name for _, name in rules], default)


def _busy(motion: Motion, side: str, frames: int) -> dict[str, Mask]:
    hand = motion.hands[side]
    active = np.ones(frames, bool) if hand.active is None else hand.active
    uses = ("load", "bar", "ball", "floor", "bag", "each_other")
    return {use: active & (hand.use == use) for use in uses}


def arm_states(limbs: Limbs, busy: dict[str, Mask]) -> Names:
    """(T,) names."""
    straight = limbs.elbow > 148
    lifted = ~busy["bar"] & ~busy["floor"] & (limbs.wrist_over_shoulder > -0.08)
    return _choose(
        len(straight),
        [
            (busy["floor"] & (limbs.elbow_rate > 25) & ~straight, "push"),
            (~busy["bar"] & ~busy["floor"] & (limbs.arm_speed > 1.9), "swing"),
            (busy["each_other"] & ~straight, "hug"),
            (lifted & (busy["load"] | (limbs.arm_hangs > 60)), "lift"),
            (busy["load"] & straight & (limbs.arm_hangs < 28), "carry"),
            (~straight, "bend"),
            (~busy["bar"] & ~busy["floor"] & (limbs.arm_hangs < 20), "none"),
        ],
        "unbend",
    )


def hand_states(limbs: Limbs, busy: dict[str, Mask], motion: Motion, rising: Floats) -> Names:
    """(T,) names; `rising` is the body's speed upwards in m/s."""
    frames = len(rising)
    far = np.full(frames, np.inf)
    if motion.bag is not None:
        far = np.linalg.norm((limbs.palm - motion.bag)[:, :2], axis=1)
    return _choose(
        frames,
        [
            (busy["bag"] & (far < 0.36), "strike"),
            (busy["bag"], "clutch"),
            (busy["bar"] & (rising > 0.12), "pull"),
            (busy["bar"], "grab"),
            (busy["load"] & (limbs.wrist_over_shoulder > -0.2), "lift"),
            (busy["load"] & (limbs.elbow > 148) & (limbs.arm_hangs < 28), "carry"),
            (busy["load"] | busy["ball"], "hold"),
            (busy["each_other"], "applaud"),
            (busy["floor"], "unbend"),
        ],
        "none",
    )


def leg_states(limbs: Limbs, other: Limbs, seated: bool) -> Names:
    """(T,) names."""
    low = np.minimum(limbs.toe_height, limbs.heel_height)
    deep = (limbs.knee < 118) & (other.knee < 118)
    upright = limbs.thigh < 40
    return _choose(
        len(low),
        [
            ((low > 0.1) & (limbs.thigh > 42) & (limbs.knee_height > 0.2), "raise"),
            ((limbs.ankle_speed > 0.45) & (low < 0.4), "step"),
            (~np.bool_(seated) & deep & (low < 0.05) & (limbs.thigh > 40), "crouch"),
            (limbs.knee < 150, "bend"),
            (upright & (low < 0.05), "stand"),
        ],
        "unbend",
    )


def foot_states(limbs: Limbs, leg: Names) -> Names:
    """(T,) names."""
    return _choose(
        len(leg),
        [
            (np.minimum(limbs.toe_height, limbs.heel_height) > 0.06, "none"),
            (limbs.heel_height - limbs.toe_height > 0.04, "tiptoe"),
            (leg == "stand", "stand"),
        ],
        "step_on",
    )


def head_states(head: Floats, usual: float) -> Names:
    """(T,) names from the head's angles (T, 2); `usual` degrees of raising count as none."""
    return _choose(
        len(head), [(np.abs(head[:, 1]) > 22, "turn"), (head[:, 0] - usual > 15, "raise")], "none"
    )


def hip_states(motion: Motion, chest: Floats, legs: dict[str, Names], fps: int) -> Names:
    """(T,) names; `chest` (T, 3, 3) is the rotation of the upper spine."""
    pose = motion.pose
    lean = pose.turn[:, 1] + 0.5 * pose.spine[:, 0]
    heading = np.unwrap(np.arctan2(chest[:, 0, 1], chest[:, 1, 1]))
    twist = np.abs(np.degrees(_rate(heading, fps)))
    deep = (legs["left"] == "crouch") | (legs["right"] == "crouch")
    return _choose(
        len(lean),
        [
            (motion.seated, "sit"),
            ((twist > 55) & (lean < 60), "turn"),
            ((lean > 24) & (lean < 100) & (legs["left"] != "unbend"), "stoop"),
            (deep & (lean < 60), "crouch"),
        ],
        "none",
    )


def part_states(body: Body, motion: Motion, solved: Solved, fps: int) -> dict[str, Names]:
    """The state of every part in every frame: part -> (T,) names."""
    frames = len(solved.heads)
    limbs = {side: measure(body, solved, side, fps) for side in LETTERS}
    rising = _rate(solved.heads[:, body.rig.bones["spine01"], 2], fps)
    pairs = ("left", "right"), ("right", "left")
    legs = {side: leg_states(limbs[side], limbs[other], motion.seated) for side, other in pairs}
    usual = float(np.median(motion.pose.head[:, 0])) if motion.pose.turn[:, 1].max() > 60 else 0.0
    chest = solved.rotations[:, body.rig.bones["spine01"]]
    states = {
        "head": head_states(motion.pose.head, usual),
        "hip": hip_states(motion, chest, legs, fps),
    }
    for side in LETTERS:
        busy = _busy(motion, side, frames)
        states[f"{side}_arm"] = arm_states(limbs[side], busy)
        states[f"{side}_hand"] = hand_states(limbs[side], busy, motion, rising)
        states[f"{side}_leg"] = legs[side]
        states[f"{side}_foot"] = foot_states(limbs[side], legs[side])
    return {part: without_flicker(names) for part, names in states.items()}


def without_flicker(names: Names) -> Names:
    """A state that lasts a single frame takes the name of the frame before."""
    names = names.copy()
    for frame in range(1, len(names) - 1):
        if names[frame] != names[frame - 1] and names[frame] != names[frame + 1]:
            names[frame] = names[frame - 1]
    return names
