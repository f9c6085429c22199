"""Rotation matrices, vectorised over frames: angles (T,) in degrees -> (T, 3, 3)."""

import numpy as np
from numpy.typing import ArrayLike

from partparse.boxes import Floats


def _about(axis: int, degrees: ArrayLike) -> Floats:
    angle = np.radians(np.asarray(degrees, float))
    first, second = (axis + 1) % 3, (axis + 2) % 3
    matrix = np.zeros((*angle.shape, 3, 3))
    matrix[..., axis, axis] = 1
    matrix[..., first, first] = matrix[..., second, second] = np.cos(angle)
    matrix[..., second, first] = np.sin(angle)
    matrix[..., first, second] = -np.sin(angle)
    return matrix


def about_x(degrees: ArrayLike) -> Floats:
    """Rotation that turns y towards z; a standing body leans forward (it faces -y)."""
    return _about(0, degrees)


def about_y(degrees: ArrayLike) -> Floats:
    """Rotation that turns z towards x; a standing body leans to its left."""
    return _about(1, degrees)


def about_z(degrees: ArrayLike) -> Floats:
    """Rotation that turns x towards y; a standing body turns to its left."""
    return _about(2, degrees)


def about_axis(axis: Floats, degrees: float) -> Floats:
    """Rotation about one axis (3,) -> (3, 3), by Rodrigues' formula."""
    x, y, z = axis / np.linalg.norm(axis)
    cross = np.array([[0, -z, y], [z, 0, -x], [-y, x, 0]])
    angle = np.radians(degrees)
    return np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * cross @ cross


def aligning(source: Floats, target: Floats) -> Floats:
    """The smallest rotation (3, 3) that turns direction `source` (3,) into `target` (3,)."""
    a, b = source / np.linalg.norm(source), target / np.linalg.norm(target)
    axis = np.cross(a, b)
    if np.linalg.norm(axis) < 1e-9:
        return np.eye(3)
    return about_axis(axis, float(np.degrees(np.arccos(np.clip(a @ b, -1, 1)))))


def apply(rotation: Floats, vector: Floats) -> Floats:
    """Rotate vectors: (..., 3, 3) and (..., 3) -> (..., 3)."""
    return np.einsum("...ij,...j->...i", rotation, vector)


def unit(vector: Floats) -> Floats:
    """Vectors (..., 3) scaled to length 1; zero vectors stay zero."""
    return vector / np.maximum(np.linalg.norm(vector, axis=-1, keepdims=True), 1e-9)
