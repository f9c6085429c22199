"""Keys of what a killed job may find again: equal only where all that it was made from is equal."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, is_dataclass
from typing import Any

import pandas as pd


def cache_key(facts: Mapping[str, Any]) -> str:
    """Hexadecimal SHA-256 of named facts: JSON's types, dataclasses of them, tables, and
    mappings of all these.

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
    if isinstance(value, Mapping):
        return {name: _plain(inner) for name, inner in value.items()}
    return value
