"""Names: actions, body parts, part states, objects; left and right; part groups.

The state names come from the user's data set (`list/part_stat.txt`): nothing here depends on a
particular one.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from partparse.errors import InputError
from partparse.files.atomic import read_json, write_json

PARTS: tuple[str, ...] = (
    "head",
    "left_arm",
    "right_arm",
    "left_hand",
    "right_hand",
    "left_leg",
    "right_leg",
    "left_foot",
    "right_foot",
    "hip",
)
"""The ten parts, in the order of the challenge's `list/body_part.txt`."""

PART_GROUPS: dict[str, tuple[str, ...]] = {
    "head": ("head",),
    "hand": ("left_hand", "right_hand"),
    "arm": ("left_arm", "right_arm"),
    "hip": ("hip",),
    "leg": ("left_leg", "right_leg"),
    "foot": ("left_foot", "right_foot"),
}
"""The six groups that the second place of 2021 trained a classifier each for."""

PERSON = "person"  # the `part` of a person's own row in the annotations and parses tables

KEYPOINTS: tuple[str, ...] = (
    "nose",
    "left_eye",
    "right_eye",
    "left_ear",
    "right_ear",
    "left_shoulder",
    "right_shoulder",
    "left_elbow",
    "right_elbow",
    "left_wrist",
    "right_wrist",
    "left_hip",
    "right_hip",
    "left_knee",
    "right_knee",
    "left_ankle",
    "right_ankle",
)
"""The 17 keypoints of COCO, in its order."""


def swap_side(name: str) -> str:
    """`left_x` to `right_x` and back; a name without a side stays as it is."""
    if name.startswith("left_"):
        return "right_" + name.removeprefix("left_")
    if name.startswith("right_"):
        return "left_" + name.removeprefix("right_")
    return name


def swap_order(names: Sequence[str]) -> list[int]:
    """Indices that reorder an array along `names` when a picture is mirrored.

    `array[..., swap_order(PARTS), :]` is what the parts of the mirrored person are.
    """
    return [names.index(swap_side(name)) for name in names]


@dataclass(frozen=True)
class Vocabulary:
    """The names that a data set uses; the order of each is the order of its files."""

    actions: tuple[str, ...]
    parts: tuple[str, ...]
    states: tuple[str, ...]
    objects: tuple[str, ...]

    def write(self, path: Path) -> None:
        """Write as JSON."""
        write_json(path, asdict(self))

    @classmethod
    def read(cls, path: Path) -> "Vocabulary":
        """Read what `write` wrote. Raises InputError where a key is missing."""
        entries = read_json(path)
        try:
            return cls(**{key: tuple(entries[key]) for key in cls.__dataclass_fields__})
        except (KeyError, TypeError) as error:
            raise InputError(f"{path}: not a vocabulary: {error}") from None
