"""What a motion is made of, and the steps that several motions share."""

from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from partparse.boxes import Floats
from partparse.demo.body import LETTERS, Body
from partparse.demo.pose import MIRROR, Pose, Reach
from partparse.demo.props import Prop, block, still
from partparse.demo.style import Style

Use = Literal["none", "load", "bar", "ball", "floor", "bag", "each_other"]

BACK = np.array([0.0, 1.0, 0.0])
FRONT = np.array([0.0, -1.0, 0.0])
SIGNS = {"left": 1.0, "right": -1.0}


@dataclass(frozen=True)
class Hand:
    """What a hand is busy with."""

    use: Use = "none"
    active: NDArray[np.bool_] | None = None  # (T,): whether it is, in each frame; None: always


@dataclass(frozen=True)
class Motion:
    """One person's motion and the things that take part in it, in person space."""

    pose: Pose
    props: tuple[Prop, ...] = ()
    hands: dict[str, Hand] = field(default_factory=lambda: {"left": Hand(), "right": Hand()})
    seated: bool = False
    bag: Floats | None = None  # (T, 3): middle of the punching bag

    def mirrored(self) -> "Motion":
        """Seen in a mirror: left does what right did."""
        return replace(
            self,
            pose=self.pose.mirrored(),
            props=tuple(prop.mirrored() for prop in self.props),
            hands={"left": self.hands["right"], "right": self.hands["left"]},
            bag=None if self.bag is None else self.bag * MIRROR,
        )


def both(use: Use, active: NDArray[np.bool_] | None = None) -> dict[str, Hand]:
    """Both hands busy with the same."""
    return dict.fromkeys(LETTERS, Hand(use, active))


def vector(x: float, y: float, z: float) -> Floats:
    """(3,): an offset in metres."""
    return np.array([x, y, z])


def point(x: Floats | float, y: Floats | float, z: Floats | float, frames: int) -> Floats:
    """(T, 3) from coordinates that may or may not move."""
    return np.stack([np.broadcast_to(np.asarray(v, float), (frames,)) for v in (x, y, z)], axis=1)


def standing(body: Body, style: Style, tiptoe: float = 0.0, bent: float = 0.0) -> Pose:
    """Standing still, on tiptoe and with bent knees for these shares of the time."""
    frames = style.frames
    heel = style.share_of_time(tiptoe) if tiptoe else np.zeros(frames)
    pose = Pose.neutral(frames, body.hip_height * 0.99)
    root = pose.root.copy()
    root[:, 2] += heel * 0.07 - 0.055 * body.hip_height * style.share_of_time(bent)
    root[:, 0] += 0.015 * np.sin(2 * np.pi * style.turns() / 2)
    return plant_feet(replace(pose, root=root), body, heels=(heel, heel))


def plant_feet(
    pose: Pose,
    body: Body,
    *,
    width: float = 1.3,
    heels: tuple[Floats, Floats] | None = None,
    forward: tuple[Floats | float, Floats | float] = (0.0, 0.0),
    lift: tuple[Floats | float, Floats | float] = (0.0, 0.0),
    out: float = 12.0,
) -> Pose:
    """Put both feet on the floor, left and right.

    Args:
        pose: its pelvis may be anywhere within reach.
        body: gives the sizes.
        width: distance of the feet, in hip widths.
        heels: how far each heel is raised, (T,) from 0 to 1 (about 45 degrees).
        forward: metres each foot stands before the origin.
        lift: metres each foot is above the floor.
        out: degrees the toes and knees point outwards.
    """
    frames = len(pose.root)
    heels = heels or (np.zeros(frames), np.zeros(frames))
    for side, heel, ahead, above in zip(LETTERS, heels, forward, lift, strict=True):
        sign = SIGNS[side]
        ankle = point(
            sign * body.hip * width, -np.asarray(ahead) - 0.045 * heel,
            body.sole + np.asarray(above) + 0.125 * heel, frames,
        )  # fmt: skip
        pole = FRONT + sign * np.sin(np.radians(out)) * np.array([1.0, 0, 0])
        toes = np.full(frames, out)
        pose = pose.posed(side, foot=Reach(ankle, pole), ankle=heel * 42.0, foot_out=toes)
    return pose


def reach_hand(
    pose: Pose, side: str, target: Floats, pole: Floats, *, grip: float = 1.0, flat: bool = False
) -> Pose:
    """Put one wrist to `target` (T, 3), its elbow towards `pole`; `flat`: as on a floor."""
    closed = np.full(len(target), grip)
    return pose.posed(side, wrist=Reach(target, pole), grip=closed, flat_hand=flat)


def palm(body: Body, pose: Pose, side: str) -> Floats:
    """(T, 3): the middle of a hand."""
    letter = LETTERS[side]
    wrist = body.joint(pose, f"wrist.{letter}")
    return (wrist + 1.6 * body.joint(pose, f"finger3-1.{letter}")) / 2.6


def shoulder(body: Body, pose: Pose, side: str) -> Floats:
    """(T, 3): where the upper arm begins."""
    return body.joint(pose, f"upperarm01.{LETTERS[side]}")


def twisting(style: Style, share: float) -> Floats:
    """(T,) degrees: the trunk turns to and fro for a share of the time."""
    return 16 * style.share_of_time(share) * np.sin(2 * np.pi * 1.1 * style.turns())


def sitting(body: Body, style: Style) -> Pose:
    """Sitting on a box; now and then a leg is stretched out."""
    frames = style.frames
    seat = body.shank + body.sole
    pose = Pose.neutral(frames, seat + 0.07)
    stretch = style.share_of_time(0.25)
    ahead = 0.8 * body.thigh + 0.55 * body.shank * stretch, 0.8 * body.thigh
    heel = style.share_of_time(0.3)
    return plant_feet(pose, body, width=1.8, heels=(np.zeros(frames), heel), forward=ahead)


def seat(body: Body, frames: int, colour: tuple[float, float, float]) -> Prop:
    """The box that a sitting body sits on."""
    half, height = 0.24, body.shank + body.sole - 0.06
    low, high = still((-half, -0.12, 0.0), frames), still((half, 0.25, height), frames)
    return Prop("box", (block(low, high, colour),), layer=0)
