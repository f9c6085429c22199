"""The metric on the objects of the challenge's JSON files."""

from collections.abc import Callable, Mapping, Sequence
from itertools import chain, repeat
from operator import itemgetter
from typing import Any, NamedTuple, NoReturn

import numpy as np
import pandas as pd

from partparse.boxes import Floats
from partparse.challenge import format as challenge
from partparse.errors import InputError, refuse
from partparse.metric.psc import Evaluation, Parts, Persons, mean_correctness


class Form(NamedTuple):
    """How what a parser leaves is got at.

    A box that is a tuple is four floats; of others that has to be checked.
    """

    humans: Callable[[Any], Sequence[Any]]
    """Of a frame."""
    box: Callable[[Any], Any]
    """Of a human or part, or the boxes that are proposed for a part."""
    parts: Callable[[Any], Mapping[str, Any]]
    """Of a human."""
    states: Callable[[Any], Any]
    """Of a part: one, or those that are proposed."""


PLAIN = Form(*map(itemgetter, ("humans", "box", "parts", "verb")))
"""Of what `json.loads` gives."""


def evaluate(
    gt_actions: Mapping[str, str],
    gt_frames: Mapping[str, Any],
    predicted_actions: Mapping[str, str],
    predicted_frames: Mapping[str, Any],
) -> Evaluation:
    """Score a prediction, given the objects of the challenge's four JSON files.

    Args:
        gt_actions: gt_vid_result.json; its videos are scored.
        gt_frames: gt_part_result.json; its frames are scored.
        predicted_actions: pred_vid_result.json. Further videos are ignored.
        predicted_frames: pred_part_result.json. Further videos and frames are ignored.

    Raises:
        InputError: where the evaluator could not score the prediction: it names video, frame,
            human and part, and what was expected.
    """
    for objects, name in (
        (gt_frames, challenge.parts_file(challenge.TRUTH)),
        (predicted_actions, challenge.actions_file(challenge.PREDICTION)),
        (predicted_frames, challenge.parts_file(challenge.PREDICTION)),
    ):
        if absent := challenge.missing(gt_actions, objects):
            raise InputError(f"{name}: no video {absent[0]!r}; expected every video of the truth")
    truth = [gt_frames[video] for video in gt_actions]
    predicted = [predicted_frames[video] for video in gt_actions]
    try:
        psc = psc_of_objects(truth, predicted)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError, OverflowError) as error:
        _explain(list(gt_actions), truth, predicted, error)
    correct = actions_right(gt_actions, predicted_actions)
    return Evaluation(pd.DataFrame({"video": list(gt_actions), "psc": psc, "correct": correct}))


def actions_right(truth: Mapping[str, str], predicted: Mapping[str, str]) -> list[int]:
    """For each video of the truth 1 where its action is predicted, else 0."""
    return [int(predicted[video] == action) for video, action in truth.items()]


def psc_of_objects(
    truth: Sequence[Any],
    predicted: Sequence[Any],
    *,
    true_form: Form = PLAIN,
    predicted_form: Form = PLAIN,
) -> Floats:
    """(videos,) PSC from {frame: entry} objects of each video, in the same order.

    Of predicted humans that match no true one, the parts are not asked for. Raises whatever Python
    raises where an entry is missing or of another kind.
    """
    true_of, predicted_of = true_form.humans, predicted_form.humans
    frames = [
        (index, humans, predicted_of(theirs[name]) if name in theirs else None)
        for index, (ours, theirs) in enumerate(zip(truth, predicted, strict=True))
        for name, entry in ours.items()
        if (humans := true_of(entry))
    ]
    true_humans = [humans for _, humans, _ in frames]
    predicted_humans = [humans or [] for _, _, humans in frames]
    if max(map(len, predicted_humans), default=0) > challenge.MAX_HUMANS:
        raise ValueError("too many humans")
    people = list(chain.from_iterable(true_humans))
    hypotheses = list(chain.from_iterable(predicted_humans))
    persons = Persons(
        frame_video=np.array([index for index, _, _ in frames], np.int64),
        frame_present=np.array([humans is not None for _, _, humans in frames], bool),
        true_frame=np.repeat(np.arange(len(frames)), list(map(len, true_humans))),
        true_boxes=_boxes(list(map(true_form.box, people))),
        predicted_frame=np.repeat(np.arange(len(frames)), list(map(len, predicted_humans))),
        predicted_boxes=_boxes(list(map(predicted_form.box, hypotheses))),
    )
    partners = persons.partners().tolist()
    parts_of = predicted_form.parts
    answers = [parts_of(hypotheses[partner]) if partner >= 0 else {} for partner in partners]
    parts = _parts_of(list(map(true_form.parts, people)), answers, true_form, predicted_form)
    _, _, correct = parts.hits()
    return mean_correctness(persons, parts, correct, len(truth))


def _parts_of(
    truth: Sequence[Any], answers: Sequence[Any], true_form: Form, predicted_form: Form
) -> Parts:
    """Flatten the {part: entry} objects of each true person and of the matching predicted one."""
    true_parts = list(chain.from_iterable(parts.values() for parts in truth))
    found = [
        part
        for parts, answer in zip(truth, answers, strict=True)
        for part in map(answer.get, parts)
    ]
    answered = [part for part in found if part is not None]
    boxes = list(map(predicted_form.box, answered))
    states = list(map(predicted_form.states, answered))
    if not set(map(type, chain(boxes, states))) <= {list}:
        raise TypeError("a flat box or a bare state")
    box_counts = np.array(list(map(len, boxes)), np.int64)
    state_counts = np.array(list(map(len, states)), np.int64)
    if (box_counts > state_counts).any() or (state_counts > challenge.MAX_STATES).any():
        raise ValueError("too many boxes or states")
    if (box_counts < state_counts).any():
        # states beyond the last box can't be right, but they count
        states = [each[: len(boxed)] for each, boxed in zip(states, boxes, strict=True)]
    true_states = list(map(true_form.states, true_parts))
    codes = {state: code for code, state in enumerate(dict.fromkeys(true_states))}
    used = chain.from_iterable(states)
    index = np.flatnonzero([part is not None for part in found])
    proposals = np.zeros(len(found), np.int64)
    proposals[index] = state_counts
    return Parts(
        person=np.repeat(np.arange(len(truth)), list(map(len, truth))),
        boxes=_boxes(list(map(true_form.box, true_parts))),
        state=np.array(list(map(codes.__getitem__, true_states)), np.int64),
        proposal_part=np.repeat(index, box_counts),
        proposal_boxes=_boxes(list(chain.from_iterable(boxes))),
        proposal_state=np.fromiter(map(codes.get, used, repeat(-1)), np.int64),
        proposals=proposals,
    )


def _boxes(boxes: Sequence[Any]) -> Floats:
    """(N, 4) float64; ValueError where an entry is not four finite numbers."""
    if set(map(type, boxes)) == {tuple}:
        array = np.fromiter(chain.from_iterable(boxes), float, 4 * len(boxes)).reshape(-1, 4)
    else:
        # without a dtype, numpy does not take text for numbers
        array = np.array(boxes) if boxes else np.zeros((0, 4))
        if array.dtype == object and set(map(type, array.flat)) <= {int, float}:
            array = array.astype(float)  # whole numbers that only floats can hold
    if array.ndim != 2 or array.shape[1] != 4 or array.dtype.kind not in "iuf":
        raise ValueError("not boxes")
    if not np.isfinite(array).all():
        raise ValueError("boxes that are not finite")
    return array.astype(float)


def _explain(
    videos: Sequence[str], truth: Sequence[Any], predicted: Sequence[Any], error: Exception
) -> NoReturn:
    """Raise InputError with the first fault of what could not be flattened."""
    sides = ((challenge.TRUTH, truth), (challenge.PREDICTION, predicted))
    for index, video in enumerate(videos):
        for kind, entries in sides:
            where = f"{challenge.parts_file(kind)}: video {video}"
            if not isinstance(entries[index], dict):
                raise InputError(f"{where}: expected an object with a key for each frame")
            for name, entry in entries[index].items():
                if name in truth[index]:
                    challenge.check_frame(entry, kind, f"{where}, frame {name}", refuse)
    raise error
