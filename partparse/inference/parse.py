"""All that a run says of a video, as tables."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from partparse import tables
from partparse.boxes import Floats
from partparse.decision.gather import find_persons
from partparse.tables import BOX, PERSON_KEY, probability_columns, probability_names
from partparse.vocabulary import PERSON

UNTRACKED = -1


@dataclass(frozen=True)
class Parse:
    """All that a run says of a video.

    Frames count from 1. Boxes are x1, y1, x2, y2 in pixels of the video, corners inclusive.
    """

    name: str
    """Of the video."""
    source: str
    """Changes when another file takes the video's place."""
    width: int
    """Pixels."""
    height: int
    fps: float | None
    """Frames a second on average, as the file says; None: it does not."""
    problem: str | None
    """What was wrong with the video, where something was."""
    method: str
    """Whose parse it is."""
    stride: int
    """Frames 1, 1 + stride, … are parsed."""
    times: Floats
    """(frames,) when each frame is shown, in seconds after the first; NaN: not known."""
    actions: pd.DataFrame
    """A row for each window of a long video, one for a short one: the columns first_frame,
    last_frame, action (what is submitted), and the probabilities of all actions."""
    parses: pd.DataFrame
    """PARSED: persons, and their parts with states."""
    keypoints: pd.DataFrame
    """POSED: of persons of `parses`."""
    tracks: pd.DataFrame
    """TRACKS: where each tracked person is, in every frame from its first to its last."""

    @property
    def length(self) -> int:
        """Frames of the video."""
        return len(self.times)

    @property
    def untimed(self) -> bool:
        """Whether it is not known when frames are shown."""
        return bool(np.isnan(self.times).any())

    @property
    def persons(self) -> pd.DataFrame:
        """The rows of persons in `parses`."""
        return self.parses[self.parses["part"] == PERSON]

    @property
    def parts(self) -> pd.DataFrame:
        """The rows of parts in `parses`, with their states."""
        return self.parses[self.parses["part"] != PERSON]

    @property
    def probabilities(self) -> dict[str, float]:
        """Of each action: the mean over the windows, by their length."""
        frames = self.actions["last_frame"] - self.actions["first_frame"] + 1
        names = probability_names(self.actions)
        means = np.average(self.actions[probability_columns(names)], axis=0, weights=frames)
        return dict(zip(names, means.tolist(), strict=True))

    @property
    def action(self) -> str:
        """What is submitted; of a long video, what is likeliest over all."""
        if len(self.actions) == 1:
            return str(self.actions["action"].iloc[0])
        chances = self.probabilities
        return max(chances, key=chances.__getitem__)


def parses_of(
    *,
    videos: pd.DataFrame,
    frames: pd.DataFrame,
    times: pd.DataFrame,
    actions: pd.DataFrame,
    probabilities: pd.DataFrame,
    parses: pd.DataFrame,
    tracks: pd.DataFrame,
    persons: pd.DataFrame | None,
    keypoints: pd.DataFrame | None,
    method: str,
    stride: int,
) -> Iterator[Parse]:
    """The parses of those videos of which a frame decodes.

    Methods and ensembles number persons as they like, so those of `parses` get the track and the
    keypoints of the persons that they overlap most.

    Args:
        videos: VIDEOS.
        frames: FRAMES.
        times: TIMES.
        actions: ACTIONS, the largest is submitted.
        probabilities: ACTIONS.
        parses: PARSES.
        tracks: PERSONS with tracks.
        persons: PERSONS that have keypoints, where there are any.
        keypoints: their KEYPOINT_TABLE.
        method: whose parses they are.
        stride: each `stride`-th frame is parsed, from the first on.
    """
    submitted = tables.predicted_action(actions).set_index("video")["action"]
    chances = probabilities.set_index("video")
    found = frames.set_index("video")
    for name, source in zip(videos["video"], videos["source"], strict=True):
        known = found.loc[name]
        length = int(known["frames"])
        if not length:
            continue
        at = _of(times, name).sort_values("frame")["time"].to_numpy(float)
        own, walked = _of(parses, name), fill_tracks(_of(tracks, name))
        parsed = tables.checked(_timed(_track(own, walked), at), tables.PARSED)
        points = tables.empty(tables.POSED)
        if persons is not None and keypoints is not None:
            points = _pose(parsed, _of(persons, name), _of(keypoints, name))
        over = {"first_frame": [1], "last_frame": [length], "action": [submitted[name]]}
        yield Parse(
            name=str(name),
            source=str(source),
            width=int(known["width"]),
            height=int(known["height"]),
            fps=float(known["fps"]) if pd.notna(known["fps"]) else None,
            problem=str(known["problem"]) if pd.notna(known["problem"]) else None,
            method=method,
            stride=stride,
            times=at,
            actions=pd.DataFrame(over).join(chances.loc[[name]].reset_index(drop=True)),
            parses=parsed,
            keypoints=points,
            tracks=tables.checked(_timed(walked, at), tables.TRACKS),
        )


def _of(table: pd.DataFrame, video: str) -> pd.DataFrame:
    return table[table["video"] == video]


def _timed(rows: pd.DataFrame, times: Floats) -> pd.DataFrame:
    """Rows with the column `seconds`: when their `frame` is shown."""
    return rows.assign(seconds=times[rows["frame"].to_numpy(np.int64) - 1])


def _track(parses: pd.DataFrame, tracks: pd.DataFrame) -> pd.DataFrame:
    """PARSES of a video with the column `track`: of the tracked person that each person is.

    `tracks` are those of `fill_tracks`: also where the detector lost a person, the decision may
    have put it there.
    """
    persons = parses[parses["part"] == PERSON]
    place = find_persons(persons, tracks, sorted(persons["video"].unique()))
    numbers = np.append(tracks["track"].to_numpy(np.int64), UNTRACKED)[place]
    named = persons[PERSON_KEY].assign(track=numbers)
    return parses.merge(named, on=PERSON_KEY, how="left")


def _pose(parsed: pd.DataFrame, persons: pd.DataFrame, keypoints: pd.DataFrame) -> pd.DataFrame:
    """POSED of the persons of a video's PARSED."""
    seen = parsed[parsed["part"] == PERSON].reset_index(drop=True)
    place = find_persons(seen, persons, sorted(seen["video"].unique()))
    known = place >= 0
    theirs = persons[PERSON_KEY].iloc[place[known]].reset_index(drop=True)
    posed = theirs.merge(keypoints, on=PERSON_KEY, how="left")  # as many rows: keys are unique
    points = tables.pack_keypoints(posed)
    seen = seen.loc[known].reset_index(drop=True)
    own = tables.unpack_keypoints(seen, points).assign(track=seen["track"], seconds=seen["seconds"])
    return tables.checked(own[np.isfinite(points).all(axis=(1, 2))], tables.POSED)


def fill_tracks(persons: pd.DataFrame) -> pd.DataFrame:
    """Columns video, frame, track, box, score, detected of PERSONS with tracks of one video.

    In frames between two in which a person was detected its box moves from the one to the other in
    a straight line; its score there is the lower one of the two.
    """
    known = persons[persons["track"] > 0].sort_values(["track", "frame"])
    columns = ["video", "frame", "track", *BOX, "score", "detected"]
    pieces: list[pd.DataFrame] = []
    for _, own in known.groupby("track", sort=True):
        at = own["frame"].to_numpy(np.int64)
        every = np.arange(at[0], at[-1] + 1)
        after = np.searchsorted(at, every)
        before = np.where(at[after] == every, after, after - 1)
        score = own["score"].to_numpy()
        walked = {corner: np.interp(every, at, own[corner]) for corner in BOX}
        pieces.append(
            pd.DataFrame(
                {
                    "video": own["video"].iloc[0],
                    "frame": every,
                    "track": own["track"].iloc[0],
                    **walked,
                    "score": np.minimum(score[before], score[after]),
                    "detected": at[after] == every,
                }
            )
        )
    joined = pd.concat(pieces, ignore_index=True) if pieces else pd.DataFrame(columns=columns)
    return joined[columns]
