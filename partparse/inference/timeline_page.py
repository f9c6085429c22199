"""A page beside the annotated video: under it a time line of each person and part.

It needs no other file than the video, and works from a file's address.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import numpy as np
import pandas as pd
from markupsafe import Markup

from partparse.inference.moments import UNKNOWN_FPS
from partparse.inference.parse import Parse
from partparse.inference.timeline import NO_STATE, add_up, frame_edges
from partparse.report.annotated_frame import COLOUR_OF, RIGHT
from partparse.report.page import render
from partparse.tables import probability_columns
from partparse.vocabulary import PERSON

_SEEN = "in the picture"
_PERSON_COLOUR = "#999999"
_TINTS = (0.22, 0.4, 0.58)  # shares of the part's colour, by how much a part is in the state
_TICKS = (0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600)  # seconds apart
_MOST_TICKS = 12

_STYLE = """
.note { border: 2px solid #000; padding: .5em .8em; font-weight: bold }
.stage { display: flex; flex-wrap: wrap; gap: 1.5em; align-items: flex-start }
.stage video { flex: 3 1 26em; min-width: 0; max-width: 100%; max-height: 75vh; background: #000;
  object-position: top }
.stage div { flex: 0 1 18em; max-height: 75vh; overflow-y: auto }
.stage h2 { margin-top: 0 }
.stage td, .stage th { padding: .15em .3em }
.bar { display: inline-block; height: .8em; min-width: 1px; background: #0072B2 }
#lines { overflow-x: auto; border: 1px solid #767676; position: relative; margin: .5em 0 }
#inner { position: relative; width: calc(100% * var(--zoom, 1)); min-width: 30em }
.person { content-visibility: auto; contain-intrinsic-size: auto 20em }
.person h3 { margin: .6em 0 .1em .3em; font-size: 14px; position: sticky; left: .3em;
  display: inline-block }
.lane { display: grid; grid-template-columns: 9em 1fr; font-size: 12px; line-height: 20px }
.name { position: sticky; left: 0; background: #fff; z-index: 2; white-space: nowrap }
.swatch { display: inline-block; width: .8em; height: .8em; margin: 0 .5em 0 .3em;
  border: 2px solid; vertical-align: -1px }
.spans { position: relative; height: 24px; background: #f4f4f4; border-bottom: 2px solid #fff;
  cursor: pointer }
.spans button { position: absolute; top: 0; height: 24px; padding: 0 0 3px 3px; margin: 0;
  min-width: 3px; box-sizing: border-box; border: 0; border-left: 2px solid; color: #000;
  font: inherit; text-align: left; overflow: hidden; white-space: nowrap; cursor: pointer }
.spans .right { border: 1px dashed; border-left: 2px solid; padding-bottom: 2px }
.spans button::after { content: ""; position: absolute; left: 0; bottom: 0; height: 4px;
  width: var(--sure); background: var(--full) }
.spans button:hover { filter: brightness(.93) }
.spans button:focus-visible { outline: 3px solid #000; outline-offset: -1px; z-index: 1 }
.ticks span { position: absolute; border-left: 1px solid #767676; padding-left: 3px }
#head { position: absolute; top: 0; bottom: 0; width: 2px; background: #000; z-index: 1;
  pointer-events: none; left: calc(9em * 12 / 15 + (100% - 9em * 12 / 15) * var(--at, 0)) }
kbd { border: 1px solid #767676; border-radius: 3px; padding: 0 .3em; font-size: 12px }
"""

_SCRIPT = """
"use strict";
const video = document.getElementById("video");
const lines = document.getElementById("lines");
const inner = document.getElementById("inner");
const now = document.getElementById("now");
const length = Number(inner.dataset.seconds);
const spans = [...inner.querySelectorAll("button")];
const lanes = [...inner.querySelectorAll(".spans")].filter(lane => lane.querySelector("button"));
const start = span => Number(span.dataset.start);

function seek(seconds) {
  // a little later, so that rounding does not show the frame before
  video.currentTime = Math.min(seconds + 0.001, length);
}
function makeRoom() {
  // below the picture, so that the controls of a video that stands cover no words
  const ratio = video.videoHeight / video.videoWidth;
  if (!ratio) return;
  video.style.maxWidth = `min(100%, ${(0.75 * window.innerHeight - 72) / ratio}px)`;
  video.style.height = `${video.clientWidth * ratio + 72}px`;
}
function follow() {
  inner.style.setProperty("--at", Math.min(video.currentTime / length, 1));
  now.textContent = video.currentTime.toFixed(2) + " s";
}
function reach(span) {
  for (const one of spans) one.tabIndex = one === span ? 0 : -1;
  span.focus();
}
function beside(span, by) {
  const lane = [...span.parentElement.querySelectorAll("button")];
  return lane[lane.indexOf(span) + by];
}
function below(span, by) {
  const lane = lanes[lanes.indexOf(span.parentElement) + by];
  if (!lane) return undefined;
  const own = [...lane.querySelectorAll("button")];
  return own.findLast(one => start(one) <= start(span)) ?? own[0];
}
const KEYS = {
  ArrowLeft: span => beside(span, -1),
  ArrowRight: span => beside(span, 1),
  ArrowUp: span => below(span, -1),
  ArrowDown: span => below(span, 1),
  Home: span => span.parentElement.querySelector("button"),
  End: span => [...span.parentElement.querySelectorAll("button")].at(-1),
};
inner.addEventListener("keydown", event => {
  const span = event.target.closest("button");
  if (!span || !(event.key in KEYS)) return;
  event.preventDefault();
  const next = KEYS[event.key](span);
  if (next) reach(next);
});
inner.addEventListener("click", event => {
  const span = event.target.closest("button");
  const lane = event.target.closest(".spans");
  if (span) {
    reach(span);
    seek(start(span));
  } else if (lane) {
    const box = lane.getBoundingClientRect();
    seek((event.clientX - box.left) / box.width * length);
  }
});
document.getElementById("zoom").addEventListener("input", event => {
  inner.style.setProperty("--zoom", event.target.value);
});
for (const name of ["timeupdate", "seeked", "loadedmetadata"]) video.addEventListener(name, follow);
video.addEventListener("loadedmetadata", makeRoom);
window.addEventListener("resize", makeRoom);
if (video.readyState) makeRoom();
if (spans.length) spans[0].tabIndex = 0;
"""

_PAGE = """
{% for text in notes %}
<p class="note" role="note">{{ text }}</p>
{% endfor %}
<div class="stage">
<video id="video" controls preload="metadata" src="{{ video }}"
 aria-label="The video with persons, parts and states"></video>
<div tabindex="0" role="region" aria-labelledby="actions">
<h2 id="actions">Action</h2>
<p>{{ action }}</p>
<table>
<tr><th>action</th><th class="number">probability</th><th aria-hidden="true"></th></tr>
{% for one in actions %}
<tr><td>{{ one.name }}</td><td class="number">{{ one.said }}</td>
<td aria-hidden="true"><span class="bar" style="width:{{ one.width }}em"></span></td></tr>
{% endfor %}
</table>
</div>
</div>
<h2 id="title">Time line</h2>
<p id="help">A click shows the moment. With the keyboard: <kbd>Tab</kbd> leads here, arrow keys from
span to span and from line to line, <kbd>Home</kbd> and <kbd>End</kbd> to the ends of a line,
<kbd>Enter</kbd> shows the moment. The bar at the foot of a span says how probable the state is; the
right side of a body has dashed edges.
{% if untimed %}
When frames are shown is not known; times count {{ fps }} frames a second.
{% endif %}
</p>
<p><label>Zoom <input id="zoom" type="range" min="1" max="50" value="1" step="any"></label>
<output id="now" aria-label="Shown moment">0.00 s</output></p>
{% if not persons %}
<p>Nobody is followed in this video.</p>
{% endif %}
<div id="lines" role="group" aria-labelledby="title" aria-describedby="help">
<div id="inner" data-seconds="{{ seconds }}">
<div id="head" aria-hidden="true"></div>
<div class="lane" aria-hidden="true"><span class="name">seconds</span><div class="spans ticks">
{% for tick in ticks %}
<span style="left:{{ tick.left }}%">{{ tick.said }}</span>
{% endfor %}
</div></div>
{% if windows | length > 1 %}
<div class="lane" role="group" aria-label="action"><span class="name" aria-hidden="true">
<span class="swatch"></span>action</span><div class="spans">
{% for span in windows %}
{{ draw(span) }}
{% endfor %}
</div></div>
{% endif %}
{% for person in persons %}
<section class="person" aria-label="person {{ person.number }}">
<h3>person {{ person.number }}</h3>
{% for lane in person.lanes %}
<div class="lane" role="group" aria-label="person {{ person.number }}, {{ lane.name }}">
<span class="name" aria-hidden="true"><span class="swatch" style="border-color:{{ lane.colour }};
{{- 'border-style:dashed' if lane.right else 'background:' ~ lane.colour }}"></span>
{{- lane.name }}</span><div class="spans">
{% for span in lane.spans %}
{{ draw(span) }}
{% endfor %}
</div></div>
{% endfor %}
</section>
{% endfor %}
</div>
</div>
<h2>Seconds in each state</h2>
<table>
<tr><th>person</th><th>part</th><th>state</th><th class="number">seconds</th>
<th class="number">share</th><th class="number">times</th></tr>
{% for row in exposure %}
<tr><td>{{ row.person }}</td><td>{{ row.part }}</td><td>{{ row.state }}</td>
<td class="number">{{ row.seconds }}</td><td class="number">{{ row.share }}</td>
<td class="number">{{ row.spans }}</td></tr>
{% endfor %}
</table>
<script>
{{ script }}
</script>
"""


@dataclass(frozen=True)
class _Drawn:
    """A span as it is drawn."""

    text: str
    said: str  # in full: to be read out, and shown below the pointer
    start: float  # seconds
    left: float  # percent of the whole
    width: float
    sure: float  # percent
    colour: str
    tint: str
    right: bool


@dataclass(frozen=True)
class _Line:
    """Where spans are drawn."""

    owner: str  # whose spans they are, in words
    colour: str
    whole: float  # seconds
    right: bool = False  # drawn as parts of the right side are

    def span(self, state: str, start: float, end: float, chance: float, rank: int = 0) -> _Drawn:
        """A span; `rank`: how many states of the line last longer, over all."""
        said = f"{self.owner}: {_plain(state)}, {start:.2f} to {end:.2f} s"
        known = not np.isnan(chance)
        return _Drawn(
            text=_plain(state),
            said=f"{said}, probability {chance:.2f}" if known else said,
            start=round(start, 6),
            left=round(100 * start / self.whole, 4),
            width=round(100 * (end - start) / self.whole, 4),
            sure=round(100 * chance, 1) if known else 0.0,
            colour=self.colour,
            tint=_mix(self.colour, _TINTS[rank % len(_TINTS)]),
            right=self.right,
        )


def _draw(span: _Drawn) -> Markup:
    """The element of a span; all that comes from data is escaped."""
    return Markup(
        '<button type="button" tabindex="-1" class="{}" data-start="{}" title="{}" '
        'aria-label="{}" style="left:{}%;width:{}%;background:{};border-color:{};'
        '--full:{};--sure:{}%">{}</button>'
    ).format(
        "right" if span.right else "left",
        *(span.start, span.said, span.said, span.left, span.width, span.tint),
        *(span.colour, span.colour, span.sure, span.text),
    )


def timeline_page(parse: Parse, timeline: pd.DataFrame, notes: Sequence[str]) -> str:
    """The HTML of the page of a video.

    Args:
        parse: of the video; beside the page lies its annotated video, which has its name.
        timeline: of `trace_states`.
        notes: what has to be known before anything on the page is believed.
    """
    edges = frame_edges(parse)
    whole = float(edges[-1])
    exposure = add_up(timeline)
    return render(
        parse.name,
        _PAGE,
        style=_STYLE,
        script=Markup(_SCRIPT),
        draw=_draw,
        notes=notes,
        video="./" + quote(f"{parse.name}.mp4", safe=""),
        action=_plain(parse.action),
        actions=list(_actions(parse)),
        seconds=round(whole, 6),
        ticks=list(_ticks(whole)),
        windows=list(_windows(parse, edges)),
        persons=list(_persons(timeline, exposure, whole)),
        exposure=list(_exposure(exposure)),
        untimed=parse.untimed,
        fps=f"{UNKNOWN_FPS:g}",
    )


def _actions(parse: Parse) -> Iterator[dict[str, Any]]:
    chances = parse.probabilities
    for name in sorted(chances, key=chances.__getitem__, reverse=True):
        width = round(6 * chances[name], 2)
        yield {"name": _plain(name), "said": f"{chances[name]:.3f}", "width": width}


def _windows(parse: Parse, edges: np.ndarray) -> Iterator[_Drawn]:
    """The action of each window of a long video."""
    line = _Line("action", _PERSON_COLOUR, float(edges[-1]))
    chances = parse.actions[probability_columns(parse.actions["action"])].to_numpy(float)
    ends = parse.actions[["first_frame", "last_frame", "action"]].itertuples(index=False)
    for place, (first, last, action) in enumerate(ends):
        yield line.span(action, edges[first - 1], edges[last], chances[place, place])


def _persons(
    timeline: pd.DataFrame, exposure: pd.DataFrame, whole: float
) -> Iterator[dict[str, Any]]:
    """The lines of each person, those of a part that is never seen left out."""
    order = exposure.groupby(["person", "part"])["state"].agg(list)
    for number, of_person in timeline.groupby("person", sort=True):
        lanes = []
        for part, rows in of_person.groupby("part", sort=False):
            name = _SEEN if part == PERSON else _plain(part)
            colour, right = COLOUR_OF.get(part, _PERSON_COLOUR), part in RIGHT
            line = _Line(f"person {number}, {_plain(part)}", colour, whole, right)
            ranks = order[number, part]
            values = rows[["state", "start_s", "end_s", "mean_probability"]]
            spans = [
                line.span(state or _SEEN, start, end, chance, ranks.index(state))
                for state, start, end, chance in values.itertuples(index=False)
            ]
            lanes.append({"name": name, "colour": colour, "right": right, "spans": spans})
        yield {"number": int(number), "lanes": lanes}


def _exposure(exposure: pd.DataFrame) -> Iterator[dict[str, Any]]:
    for row in exposure.itertuples():
        yield {
            "person": row.person,
            "part": _plain(str(row.part)),
            "state": _SEEN if row.state == NO_STATE else _plain(str(row.state)),
            "seconds": f"{row.seconds:.2f}",
            "share": f"{row.share:.2f}",
            "spans": row.spans,
        }


def _ticks(whole: float) -> Iterator[dict[str, Any]]:
    step = next((one for one in _TICKS if whole / one <= _MOST_TICKS), whole)
    for number in range(int(whole / step) + 1):
        yield {"left": round(100 * number * step / whole, 4), "said": f"{number * step:g}"}


def _mix(colour: str, share: float) -> str:
    """A share of a colour, the rest white."""
    values = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return "#" + "".join(f"{round(255 - share * (255 - value)):02x}" for value in values)


def _plain(name: str) -> str:
    return name.replace("_", " ")
