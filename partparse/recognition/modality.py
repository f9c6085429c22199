"""What clips can be of: the pictures themselves, or the optical flow between them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandera.pandas as pa
from numpy.typing import NDArray

from partparse import tables
from partparse.files.catalogue import IMAGENET
from partparse.frames.cache import read_frame
from partparse.frames.flow import REST, read_flow


@dataclass(frozen=True)
class Modality:
    """Where the frames of a clip come from, and how a network takes them."""

    table: pa.DataFrameSchema
    """Of the table that lists them; the pictures lie in its folder."""
    read: Callable[[Path, str, int], NDArray]
    """From the folder, a video and a number (from 1) to a picture (H, W, C) uint8."""
    mean: tuple[float, ...]
    """Of each channel, in levels."""
    deviation: tuple[float, ...]
    network: Mapping[str, Any] = field(default_factory=dict)
    """Settings that a network of the registry needs for it."""


MODALITIES: dict[str, Modality] = {
    # unless the weights that a network starts from have seen others (`clips.normalise`)
    "rgb": Modality(tables.FRAMES, read_frame, mean=IMAGENET.mean, deviation=IMAGENET.deviation),
    # the bound is 1, as in I3D (Carreira & Zisserman, CVPR 2017)
    "flow": Modality(
        tables.FLOW, read_flow, mean=(REST, REST), deviation=(127, 127), network={"in_channels": 2}
    ),
}
"""By the name that settings have for it."""
