"""From PARSES tables and actions to the challenge's files, and the check that they can be scored.

The format stands in `partparse.challenge.format`. One proposal a part: k of them earn
P(any right)/k, which is never more than the best one's probability.
"""

import zipfile
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path
from shutil import copyfileobj
from typing import Any

import numpy as np
import pandas as pd

from partparse.challenge import format as challenge
from partparse.challenge.format import (
    PREDICTION,
    Results,
    actions_file,
    frame_name,
    parts_file,
)
from partparse.challenge.writer import write_results
from partparse.errors import InputError, Report, meant, one_line
from partparse.files.atomic import atomic_path
from partparse.files.json_pieces import no_cycles, read_pieces
from partparse.frames.names import frame_number
from partparse.row_keys import FRAMES, codes, find, positions
from partparse.sampling import is_scored, scored
from partparse.tables import BOX, FRAME_KEY, PERSON_KEY
from partparse.vocabulary import PERSON

ZIP_NAME = "submission.zip"
LISTED_FAULTS = 200  # a fault that runs through a whole submission is told this many times


def submitted_lengths(frames: pd.DataFrame) -> pd.DataFrame:
    """Columns video, frames: how far the frames of each video go, from a FRAMES table.

    What the data set says counts even where fewer frames decode, because the evaluator scores
    them; and each video has a first frame, even where nothing is known of it.
    """
    length = frames[["frames", "expected"]].max(axis=1).clip(lower=1).astype(np.int64)
    return pd.DataFrame({"video": frames["video"], "frames": length})


def limit_persons(parses: pd.DataFrame) -> pd.DataFrame:
    """A PARSES table with the ten persons of highest score in each frame, and their parts."""
    persons = parses[parses["part"] == PERSON]
    if persons.groupby(FRAME_KEY).size().max() <= challenge.MAX_HUMANS:
        return parses
    rank = persons.groupby(FRAME_KEY)["score"].rank(method="first", ascending=False)
    beyond = persons.loc[rank > challenge.MAX_HUMANS, PERSON_KEY]
    return parses[positions(parses, beyond, PERSON_KEY) < 0]


def write_submission(
    folder: Path,
    parses: pd.DataFrame,
    actions: pd.DataFrame,
    lengths: pd.DataFrame,
    *,
    stride: int = challenge.STRIDE,
) -> None:
    """Write pred_part_result.json, pred_vid_result.json and a zip of both into `folder`.

    The bytes depend on the arguments alone. Boxes are rounded to a tenth of a pixel.

    Args:
        folder: created where it does not exist.
        parses: PARSES table; of more than ten persons a frame, the best are taken.
        actions: columns video, action; one row for each video of `lengths`.
        lengths: columns video, frames (from `submitted_lengths`): the videos of the submission.
            Frames 1, 1 + stride, … up to `frames` are written, with or without persons.
        stride: step between scored frames.

    Raises:
        InputError: for a video without an action, a parse outside the submitted frames, a part
            without its person or its state, a box that is not finite.
    """
    parses = limit_persons(parses)
    _check_parses(parses, lengths, stride)
    if absent := challenge.missing(lengths["video"], actions["video"]):
        raise InputError(f"the predicted actions: no video {absent[0]!r}; expected every video")
    paths = write_results(folder, PREDICTION, actions, parses, lengths, stride=stride)
    with atomic_path(folder / ZIP_NAME) as temporary:
        _write_zip(temporary, paths)


def _check_parses(parses: pd.DataFrame, lengths: pd.DataFrame, stride: int) -> None:
    frame = parses["frame"].to_numpy()
    video = codes(parses["video"], lengths["video"].tolist())
    length = np.append(lengths["frames"].to_numpy(), 0)[video]  # 0: no such video
    inside = (frame <= length) & is_scored(frame, stride)
    is_person = (parses["part"] == PERSON).to_numpy(bool)
    stateless = ~is_person & parses["state"].isna().to_numpy()
    finite = np.isfinite(parses[BOX].to_numpy()).all(axis=1)
    number, numbers = pd.factorize(parses["person"])
    key = (video * FRAMES + frame) * max(len(numbers), 1) + number
    orphans = find(key, np.sort(key[is_person])) < 0
    for wrong, expected in (
        (~inside, f"a video and frame of the submission: 1, {1 + stride}, … up to its length"),
        (stateless, "a state"),
        (~finite, "a finite box"),
        (orphans, f"a row of its person with part = {PERSON}"),
    ):
        if np.any(wrong):
            row = parses[np.asarray(wrong)].iloc[0]
            raise InputError(
                f"parses: video {row['video']}, frame {row['frame']}, person {row['person']}, "
                f"part {row['part']}: expected {expected}"
            )


def _write_zip(path: Path, members: list[Path]) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for member in members:
            entry = zipfile.ZipInfo(member.name)  # with the fixed date 1980-01-01
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            entry.file_size = member.stat().st_size  # decides whether it must be zip64
            with member.open("rb") as source, archive.open(entry, "w") as target:
                copyfileobj(source, target, 1 << 20)


def expected_results(lengths: pd.DataFrame, stride: int) -> Results:
    """The videos and frames that a submission must hold, from `submitted_lengths`."""
    frames = {
        row.video: {frame_name(number): None for number in scored(row.frames, stride)}
        for row in lengths.itertuples()
    }
    return Results(dict.fromkeys(frames), frames)


def check_submission(
    path: Path, expected: Results | None = None, stride: int = challenge.STRIDE
) -> list[str]:
    """What keeps a submission from being scored in full, one line a fault; empty if nothing.

    Args:
        path: folder or zip with pred_part_result.json and pred_vid_result.json.
        expected: the ground truth, or what `expected_results` makes. With it, its videos and
            frames are required, and names are told that are like the truth's but for capitals or
            spaces, or actions that it has nowhere: they can never be right. Without it, every
            video in both files, and frames 1, 1 + stride, … up to the last one.
        stride: step between scored frames.
    """
    try:
        actions = challenge.read_object(path, actions_file(PREDICTION))
        found, wrong = _check_parts(path, expected, stride)
    except InputError as error:
        return [str(error)]
    known = expected or Results(actions, dict.fromkeys(found))
    videos = known.actions | known.frames
    faults: list[str] = []
    _check_actions(actions, videos, faults.append)
    if expected is not None:
        _check_known(actions, expected.actions, faults.append)
    for video in challenge.missing(videos, found):
        faults.append(f"{parts_file(PREDICTION)}: no video {video}; expected every video")
    faults += wrong
    listed = [one_line(fault) for fault in faults[:LISTED_FAULTS]]
    more = len(faults) - LISTED_FAULTS
    return [*listed, f"{path}: {more} more faults"] if more > 0 else listed


def _check_actions(actions: dict[str, Any], videos: Iterable[str], report: Report) -> None:
    name = actions_file(PREDICTION)
    for video in challenge.missing(videos, actions):
        report(f"{name}: no video {video}; expected every video")
    for video, action in actions.items():
        if not isinstance(action, str):
            report(f"{name}: video {video}: {action!r}; expected the name of an action")


def _check_known(actions: dict[str, Any], truth: Mapping[str, Any], report: Report) -> None:
    known = tuple(sorted({action for action in truth.values() if isinstance(action, str)}))
    for video, action in actions.items() if known else ():
        if isinstance(action, str) and action not in known:
            report(
                f"{actions_file(PREDICTION)}: video {video}: no video of the truth has the action "
                f"{action!r}{meant(action, known)}"
            )


def _true_states(frames: Mapping[str, Any]) -> dict[str, str]:
    """The states of the truth, by what is left of each without capitals and spaces."""
    states: set[str] = set()
    for entry in chain.from_iterable(entries.values() for entries in frames.values()):
        # the truth itself is not judged here, and may be only names of frames
        with suppress(KeyError, TypeError, AttributeError):
            parts = chain.from_iterable(human["parts"].values() for human in entry["humans"])
            states.update(part["verb"] for part in parts if isinstance(part["verb"], str))
    return {_plain(state): state for state in states}


def _plain(name: str) -> str:
    return "".join(name.lower().replace("_", " ").split())


def _check_states(entry: Any, known: Mapping[str, str], where: str, report: Report) -> None:
    """Report the states of a sound frame that are misspelt."""
    for number, human in enumerate(entry["humans"], start=1):
        for name, part in human["parts"].items():
            for state in part["verb"]:
                if (true := known.get(_plain(state), state)) != state:
                    inside = f"{where}, human {number}, part {name}"
                    report(f"{inside}: the state {state!r}; is {true!r} meant?")


@dataclass(frozen=True)
class _Required:
    """What the file of the parts must hold."""

    frames: Mapping[str, Iterable[str]] | None
    """By video; None: all up to the last one that is there."""
    states: Mapping[str, str]
    """Those of the truth, by their plain names."""
    stride: int


def _check_parts(path: Path, expected: Results | None, stride: int) -> tuple[list[str], list[str]]:
    """The videos in the file of the parts, and its faults. Raises InputError.

    The file is held as a whole only if it is odd, or no JSON.
    """
    name = parts_file(PREDICTION)
    frames = None if expected is None else expected.frames
    required = _Required(frames, _true_states(frames or {}), stride)
    try:
        with no_cycles():
            return _check_pieces(read_pieces(challenge.read_blocks(path, name)), required)
    except ValueError:
        return _check_pieces([challenge.read_object(path, name)], required)


def _check_pieces(
    pieces: Iterable[dict[str, Any]], required: _Required
) -> tuple[list[str], list[str]]:
    videos: list[str] = []
    faults: list[str] = []
    for video, entries in chain.from_iterable(piece.items() for piece in pieces):
        videos.append(video)
        _check_video(video, entries, required, faults.append)
    return videos, faults


def _check_video(video: str, entries: Any, required: _Required, report: Report) -> None:
    where = f"{parts_file(PREDICTION)}: video {video}"
    if not isinstance(entries, dict):
        report(f"{where}: expected an object with a key for each frame")
        return
    numbers = {frame: frame_number(frame, "json") for frame in entries}
    for frame in (frame for frame, number in numbers.items() if number is None):
        report(f"{where}: the frame name {frame!r}; expected {frame_name(1)} and so on")
    if required.frames is None:
        last = max((number for number in numbers.values() if number is not None), default=1)
        needed: Iterable[str] = map(frame_name, range(1, last + 1, required.stride))
    else:
        needed = required.frames.get(video, ())
    absent = (frame for frame in needed if frame not in entries)
    # one frame with a high number must not make a million faults of a small file
    for frame in islice(absent, LISTED_FAULTS + 1):
        report(f"{where}: no frame {frame}; expected every scored frame, humans or not")
    for frame, entry in entries.items():
        faults: list[str] = []
        challenge.check_frame(entry, PREDICTION, f"{where}, frame {frame}", faults.append)
        for fault in faults:
            report(fault)
        if required.states and not faults:
            _check_states(entry, required.states, f"{where}, frame {frame}", report)
