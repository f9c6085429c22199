"""Labels that are pairs of a part and a state, derived from the training data.

The winner of 2022 trained its video-level method on the 108 pairs that are some training video's
most frequent (`modal_pairs`), its instance-level methods on the 164 pairs that occur at all
(`observed_pairs`). Which they are is a matter of the data set, so they stand in each model's card.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from partparse.boxes import Floats, Integers
from partparse.states.persons import UNKNOWN
from partparse.vocabulary import PARTS, Vocabulary, swap_side

Pair = tuple[str, str]


def modal_states(
    annotations: pd.DataFrame, parts: Collection[str], states: Sequence[str]
) -> pd.DataFrame:
    """Each video's most frequent state over the named parts, taken together.

    Args:
        annotations: rows of the ANNOTATIONS table.
        parts: names of parts; the left and the right one of a group count alike.
        states: the vocabulary; of equally frequent states the first in it is taken.

    Returns:
        Columns video, state, in the order of the videos' names; a video in which none of the
        parts has a state is left out.
    """
    rows = annotations.loc[annotations["part"].isin(list(parts)), ["video", "state"]].dropna()
    counts = rows.value_counts().reset_index(name="count")
    counts["order"] = counts["state"].map({state: i for i, state in enumerate(states)})
    counts = counts.sort_values(["video", "count", "order"], ascending=[True, False, True])
    return counts.drop_duplicates("video")[["video", "state"]].reset_index(drop=True)


@dataclass(frozen=True)
class Pairs:
    """The pairs (part, state) that a method's outputs stand for."""

    pairs: tuple[Pair, ...]
    states: tuple[str, ...]  # the vocabulary's

    def __len__(self) -> int:
        """Number of pairs."""
        return len(self.pairs)

    @property
    def part_index(self) -> Integers:
        """(P,): the place of each pair's part in `PARTS`."""
        return np.array([PARTS.index(part) for part, _ in self.pairs], np.int64)

    @property
    def state_index(self) -> Integers:
        """(P,): the place of each pair's state in the vocabulary."""
        return np.array([self.states.index(state) for _, state in self.pairs], np.int64)

    def spread(self, scores: Tensor) -> Tensor:
        """Scores before the softmax, (N, P) -> (N, 10, states).

        -inf where a state is no label of the part; 0 in every state of a part without labels.
        """
        full = scores.new_full((len(scores), len(PARTS), len(self.states)), -torch.inf)
        full[:, self.part_index, self.state_index] = scores
        unlabelled = np.setdiff1d(np.arange(len(PARTS)), self.part_index)
        full[:, unlabelled] = 0.0
        return full

    def mirror(self, targets: NDArray[np.float32]) -> NDArray[np.float32]:
        """Targets (N, P), 0 or 1, of the mirrored pictures; what is no label then is dropped."""
        index = {pair: i for i, pair in enumerate(self.pairs)}
        swapped = np.array([index.get((swap_side(p), s), -1) for p, s in self.pairs], np.int64)
        mirrored = np.zeros_like(targets)
        mirrored[:, swapped[swapped >= 0]] = targets[:, swapped >= 0]
        return mirrored

    def facts(self) -> dict[str, list[list[str]]]:
        """The entry of a model card."""
        return {"pairs": [list(pair) for pair in self.pairs]}


def read_pairs(card_pairs: Sequence[Sequence[str]], vocabulary: Vocabulary) -> Pairs:
    """The pairs of a model card's entry."""
    return Pairs(tuple((part, state) for part, state in card_pairs), vocabulary.states)


def observed_pairs(annotations: pd.DataFrame, vocabulary: Vocabulary) -> Pairs:
    """The pairs that occur in ANNOTATIONS, in the order of parts and of the vocabulary."""
    rows = annotations.loc[annotations["part"].isin(PARTS), ["part", "state"]].dropna()
    return _in_order(rows, vocabulary)


def modal_pairs(annotations: pd.DataFrame, vocabulary: Vocabulary) -> Pairs:
    """The pairs that are the most frequent of their part in at least one video."""
    return _in_order(video_pairs(annotations, vocabulary)[["part", "state"]], vocabulary)


def video_pairs(annotations: pd.DataFrame, vocabulary: Vocabulary) -> pd.DataFrame:
    """Columns video, part, state: the most frequent state of each part in each video."""
    states = [
        modal_states(annotations, [part], vocabulary.states).assign(part=part) for part in PARTS
    ]
    return pd.concat(states, ignore_index=True)[["video", "part", "state"]]


def part_loss(scores: Tensor, states: Tensor, smoothing: float = 0.0) -> Tensor:
    """Cross-entropy of each part's softmax over its labels; unknown parts count nothing.

    Args:
        scores: (N, 10, states) as `Pairs.spread` gives them.
        states: (N, 10) indices into the vocabulary, `UNKNOWN` where there is none. A state that
            is no label of its part counts nothing either.
        smoothing: share of the target that is spread over the part's labels.

    Returns:
        The mean over the known parts; 0 where there is none.
    """
    logs = scores.float().log_softmax(-1)
    target = states.clamp_min(0)
    labels = torch.isfinite(logs)
    known = (states != UNKNOWN) & labels.gather(-1, target[..., None])[..., 0]
    picked = logs.gather(-1, target[..., None])[..., 0]
    even = torch.where(labels, logs, 0).sum(-1) / labels.sum(-1).clamp_min(1)
    losses = -(1 - smoothing) * torch.where(known, picked, 0) - smoothing * even
    return (losses * known).sum() / known.sum().clamp_min(1)


def part_accuracy(scores: Tensor, states: Tensor) -> Tensor:
    """The share of the known parts whose likeliest state is right; 0 where there is none."""
    right = (scores.argmax(-1) == states) & (states != UNKNOWN)
    return right.sum() / (states != UNKNOWN).sum().clamp_min(1)


def decode_labels(probabilities: Floats, pairs: Pairs) -> NDArray[np.float64]:
    """Independent probabilities of labels (N, P) -> distributions over states (N, 10, states).

    A part's labels are weighed against each other by their odds, since just one of them holds:
    P(state) is proportional to p / (1 - p). Parts without a label are uniform.
    """
    clipped = np.clip(np.asarray(probabilities, float), 1e-6, 1 - 1e-6)
    scores = torch.from_numpy(np.log(clipped) - np.log1p(-clipped))
    return functional.softmax(pairs.spread(scores), dim=-1).numpy()


def _in_order(rows: pd.DataFrame, vocabulary: Vocabulary) -> Pairs:
    found = set(rows.drop_duplicates().itertuples(index=False, name=None))
    every = product(PARTS, vocabulary.states)
    return Pairs(tuple(pair for pair in every if pair in found), vocabulary.states)
