"""Random ground truth and predictions, as tables, for the tests of metric, submission, oracles."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from partparse import tables
from partparse.vocabulary import PARTS, PERSON

STATES = ("bend", "none", "step_on", "unbend")
ACTIONS = ("run", "squat")
STRIDE = 5


@dataclass(frozen=True)
class Scene:
    """What `evaluate_tables` takes."""

    truth: pd.DataFrame
    annotations: pd.DataFrame
    actions: pd.DataFrame
    parses: pd.DataFrame
    lengths: pd.DataFrame

    def all(self) -> tuple[pd.DataFrame, ...]:
        return self.truth, self.annotations, self.actions, self.parses, self.lengths


def make_scene(seed: int, videos: int = 3, frames: int = 3, jitter: float = 6.0) -> Scene:
    """Persons with parts on a coarse grid, and predictions of them: shaken, lost, made up."""
    rng = np.random.default_rng(seed)
    true_rows: list[tuple] = []
    rows: list[tuple] = []
    names = [f"video_{index}" for index in range(videos)]
    for video in names:
        for frame in range(1, frames * STRIDE + 1, STRIDE):
            people = [_person(rng) for _ in range(rng.integers(0, 4))]
            for number, person in enumerate(people, start=1):
                true_rows += _rows(video, frame, number, person)
            kept = [p for p in people if rng.random() < 0.85]
            guesses = [_shaken(rng, p, jitter) for p in kept]
            guesses += [_person(rng) for _ in range(rng.integers(0, 3))]
            for number, person in enumerate(guesses, start=1):
                rows += _rows(video, frame, number, person)
    columns = ["video", "frame", "person", "part", *tables.BOX, "state"]
    parses = pd.DataFrame(rows, columns=columns).assign(score=rng.random(len(rows)))
    parses["state_probability"] = np.where(parses["part"] == PERSON, np.nan, 0.5)
    return Scene(
        truth=tables.TRUTH.validate(_actions(rng, names)),
        annotations=tables.ANNOTATIONS.validate(pd.DataFrame(true_rows, columns=columns)),
        actions=_actions(rng, names),
        parses=tables.PARSES.validate(parses),
        # the last frame of a video may be missing from the submission
        lengths=pd.DataFrame(
            {"video": names, "frames": frames * STRIDE - STRIDE * rng.integers(0, 2, videos)}
        ),
    )


def within_lengths(scene: Scene) -> pd.DataFrame:
    """The parses of frames that the submission has."""
    length = scene.parses["video"].map(scene.lengths.set_index("video")["frames"])
    return scene.parses[scene.parses["frame"] <= length]


def _actions(rng: np.random.Generator, names: list[str]) -> pd.DataFrame:
    return pd.DataFrame({"video": names, "action": rng.choice(ACTIONS, len(names))}).astype(str)


Person = dict[str, tuple[np.ndarray, str | None]]


def _person(rng: np.random.Generator) -> Person:
    corner = rng.integers(0, 12, 2) * 10.0
    person: Person = {PERSON: (np.array([*corner, *np.add(corner, (29, 59))]), None)}
    for part in rng.permutation(PARTS)[: rng.integers(0, 7)]:
        at = corner + rng.integers(0, 4, 2) * 10
        person[str(part)] = (np.array([*at, *np.add(at, (9, 12))]), str(rng.choice(STATES)))
    return person


def _shaken(rng: np.random.Generator, person: Person, jitter: float) -> Person:
    shaken: Person = {}
    for part, (box, state) in person.items():
        if part != PERSON and rng.random() < 0.2:
            continue
        other = str(rng.choice(STATES)) if state and rng.random() < 0.4 else state
        shaken[part] = (box + np.tile(rng.normal(0, jitter / 2, 2), 2), other)
    return shaken


def _rows(video: str, frame: int, number: int, person: Person) -> list[tuple]:
    return [(video, frame, number, part, *box, state) for part, (box, state) in person.items()]
