"""Rigged bodies: forward kinematics, two-bone reaching, linear blend skinning, keypoints."""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from importlib import resources

import numpy as np

from partparse.boxes import Floats, Integers
from partparse.demo.pose import Pose, Reach, Side
from partparse.demo.rotations import about_axis, about_x, about_y, about_z, aligning, apply, unit
from partparse.vocabulary import KEYPOINTS, PARTS

DOWN = np.array([0.0, 0.0, -1.0])
TORSO = len(PARTS)  # part number of what belongs to no part: chest, belly, back

_SPINE = ("spine05", "spine04", "spine03", "spine02", "spine01")
_NECK = ("neck01", "neck02", "neck03", "head")
LETTERS = {"left": "L", "right": "R"}
_PART_OF_BONE = {
    "neck": "head",
    "head": "head",
    "eye": "head",
    "upperarm": "arm",
    "lowerarm": "arm",
    "wrist": "hand",
    "finger": "hand",
    "metacarpal": "hand",
    "upperleg": "leg",
    "lowerleg": "leg",
    "foot": "foot",
    "toe": "foot",
    "pelvis": "hip",
    "root": "hip",
    "spine05": "hip",
}


def _part_number(bone: str) -> int:
    """The number in PARTS of the part that moves with `bone`; TORSO for the rest."""
    for start, part in _PART_OF_BONE.items():
        if bone.startswith(start):
            side = {"L": "left_", "R": "right_"}.get(bone[-1], "")
            return PARTS.index(part if part in ("head", "hip") else side + part)
    return TORSO


@dataclass(frozen=True)
class Rig:
    """What all bodies share, and their rest shapes."""

    vertices: Floats  # (bodies, V, 3) at rest
    bone_heads: Floats  # (bodies, B, 3) at rest
    faces: Integers  # (F, 3)
    bones: dict[str, int]
    parents: Integers
    skin_bones: Integers  # (V, 4)
    skin_weights: Floats  # (V, 4)
    regressor: Floats  # (17, V): vertices to COCO keypoints

    @cached_property
    def vertex_parts(self) -> Integers:
        """(V,): the part, or TORSO, that each vertex mostly moves with."""
        part_of_bone = np.array([_part_number(name) for name in self.bones])
        weight = np.zeros((len(self.skin_bones), TORSO + 1))
        rows = np.repeat(np.arange(len(weight)), self.skin_bones.shape[1])
        np.add.at(weight, (rows, part_of_bone[self.skin_bones].ravel()), self.skin_weights.ravel())
        return weight.argmax(axis=1)

    @cached_property
    def face_parts(self) -> Integers:
        """(F,): the part of each face: the middle one of its corners' parts."""
        return np.sort(self.vertex_parts[self.faces], axis=1)[:, 1]


@lru_cache(maxsize=1)
def load_rig() -> Rig:
    """Read the bodies that come with the package."""
    source = resources.files("partparse.demo") / "data" / "humanoid.npz"
    with source.open("rb") as file, np.load(file, allow_pickle=False) as data:
        names = [str(name) for name in data["keypoint_names"]]
        regressor = data["keypoint_regressor"].astype(float)
        return Rig(
            vertices=data["rest_vertices"].astype(float),
            bone_heads=data["rest_bone_heads"].astype(float),
            faces=data["faces"].astype(np.int64),
            bones={str(name): number for number, name in enumerate(data["bone_names"])},
            parents=data["bone_parents"].astype(np.int64),
            skin_bones=data["skin_bones"].astype(np.int64),
            skin_weights=data["skin_weights"].astype(float),
            regressor=regressor[[names.index(name) for name in KEYPOINTS]],
        )


@dataclass(frozen=True)
class Solved:
    """A pose that was solved for a body, in person space."""

    rotations: Floats  # (T, B, 3, 3) from rest
    heads: Floats  # (T, B, 3): where each bone begins
    vertices: Floats  # (T, V, 3)
    keypoints: Floats  # (T, 17, 3)


class Body:
    """One body shape at rest.

    Args:
        shape: number of the rest shape in the rig.
        scale: size relative to the rest shape.
        head_scale: size of the head relative to the body (babies have large ones).
    """

    def __init__(self, shape: int, scale: float = 1.0, head_scale: float = 1.0) -> None:
        """Scale the rest shape and find what turns it into the neutral pose."""
        self.rig = load_rig()
        self.rest = self.rig.vertices[shape] * scale
        self.rest_heads = self.rig.bone_heads[shape] * scale
        if head_scale != 1.0:
            self._scale_head(head_scale)
        self._align = {side: self._alignments(letter) for side, letter in LETTERS.items()}
        self._flat = {side: self._flat_hand(letter) for side, letter in LETTERS.items()}
        self._curl = {side: self._curls(letter) for side, letter in LETTERS.items()}

    def _scale_head(self, factor: float) -> None:
        rig = self.rig
        pivot = self.rest_heads[rig.bones["neck02"]]
        on_head = np.isin(rig.skin_bones, [rig.bones[name] for name in ("head", "eye.L", "eye.R")])
        share = (rig.skin_weights * on_head).sum(axis=1, keepdims=True)
        self.rest = self.rest + share * (factor - 1) * (self.rest - pivot)
        for name in ("eye.L", "eye.R"):
            head = self.rest_heads[rig.bones[name]]
            self.rest_heads[rig.bones[name]] = pivot + factor * (head - pivot)

    def head_of(self, bone: str) -> Floats:
        """(3,): where `bone` begins at rest."""
        return self.rest_heads[self.rig.bones[bone]]

    def length(self, start: str, end: str) -> float:
        """Distance in metres between the heads of two bones at rest."""
        return float(np.linalg.norm(self.head_of(start) - self.head_of(end)))

    @cached_property
    def thigh(self) -> float:
        """Metres from hip to knee."""
        return self.length("upperleg01.L", "lowerleg01.L")

    @cached_property
    def shank(self) -> float:
        """Metres from knee to ankle."""
        return self.length("lowerleg01.L", "foot.L")

    @cached_property
    def sole(self) -> float:
        """Height of the ankle over the sole in metres."""
        return float(self.head_of("foot.L")[2] - self.rest[:, 2].min())

    @cached_property
    def hip_height(self) -> float:
        """Height of the pelvis in metres when the legs are straight."""
        drop = self.head_of("root")[2] - self.head_of("upperleg01.L")[2]
        return float(self.thigh + self.shank + self.sole + drop)

    @cached_property
    def arm(self) -> float:
        """Metres from shoulder to wrist of a straight arm."""
        upper = self.length("upperarm01.L", "lowerarm01.L")
        return upper + self.length("lowerarm01.L", "wrist.L")

    @cached_property
    def torso(self) -> float:
        """Height of the shoulders over the pelvis in metres."""
        return float(self.head_of("upperarm01.L")[2] - self.head_of("root")[2])

    @cached_property
    def shoulder(self) -> float:
        """Metres from the middle to a shoulder."""
        return float(abs(self.head_of("upperarm01.L")[0]))

    @cached_property
    def hip(self) -> float:
        """Metres from the middle to a hip joint."""
        return float(abs(self.head_of("upperleg01.L")[0]))

    def _alignments(self, letter: str) -> dict[str, Floats]:
        """Rotations that bring the limbs at rest into the neutral pose."""
        chains = {
            "upperarm": ("upperarm01", "lowerarm01"),
            "lowerarm": ("lowerarm01", "wrist"),
            "upperleg": ("upperleg01", "lowerleg01"),
            "lowerleg": ("lowerleg01", "foot"),
        }
        return {
            name: aligning(
                self.head_of(f"{end}.{letter}") - self.head_of(f"{start}.{letter}"), DOWN
            )
            for name, (start, end) in chains.items()
        }

    def _flat_hand(self, letter: str) -> Floats:
        """Rotation (3, 3) from rest that lays a hand palm down with its fingers forward."""
        fingers = unit(self.head_of(f"finger3-1.{letter}") - self.head_of(f"wrist.{letter}"))
        outer: Floats = self.head_of(f"finger5-1.{letter}") - self.head_of(f"finger2-1.{letter}")
        outer = unit(outer - fingers * (outer @ fingers))
        rest = np.stack([fingers, outer, np.cross(fingers, outer)], axis=1)
        forward, outward = -np.eye(3)[1], np.eye(3)[0] * (1 if letter == "L" else -1)
        level = np.stack([forward, outward, np.cross(forward, outward)], axis=1)
        return level @ rest.T

    def _curls(self, letter: str) -> dict[int, Floats]:
        """Rotations from rest of the finger bones of a fist, accumulated along each finger."""
        knuckles = self.head_of(f"finger5-1.{letter}") - self.head_of(f"finger2-1.{letter}")
        axis = knuckles if letter == "L" else -knuckles
        return {
            self.rig.bones[f"finger{finger}-{joint}.{letter}"]: about_axis(axis, -65 * joint)
            for finger in range(2, 6)
            for joint in range(1, 4)
        }

    def solve(self, pose: Pose) -> Solved:
        """Place every bone and vertex of the body in every frame of `pose`."""
        rotations, heads = self._place_bones(pose)
        offsets = heads - apply(rotations, np.broadcast_to(self.rest_heads, heads.shape))
        vertices = self._skin(rotations, offsets)
        if pose.grounded:
            lift = np.zeros((len(vertices), 1, 3))
            lift[:, 0, 2] = -vertices[..., 2].min(axis=1)
            vertices, heads = vertices + lift, heads + lift
        keypoints = np.einsum("kv,tvc->tkc", self.rig.regressor, vertices)
        return Solved(rotations, heads, vertices, keypoints)

    def joint(self, pose: Pose, bone: str) -> Floats:
        """(T, 3): where `bone` begins in `pose`, without the cost of skinning."""
        return self._place_bones(pose)[1][:, self.rig.bones[bone]]

    def _skin(self, rotations: Floats, offsets: Floats) -> Floats:
        """Linear blend skinning: (T, B, 3, 3) and (T, B, 3) -> (T, V, 3)."""
        bones, weights = self.rig.skin_bones, self.rig.skin_weights
        blended = np.einsum("vk,tvkij->tvij", weights, rotations[:, bones])
        shift = np.einsum("vk,tvki->tvi", weights, offsets[:, bones])
        return np.einsum("tvij,vj->tvi", blended, self.rest) + shift

    def _place_bones(self, pose: Pose) -> tuple[Floats, Floats]:
        rig, frames = self.rig, len(pose.root)
        rotations = np.zeros((frames, len(rig.bones), 3, 3))
        heads = np.zeros((frames, len(rig.bones), 3))
        trunk = self._trunk_rotations(pose)
        for name, bone in rig.bones.items():
            parent = rig.parents[bone]
            if parent < 0:
                rotations[:, bone], heads[:, bone] = trunk[name], pose.root
                continue
            offset = self.rest_heads[bone] - self.rest_heads[parent]
            heads[:, bone] = heads[:, parent] + apply(rotations[:, parent], offset)
            rotations[:, bone] = trunk.get(name, rotations[:, parent])
            if name.startswith(("upperarm01", "upperleg01")):
                side = "left" if name.endswith("L") else "right"
                limb = self._limb(pose, side, name[:8], heads[:, bone], trunk)
                trunk.update(limb)
                rotations[:, bone] = limb[name]
        for side, limbs in (("left", pose.left), ("right", pose.right)):
            if limbs.grip.any():
                self._close_hand(side, limbs.grip, rotations, heads)
        return rotations, heads

    @staticmethod
    def _trunk_rotations(pose: Pose) -> dict[str, Floats]:
        yaw, pitch, roll = pose.turn.T
        rotation = about_z(yaw) @ about_x(pitch) @ about_y(roll)
        rotations: dict[str, Floats] = {"root": rotation}
        bend, side, twist = pose.spine.T / len(_SPINE)
        step = about_z(twist) @ about_x(bend) @ about_y(side)
        for bone in _SPINE:
            rotations[bone] = rotation = rotation @ step
        step = about_z(pose.head[:, 1] / len(_NECK)) @ about_x(-pose.head[:, 0] / len(_NECK))
        for bone in _NECK:
            rotations[bone] = rotation = rotation @ step
        return rotations

    def _limb(
        self, pose: Pose, side: str, kind: str, start: Floats, trunk: dict[str, Floats]
    ) -> dict[str, Floats]:
        """Rotations of an arm's or a leg's bones; `kind` is `upperarm` or `upperleg`."""
        limbs: Side = getattr(pose, side)
        letter, align, sign = LETTERS[side], self._align[side], 1 if side == "left" else -1
        if kind == "upperarm":
            base = trunk["spine01"]
            if limbs.wrist:
                upper, lower = self._reach(limbs.wrist, start, "arm")
            else:
                upper = base @ about_x(-limbs.shoulder_flex) @ about_y(-sign * limbs.shoulder_out)
                upper = upper @ about_z(-sign * limbs.shoulder_twist)
                lower = upper @ about_x(-limbs.elbow)
            lower = lower @ align["lowerarm"]
            wrist = about_z(pose.turn[:, 0]) @ self._flat[side] if limbs.flat_hand else lower
            return {
                f"upperarm01.{letter}": upper @ align["upperarm"],
                f"lowerarm01.{letter}": lower,
                f"wrist.{letter}": wrist,
            }
        if limbs.foot:
            upper, lower = self._reach(limbs.foot, start, "leg")
            foot = about_z(sign * limbs.foot_out + pose.turn[:, 0]) @ about_x(limbs.ankle)
        else:
            upper = trunk["root"] @ about_x(-limbs.hip_flex) @ about_y(-sign * limbs.hip_out)
            upper = upper @ about_z(sign * limbs.foot_out)
            lower = upper @ about_x(limbs.knee)
            foot = lower @ about_x(limbs.ankle)
        return {
            f"upperleg01.{letter}": upper @ align["upperleg"],
            f"lowerleg01.{letter}": lower @ align["lowerleg"],
            f"foot.{letter}": foot,
        }

    def _reach(self, reach: Reach, start: Floats, kind: str) -> tuple[Floats, Floats]:
        """Two-bone reaching by the law of cosines -> rotations of both bones (T, 3, 3)."""
        if kind == "arm":
            first = self.length("upperarm01.L", "lowerarm01.L")
            second = self.arm - first
        else:
            first, second = self.thigh, self.shank
        way: Floats = reach.target - start
        low, high = abs(first - second) * 1.02 + 1e-3, (first + second) * 0.999
        distance = np.clip(np.linalg.norm(way, axis=1), low, high)[:, None]
        way = unit(way)
        pole = np.broadcast_to(reach.pole, way.shape)
        bulge = unit(pole - way * (pole * way).sum(axis=1, keepdims=True))
        along = (first**2 - second**2 + distance**2) / (2 * distance)
        out = np.sqrt(np.maximum(first**2 - along**2, 0))
        upper_way = unit(along * way + out * bulge)
        lower_way = unit(distance * way - first * upper_way)
        # elbows bend forearms forward about -x, knees bend shanks back about +x
        axis = unit(np.cross(way, bulge)) if kind == "arm" else unit(np.cross(bulge, way))
        return _frame(axis, upper_way), _frame(axis, lower_way)

    def _close_hand(self, side: str, grip: Floats, rotations: Floats, heads: Floats) -> None:
        """Blend the fingers towards a fist, in place."""
        wrist = rotations[:, self.rig.bones[f"wrist.{LETTERS[side]}"]]
        closed = grip > 0.5
        for bone, curl in self._curl[side].items():
            parent = self.rig.parents[bone]
            offset = self.rest_heads[bone] - self.rest_heads[parent]
            heads[closed, bone] = heads[closed, parent] + apply(rotations[closed, parent], offset)
            rotations[closed, bone] = wrist[closed] @ curl


def _frame(axis: Floats, way: Floats) -> Floats:
    """Rotation (T, 3, 3) that turns x into `axis` and down into `way`, both (T, 3)."""
    up = -way
    return np.stack([axis, np.cross(up, axis), up], axis=-1)
