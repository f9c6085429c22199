"""States over time: a hidden Markov model for each part of each tracked person.

Forward and backward passes (Rabiner, "A Tutorial on Hidden Markov Models", 1989) over all tracks
at once. A step is one stride of scored frames; a frame in which the person was not found is a step
without evidence, so that longer gaps forget more.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from partparse.boxes import Floats, Integers

_LEAST = 1e-30
_DOUBT = 0.02
"""Added to probabilities before they are divided: how two that are almost 0 compare is no
evidence."""


@dataclass(frozen=True)
class Chains:
    """Persons in the order of time."""

    rows: Integers
    """(C, T) the person at each step of each chain, as a position in the table; -1 where it was
    not found, or the chain has ended. The first step of a chain is never -1."""
    start: Integers  # (C,) frame of the first step
    length: Integers  # (C,) steps of each chain; T is the longest


def link(persons: pd.DataFrame, stride: int) -> Chains:
    """Chains from a PERSONS table with `track`, on frames 1, 1 + stride, …

    A person without a track, or found in one frame only, is in no chain. Where there are frames
    between those, a track is several chains side by side, each with frames a stride apart.
    """
    order = np.flatnonzero(persons["track"].to_numpy() >= 0)
    tracked = persons.iloc[order]
    key = [tracked["video"], tracked["track"], tracked["frame"] % stride]
    chain = tracked.groupby(key, sort=False).ngroup().to_numpy(np.int64)
    again = np.bincount(chain)[chain] > 1 if len(order) else np.zeros(0, bool)
    order = order[again]
    _, chain = np.unique(chain[again], return_inverse=True)
    frame = persons["frame"].to_numpy(np.int64)[order]
    chains = int(chain.max(initial=-1)) + 1
    first = np.full(chains, np.iinfo(np.int64).max)
    np.minimum.at(first, chain, frame)
    step = (frame - first[chain]) // stride
    length = np.zeros(chains, np.int64)
    np.maximum.at(length, chain, step + 1)
    rows = np.full((chains, int(length.max(initial=0))), -1, np.int64)
    rows[chain, step] = order
    return Chains(rows, first, length)


def smooth(
    posterior: Floats,
    prior: Floats,
    transitions: Floats,
    action: Integers,
    *,
    chains: Chains,
    trust: float = 1.0,
) -> Floats:
    """Marginals (C, T, K) of one part's states at every step of every chain.

    Args:
        posterior: (N, K) P(state | what is seen at that moment) of each person. Divided by the
            prior it is the likelihood of what was seen.
        prior: (actions, K) P(state | action), which the transitions leave as it is.
        transitions: (actions, K, K) P(state a step later | state, action).
        action: (C,) the action of each chain's video.
        chains: which person is where.
        trust: exponent of the likelihood of the other moments. Below 1 where moments err together:
            what is seen at neighbouring frames is not independent, as the model takes it to be. At
            0 each moment stands alone.

    Returns:
        P(state | everything seen of the chain); steps beyond a chain's end are continued without
        evidence.
    """
    here = chains.rows >= 0
    place, _ = np.nonzero(here)
    now, usual = posterior[chains.rows[here]], prior[action[place]]
    others = np.ones((*chains.rows.shape, prior.shape[1]))
    others[here] = ((now + _DOUBT) / (usual + _DOUBT)) ** trust
    expected = _from_both_sides(others, prior, transitions, action)
    expected[here] = now * (expected[here] + _DOUBT) / (usual + _DOUBT)
    return _normalise(expected)


def _from_both_sides(
    others: Floats, prior: Floats, transitions: Floats, action: Integers
) -> Floats:
    """(C, T, K) what the rest of each chain says of each step, from likelihoods of its shape."""
    kinds = np.unique(action)
    groups = [(transitions[kind], np.flatnonzero(action == kind)) for kind in kinds]
    expected = np.empty_like(others)
    belief = prior[action]
    for step in range(others.shape[1]):
        if step:
            belief = _move(_normalise(belief * others[:, step - 1]), groups)
        expected[:, step] = belief
    later = np.ones_like(belief)
    backwards = [(matrix.T, own) for matrix, own in groups]
    for step in range(others.shape[1] - 2, -1, -1):
        later = _normalise(_move(later * others[:, step + 1], backwards))
        expected[:, step] *= later
    return _normalise(expected)


def _move(belief: Floats, groups: list[tuple[Floats, Integers]]) -> Floats:
    """(C, K) a step on, each chain by the matrix of its action."""
    moved = np.empty_like(belief)
    for matrix, own in groups:
        moved[own] = belief[own] @ matrix
    return moved


def _normalise(values: Floats) -> Floats:
    return values / np.maximum(values.sum(axis=-1, keepdims=True), _LEAST)
