"""What a run came from, as a page: `results/run.json` for people."""

from collections.abc import Iterator, Mapping
from typing import Any

from partparse.report.page import render

_PAGE = """
{% for title, rows in sections.items() %}
<h2>{{ title }}</h2>
<table>
{% for name, value in rows.items() %}
<tr><td>{{ name }}</td><td><code>{{ value }}</code></td></tr>
{% endfor %}
</table>
{% endfor %}
"""


def provenance_page(record: Mapping[str, Any]) -> str:
    """HTML that needs no other file.

    Args:
        record: what `scripts/record_run.py` wrote: data_set, config, seeds, code, versions,
            submission, scores.
    """
    code = record["code"]
    sections = {
        "Code": {
            "commit": code["commit"] or "not known",
            "files changed since": "yes" if code["changed"] else "no",
        },
        "Data set": {
            "fingerprint": record["data_set"]["fingerprint"],
            **{f"{split} videos": count for split, count in record["data_set"]["videos"].items()},
        },
        "Submission (SHA-256)": record["submission"],
        "Scores": dict(_flat(record["scores"])),
        "Seeds": record["seeds"],
        "Versions": record["versions"],
        "Settings": dict(_flat(record["config"])),
    }
    return render("What the run came from", _PAGE, sections=sections)


def _flat(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """(a.b.c, value) of nested mappings; a list is one value."""
    for name, value in values.items():
        if isinstance(value, Mapping) and value:
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value
