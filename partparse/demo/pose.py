"""A moving pose: joint angles and reached points of one body, in every frame.

Person space: metres, z up from the floor, the person faces -y, its left is +x. Angles are degrees
and anatomical: the same number means the same bend on either side, so a mirrored pose only swaps
the sides. All arrays run over the frames (T,).
"""

from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from partparse.boxes import Floats

MIRROR = np.array([-1.0, 1.0, 1.0])


@dataclass(frozen=True)
class Reach:
    """A wrist or ankle that is put to a place; the two bones above it follow."""

    target: Floats  # (T, 3), person space
    pole: Floats  # (T, 3) or (3,): where the elbow or knee points to

    def mirrored(self) -> "Reach":
        """Seen in a mirror."""
        return Reach(self.target * MIRROR, self.pole * MIRROR)


@dataclass(frozen=True)
class Side:
    """One side's arm and leg. Neutral (all 0): arm hangs, leg stands."""

    shoulder_flex: Floats  # upper arm forward; 90 level, 180 up
    shoulder_out: Floats  # upper arm sideways, away from the body
    shoulder_twist: Floats  # upper arm about its own axis; positive turns a bent forearm inwards
    elbow: Floats  # 0 straight
    hip_flex: Floats  # thigh forward
    hip_out: Floats  # thigh sideways, away from the body
    knee: Floats  # 0 straight
    ankle: Floats
    """Toes down (positive) or up; of a leg that reaches: the foot's pitch to the floor."""
    foot_out: Floats  # toes turned outwards
    grip: Floats  # fingers: 0 open, 1 a fist
    flat_hand: bool = False  # the palm lies level, fingers forward, as on a floor
    wrist: Reach | None = None  # overrides shoulder and elbow
    foot: Reach | None = None  # the ankle's place; overrides hip and knee

    @classmethod
    def neutral(cls, frames: int) -> "Side":
        """Hanging and standing."""
        names = [f.name for f in fields(cls) if f.type is Floats]
        zeros: dict[str, Any] = {name: np.zeros(frames) for name in names}
        return cls(**zeros)

    def mirrored(self) -> "Side":
        """The same limbs on the other side."""
        return replace(
            self,
            wrist=self.wrist.mirrored() if self.wrist else None,
            foot=self.foot.mirrored() if self.foot else None,
        )


@dataclass(frozen=True)
class Pose:
    """One person's pose in T frames."""

    root: Floats  # (T, 3): the pelvis
    turn: Floats  # (T, 3): the pelvis' yaw (to the left), pitch (forward), roll (to the left)
    spine: Floats  # (T, 3): bend forward, to the left, twist to the left
    head: Floats  # (T, 2): raised (chin up), turned to the left
    left: Side
    right: Side
    grounded: bool = False
    """Lift or lower the whole body so that its lowest point touches the floor."""

    @classmethod
    def neutral(cls, frames: int, height: float) -> "Pose":
        """Standing with the pelvis at `height`."""
        root = np.zeros((frames, 3))
        root[:, 2] = height
        return cls(
            root=root,
            turn=np.zeros((frames, 3)),
            spine=np.zeros((frames, 3)),
            head=np.zeros((frames, 2)),
            left=Side.neutral(frames),
            right=Side.neutral(frames),
        )

    def posed(self, side: str, **limbs: Any) -> "Pose":
        """With other values of a side's fields."""
        return replace(self, **{side: replace(getattr(self, side), **limbs)})

    def mirrored(self) -> "Pose":
        """Seen in a mirror: left does what right did."""
        return replace(
            self,
            root=self.root * MIRROR,
            turn=self.turn * [-1, 1, -1],
            spine=self.spine * [1, -1, -1],
            head=self.head * [1, -1],
            left=self.right.mirrored(),
            right=self.left.mirrored(),
        )
