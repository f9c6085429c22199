"""All that a run says of a video, from the tables of its shard."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from partparse import tables
from partparse.boxes import Floats
from partparse.decision.gather import find_persons
from partparse.tables import PERSON_KEY, probability_columns, probability_names
from partparse.vocabulary import PERSON

Keypoints = Mapping[int, Mapping[int, Floats]]
"""(17, 3) as x, y, score of the persons that have them, by frame and person."""


@dataclass(frozen=True)
class Parsed:
    """All that a run says of a video."""

    video: pd.Series  # its row of VIDEOS
    frames: pd.Series  # its row of FRAMES
    action: str  # what is submitted
    probabilities: dict[str, float]  # of each action
    parses: pd.DataFrame  # its rows of PARSES
    keypoints: Keypoints  # of the persons in `parses`

    @property
    def name(self) -> str:
        """The video's id."""
        return str(self.video["video"])


def parsed_videos(
    *,
    videos: pd.DataFrame,
    frames: pd.DataFrame,
    actions: pd.DataFrame,
    probabilities: pd.DataFrame,
    parses: pd.DataFrame,
    pose: tuple[pd.DataFrame, pd.DataFrame] | None,
) -> Iterator[Parsed]:
    """The videos of which a frame decodes.

    Methods and ensembles number persons as they like, so those of `parses` get the keypoints of
    the person that they overlap most.

    Args:
        videos: VIDEOS.
        frames: FRAMES.
        actions: columns video, action: what is submitted.
        probabilities: ACTIONS.
        parses: PARSES.
        pose: PERSONS and their KEYPOINT_TABLE, where there is one.
    """
    lengths = frames.set_index("video")
    submitted = actions.set_index("video")["action"]
    names = probability_names(probabilities)
    chances = probabilities.set_index("video")[probability_columns(names)]
    own = dict(list(parses.groupby("video")))
    points = {} if pose is None else _assign(parses, *pose)
    for _, video in videos.iterrows():
        name = video["video"]
        if lengths.loc[name, "frames"] > 0:
            yield Parsed(
                video,
                lengths.loc[name],
                submitted[name],
                dict(zip(names, chances.loc[name].astype(float), strict=True)),
                own.get(name, tables.empty(tables.PARSES)),
                points.get(name, {}),
            )


def _assign(
    parses: pd.DataFrame, persons: pd.DataFrame, keypoints: pd.DataFrame
) -> Mapping[str, Keypoints]:
    """The keypoints of the persons of `parses`, by video."""
    parsed = parses[parses["part"] == PERSON].reset_index(drop=True)
    place = find_persons(parsed, persons, sorted(parsed["video"].unique()))
    known = place >= 0
    theirs = persons[PERSON_KEY].iloc[place[known]].reset_index(drop=True)
    posed = theirs.merge(keypoints, on=PERSON_KEY, how="left")  # as many rows: keys are unique
    values = tables.pack_keypoints(posed)
    found: dict[str, dict[int, dict[int, Floats]]] = {}
    for (video, frame, person), points in zip(
        parsed.loc[known, PERSON_KEY].itertuples(index=False), values, strict=True
    ):
        if np.isfinite(points).all():
            found.setdefault(video, {}).setdefault(int(frame), {})[int(person)] = points
    return found
