"""The plain versions that benchmarks measure against give what ours do."""

import numpy as np

from benchmarks.ensemble import plain_voting
from benchmarks.ensemble.sides import decide_plainly, decide_states
from benchmarks.made_up.evidence import make_case
from benchmarks.made_up.votes import make_votes
from partparse.ensemble.voting import vote
from partparse.vocabulary import PERSON


def test_votes_are_those_of_loops() -> None:
    methods = make_votes(1)
    rng = np.random.default_rng(0)
    for name, table in methods.items():
        lost = (table["part"] != PERSON) & (rng.random(len(table)) < 0.2)
        unseen = (table["person"] == 3) & (table["frame"] % 2 == int(name[-1]) % 2)
        methods[name] = table[~lost & ~unseen].reset_index(drop=True)
    found = vote(methods, list(methods), 0.8).votes
    ours = {
        (row.video, row.frame, row.person, row.part): (row.state, row.votes, row.ballots)
        for row in found.itertuples()
    }
    given = [plain_voting.collect(table.to_dict("records")) for table in methods.values()]
    assert ours == plain_voting.vote(given, 0.8)


def test_states_are_decided_as_by_loops() -> None:
    """As far as single precision goes, in which what the methods say is held."""
    case = make_case(1)
    ours = decide_states(case, case.prior)
    for part, plain in zip(ours, decide_plainly("1")(), strict=True):
        np.testing.assert_allclose(part, plain, atol=1e-6)
