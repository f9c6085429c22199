"""All that a run lacks before it starts, told at once: data, lists, keypoints, weights.

And what in its settings does not suit each other.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from partparse.dataset.lists import PART_LIST, STATE_LIST
from partparse.errors import InputError, ManyFaultsError
from partparse.planning.dataset import DataSet
from partparse.planning.methods import Methods, check_keypoints
from partparse.planning.weights import Need, find_weights, missing_weights


@dataclass(frozen=True)
class Start:
    """What a run starts from."""

    data: DataSet
    weights: list[Need]

    @property
    def absent(self) -> list[str]:
        """A line for each file of weights that has to be put to its place by hand."""
        return _absent(self.weights)

    @property
    def fetched(self) -> list[str]:
        """The names of the weights that trainings will fetch, as they are not there yet."""
        sources = [need.source for need in self.weights]
        return [one.name for one in sources if one.address and not one.is_there]


def plan_start(config: Mapping[str, Any], base: Path) -> Start:
    """What the run of a checked config starts from; `base`: the workflow's folder.

    Files of weights may be absent: not every stage that a user asks for needs them.

    Raises:
        ManyFaultsError: with a line for each thing that is missing or wrong, where the data set is
            not there, is not laid out as it has to be, or lacks lists or keypoints, or where
            settings name weights or networks that there are not or that do not suit each other,
            or lack a checksum.
    """
    is_fitted = not config["dataset"]["test_only"]
    weights, refused = find_weights(config) if is_fitted else ([], [])
    refused += [*_missing_networks(config), *_unlike_persons(config)] if is_fitted else []
    try:
        data = DataSet.of(config, base)
    except InputError as error:
        raise ManyFaultsError([str(error), *refused, *_absent(weights)]) from None
    if is_fitted:
        refused = [*_missing_lists(data), *refused]
    try:
        check_keypoints(config, data)
    except InputError as error:
        refused = [str(error), *refused]
    if refused:
        raise ManyFaultsError([*refused, *_absent(weights)])
    return Start(data, weights)


def _absent(needs: list[Need]) -> list[str]:
    return missing_weights(need for need in needs if need.source.address is None)


def _missing_networks(config: Mapping[str, Any]) -> list[str]:
    """Descriptions of detectors that settings give the path of."""
    named = {
        place: training["network"]
        for place, training in Methods(config).trainings.items()
        if isinstance(training.get("network"), str) and "/" in training["network"]
    }
    return [
        f"{place}.network: {path}: no such file; expected a network's description"
        for place, path in named.items()
        if not Path(path).is_file()
    ]


def _unlike_persons(config: Mapping[str, Any]) -> list[str]:
    """Detectors that are to start from the persons' and are of another network.

    Where `weights` are given, training starts from these.
    """
    own = config["persons"]["train"]["network"]
    methods = Methods(config)
    return [
        f"{init}: persons, but {place}.network is {training['network']} and persons.train.network"
        f" is {own}; expected the same network, or null"
        for place, init in methods.from_persons.items()
        if (training := methods.trainings[place])["network"] != own and training["weights"] is None
    ]


def _missing_lists(data: DataSet) -> list[str]:
    if data.is_demo:
        return []
    lists = {PART_LIST: "the ten parts", STATE_LIST: "your states"}
    return [
        f"{data.root / name}: no such file; expected {what}, one a line, as `partparse make-lists`"
        " writes them"
        for name, what in lists.items()
        if not (data.root / name).is_file()
    ]
