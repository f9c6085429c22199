"""What votes and decides in `compare.py`: ours, and the plain versions on a few videos."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd

from benchmarks.ensemble import plain_deciding, plain_voting
from benchmarks.made_up.evidence import Case, make_case
from benchmarks.side import Work
from partparse import tables
from partparse.decision.smoothing import link
from partparse.decision.stacking import Shares
from partparse.decision.time import follow
from partparse.ensemble.voting import vote
from partparse.vocabulary import PARTS

Decided = list[list[list[float]]]

IOU = 0.8
STRIDE = 5


def vote_ours(folder: str) -> Work:
    """Vote over tables that were read before."""
    paths = sorted(Path(folder).glob("*.parquet"))
    parses = {path.stem: tables.read_all_coded([path], tables.PARSES) for path in paths}
    return lambda: vote(parses, list(parses), IOU)


def copy_rows(folder: str) -> Work:
    """Turn the tables' text to numbers, and bring all rows together."""
    paths = sorted(Path(folder).glob("*.parquet"))
    given = [tables.read_all_coded([path], tables.PARSES) for path in paths]
    text = ("video", "part", "state")
    return lambda: pd.concat(
        [t.assign(**{name: t[name].cat.codes.astype(np.int64) for name in text}) for t in given]
    )


def vote_plainly(folder: str) -> Work:
    """Vote over objects that were made before."""
    paths = sorted(Path(folder).glob("*.parquet"))
    methods = [
        plain_voting.collect(tables.read(path, tables.PARSES).to_dict("records")) for path in paths
    ]
    return lambda: plain_voting.vote(methods, IOU)


def decide_ours(videos: str) -> Work:
    """Decide states of all persons, of evidence that was gathered before."""
    case = make_case(int(videos))
    prior = case.prior
    return lambda: decide_states(case, prior)


def decide_states(case: Case, prior: Shares) -> Shares:
    """As `partparse.decision.decide.decide_states`."""
    shares = case.stack.predict(case.evidence, prior)
    return case.time.apply(shares, follow(case.evidence, case.priors, case.action, STRIDE))


def decide_plainly(videos: str) -> Callable[[], Decided]:
    """The same, person by person."""
    case = make_case(int(videos))
    prior = [part.tolist() for part in case.prior]
    states = [part.swapaxes(0, 1).tolist() for part in case.evidence.states]
    return lambda: decide_loops(case, prior, states)


def decide_loops(case: Case, prior: list, states: list) -> Decided:
    """(10, N, K) probabilities, from lists (10, N, K) and (10, N, M, K)."""
    pool, of = case.stack.pool, case.stack.temperatures
    assert pool is not None
    chains = link(case.evidence.persons, STRIDE)
    decided = []
    for part in range(len(PARTS)):
        scales = list(zip(of.log_temperature[:, part], of.floor[:, part], strict=True))
        quality = case.stack.standardise(case.evidence.quality)
        weights = (pool.weights + pool.by_part[part] + quality @ pool.by_quality).tolist()
        biases = pool.biases[part].tolist()
        shares = [
            plain_deciding.pool(opinions, expected, scales, own, biases)
            for opinions, expected, own in zip(states[part], prior[part], weights, strict=True)
        ]
        for rows, length in zip(chains.rows.tolist(), chains.length.tolist(), strict=True):
            action = case.action[case.evidence.video[rows[0]]]
            smoothed = plain_deciding.smooth(
                [shares[row] if row >= 0 else None for row in rows[:length]],
                case.priors.stationary[part][action].tolist(),
                case.priors.transitions[part][action].tolist(),
                case.time.trust or 0,
            )
            for row, values in zip(rows, smoothed, strict=False):
                if row >= 0:
                    shares[row] = values
        decided.append(
            [plain_deciding.cool(values, case.time.log_temperature) for values in shares]
        )
    return decided


def copy_opinions(videos: str) -> Work:
    """Go once through what the methods say: the least that any decision does."""
    states = make_case(int(videos)).evidence.states
    return lambda: [np.exp(part) for part in states]
