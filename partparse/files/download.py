"""One large file from the web, gone on with after a break, whole or absent.

urllib and not a library for it: pooch, torch.hub and those for one host's files check and rename as
well, but begin a file of a gigabyte anew where a connection breaks.
"""

import http.client
import logging
import time
import urllib.error
import urllib.request
from pathlib import Path

from partparse.errors import InputError

_BLOCK = 1 << 20  # bytes read at once
_TRIES = 5  # that bring nothing new, one after the other
_PAUSE = 2.0  # seconds before the second, doubled before each further one
_TIMEOUT = 60  # seconds without a byte
_TOLD = 10.0  # seconds between two messages
_PARTIAL, _NO_SUCH_RANGE, _SERVERS_FAULT = 206, 416, 500  # of HTTP
_log = logging.getLogger("partparse")


def download(url: str, path: Path) -> Path:
    """Fetch `url` beside `path`, and return where it lies; the caller checks and renames it.

    A part of it that an earlier call left there is gone on with. Raises InputError where the web
    does not give it.
    """
    part = path.with_name(f"{path.name}.part")
    failed = 0
    while True:
        before = _size(part)
        try:
            if _go_on(url, part, path.name):
                return part
            fault = "the connection ended early"
        except urllib.error.HTTPError as error:
            if error.code == _NO_SUCH_RANGE:  # nothing is left to fetch
                return part
            if error.code < _SERVERS_FAULT:
                raise InputError(f"{url}: the download failed: {error}") from None
            fault = str(error)
        except (OSError, http.client.HTTPException) as error:
            fault = str(error)
        except ValueError as error:  # no address
            raise InputError(f"{url}: the download failed: {error}") from None
        failed = 0 if _size(part) > before else failed + 1
        if failed == _TRIES:
            raise InputError(f"{url}: the download failed: {fault}")
        time.sleep(_PAUSE * 2**failed)


def _size(part: Path) -> int:
    return part.stat().st_size if part.exists() else 0


def _go_on(url: str, part: Path, name: str) -> bool:
    """Fetch what is missing of a file, and return whether it is whole then."""
    have = _size(part)
    request = urllib.request.Request(url, headers={"Range": f"bytes={have}-"} if have else {})
    with urllib.request.urlopen(request, timeout=_TIMEOUT) as response:
        if response.status != _PARTIAL:
            have = 0
        length = response.headers["Content-Length"]
        total = None if length is None else have + int(length)
        told = time.monotonic()
        with part.open("ab" if have else "wb") as file:
            while block := response.read(_BLOCK):
                file.write(block)
                have += len(block)
                if time.monotonic() - told > _TOLD:
                    told = time.monotonic()
                    of = "" if total is None else f" of {total / 1e6:.0f}"
                    _log.info("%s: %.0f%s MB", name, have / 1e6, of)
    return total is None or have >= total
