"""Made-up tables of any size, whose truth is known: for the decision's benchmark and its tests.

Persons walk through a picture; their parts lie where a body has them; states follow a Markov chain
that depends on the action. Methods guess the true state with errors that they share in part, and
that last over neighbouring frames; detectors miss, and jitter boxes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow
from numpy.typing import NDArray
from pyarrow import compute, parquet

from partparse import tables
from partparse.boxes import Floats
from partparse.decision.gather import Source, Tables
from partparse.tables import BOX
from partparse.vocabulary import KEYPOINTS, PARTS, PERSON

STRIDE = 5
SIZE = (1280, 720)
_LAYOUT = np.array(
    [
        [0.3, 0.0, 0.7, 0.2],
        [0.0, 0.2, 0.3, 0.5],
        [0.7, 0.2, 1.0, 0.5],
        [0.0, 0.45, 0.2, 0.55],
        [0.8, 0.45, 1.0, 0.55],
        [0.2, 0.55, 0.5, 0.9],
        [0.5, 0.55, 0.8, 0.9],
        [0.2, 0.88, 0.5, 1.0],
        [0.5, 0.88, 0.8, 1.0],
        [0.25, 0.4, 0.75, 0.6],
    ]
)
"""Boxes of the ten parts within the person's."""


@dataclass(frozen=True)
class Size:
    """How much is made up."""

    videos: int
    frames: int
    """Scored frames of each video."""
    persons: int
    """Persons predicted in each frame; a fifth of them, but at least one, are true."""
    methods: int
    states: int
    actions: int


@dataclass(frozen=True)
class World:
    """What is true of all videos of a data set."""

    actions: tuple[str, ...]
    states: tuple[str, ...]
    prior: Floats
    """(actions, 10, states)."""
    skill: Floats
    """(methods, 10) by how much a method's log-odds favour the truth."""


@dataclass(frozen=True)
class MadeUp:
    """The tables of some videos, and their truth."""

    given: Tables
    annotations: pd.DataFrame
    truth: pd.DataFrame
    frames: pd.DataFrame
    """FRAMES, as far as it is used."""
    tracked: pd.DataFrame
    """PERSONS of the annotated persons, with tracks."""


def make_world(size: Size, seed: int, part_states: int | None = None) -> World:
    """The same seed makes the same world, whose parts are in all states or in some of them."""
    rng = np.random.default_rng(seed)
    prior: Floats = rng.dirichlet(np.full(size.states, 0.4), (size.actions, len(PARTS)))
    if part_states is not None:
        prior = _narrow(prior, part_states)
    return World(
        tuple(f"action_{number}" for number in range(size.actions)),
        tuple(f"state_{number}" for number in range(size.states)),
        prior,
        rng.uniform(0.5, 2.5, (size.methods, len(PARTS))),
    )


def _narrow(prior: Floats, part_states: int) -> Floats:
    rng = np.random.default_rng(0)
    narrow = np.zeros_like(prior)
    for part in range(len(PARTS)):
        own = rng.choice(prior.shape[-1], part_states, replace=False)
        narrow[:, part, own] = prior[:, part, own] + 1e-3
    return narrow / narrow.sum(axis=-1, keepdims=True)


def make_up(size: Size, world: World, seed: int, prefix: str = "video") -> MadeUp:
    """Videos of a world, named `prefix_0`, …; the same seed makes the same tables."""
    rng = np.random.default_rng(seed)
    true = max(size.persons // 5, 1)
    shape = (size.videos, size.frames, size.persons)
    action = rng.integers(size.actions, size=size.videos)
    boxes = _walk(rng, shape)
    states = _live(rng, world.prior[action], (size.videos, size.frames, true))
    keys = _keys(shape, prefix)
    is_true = keys["person"].to_numpy() <= true
    found = is_true & (rng.random(len(keys)) > 0.03) | ~is_true
    person = boxes.reshape(-1, 4)
    annotations = _annotate(
        rng, keys[is_true], person[is_true], states.reshape(-1, len(PARTS)), world
    )
    seen = np.where(is_true[:, None], _jitter(rng, person, 0.05), person)
    score = np.where(is_true, rng.beta(6, 2, len(keys)), rng.beta(1, 6, len(keys)))
    rows = keys[found].reset_index(drop=True)
    persons = rows.assign(**_columns(seen[found]), score=score[found], track=-1)
    track = np.where(is_true[found], rows["person"], -1)
    given = Tables(
        persons=tables.PERSONS.validate(persons),
        parts={
            name: _find_parts(rng, rows, person[found], noise)
            for name, noise in (("dots", 0.25), ("plain", 0.35))
        },
        states=_guess(rng, rows, found, _of_all(states, size.persons), world),
        actions={"net": _guess_actions(rng, action, world, prefix)},
        tracks=tables.PERSONS.validate(persons.assign(track=track)),
        sources={"mirrored": Source(_again(rng, persons))},
        keypoints=_pose(rng, rows, person[found]),
    )
    videos = [f"{prefix}_{number}" for number in range(size.videos)]
    truth = pd.DataFrame({"video": videos, "action": np.array(world.actions, object)[action]})
    tracked = keys[is_true].assign(**_columns(person[is_true]), score=1.0)
    tracked["track"] = tracked["person"]
    return MadeUp(
        given,
        annotations,
        tables.TRUTH.validate(truth),
        _describe(videos, (size.frames - 1) * STRIDE + 1),
        tables.PERSONS.validate(tracked),
    )


def _describe(videos: Sequence[str], frames: int) -> pd.DataFrame:
    width, height = SIZE
    columns = {"frames": frames, "expected": frames, "width": width, "height": height}
    return pd.DataFrame({"video": videos, **columns, "fps": 25.0, "problem": None, "source": ""})


def copy_table(path: Path, copies: Sequence[Path]) -> None:
    """Write a table again and again, each time with other names of its videos."""
    first = parquet.read_table(path, partitioning=None)
    place, kind = first.column_names.index("video"), first["video"].type
    for number, copy in enumerate(copies, start=1):
        prefix, link = (pyarrow.scalar(text, kind) for text in (f"of_{number}", "_"))
        names = compute.binary_join_element_wise(prefix, first["video"], link)
        parquet.write_table(first.set_column(place, "video", names), copy, compression="zstd")


def _keys(shape: tuple[int, int, int], prefix: str) -> pd.DataFrame:
    video, frame, person = (axis.ravel() for axis in np.indices(shape))
    names = np.array([f"{prefix}_{number}" for number in range(shape[0])], object)
    return pd.DataFrame(
        {
            "video": names[video],
            "frame": (frame * STRIDE + 1).astype(np.int32),
            "person": (person + 1).astype(np.int32),
        }
    )


def _columns(boxes: Floats) -> dict[str, Floats]:
    return dict(zip(BOX, boxes.astype(np.float32).T, strict=True))


def _walk(rng: np.random.Generator, shape: tuple[int, int, int]) -> Floats:
    """(V, F, P, 4) boxes on straight ways."""
    videos, frames, persons = shape
    size = rng.uniform(60, 200, (videos, 1, persons, 1)) * np.array([0.5, 1.0])
    start = rng.uniform(0, 1, (videos, 1, persons, 2)) * (np.array(SIZE) - 220)
    speed = rng.normal(0, 4, (videos, 1, persons, 2))
    corner = start + speed * np.arange(frames)[None, :, None, None]
    return np.concatenate([corner, corner + size], axis=-1)


def _live(
    rng: np.random.Generator, prior: Floats, shape: tuple[int, int, int]
) -> NDArray[np.int64]:
    """(V, F, P, 10) states: nine times of ten a state stays, else it is drawn from the prior."""
    videos, frames, persons = shape
    cumulated = prior.cumsum(axis=-1)[:, None, None]
    drawn = (rng.random((videos, frames, persons, len(PARTS), 1)) > cumulated).sum(axis=-1)
    drawn = np.minimum(drawn, prior.shape[-1] - 1)
    new = rng.random(drawn.shape) < 0.1
    new[:, 0] = True
    last = np.maximum.accumulate(np.where(new, np.arange(frames)[None, :, None, None], 0), axis=1)
    return np.take_along_axis(drawn, last, axis=1)


def _jitter(rng: np.random.Generator, boxes: Floats, noise: float) -> Floats:
    """Boxes (..., 4) whose corners are moved by shares of their sides."""
    sides = boxes[..., 2:] - boxes[..., :2]
    moved = boxes + rng.normal(0, noise, boxes.shape) * np.concatenate([sides, sides], axis=-1)
    low, high = (
        np.minimum(moved[..., :2], moved[..., 2:]),
        np.maximum(moved[..., :2], moved[..., 2:]),
    )
    return np.concatenate([low, high], axis=-1)


def _part_boxes(person: Floats) -> Floats:
    """(N, 10, 4)."""
    sides = (person[:, 2:] - person[:, :2])[:, None]
    corner = np.concatenate([person[:, None, :2]] * 2, axis=-1)
    return corner + _LAYOUT * np.concatenate([sides, sides], axis=-1)


def _annotate(
    rng: np.random.Generator,
    keys: pd.DataFrame,
    person: Floats,
    states: NDArray[np.int64],
    world: World,
) -> pd.DataFrame:
    own = keys.reset_index(drop=True).assign(part=PERSON, state=None, **_columns(person))
    names = np.array(world.states, object)[states.ravel()]
    parts = _each_part(keys).assign(state=names, **_columns(_part_boxes(person).reshape(-1, 4)))
    kept = rng.random(len(parts)) < 0.9
    return tables.ANNOTATIONS.validate(pd.concat([own, parts[kept]], ignore_index=True))


def _each_part(keys: pd.DataFrame) -> pd.DataFrame:
    rows = keys.loc[keys.index.repeat(len(PARTS))].reset_index(drop=True)
    return rows.assign(part=np.tile(np.array(PARTS, object), len(keys)))


def _find_parts(
    rng: np.random.Generator, keys: pd.DataFrame, person: Floats, noise: float
) -> pd.DataFrame:
    boxes = _jitter(rng, _part_boxes(person), noise).reshape(-1, 4)
    score = rng.beta(3, 2, len(boxes))
    return tables.PARTS_TABLE.validate(_each_part(keys).assign(**_columns(boxes), score=score))


def _guess(
    rng: np.random.Generator,
    keys: pd.DataFrame,
    found: NDArray[np.bool_],
    truth: NDArray[np.int64],
    world: World,
) -> dict[str, pd.DataFrame]:
    """STATES of each method about truth (V, F, P, 10), for the persons that were found."""
    shape, size = truth.shape[:3], len(world.states)
    lasting = rng.normal(0, 1, (shape[0], 1, shape[2], len(PARTS), size)).astype(np.float32)
    guesses = {}
    for number, skill in enumerate(world.skill):
        odds = rng.normal(0, 1, (*shape, len(PARTS), size)).astype(np.float32) + lasting
        favoured = np.take_along_axis(odds, truth[..., None], -1)
        np.put_along_axis(odds, truth[..., None], favoured + skill[:, None].astype(np.float32), -1)
        odds = np.exp(odds.reshape(-1, len(PARTS), size)[found].reshape(-1, size))
        odds /= odds.sum(axis=1, keepdims=True)
        columns = pd.DataFrame(odds, columns=tables.probability_columns(world.states))
        guesses[f"method_{number}"] = pd.concat([_each_part(keys), columns], axis=1)
    return guesses


def _of_all(states: NDArray[np.int64], persons: int) -> NDArray[np.int64]:
    """(V, F, P, 10): persons that are none are taken to be in the first state."""
    return np.pad(states, ((0, 0), (0, 0), (0, persons - states.shape[2]), (0, 0)))


def _guess_actions(
    rng: np.random.Generator, action: NDArray[np.int64], world: World, prefix: str
) -> pd.DataFrame:
    odds = rng.normal(0, 1, (len(action), len(world.actions)))
    odds[np.arange(len(action)), action] += 3
    shares = np.exp(odds) / np.exp(odds).sum(axis=1, keepdims=True)
    columns = pd.DataFrame(shares, columns=tables.probability_columns(world.actions))
    names = pd.DataFrame({"video": [f"{prefix}_{number}" for number in range(len(action))]})
    return tables.ACTIONS.validate(pd.concat([names, columns], axis=1))


def _again(rng: np.random.Generator, persons: pd.DataFrame) -> pd.DataFrame:
    """The persons as another detector finds most of them."""
    seen = persons[rng.random(len(persons)) < 0.9]
    boxes = _jitter(rng, seen[BOX].to_numpy(float), 0.05)
    return tables.PERSONS.validate(seen.assign(**_columns(boxes)))


def _pose(rng: np.random.Generator, keys: pd.DataFrame, person: Floats) -> pd.DataFrame:
    """Keypoints at the middle of parts, in turn."""
    boxes = _part_boxes(person)
    middle = (boxes[..., :2] + boxes[..., 2:]) / 2
    chosen = middle[:, np.arange(len(KEYPOINTS)) % len(PARTS)]
    noisy = chosen + rng.normal(0, 4, chosen.shape)
    scores = rng.beta(4, 2, (*chosen.shape[:2], 1))
    return tables.KEYPOINT_TABLE.validate(
        tables.unpack_keypoints(keys, np.concatenate([noisy, scores], axis=2))
    )
