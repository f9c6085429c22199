"""What a network sees of a keypoint window: normalised to the person, with velocities and bones.

Positions are relative to where the person is on average over the window, in units of its size on
average, so that neither its place in the picture nor its distance from the camera matters, while
its way through the window is kept. Bones and velocities are the further streams of Shi et al.,
"Two-Stream Adaptive Graph Convolutional Networks" (2s-AGCN), CVPR 2019, here channels beside the
positions.
"""

import numpy as np
from numpy.typing import NDArray

from partparse.boxes import Integers
from partparse.states.skeleton.tracklets import Windows
from partparse.vocabulary import KEYPOINTS, swap_order

CHANNELS: tuple[str, ...] = ("x", "y", "score", "dx", "dy", "bone_x", "bone_y", "present")
"""What stands for each keypoint at each moment."""

# each keypoint and its neighbour towards the nose
_TOWARDS = {
    "left_eye": "nose",
    "right_eye": "nose",
    "left_ear": "left_eye",
    "right_ear": "right_eye",
    "left_shoulder": "nose",
    "right_shoulder": "nose",
    "left_elbow": "left_shoulder",
    "right_elbow": "right_shoulder",
    "left_wrist": "left_elbow",
    "right_wrist": "right_elbow",
    "left_hip": "left_shoulder",
    "right_hip": "right_shoulder",
    "left_knee": "left_hip",
    "right_knee": "right_hip",
    "left_ankle": "left_knee",
    "right_ankle": "right_knee",
}
PARENTS: Integers = np.array([KEYPOINTS.index(_TOWARDS.get(name, name)) for name in KEYPOINTS])
"""(17,): the neighbour of each keypoint towards the nose, which is its own."""

_MIRRORED = np.array([-1 if name.endswith("x") else 1 for name in CHANNELS], np.float32)


def normalise_windows(windows: Windows, stride: int) -> NDArray[np.float32]:
    """(N, T, 17, C) with the C channels of `CHANNELS`; 0 where the person is absent.

    x, y: from the mean centre of the person's boxes over the window, in mean longer half sides;
    dx, dy: since the moment before, per frame where moments lie `stride` frames apart, 0 where
    one of the two is absent; bone: from the neighbour towards the nose.
    """
    present = windows.present[..., None, None].astype(np.float32)
    centre, half = _frame_of_reference(windows)
    place = (windows.keypoints[..., :2] - centre[:, None, None]) / half[:, None, None, None]
    place = place * present
    step = np.zeros_like(place)
    both = present[:, 1:] * present[:, :-1]
    step[:, 1:] = (place[:, 1:] - place[:, :-1]) * both / stride
    bone = place - place[:, :, PARENTS]
    score = windows.keypoints[..., 2:] * present
    there = np.broadcast_to(present, score.shape)
    return np.concatenate([place, score, step, bone, there], axis=-1).astype(np.float32)


def mirror_windows(normalised: NDArray[np.float32]) -> NDArray[np.float32]:
    """Normalised windows (..., 17, C) of the mirrored picture: left and right change places."""
    return normalised[..., swap_order(KEYPOINTS), :] * _MIRRORED


def _frame_of_reference(windows: Windows) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Centre (N, 2) and half the longer side (N,), each the mean over where the person is."""
    weight = windows.present / np.maximum(windows.present.sum(axis=1, keepdims=True), 1)
    corners = windows.boxes.reshape(*windows.present.shape, 2, 2)
    centre = (corners.mean(axis=2) * weight[..., None]).sum(axis=1)
    side = (corners[:, :, 1] - corners[:, :, 0] + 1).max(axis=-1)
    half = (side * weight).sum(axis=1) / 2
    return centre.astype(np.float32), np.maximum(half, 1).astype(np.float32)
