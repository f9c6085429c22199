"""Where parts are, told by keypoints alone: a linear map fitted on annotated training persons."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.linear_model import Ridge

from partparse import tables
from partparse.boxes import Floats, width_height
from partparse.row_keys import find, person_keys
from partparse.tables import BOX, PERSON_KEY
from partparse.vocabulary import KEYPOINTS, PARTS

_FEATURES = 3 * len(KEYPOINTS) + 1
_LEAST = 30  # annotated persons with a part that its map is fitted on
_BLOCK = 10_000  # persons measured at once: what is computed on the way is four times what is kept


@dataclass(frozen=True)
class Geometry:
    """Linear maps from a person's keypoints to its parts' boxes."""

    maps: Floats
    """(10, 52, 4): to centre and ln sides in the keypoints' own measure; NaN for a part that too
    few training persons have."""

    def predict(self, keypoints: Floats) -> Floats:
        """(N, 17, 3) keypoints in pixels -> (N, 10, 4) boxes; NaN where a person has none."""
        features, centre, size = _measure(keypoints)
        found = np.einsum("nf,pfv->npv", features, self.maps, optimize=True)
        middle = centre[:, None] + found[..., :2] * size[:, None, None]
        sides = np.exp(np.clip(found[..., 2:], -6, 3)) * size[:, None, None]
        half = (np.maximum(sides, 1) - 1) / 2
        return np.concatenate([middle - half, middle + half], axis=-1)


def fit_geometry(annotations: pd.DataFrame, keypoints: pd.DataFrame) -> Geometry:
    """Fit on ANNOTATIONS of training videos and the KEYPOINT_TABLE predicted for their persons."""
    videos = sorted(annotations["video"].unique())
    keypoints = keypoints.sort_values(PERSON_KEY, ignore_index=True)
    features, centre, size = _measure(tables.pack_keypoints(keypoints))
    owner = find(person_keys(annotations, videos), person_keys(keypoints, videos))
    maps = np.full((len(PARTS), _FEATURES, 4), np.nan)
    for index, part in enumerate(PARTS):
        own = ((annotations["part"] == part) & (owner >= 0)).to_numpy()
        if own.sum() < _LEAST:
            continue
        at, box = owner[own], annotations.loc[own, BOX].to_numpy(float)
        sides = np.maximum(width_height(box), 1) / size[at, None]
        middle = ((box[:, :2] + box[:, 2:]) / 2 - centre[at]) / size[at, None]
        model = Ridge(alpha=1.0, fit_intercept=False, copy_X=False)
        model.fit(features[at], np.concatenate([middle, np.log(sides)], axis=1))
        maps[index] = model.coef_.T
    return Geometry(maps)


def _measure(keypoints: Floats) -> tuple[Floats, Floats, Floats]:
    """Features (N, 52), centre (N, 2) and size (N,) of persons.

    Keypoints are told from their mean, in lengths of their spread, so that the map depends neither
    on where a person stands nor on how large it is.
    """
    count = len(keypoints)
    measured = np.empty((count, _FEATURES)), np.empty((count, 2)), np.empty(count)
    for start in range(0, count, _BLOCK):
        own = slice(start, start + _BLOCK)
        for whole, piece in zip(measured, _measure_block(keypoints[own]), strict=True):
            whole[own] = piece
    return measured


def _measure_block(keypoints: Floats) -> tuple[Floats, Floats, Floats]:
    points = np.asarray(keypoints, float)
    weight = np.maximum(points[..., 2], 1e-3)
    weight /= weight.sum(axis=1, keepdims=True)
    centre = (points[..., :2] * weight[..., None]).sum(axis=1)
    away = points[..., :2] - centre[:, None]
    size = np.sqrt(np.maximum((away**2 * weight[..., None]).sum(axis=(1, 2)), 1))
    rows = np.concatenate([away / size[:, None, None], points[..., 2:]], axis=2)
    flat = rows.reshape(len(points), _FEATURES - 1)
    return np.concatenate([flat, np.ones((len(points), 1))], axis=1), centre, size
