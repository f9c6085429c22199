"""The gallery: the best, the median and the worst videos, truth beside parse, as one page."""

import base64
from dataclasses import dataclass

import cv2
import pandas as pd

from partparse.augment import Picture
from partparse.report.page import render

# Chromium opens no page of more than 2 MB from a data URI, which is how a report holds its pages:
# each picture is encoded in base 64 for the page, and the page for the report
PAGE_BYTES = 1_100_000  # what all pictures of the page may take

_SCALES = (1.0, 0.75, 0.5, 0.35, 0.25)
_QUALITY = 75

_PAGE = """
<p>Videos of {{ split }} by their part state correctness (PSC) with <code>{{ method }}</code>; a
wrong action counts nothing, whatever the PSC. Left the truth, right the parse.</p>
{% for group in groups %}
<h2>{{ group.title }}</h2>
{% for entry in group.entries %}
<section>
<h3>{{ entry.video }}: PSC {{ "%.3f" | format(entry.psc) }}</h3>
<p>{{ entry.action }}{% if entry.action == entry.predicted %}, as predicted
{%- else %}; <strong>predicted: {{ entry.predicted }}</strong>{% endif %}</p>
{% for frame in entry.frames %}
<figure><img alt="frame {{ frame.number }} of {{ entry.video }}" src="{{ frame.source }}">
<figcaption>frame {{ frame.number }}</figcaption></figure>
{% endfor %}
</section>
{% endfor %}
{% else %}
<p>No video was scored.</p>
{% endfor %}
"""


@dataclass(frozen=True)
class Frame:
    """A frame of the gallery."""

    number: int
    source: str  # a data URI


@dataclass(frozen=True)
class Entry:
    """A video of the gallery."""

    video: str
    action: str
    predicted: str
    psc: float
    frames: list[Frame]


@dataclass(frozen=True)
class Group:
    """Videos that were picked for the same reason."""

    title: str
    entries: list[Entry]


def pick_videos(videos: pd.DataFrame, count: int) -> dict[str, pd.DataFrame]:
    """Some best, median and worst videos by PSC, none of them twice.

    Args:
        videos: scores by video of one method and split: columns video, psc.
        count: how many of each at most.

    Returns:
        {title: rows of `videos`}, falling PSC; of few videos fewer than `count` a group.
    """
    ranked = videos.sort_values(["psc", "video"], ascending=[False, True], ignore_index=True)
    each = min(count, -(-len(ranked) // 3))
    middle = max((len(ranked) - each) // 2, each)
    last = max(len(ranked) - each, middle + each)
    places = {"Best": 0, "Median": middle, "Worst": last}
    groups = {title: ranked.iloc[start : start + each] for title, start in places.items()}
    return {title: rows for title, rows in groups.items() if len(rows)}


def embed(picture: Picture, limit: int) -> str:
    """A data URI with the picture (H, W, 3) BGR as WebP, made smaller until it takes `limit` bytes.

    At a quarter of its size it is taken as it is.
    """
    for scale in _SCALES:
        small = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
        _, encoded = cv2.imencode(".webp", small, [cv2.IMWRITE_WEBP_QUALITY, _QUALITY])
        if len(encoded) <= limit:
            break
    return f"data:image/webp;base64,{base64.b64encode(encoded.tobytes()).decode()}"


def gallery_page(split: str, method: str, groups: list[Group]) -> str:
    """The page as HTML that needs no other file."""
    return render("Gallery", _PAGE, split=split, method=method, groups=groups)
