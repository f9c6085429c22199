"""Pretrained weights: by name, path or URL, never used before their checksum was compared.

Checkpoints are pickles, and a pickle can run code while it is loaded. What comes from outside is
therefore read by torch's restricted unpickler, which knows tensors and plain containers only.
"""

import hashlib
import logging
import os
import urllib.parse
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from partparse.errors import InputError, meant
from partparse.files.atomic import only_process, read_json
from partparse.files.catalogue import Entry, catalogue, normalisation_of
from partparse.files.download import download

WEIGHTS = "weights.pt"  # the plain state dict in a model folder
CARD = "model.json"  # what the model in a folder was made of and from

FOLDER_VARIABLE = "PARTPARSE_WEIGHTS"
"""The environment's name for the folder of public weights."""

_log = logging.getLogger("partparse")
# how a pickle may begin, and how those do in which torch kept tensors before it had archives
_PICKLES = (b"\x80", b"(")
_LEGACY = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19."
_SAFE = ".safetensors"
_INNER = ("state_dict", "model_state", "model")  # where checkpoints keep their tensors


def download_folder() -> Path:
    """Where public weights are kept, for all stages and runs.

    The folder that PARTPARSE_WEIGHTS names, which the setting `resources.weights_folder` sets, or
    one in the user's cache (XDG_CACHE_HOME).
    """
    if named := os.environ.get(FOLDER_VARIABLE):
        return Path(named)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "partparse"


@dataclass(frozen=True)
class Source:
    """A file of weights as a setting names it."""

    name: str  # as in the setting
    path: Path  # where it is, or is put when it is fetched
    address: str | None = None  # where it is fetched from
    sha256: str | None = None  # its checksum, or the beginning of it
    entry: Entry | None = None  # of the catalogue

    @property
    def is_there(self) -> bool:
        """Whether there is a file; what it holds is known once it is checked."""
        return self.path.is_file()


def find_source(name: str, sha256: str | None) -> Source:
    """What a setting `weights` means: a name of the catalogue, a path or a URL (http, https, file).

    Args:
        name: of it.
        sha256: hexadecimal checksum; None: the catalogue's, where it has one.

    Raises:
        InputError: a URL or a .pt file, which is a pickle, without a checksum; a word that is
            neither a name nor a file.
    """
    sha256 = None if sha256 is None else sha256.lower()
    if entry := catalogue().get(name):
        path = download_folder() / entry.file_name
        return Source(name, path, entry.address, sha256 or entry.sha256, entry)
    address = urllib.parse.urlsplit(name)
    path = Path(name)
    if (address.scheme or path.suffix == ".pt") and sha256 is None:
        raise InputError(f"{name}: expected its checksum too (weights_sha256)")
    if address.scheme:
        path = download_folder() / f"{sha256}{Path(address.path).suffix}"
        return Source(name, path, name, sha256)
    if not path.suffix and path.name == name and not path.exists():
        known = tuple(catalogue())
        raise InputError(
            f"{name}: no public weights of this name{meant(name, known)}, and no such file; "
            "`partparse weights` lists the names"
        )
    return Source(name, path, None, sha256)


def fetch(name: str, sha256: str | None) -> Path:
    """The local file of weights that a setting names, checked; fetched where it is not there.

    Args:
        name: of the catalogue, a path or a URL.
        sha256: hexadecimal checksum of the file; needed for a URL, compared wherever given.

    Raises:
        InputError: no such file, a failed download, a missing or a different checksum.
    """
    return fetch_source(find_source(name, sha256))


def fetch_source(source: Source) -> Path:
    """As `fetch`, of what `find_source` gave."""
    if not source.is_there:
        if source.address is None:
            wanted = f"weights, {source.entry.what}" if source.entry else "weights"
            raise InputError(f"{source.path}: no such file; expected {wanted}")
        source.path.parent.mkdir(parents=True, exist_ok=True)
        with only_process(source.path):
            if not source.is_there:  # another process may have fetched it meanwhile
                _download(source, source.address)
    _compare(source, source.path)
    return source.path


def _download(source: Source, address: str) -> None:
    """Fetch a file, hold it to its checksum and put it into its place, whole."""
    try:
        part = download(address, source.path)
    except InputError as error:
        raise InputError(f"{error}; fetched elsewhere, it can be put to {source.path}") from None
    try:
        found = _compare(source, part)
    except InputError:
        part.unlink()  # else it would be gone on with
        raise
    if source.sha256 is None:
        _log.warning("%s: no checksum is published; the file's SHA-256 is %s", source.name, found)
    part.replace(source.path)


def _compare(source: Source, path: Path) -> str:
    """The SHA-256 of a file. Raises InputError where another one is expected."""
    found = digest(path)
    if source.sha256 is not None and not found.startswith(source.sha256):
        raise InputError(f"{source.name}: {path}: SHA-256 is {found}, expected {source.sha256}")
    return found


def starting_weights(initial: Path | None, source: str | None, sha256: str | None) -> Path | None:
    """The weights that training starts from: those of the model folder `initial`, else fetched.

    Pictures are normalised as `source` has them (`recognition.clips.normalise`). Raises InputError
    where `initial` has seen others, as it would be trained on with numbers that it does not know.
    """
    if initial is not None:
        before = read_card(initial, "settings")["settings"].get("weights")
        if normalisation_of(before) != normalisation_of(source):
            raise InputError(
                f"{initial}: trained from the weights {before}, whose pictures are normalised in"
                f" another way; expected `weights: {before}` here too, got {source}"
            )
        return initial / WEIGHTS
    if source is not None and source not in catalogue():
        _log.warning("weights %s: none by name; pictures are normalised as ImageNet's", source)
    return None if source is None else fetch(source, sha256)


def digest(path: Path) -> str:
    """Hexadecimal SHA-256 of a file."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def identify_model(folder: Path) -> dict[str, str]:
    """The digests of a model folder's weights and card: equal only for equal models."""
    files = [*folder.glob("weights.*"), *folder.glob(CARD)]
    return {path.name: digest(path) for path in sorted(files)}


def read_state_dict(path: Path) -> dict[str, Any]:
    """The tensors of a checkpoint: `{"state_dict": {name: tensor}}` or the inner dict alone.

    PySlowFast and pytorchvideo call the inner one "model_state", torchvision and Swin "model".
    Files of .safetensors hold nothing but tensors. Raises InputError where the file holds anything
    that needs code to be unpickled.
    """
    import torch

    if path.suffix == _SAFE:
        from safetensors.torch import load_file

        with refusing_damage(path, "a file of tensors"):
            return load_file(path)
    with refusing_damage(path, "a plain file of weights"):
        _check_container(path)
        with torch.serialization.safe_globals(_beside_tensors()):
            checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    state = checkpoint if isinstance(checkpoint, dict) else {}
    state = next((state[name] for name in _INNER if name in state), state)
    values = state.values() if isinstance(state, dict) else ()
    if not values or not all(isinstance(value, torch.Tensor) for value in values):
        raise InputError(f"{path}: expected a dict of tensors, or one under 'state_dict'")
    return dict(state)


class _Unread:
    """Stands in for an object that is of no use here: nothing of it is made."""

    def __setstate__(self, state: object) -> None:
        """Keep nothing."""


def _unread(*_: object) -> None:
    """Stands in for a function that such an object names."""


def _beside_tensors() -> list[Any]:
    """What checkpoints hold beside tensors and plain containers, and may.

    Those of the OpenMMLab family keep facts on their data set as NumPy's numbers and arrays of any
    numeric type, and the log of their training.
    """
    import numpy as np

    reconstruct, scalar = np.zeros(0).__reduce__()[0], np.float64(0).__reduce__()[0]
    modules = ("numpy.core.multiarray", "numpy._core.multiarray")  # of NumPy 1 and 2
    numeric = np.typecodes["AllInteger"] + np.typecodes["AllFloat"] + "?"
    return [
        np.ndarray,
        np.dtype,
        *{type(np.dtype(code)) for code in numeric},
        *((reconstruct, f"{module}._reconstruct") for module in modules),
        *((scalar, f"{module}.scalar") for module in modules),
        (_Unread, "mmengine.logging.history_buffer.HistoryBuffer"),  # names its own methods
        (_unread, "builtins.getattr"),
        (_unread, "__builtin__.getattr"),
    ]


@contextmanager
def refusing_damage(name: Path | str, expected: str) -> Iterator[None]:
    """A block that reads a pickle: InputError, if it is damaged or is not what was expected."""
    try:
        yield
    except (InputError, OSError):
        raise
    except Exception as error:  # of a damaged pickle torch raises whatever its parts do
        reason = str(error).strip().partition("\n")[0] or type(error).__name__
        raise InputError(f"{name}: not {expected}: {reason}") from None


def read_card(folder: Path, *needed: str) -> dict[str, Any]:
    """The model card of a folder. Raises InputError where it is missing or lacks a needed entry."""
    card = read_json(folder / CARD)
    lacking = [name for name in needed if not isinstance(card, dict) or name not in card]
    if lacking:
        raise InputError(f"{folder / CARD}: not the card of such a model: no {lacking[0]!r}")
    return dict(card)


def _check_container(path: Path) -> None:
    """Raise InputError for a pickle that is not torch's, and for an archive that unpacks to more.

    Torch's archives never do.
    """
    with path.open("rb") as file:
        start = file.read(len(_LEGACY))
    if start[:1] in _PICKLES and start != _LEGACY:
        raise InputError(
            f"{path}: not a plain file of weights: a bare pickle, as Caffe2 writes its models"
            " (PySlowFast's .pkl); expected a file of torch (.pth, .pyth)"
        )
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
        if size > path.stat().st_size:
            raise InputError(f"{path}: {size} bytes unpacked; expected tensors without compression")
