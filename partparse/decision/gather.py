"""From the tables of all stages to `Evidence`: whose row is whose, and what each source saw."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from partparse import tables
from partparse.boxes import Floats, Integers, paired_iou, width_height
from partparse.decision.evidence import (
    GIVEN,
    OTHER,
    Evidence,
    places_of,
    read_actions,
    read_parts,
    read_states,
)
from partparse.decision.state_space import StateSpace
from partparse.row_keys import codes, frame_keys
from partparse.tables import BOX, FRAME_KEY, PERSON_KEY
from partparse.vocabulary import KEYPOINTS

SAME = 0.5  # boxes of two detectors above this IoU are one person's


@dataclass(frozen=True)
class Source:
    """A detector with persons of its own, and what goes with them.

    Without parts it only gives further hypotheses of the boxes of persons that others found.
    """

    persons: pd.DataFrame  # PERSONS, numbered as it likes
    parts: pd.DataFrame | None = None  # PARTS_TABLE of these persons, where it finds parts as well
    states: pd.DataFrame | None = None  # STATES of these parts, where it is a method as well


@dataclass(frozen=True)
class Tables:
    """What was written of some videos; mappings are by the name of a source, in order."""

    persons: pd.DataFrame
    """PERSONS that all but the sources speak of."""
    parts: Mapping[str, pd.DataFrame]
    """PARTS_TABLE of these persons; the first is the one that is submitted without a decision, and
    where it was chosen among the others, what it repeats of them is not heard twice."""
    states: Mapping[str, pd.DataFrame]
    """STATES of these persons."""
    actions: Mapping[str, pd.DataFrame]
    """ACTIONS; the first is the one that is submitted without a decision."""
    detected: pd.DataFrame | None = None
    """PERSONS with the same numbers, before their boxes grew."""
    sources: Mapping[str, Source] = field(default_factory=dict)
    tracks: pd.DataFrame | None = None
    """PERSONS with `track`; on scored frames the numbers are those of `persons`."""
    keypoints: pd.DataFrame | None = None
    """KEYPOINT_TABLE of `persons`."""


def gather(
    given: Tables, videos: Sequence[str], actions: Sequence[str], space: StateSpace
) -> Evidence:
    """Bring what is known of some videos together.

    Persons that only a source found follow those of `given.persons` in their frame: what the
    others did not see they are silent about.

    Rows of other videos than the V named are left out; `actions` are the names of the C actions.
    Raises InputError where a table lacks an action or a state, or an ACTIONS table a video.
    """
    videos = sorted(videos)
    persons, places = _all_persons(given, videos)
    count = len(persons)
    boxes = [(persons[BOX].to_numpy(float), persons["score"].to_numpy(float))]
    if given.detected is not None:
        own = places_of(given.detected, persons, videos)
        boxes.append(_read_persons(given.detected, own, count))
    parts = _read_detectors(given, persons, videos)
    methods = len(method_names(given))
    states = [np.full((methods, count, size), np.nan, np.float32) for size in space.sizes]
    views = ([part[method] for part in states] for method in range(methods))
    for table in given.states.values():
        read_states(table, places_of(table, persons, videos), space, next(views))
    for name, source in given.sources.items():
        boxes.append(_read_persons(source.persons, places[name], count))
        if source.parts is not None:
            owner = _of_parts(source, source.parts, places[name])
            parts.append(read_parts(source.parts, owner, count))
        if source.states is not None:
            owner = _of_parts(source, source.states, places[name])
            read_states(source.states, owner, space, next(views))
    part_scores = np.stack([score for _, score in parts])
    keypoints = _keypoints(persons, given.keypoints, videos)
    return Evidence(
        persons=persons,
        videos=tuple(videos),
        video=codes(persons["video"], videos),
        states=states,
        person_boxes=np.stack([box for box, _ in boxes]),
        person_scores=np.stack([score for _, score in boxes]),
        part_boxes=np.stack([box for box, _ in parts]),
        part_scores=part_scores,
        quality=_quality(persons, part_scores[0], keypoints),
        keypoints=keypoints,
        origin=np.where(
            places_of(persons, _sorted(given.persons, videos), videos) < 0, OTHER, GIVEN
        ),
        actions=read_actions(given.actions, videos, actions),
    )


def method_names(given: Tables) -> list[str]:
    """The methods, in the order of `Evidence.states`."""
    return [*given.states, *(n for n, source in given.sources.items() if source.states is not None)]


def box_sources(given: Tables) -> list[str]:
    """What gave hypotheses of part boxes, in the order of `Evidence.part_boxes`."""
    return [*given.parts, *(n for n, source in given.sources.items() if source.parts is not None)]


def _all_persons(given: Tables, videos: Sequence[str]) -> tuple[pd.DataFrame, dict[str, Integers]]:
    """The persons of all, and for each source which of them its own are, (rows,)."""
    persons = _sorted(given.persons, videos).assign(track=-1)
    if given.tracks is not None:
        known = _sorted(given.tracks, videos)
        place = places_of(persons, known, videos)
        persons["track"] = np.append(known["track"].to_numpy(np.int32), np.int32(-1))[place]
    for source in given.sources.values():
        if source.parts is not None:
            persons = _with_new(persons, source.persons, videos)
    return persons, {
        name: find_persons(source.persons, persons, videos)
        for name, source in given.sources.items()
    }


def _sorted(persons: pd.DataFrame, videos: Sequence[str]) -> pd.DataFrame:
    """The persons of some videos, in order."""
    return persons[persons["video"].isin(videos)].sort_values(PERSON_KEY, ignore_index=True)


def _with_new(persons: pd.DataFrame, found: pd.DataFrame, videos: Sequence[str]) -> pd.DataFrame:
    """`persons` and those of `found` that are none of them, numbered after them."""
    new = found[(find_persons(found, persons, videos) < 0) & found["video"].isin(videos)]
    new = new.sort_values([*FRAME_KEY, "score"], ascending=[True, True, False], kind="stable")
    numbered = new.assign(person=numbers_after(persons, new), track=np.int32(-1))
    joined = pd.concat([persons, numbered], ignore_index=True).astype({"track": "int32"})
    return joined.sort_values(PERSON_KEY, ignore_index=True)


def numbers_after(persons: pd.DataFrame, new: pd.DataFrame) -> NDArray[np.int32]:
    """(rows,) numbers for `new` persons, in their order, after those of `persons` in each frame."""
    last = persons.groupby(FRAME_KEY)["person"].max().rename("last")
    taken = new.join(last, on=FRAME_KEY)["last"].fillna(0).to_numpy(np.int32)
    return taken + 1 + new.groupby(FRAME_KEY).cumcount().to_numpy(np.int32)


def find_persons(found: pd.DataFrame, persons: pd.DataFrame, videos: Sequence[str]) -> Integers:
    """(rows,) the position in `persons` of the person that each of `found` is, or -1.

    Each goes to the one of its frame that it overlaps most, if above `SAME`; of two that want the
    same, the closer one gets it.
    """
    theirs, ours = frame_keys(found, videos), frame_keys(persons, videos)
    pairs = pd.DataFrame({"frame": theirs, "theirs": np.arange(len(found))})[theirs >= 0].merge(
        pd.DataFrame({"frame": ours, "ours": np.arange(len(persons))}), on="frame"
    )
    boxes = found[BOX].to_numpy(float)[pairs["theirs"]], persons[BOX].to_numpy(float)[pairs["ours"]]
    pairs["iou"] = paired_iou(*boxes)
    pairs = pairs[pairs["iou"] > SAME].sort_values("iou", ascending=False, kind="stable")
    pairs = pairs.drop_duplicates("theirs").drop_duplicates("ours")
    place = np.full(len(found), -1, np.int64)
    place[pairs["theirs"]] = pairs["ours"]
    return place


def _of_parts(source: Source, table: pd.DataFrame, places: Integers) -> Integers:
    """(rows,) the person of each row of a source's table of parts."""
    order = source.persons.sort_values(PERSON_KEY)
    videos = sorted(source.persons["video"].unique())
    row = places_of(table, order, videos)
    return np.append(places[source.persons.index.get_indexer(order.index)], -1)[row]


def _read_persons(found: pd.DataFrame, places: Integers, count: int) -> tuple[Floats, Floats]:
    """As `read_parts`, of persons: (count, 4) and (count,)."""
    box, score = np.full((count, 4), np.nan), np.full(count, np.nan)
    own = places >= 0
    box[places[own]] = found[BOX].to_numpy(float)[own]
    score[places[own]] = found["score"].to_numpy(float)[own]
    return box, score


def _read_detectors(
    given: Tables, persons: pd.DataFrame, videos: Sequence[str]
) -> list[tuple[Floats, Floats]]:
    """As `read_parts`, of each detector; a box that the first has too is the first's alone."""
    found = [
        read_parts(table, places_of(table, persons, videos), len(persons))
        for table in given.parts.values()
    ]
    for boxes, scores in found[1:]:
        repeated = (boxes == found[0][0]).all(axis=-1)
        boxes[repeated], scores[repeated] = np.nan, np.nan
    return found


def _keypoints(
    persons: pd.DataFrame, keypoints: pd.DataFrame | None, videos: Sequence[str]
) -> Floats:
    points = np.full((len(persons), len(KEYPOINTS), 3), np.nan, np.float32)
    if keypoints is not None:
        place = places_of(keypoints, persons, videos)
        points[place[place >= 0]] = tables.pack_keypoints(keypoints)[place >= 0]
    return points


def _quality(persons: pd.DataFrame, scores: Floats, keypoints: Floats) -> Floats:
    """(N, 4): ln area, detection score, mean score of the parts and of the keypoints."""
    size = persons[BOX].to_numpy(float)
    area = np.prod(np.maximum(width_height(size), 1), axis=1)
    parts = np.nan_to_num(scores).mean(axis=1)
    points = np.nan_to_num(keypoints[..., 2]).mean(axis=1)
    return np.stack([np.log(area), persons["score"].to_numpy(float), parts, points], axis=1)
