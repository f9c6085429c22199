"""What a killed job leaves beside its output, and the keys that it is found again by."""

import hashlib
import json
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import BaseModel

from partparse.files.atomic import atomic_folder, write_text


def cache_key(facts: Mapping[str, Any]) -> str:
    """Hexadecimal SHA-256 of named facts: JSON's types, dataclasses and settings of them,
    tables, and mappings of all these.

    The order of a table's rows and columns counts, that of the facts does not.
    """
    plain = {name: _plain(value) for name, value in facts.items()}
    return hashlib.sha256(json.dumps(plain, sort_keys=True).encode()).hexdigest()


def _plain(value: Any) -> Any:
    if isinstance(value, pd.DataFrame):
        rows = pd.util.hash_pandas_object(value, index=False).to_numpy()
        return {"columns": list(value), "rows": hashlib.sha256(rows.tobytes()).hexdigest()}
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, BaseModel):
        return value.model_dump()
    if isinstance(value, Mapping):
        return {name: _plain(inner) for name, inner in value.items()}
    return value


def work_path(out: Path) -> Path:
    """The folder beside `out` in which `out` is made."""
    return out.with_name(f".{out.name}.training")


def prepare_work(out: Path, key: str) -> Path:
    """`work_path(out)`, with what a killed job left there if it had the same `key`."""
    work = work_path(out)
    record = work / "run.txt"
    if not record.is_file() or record.read_text(encoding="utf-8") != key:
        shutil.rmtree(work, ignore_errors=True)
        write_text(record, key)
    return work


@contextmanager
def resumable_folder(out: Path, made_from: Mapping[str, Any]) -> Iterator[tuple[Path, Path]]:
    """Yield an empty folder that becomes `out` if the block ends well, and a work folder.

    The work folder holds what a killed job with the same `made_from` (all that the result depends
    on, see `cache_key`) left there; it is removed once `out` is in its place.
    """
    work = prepare_work(out, cache_key(made_from))
    with atomic_folder(out) as folder:
        yield folder, work
    shutil.rmtree(work)
