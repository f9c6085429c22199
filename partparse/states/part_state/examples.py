"""Annotated persons as the part-state net's training examples, and how often each is seen."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from torch.utils.data import Dataset

from partparse import boxes
from partparse.augment import Picture, View, view_picture
from partparse.boxes import Floats, Integers
from partparse.frames.cache import read_frame
from partparse.states.crops import Place, boxes_to_place, cut_place, shake_parts
from partparse.states.part_state.settings import PartStateTrainSettings
from partparse.states.persons import UNKNOWN, PersonParts
from partparse.tables import FRAME_KEY
from partparse.vocabulary import PARTS, swap_order

_HUE = 0.1  # turns of the colour circle, for a `colour` of 1


class Example(NamedTuple):
    """A person as the network sees it, and what it should say."""

    picture: Picture  # (S, S, 3) RGB
    boxes: NDArray[np.float32]
    """(11, 4) of the parts and the person, inclusive pixels of the picture; NaN: no such part."""
    action: NDArray[np.float32]  # (A,) probabilities
    states: Integers  # (10,) indices; `UNKNOWN` also for a part without a box


class PersonExamples(Dataset):
    """A shaken view of a person, by (epoch, person): the same pair gives the same example."""

    def __init__(
        self, persons: PersonParts, actions: Floats, cache: Path, settings: PartStateTrainSettings
    ) -> None:
        """Take the persons, the action (N, A) of each, a distribution, and the folder of frames."""
        self._persons = persons
        self._frames = list(persons.keys[FRAME_KEY].itertuples(index=False, name=None))
        self._actions = actions
        self._cache = cache
        self._settings = settings

    def __len__(self) -> int:
        """How many persons there are."""
        return len(self._frames)

    def __getitem__(self, key: tuple[int, int]) -> Example:
        """Person `key[1]` as it is seen in epoch `key[0]`."""
        epoch, item = key
        settings, size = self._settings, self._settings.crop_side
        rng = np.random.default_rng([settings.seed, epoch, item])
        place = Place.about(self._persons.boxes[item], settings.crop_margin).shaken(
            settings.shift, settings.zoom, settings.rotate, rng
        )
        parts = shake_parts(
            self._persons.part_boxes[item],
            settings.part_shift,
            settings.part_scale,
            settings.part_drop,
            rng,
        )
        person = self._persons.boxes[item, None]
        found = np.isfinite(parts).all(axis=1)
        example = Example(
            self._see(item, place, rng),
            boxes_to_place(np.concatenate([parts, person]), place, size).astype(np.float32),
            noisy_action(self._actions[item], settings.action_noise, settings.action_drop, rng),
            np.where(found, self._persons.states[item], UNKNOWN),
        )
        if rng.random() < settings.mirror:
            example = mirror_example(example)
        return example

    def _see(self, item: int, place: Place, rng: np.random.Generator) -> Picture:
        settings = self._settings
        video, frame = self._frames[item]
        crop = cut_place(read_frame(self._cache, video, frame), place, settings.crop_side)
        hue, saturation, brightness = rng.uniform(-settings.colour, settings.colour, 3)
        return view_picture(
            crop, View(hue=_HUE * hue, saturation=1 + saturation, brightness=1 + brightness)
        )


def mirror_example(example: Example) -> Example:
    """The example in a mirror, where a left hand is a right one; twice, it is as before.

    Arrays may have a further axis in front, of several examples.
    """
    exchanged = swap_order(PARTS)
    mirrored = boxes.mirror(example.boxes, example.picture.shape[-2])
    return example._replace(
        picture=np.ascontiguousarray(example.picture[..., ::-1, :]),
        boxes=mirrored[..., [*exchanged, len(PARTS)], :].astype(np.float32),
        states=example.states[..., exchanged],
    )


def noisy_action(
    action: Floats, noise: float, drop: float, rng: np.random.Generator
) -> NDArray[np.float32]:
    """An action model's distribution, as it might be where the action (A,) is true.

    A network that saw nothing but certain and right actions would believe each as blindly. A
    random share up to `noise` goes to other actions, evenly drawn; for a share `drop` of persons
    all actions are equally likely.
    """
    count = len(action)
    if rng.random() < drop:
        return np.full(count, 1 / count, np.float32)
    share = rng.uniform(0, noise)
    return ((1 - share) * action + share * rng.dirichlet(np.ones(count))).astype(np.float32)


def balancing_weights(states: Integers, count: int, power: float) -> NDArray[np.float64]:
    """How often each person is to be drawn, (N,): class-balanced sampling.

    A person has a state for each of several parts, so no drawing makes all states equally
    frequent. The weight is that of the rarest of its pairs of a part and a state: (pairs of that
    part / pairs of that part and state) ** power. 0 for persons without any.

    Args:
        states: (N, 10) indices, `UNKNOWN` where there is none.
        count: of the states.
        power: 0: all alike; 1: the inverse frequency.
    """
    known = states != UNKNOWN
    pairs = np.arange(states.shape[1]) * count + np.maximum(states, 0)
    frequency = np.bincount(pairs[known], minlength=states.shape[1] * count)
    share = frequency[pairs] / np.maximum(known.sum(axis=0), 1)
    return np.where(known, share, np.inf).min(axis=1) ** -power * known.any(axis=1)
