"""What training annotations say before any picture is seen: how often states occur and follow.

For each action and part: the distribution of its states, and the probability that one state is
followed by another a stride later. Rare pairs lean on all actions together, by pseudo-counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from partparse.boxes import Floats, Integers
from partparse.decision.state_space import StateSpace
from partparse.row_keys import FRAMES, NUMBERS, codes, find, person_keys
from partparse.vocabulary import PARTS


@dataclass(frozen=True)
class Priors:
    """Counts turned into probabilities; lists have an entry for each of the ten parts."""

    states: list[Floats]  # (actions, K): P(state | action)
    transitions: list[Floats]
    """(actions, K, K): P(state a stride later | state, action); rows sum to 1."""
    stationary: list[Floats]  # (actions, K): what the transitions leave as it is


def count_priors(
    annotations: pd.DataFrame,
    tracked: pd.DataFrame,
    actions_of: pd.Series,
    actions: Sequence[str],
    space: StateSpace,
    *,
    stride: int,
    pseudo_videos: float,
    pseudo_pairs: float,
) -> Priors:
    """Priors from training tables.

    Args:
        annotations: ANNOTATIONS of the training videos.
        tracked: PERSONS of the annotated persons with `track` filled.
        actions_of: the action of each training video, indexed by video.
        actions: names; their order is that of the result.
        space: which states each part has.
        stride: frames from one scored frame to the next: the time of one transition.
        pseudo_videos: videos' worth of all actions' states added to those of each.
        pseudo_pairs: pairs of following states of all actions added to those of each.
    """
    rows = annotations[annotations["part"].isin(PARTS)].dropna(subset="state")
    rows = rows[rows["video"].isin(actions_of.index)]
    videos = list(actions_of.index)
    action = codes(actions_of.reindex(rows["video"]), actions)
    part = codes(rows["part"], PARTS)
    state = space.encode(rows["state"], part)
    video = codes(rows["video"], videos)
    order, partner = _follow(rows, tracked, videos, part, stride)
    prior: list[Floats] = []
    chain: tuple[list[Floats], list[Floats]] = ([], [])
    for index, size in enumerate(space.sizes):
        own = (part == index) & (state >= 0) & (action >= 0)
        shares = _video_shares(video[own], state[own], len(videos), size)
        by_action = np.zeros((len(actions), size))
        np.add.at(by_action, codes(actions_of, actions), shares)
        overall = (by_action.sum(axis=0) + 1 / size) / (by_action.sum() + 1)
        prior.append(_lean(by_action, overall, pseudo_videos))
        pairs = np.flatnonzero(own[order] & (partner >= 0))
        first, second = order[pairs], partner[pairs]
        counts = np.zeros((len(actions), size, size))
        np.add.at(counts, (action[first], state[first], state[second]), 1)
        for held, found in zip(chain, _transitions(counts, overall, pseudo_pairs), strict=True):
            held.append(found)
    return Priors(prior, *chain)


def _follow(
    rows: pd.DataFrame, tracked: pd.DataFrame, videos: Sequence[str], part: Integers, stride: int
) -> tuple[Integers, Integers]:
    """Rows, and for each the row of the same part of the same person a stride later, or -1."""
    persons = person_keys(tracked, videos)
    sorting = np.argsort(persons)
    place = find(person_keys(rows, videos), persons[sorting])
    track = np.where(place >= 0, tracked["track"].to_numpy(np.int64)[sorting][place], -1)
    order = np.flatnonzero((track >= 0) & (part >= 0))
    frame = rows["frame"].to_numpy(np.int64)[order]
    video = codes(rows["video"], videos)[order]
    key = ((video * NUMBERS + track[order]) * len(PARTS) + part[order]) * FRAMES + frame
    by_key = np.argsort(key, kind="stable")
    later = find(key + stride, key[by_key])
    return order, np.where(later >= 0, order[by_key[later]], -1)


def _video_shares(video: Integers, state: Integers, videos: int, size: int) -> Floats:
    """(videos, states): the share of each state in a video: frames of one video are alike."""
    counts = np.zeros((videos, size))
    np.add.at(counts, (video, state), 1)
    return counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)


def _lean(counts: Floats, overall: Floats, pseudo: float) -> Floats:
    """(..., K) counts and (..., K) probabilities, `pseudo` counts of which are added."""
    return (counts + pseudo * overall) / (counts.sum(axis=-1, keepdims=True) + pseudo)


def _transitions(counts: Floats, overall: Floats, pseudo: float) -> tuple[Floats, Floats]:
    """(actions, K, K) transitions from counts of pairs, and (actions, K) what they converge to.

    Pairs count in both directions of time, so that a chain that starts from its own long-run
    distribution stays there: what is expected of a person does not drift with its frames. Each
    action leans on all, and all on "stay, or draw anew".
    """
    both = (counts + counts.swapaxes(1, 2)) / 2
    pooled = both.sum(axis=0)
    stay = (np.trace(pooled) + 1) / (pooled.sum() + 2)
    redraw = stay * np.diag(overall) + (1 - stay) * np.outer(overall, overall)
    joint = both + pseudo * (pooled + pseudo * redraw) / (pooled.sum() + pseudo)
    marginal = joint.sum(axis=2)
    return joint / marginal[..., None], marginal / marginal.sum(axis=1, keepdims=True)
