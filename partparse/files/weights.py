"""Pretrained weights: by path or URL, never used before their checksum was compared.

Checkpoints are pickles, and a pickle can run code while it is loaded. What comes from outside is
therefore read by torch's restricted unpickler, which knows tensors and plain containers only.
"""

import hashlib
import os
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import copyfileobj
from typing import Any

from partparse.errors import InputError
from partparse.files.atomic import atomic_path, read_json

WEIGHTS = "weights.pt"  # the plain state dict in a model folder
CARD = "model.json"  # what the model in a folder was made of and from

_INNER = ("state_dict", "model_state", "model")  # where checkpoints keep their tensors


def download_folder() -> Path:
    """Where downloads are kept, for all stages and runs: the user's cache (XDG_CACHE_HOME)."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "partparse"


def fetch(source: str, sha256: str | None) -> Path:
    """The local file of weights named by a path or a URL (http, https, file).

    Args:
        source: path or URL. A URL is downloaded once, into `download_folder()`.
        sha256: hexadecimal checksum of the file; needed for a URL, compared wherever given.

    Raises:
        InputError: no such file, a failed download, a missing or a different checksum.
    """
    if not urllib.parse.urlsplit(source).scheme:
        path = Path(source)
        if not path.is_file():
            raise InputError(f"{source}: no such file; expected weights")
    elif sha256 is None:
        raise InputError(f"{source}: weights from a URL need their checksum (weights_sha256)")
    else:
        path = (
            download_folder() / f"{sha256.lower()}{Path(urllib.parse.urlsplit(source).path).suffix}"
        )
        if not path.is_file():
            _download(source, path)
    if sha256 is not None and (found := digest(path)) != sha256.lower():
        raise InputError(f"{source}: SHA-256 is {found}, expected {sha256.lower()}")
    return path


def starting_weights(initial: Path | None, source: str | None, sha256: str | None) -> Path | None:
    """The weights that training starts from: those of the model folder `initial`, else fetched."""
    if initial is not None:
        return initial / WEIGHTS
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

    pytorchvideo calls the inner one "model_state", torchvision and Swin "model". Raises
    InputError where the file holds anything that needs code to be unpickled.
    """
    import numpy as np
    import torch

    # checkpoints of the OpenMMLab family keep their data set's sigmas as NumPy arrays
    reconstruct = np.zeros(0).__reduce__()[0]
    allowed: list[Any] = [
        np.ndarray,
        np.dtype,
        type(np.dtype(np.float32)),
        type(np.dtype(np.float64)),
        (reconstruct, "numpy.core.multiarray._reconstruct"),
        (reconstruct, "numpy._core.multiarray._reconstruct"),
    ]
    with refusing_damage(path, "a plain file of weights"):
        _check_unpacked(path)
        with torch.serialization.safe_globals(allowed):
            checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    state = checkpoint if isinstance(checkpoint, dict) else {}
    state = next((state[name] for name in _INNER if name in state), state)
    values = state.values() if isinstance(state, dict) else ()
    if not values or not all(isinstance(value, torch.Tensor) for value in values):
        raise InputError(f"{path}: expected a dict of tensors, or one under 'state_dict'")
    return dict(state)


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


def _check_unpacked(path: Path) -> None:
    """Raise InputError for an archive that unpacks to more than it has; torch's own never do."""
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            size = sum(entry.file_size for entry in archive.infolist())
        if size > path.stat().st_size:
            raise InputError(f"{path}: {size} bytes unpacked; expected tensors without compression")


def _download(url: str, path: Path) -> None:
    try:
        with (
            urllib.request.urlopen(url, timeout=60) as response,
            atomic_path(path) as temporary,
            temporary.open("wb") as file,
        ):
            copyfileobj(response, file)
    except (urllib.error.URLError, OSError, ValueError) as error:
        raise InputError(f"{url}: the download failed: {error}") from None
