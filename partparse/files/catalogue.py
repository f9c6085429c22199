"""Public weights by name: the entries of catalogue.yaml, checked."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Self
from urllib.parse import urlsplit

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

_FILE = Path(__file__).with_name("catalogue.yaml")
_ONE_SET = "Kinetics"  # whose weights the challenge may not allow, in all of its sizes

_Colours = tuple[float, float, float]
Name = Annotated[str, Field(pattern="^[a-z0-9_]+$")]


class Normalisation(BaseModel):
    """What is subtracted from a picture's red, green and blue levels, and what they are divided by.

    Frozen batch norms were fitted on pictures so treated, and see other numbers without.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    mean: _Colours
    deviation: _Colours


IMAGENET = Normalisation(mean=(123.675, 116.28, 103.53), deviation=(58.395, 57.12, 57.375))
"""What most public networks for pictures were trained with."""


class Entry(BaseModel):
    """A public file of weights."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    what: str
    """The network, and whose it is."""
    address: Annotated[str, Field(pattern="^https://[^/?#]+/[^?#]+$")] | None
    """Where the file is; null: at no fixed address, so that users put it there themselves."""
    file: Annotated[str, Field(pattern=r"^[\w-][\w.-]*$")] | None = None
    """Its name; null: the last part of the address."""
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{8,64}$")] | None
    """Its checksum or the beginning of it; null: none is published."""
    size: Annotated[int, Field(gt=0)] | None
    """Bytes; null: not known before it is asked for."""
    trained_on: Annotated[tuple[str, ...], Field(min_length=1)]
    """All data that the weights have seen, the first first."""
    licence: str
    """Of the project that gives the file out."""
    layout: str
    """Whose names its weights have: ultralytics, mmpose, torchvision, or one of `KEY_MAPS`."""
    normalisation: Normalisation | None
    """null: the network's own."""

    @model_validator(mode="after")
    def _has_name(self) -> Self:
        if self.address is None and self.file is None:
            raise ValueError("expected an address, or the file's name")
        return self

    @property
    def file_name(self) -> str:
        """The name that the file has where it is fetched from, and is kept under."""
        return self.file or urlsplit(self.address or "").path.rpartition("/")[2]

    @property
    def in_challenge(self) -> str:
        """What is known of its use in the challenge (docs/licences.md)."""
        seen = [data for data in self.trained_on if data.startswith(_ONE_SET)]
        return f"may not be allowed: {seen[0]}" if seen else "nothing known against it"


def normalisation_of(weights: str | None) -> Normalisation:
    """How pictures were normalised for weights of this name, as ImageNet's where it is none."""
    entry = None if weights is None else catalogue().get(weights)
    return IMAGENET if entry is None or entry.normalisation is None else entry.normalisation


@cache
def catalogue() -> Mapping[str, Entry]:
    """The public weights by their names."""
    kind = TypeAdapter(dict[Name, Entry])
    return kind.validate_python(yaml.safe_load(_FILE.read_text(encoding="utf-8")))
