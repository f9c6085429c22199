"""Files that are either whole or absent, and JSON that says where it is broken."""

import fcntl
import json
import logging
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from partparse.errors import InputError

MAX_JSON = 64 << 20
"""Largest JSON file that is read, in bytes; a busy frame's annotation has some ten thousand."""

_log = logging.getLogger("partparse")


@contextmanager
def only_process(path: Path) -> Iterator[None]:
    """Wait until no other process of this host is in such a block for `path`; then hold it.

    The lock is a hidden file beside `path`, which is gone when the block ends. What is held ends
    with the process and those that it forked: of a killed one the file stays, and the next process
    takes it over. File systems without locks are used without.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    file = path.with_name(f".{path.name}.lock")
    lock = _take(file, path)
    try:
        yield
    finally:
        file.unlink(missing_ok=True)  # before the lock is lifted: see `_take`
        os.close(lock)


def _take(file: Path, path: Path) -> int:
    """Lock a file, made if it is not there, for `path`; its descriptor."""
    told = False
    while True:
        lock = os.open(file, os.O_RDWR | os.O_CREAT, 0o666)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if not told:
                _log.warning("%s: another process still writes it; waiting until it ends", path)
            told = True
            fcntl.flock(lock, fcntl.LOCK_EX)
        except OSError as error:
            _log.warning("%s: cannot be locked (%s)", path, error.strerror)
            return lock
        # the one that had it has removed the file, and a third may have locked a new one
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(lock), file.stat()):
                return lock
        os.close(lock)


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Yield a temporary path beside `path`; move it there when the block ends without error.

    The temporary name keeps the suffix of `path`, because many writers choose the format by it.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".writing-", suffix=path.suffix)
    os.close(handle)
    temporary = Path(name)
    try:
        with _told_of(path, temporary):
            yield temporary
            # mkstemp makes files private; results are shared as the user's umask says
            umask = os.umask(0)
            os.umask(umask)
            temporary.chmod(0o666 & ~umask)
            with temporary.open("rb+") as written:
                os.fsync(written.fileno())
            temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def atomic_folder(path: Path) -> Iterator[Path]:
    """Yield an empty folder beside `path`; put it in the place of `path` if the block ends well."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".writing-{path.name}")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir()
    try:
        with _told_of(path, temporary):
            yield temporary
            shutil.rmtree(path, ignore_errors=True)
            temporary.replace(path)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


@contextmanager
def _told_of(path: Path, temporary: Path) -> Iterator[None]:
    """A block whose errors name `path`, or what is in it: who reads them finds no `temporary`."""
    try:
        yield
    except OSError as error:
        if isinstance(error.filename, str | os.PathLike):
            with suppress(ValueError, AttributeError):  # elsewhere; PyAV sets it for good
                error.filename = str(path / Path(error.filename).relative_to(temporary))
        raise


def write_text(path: Path, text: str) -> None:
    """Write `text` to `path` atomically, as UTF-8."""
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def read_bytes(path: Path | str, limit: int) -> bytes:
    """The contents of a file that came from outside.

    Raises InputError where it is absent, can't be read, is no regular file (a pipe would be waited
    for, a device has no end) or has more than `limit` bytes.
    """
    return b"".join(read_blocks(path, limit, limit))


def read_blocks(path: Path | str, limit: int, size: int) -> Iterator[bytes]:
    """`read_bytes` in blocks of at most `size` bytes."""
    try:
        # without the layers of `open`, which cost more than reading a small file does
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            state = os.fstat(handle)
            if not stat.S_ISREG(state.st_mode):
                raise InputError(f"{path}: not a regular file")
            if state.st_size > limit:
                raise InputError(f"{path}: expected at most {limit} bytes, got {state.st_size}")
            left = state.st_size
            while left and (block := os.read(handle, min(size, left))):
                left -= len(block)
                yield block
        finally:
            os.close(handle)
    except FileNotFoundError:
        raise InputError(f"{path}: no such file") from None
    except OSError as error:
        raise InputError(f"{path}: can't be read: {error.strerror}") from None


def read_json(path: Path, limit: int = MAX_JSON) -> Any:
    """Parse a JSON file; raise InputError with file, line and column where it is broken."""
    return parse_json(read_bytes(path, limit), path)


def parse_json(data: bytes | str, name: Path | str) -> Any:
    """Parse JSON that was read from `name`; raise InputError with the place where it is broken."""
    try:
        return json.loads(data)
    except json.JSONDecodeError as error:
        raise InputError(
            f"{name}: not valid JSON at line {error.lineno}, column {error.colno}: {error.msg}"
        ) from None
    except (ValueError, RecursionError) as error:  # not UTF-8, endless digits, endless nesting
        raise InputError(f"{name}: not valid JSON: {error}") from None


def write_json(path: Path, value: Any) -> None:
    """Write `value` as indented JSON, atomically. NaN and infinities are refused."""
    write_text(path, json.dumps(value, indent=1, allow_nan=False, ensure_ascii=False) + "\n")
