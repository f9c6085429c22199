"""The keypoints that come with a data set: `ROOT/keypoints/ACTION/VIDEO.npz`.

Such a file has an array `keypoints` of (frames, persons, 17 COCO joints, (x, y, score)), 0 or NaN
where there is none; its frame 0 is img_00001. Its persons stand in no particular order, so they
are matched to the annotated humans by place.
"""

import zipfile
import zlib
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from partparse import boxes, tables
from partparse.boxes import Integers
from partparse.dataset.layout import find_beside_action
from partparse.errors import InputError
from partparse.frames.names import is_safe_name
from partparse.running.program import progress
from partparse.vocabulary import KEYPOINTS, PERSON

MAX_BYTES = 1 << 30
"""Of a video's keypoints when unpacked: an hour with ten persons has some 400 MB."""
# what numpy raises of a damaged file, or of one that claims to hold more than memory does
_NOT_ONE = (
    *(OSError, ValueError, EOFError, TypeError, RuntimeError, MemoryError, OverflowError),
    *(zipfile.BadZipFile, zlib.error),
)
MIN_INSIDE = 0.5
"""The least share of a person's keypoints (weighted by score) inside the human's box."""


def keypoint_file(root: Path, video: str) -> Path | None:
    """The file with a video's keypoints, whichever action it lies under; None without one."""
    if not is_safe_name(video):
        raise InputError(f"{video!a}: not a video id; expected a name that is no path")
    return find_beside_action(root / "keypoints", f"{video}.npz", None)


def load_keypoints(path: Path) -> NDArray[np.float32]:
    """(frames, persons, 17, 3) as x, y, score in [0, 1]; all 0 where there is no keypoint.

    Visibilities of COCO (1 hidden, 2 seen) both become 1. Raises InputError for any other content.
    """
    expected = f"expected an array 'keypoints' of (frames, persons, {len(KEYPOINTS)}, 3) numbers"
    try:
        _check_size(path)
        with np.load(path, allow_pickle=False) as archive:
            array = archive["keypoints"]
    except InputError:
        raise
    except KeyError:
        raise InputError(f"{path}: {expected}") from None
    except _NOT_ONE as error:
        raise InputError(f"{path}: not a readable .npz file ({error}); {expected}") from None
    if array.ndim != 4 or array.shape[2:] != (len(KEYPOINTS), 3) or array.dtype.kind not in "iuf":
        raise InputError(f"{path}: keypoints are {array.dtype} {array.shape}; {expected}")
    array = array.astype(np.float32)
    there = np.isfinite(array).all(axis=-1) & (array[..., 2] > 0) & array[..., :2].any(axis=-1)
    array = np.where(there[..., None], array, np.float32(0))
    array[..., 2] = np.minimum(array[..., 2], 1)
    return array


def _check_size(path: Path) -> None:
    """Raise InputError for a file that unpacks to more than MAX_BYTES, or of which none can say."""
    if not path.is_file():
        raise InputError(f"{path}: not a regular file")
    with zipfile.ZipFile(path) as archive:
        size = sum(entry.file_size for entry in archive.infolist())
        kinds = {entry.compress_type for entry in archive.infolist()}
    if size > MAX_BYTES:
        raise InputError(f"{path}: expected at most {MAX_BYTES} bytes unpacked, got {size}")
    if not kinds <= {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise InputError(f"{path}: expected the usual compression (deflate)")


def read_keypoints(root: Path, annotations: pd.DataFrame) -> pd.DataFrame:
    """KEYPOINT_TABLE of the annotated humans (an ANNOTATIONS table) that have keypoints.

    The person numbers are the annotations'. A data set without keypoints gives an empty table.
    Raises InputError for files that are not as `load_keypoints` expects.
    """
    humans = annotations[annotations["part"] == PERSON]
    found = [tables.empty(tables.KEYPOINT_TABLE)]
    groups = humans.groupby("video", sort=True)
    for video, rows in progress(groups, "keypoints of videos"):
        path = keypoint_file(root, str(video))
        if path is not None:
            index, points = match_keypoints(
                rows["frame"].to_numpy(), rows[tables.BOX].to_numpy(), load_keypoints(path)
            )
            found.append(tables.unpack_keypoints(rows.iloc[index].reset_index(drop=True), points))
    return tables.checked(pd.concat(found, ignore_index=True), tables.KEYPOINT_TABLE)


def match_keypoints(
    frames: NDArray[np.integer], human_boxes: boxes.Floats, keypoints: NDArray[np.float32]
) -> tuple[Integers, NDArray[np.float32]]:
    """Match the humans of a video to the persons that have keypoints, one to one in each frame.

    frames (R,) numbers from 1, human_boxes (R, 4), keypoints (F, P, 17, 3) -> the rows that got a
    person (M,), rising, and its keypoints (M, 17, 3). The assignment maximises the sum of two
    things: the share of keypoints inside the box, and the IoU of the box with the keypoints'
    extent, which tells people apart who stand behind one another.
    """
    rows = np.flatnonzero(frames <= len(keypoints))
    points = keypoints[frames[rows] - 1]
    inside, affinity = _affinity(human_boxes[rows], points)
    affinity = np.where(inside >= MIN_INSIDE, affinity, 0)
    chosen: list[Integers] = []
    for frame in np.unique(frames[rows]):
        here = np.flatnonzero(frames[rows] == frame)
        human, person = linear_sum_assignment(affinity[here], maximize=True)
        chosen.append(np.stack([here[human], person], axis=1))
    pairs = np.concatenate(chosen) if chosen else np.zeros((0, 2), np.int64)
    pairs = pairs[affinity[pairs[:, 0], pairs[:, 1]] > 0]
    pairs = pairs[np.argsort(pairs[:, 0])]
    return rows[pairs[:, 0]], points[pairs[:, 0], pairs[:, 1]]


def _affinity(
    human_boxes: boxes.Floats, points: NDArray[np.float32]
) -> tuple[boxes.Floats, boxes.Floats]:
    """(R, 4) and (R, P, 17, 3) -> share of keypoints inside, and this plus IoU: (R, P) each."""
    place, score = points[..., :2], points[..., 2]
    box = human_boxes[:, None, None].astype(float)
    within = ((place >= box[..., :2]) & (place <= box[..., 2:])).all(axis=-1)
    inside = (score * within).sum(axis=-1) / np.maximum(score.sum(axis=-1), 1e-9)
    there = (score > 0)[..., None]
    low = np.where(there, place, np.inf).min(axis=-2)
    high = np.where(there, place, -np.inf).max(axis=-2)
    extent = np.where(there.any(axis=-2), np.concatenate([low, high], axis=-1), 0)
    return inside, inside + boxes.paired_iou(box[:, :, 0], extent)
