"""The page of videos that did not decode whole."""

import pandas as pd

from partparse.report.page import render

COLUMNS: list[str] = ["video", "stage", "frames", "expected", "problem"]

_PAGE = """
{% if rows %}
<p>{{ rows | length }} of {{ videos }} videos; what decodes of them was used.</p>
<table>
<tr><th>video</th><th>stage</th><th>frames</th><th>expected</th><th>problem</th></tr>
{% for row in rows %}
<tr><td>{{ row.video }}</td><td>{{ row.stage }}</td><td>{{ row.frames }}</td>
<td>{{ row.expected }}</td><td>{{ row.problem }}</td></tr>
{% endfor %}
</table>
{% else %}
<p>All {{ videos }} videos decoded whole.</p>
{% endif %}
"""


def problems_page(problems: pd.DataFrame, videos: int) -> str:
    """HTML that needs no other file.

    Args:
        problems: COLUMNS; stage is frames or flow, expected NA where it is not known.
        videos: how many there are in all.
    """
    rows = problems.astype(object).where(problems.notna(), "").to_dict("records")
    return render("Videos with problems", _PAGE, rows=rows, videos=videos)
