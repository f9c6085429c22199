"""Where a part may be seen without a label: what no detector may take for background.

All persons are annotated, but not all parts of each. Where a person lacks a part, its box, or its
crop, is a region in which that part may be seen without a label. It is handed over as one more box
of the picture, with a class of its own, so that it goes through every augmentation as the others
do, mosaic and mixup among them (`detection/yolo/loss.py`).
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from partparse.tables import BOX, FRAME_KEY, PERSON_KEY
from partparse.vocabulary import PARTS, PERSON

UNKNOWN_PARTS: tuple[str, ...] = tuple(f"{part} ?" for part in PARTS)
"""Names of the regions in which a part may be seen without a label, in the order of PARTS."""


def unknown_regions(annotations: pd.DataFrame) -> pd.DataFrame:
    """A row for each person of ANNOTATIONS and each part that it lacks.

    Columns video, frame, the person's box, and name, of UNKNOWN_PARTS.
    """
    persons = annotations.loc[annotations["part"] == PERSON, [*PERSON_KEY, *BOX]]
    names = pd.DataFrame({"part": PARTS, "name": UNKNOWN_PARTS})
    known = annotations[[*PERSON_KEY, "part"]].assign(known=True)
    every = persons.merge(names, how="cross").merge(known, on=[*PERSON_KEY, "part"], how="left")
    return every.loc[every["known"].isna(), [*FRAME_KEY, *BOX, "name"]]


def unknown_classes(part_of: Sequence[str]) -> NDArray[np.bool_]:
    """(10, classes): which classes, each about the part that is named, a region leaves open."""
    return np.array(PARTS)[:, None] == np.array(part_of)
