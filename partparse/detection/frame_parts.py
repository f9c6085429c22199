"""What detectors of one stage share: frames with persons and parts, and whose a part is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from partparse.boxes import Floats, Integers
from partparse.detection.assignment import NOBODY, assign_parts
from partparse.detection.frame_detection import FramePictures, frames_of
from partparse.detection.settings import FramePartSettings
from partparse.detection.unlabelled_parts import UNKNOWN_PARTS, unknown_regions
from partparse.detection.yolo.detector import Detector
from partparse.detection.yolo.groups import GroupDetections, detect_groups
from partparse.frames.cache import read_frame
from partparse.tables import BOX, PERSON_KEY
from partparse.vocabulary import PARTS, PERSON

GROUPS: tuple[str, ...] = (*PARTS, PERSON)
"""What a class can be about; the parts first, so that their numbers are those of PARTS."""


@dataclass(frozen=True)
class OwnedParts:
    """Parts found in a frame that are some person's, K in all."""

    owner: Integers  # (K,) positions among the persons of the frame
    part: Integers  # (K,) indices into PARTS
    found: Integers  # (K,) positions among the detections


def detect_in_frames(
    detector: Detector,
    keys: Sequence[tuple[str, int]],
    groups: Sequence[int],
    cache: Path,
    settings: FramePartSettings,
) -> Iterator[GroupDetections]:
    """What is in each frame, (video, frame) of `keys`; `groups`: of each class, into GROUPS."""
    for start in range(0, len(keys), settings.batch):
        yield from detect_groups(
            detector,
            [read_frame(cache, *key) for key in keys[start : start + settings.batch]],
            groups,
            score=settings.score,
            iou=settings.iou,
            most=settings.most,
        )


def own_parts(
    persons: Floats, person_scores: Floats, seen: GroupDetections, containment: float
) -> OwnedParts:
    """Give the parts seen in a frame to its persons, boxes (P, 4) and scores (P,)."""
    is_part = np.flatnonzero(seen.groups < len(PARTS))
    chosen = assign_parts(
        persons,
        person_scores,
        seen.boxes[is_part],
        seen.scores[is_part],
        seen.groups[is_part],
        containment=containment,
    )
    owner, part = np.nonzero(chosen != NOBODY)
    return OwnedParts(owner, part, is_part[chosen[owner, part]])


def tabulate_owned(persons: pd.DataFrame, owned: OwnedParts, seen: GroupDetections) -> pd.DataFrame:
    """Rows of a PARTS_TABLE from a frame's persons (rows with PERSON_KEY) and their parts."""
    table = persons[PERSON_KEY].iloc[owned.owner].reset_index(drop=True)
    return table.assign(
        part=np.array(PARTS)[owned.part],
        **dict(zip(BOX, seen.boxes[owned.found].T, strict=True)),
        score=seen.scores[owned.found],
    )


def label_frames(annotations: pd.DataFrame, names: Sequence[str], cache: Path) -> FramePictures:
    """Frames with persons and parts, and with the regions in which parts lack their labels.

    Args:
        annotations: rows of ANNOTATIONS, and the column name: of the classes, or none.
        names: of the classes; those of regions come after them.
        cache: folder of the extracted frames.
    """
    named = annotations.dropna(subset="name")
    labels = pd.concat([named, unknown_regions(named)], ignore_index=True)
    return FramePictures(frames_of(annotations), labels, [*names, *UNKNOWN_PARTS], cache)
