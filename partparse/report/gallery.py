"""The gallery: the best, the median and the worst videos, truth beside parse, as one page."""

import base64
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import pandas as pd

from partparse.augment import Picture
from partparse.frames.picture_cache import picture_path
from partparse.report.overlays import draw_beside
from partparse.report.page import render

# Chromium opens no page of more than 2 MB from a data URI, which is how a report holds its pages:
# each picture is encoded in base 64 for the page, and the page for the report
PAGE_BYTES = 1_100_000  # what all pictures of the page may take

_SCALES = (1.0, 0.75, 0.5, 0.35, 0.25)
_QUALITY = 75

_PAGE = """
<p>Videos of {{ split }} by their part state correctness (PSC) with <code>{{ method }}</code>; a
wrong action counts nothing, whatever the PSC. Left the truth, right the parse.</p>
{% for title, entries in groups.items() %}
<h2>{{ title }}</h2>
{% for entry in entries %}
<section>
<h3>{{ entry.video }}: PSC {{ "%.3f" | format(entry.psc) }}</h3>
<p>{{ entry.action }}{% if entry.action == entry.predicted %}, as predicted
{%- else %}; <strong>predicted: {{ entry.predicted }}</strong>{% endif %}</p>
{% for number, source in entry.frames.items() %}
<figure><img alt="frame {{ number }} of {{ entry.video }}" src="{{ source }}">
<figcaption>frame {{ number }}</figcaption></figure>
{% endfor %}
</section>
{% endfor %}
{% else %}
<p>No video was scored.</p>
{% endfor %}
"""


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


def draw_groups(
    picked: Mapping[str, pd.DataFrame],
    chosen: Mapping[str, Sequence[int]],
    shown: Mapping[str, pd.DataFrame],
    cache: Path,
    *,
    pictures: int,
    persons: int,
    score: float,
) -> dict[str, list[dict[str, Any]]]:
    """The videos of `pick_videos` with their frames drawn, by title.

    Of each: video, action, predicted, psc; frames, {number: a data URI}.

    Args:
        picked: of `pick_videos`, with columns action and predicted.
        chosen: {video: its frames}.
        shown: PARSES or ANNOTATIONS of the videos, by what is said above each.
        cache: folder of the extracted frames.
        pictures: frames of a video at most, which share what the page may take.
        persons: how many persons of a frame at most.
        score: persons below it are not drawn.
    """
    limit = PAGE_BYTES // max(len(chosen) * pictures, 1)

    def draw(video: str) -> dict[int, str]:
        drawn = {}
        for number in chosen[video]:
            picture = cv2.imread(str(picture_path(cache, video, number)))
            both = {
                title: table[(table["video"] == video) & (table["frame"] == number)]
                for title, table in shown.items()
            }
            beside = draw_beside(picture, both, f"frame {number}", persons, score)
            drawn[number] = embed(beside, limit)
        return drawn

    named = ["video", "action", "predicted", "psc"]
    return {
        title: [row | {"frames": draw(row["video"])} for row in rows[named].to_dict("records")]
        for title, rows in picked.items()
    }


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


def gallery_page(split: str, method: str, groups: Mapping[str, list[dict[str, Any]]]) -> str:
    """The page of `draw_groups` as HTML that needs no other file."""
    return render("Gallery", _PAGE, split=split, method=method, groups=groups)
