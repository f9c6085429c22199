"""Which public weights a config's trainings start from, and which of them are not there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from partparse.errors import InputError, ManyFaultsError
from partparse.files.weights import Source, find_source
from partparse.planning.methods import Methods


@dataclass(frozen=True)
class Need:
    """A file of weights, and the trainings that start from it."""

    source: Source
    places: tuple[str, ...]
    """Of their settings in the config: persons.train, …"""


def weights_file(place: str, training: Mapping[str, Any]) -> list[str]:
    """The file of weights that a training starts from, where it has to be there from the start.

    What has an address is none: the program fetches it.

    Args:
        place: of the training's settings in the config.
        training: these settings.

    Raises:
        InputError: a word that is neither a name of the catalogue nor a file; no checksum where one
            is needed.
    """
    source = _source(place, training)
    return [] if source is None or source.address else [str(source.path)]


def needed_weights(config: Mapping[str, Any]) -> list[Need]:
    """The weights that the trainings of a checked config start from, each file once.

    Raises ManyFaultsError with all settings that name none, or lack a checksum.
    """
    needs, refused = find_weights(config)
    if refused:
        raise ManyFaultsError(refused)
    return needs


def find_weights(config: Mapping[str, Any]) -> tuple[list[Need], list[str]]:
    """As `needed_weights`, and a line for each setting that names none or lacks a checksum."""
    found: dict[Source, list[str]] = {}
    refused = []
    for place, training in Methods(config).trainings.items():
        try:
            source = _source(place, training)
        except InputError as error:
            refused.append(str(error))
            continue
        if source:
            found.setdefault(source, []).append(place)
    return [Need(source, tuple(places)) for source, places in found.items()], refused


def missing_weights(needs: Iterable[Need]) -> list[str]:
    """A line for each file of weights that is not there: what is put where."""
    return [
        f"{need.source.path}: no such file; expected the weights {need.source.name}"
        + (f" of {need.source.address}" if need.source.entry and need.source.address else "")
        + (f", for {', '.join(need.places)}" if need.places else "")
        for need in needs
        if not need.source.is_there
    ]


def _source(place: str, training: Mapping[str, Any]) -> Source | None:
    if training.get("weights") is None:
        return None
    try:
        return find_source(training["weights"], training["weights_sha256"])
    except InputError as error:
        raise InputError(f"{place}.weights: {error}") from None
