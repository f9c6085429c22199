"""The metric on the challenge's files, a few videos at a time."""

import multiprocessing
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from operator import attrgetter
from pathlib import Path

import msgspec
import pandas as pd

from partparse.challenge import format as challenge
from partparse.challenge.format import PREDICTION, TRUTH
from partparse.files.json_pieces import cut_pieces, no_cycles
from partparse.metric.psc import Evaluation
from partparse.metric.result_objects import Form, actions_right, evaluate, psc_of_objects

_LEAST = 32 << 20  # bytes of a file from which it is worth starting processes
_AHEAD = 3  # pieces that wait for each process

_ODD = (KeyError, IndexError, TypeError, ValueError, AttributeError, OverflowError)
"""What is raised where something is wrong or odd, msgspec's errors among them."""

Box = tuple[float, float, float, float]


class _Part(msgspec.Struct, gc=False):
    box: list[Box]
    verb: list[str]


class _Human(msgspec.Struct, gc=False):
    """Of ten predicted humans a few match true ones: the parts of the others stay text."""

    box: Box
    parts: msgspec.Raw = msgspec.Raw()


class _Frame(msgspec.Struct, gc=False):
    humans: list[_Human]


class _TruePart(msgspec.Struct, gc=False):
    box: Box
    verb: str


class _TrueHuman(msgspec.Struct, gc=False):
    box: Box
    parts: dict[str, _TruePart]


class _TrueFrame(msgspec.Struct, gc=False):
    humans: list[_TrueHuman]


_read_videos = msgspec.json.Decoder(dict[str, msgspec.Raw]).decode
_read_truth = msgspec.json.Decoder(dict[str, _TrueFrame]).decode
_read_prediction = msgspec.json.Decoder(dict[str, dict[str, _Frame]]).decode
_read_parts = msgspec.json.Decoder(dict[str, _Part]).decode

_TRUE = Form(*map(attrgetter, ("humans", "box", "parts", "verb")))
_PREDICTED = _TRUE._replace(parts=lambda human: _read_parts(human.parts))


def evaluate_files(truth: Path, prediction: Path, *, processes: int = 1) -> Evaluation:
    """Score a submission; each argument is a folder or a zip with the two files of its kind.

    The numbers are those of `evaluate` on the files' objects. These are read whole only where
    something is wrong, or odd, with them.

    Args:
        truth: ground truth.
        prediction: the submission.
        processes: that score at once, where the files are large; on Linux alone.

    Raises:
        InputError: see `challenge.read_results` and `evaluate`.
    """
    with no_cycles():
        try:
            return _evaluate_pieces(truth, prediction, processes)
        except _ODD:
            given, answer = (
                challenge.read_results(path, kind)
                for path, kind in ((truth, TRUTH), (prediction, PREDICTION))
            )
            return evaluate(given.actions, given.frames, answer.actions, answer.frames)


def _evaluate_pieces(truth: Path, prediction: Path, processes: int) -> Evaluation:
    """Raises whatever Python raises where something lacks or is of another kind."""
    actions = challenge.read_object(truth, challenge.actions_file(TRUTH))
    predicted = challenge.read_object(prediction, challenge.actions_file(PREDICTION))
    # as text the truth takes an eighth of what it takes as objects
    packed = {
        video: bytes(frames)
        for piece in cut_pieces(challenge.read_blocks(truth, challenge.parts_file(TRUTH)))
        for video, frames in _read_videos(_held_to_utf8(piece)).items()
        if video in actions
    }
    name = challenge.parts_file(PREDICTION)
    texts = cut_pieces(challenge.read_blocks(prediction, name))
    is_large = challenge.unpacked_size(prediction, name) >= _LEAST
    at_once = processes if is_large and sys.platform == "linux" else 1
    psc: dict[str, float] = {}
    for scores in _score_pieces(texts, packed, at_once):
        psc |= scores
    table = {"video": list(actions), "psc": [psc[video] for video in actions]}
    return Evaluation(pd.DataFrame(table | {"correct": actions_right(actions, predicted)}))


def _score_pieces(
    texts: Iterable[bytes], packed: dict[str, bytes], processes: int
) -> Iterator[dict[str, float]]:
    """PSC by video of each piece, in order."""
    _hold(packed)
    if processes == 1:
        yield from map(_score_piece, texts)
        return
    # forked, so that the truth is there without being sent
    context = multiprocessing.get_context("fork")
    waiting: deque[Future[dict[str, float]]] = deque()
    with ProcessPoolExecutor(processes, context, _hold, (packed,)) as pool:
        for text in texts:
            waiting.append(pool.submit(_score_piece, text))
            if len(waiting) > _AHEAD * processes:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


_truth: dict[str, bytes] = {}  # by video, as JSON: what `_score_piece` scores against


def _hold(packed: dict[str, bytes]) -> None:
    global _truth  # noqa: PLW0603 (a process has one)
    _truth = packed


def _score_piece(text: bytes) -> dict[str, float]:
    with no_cycles():
        piece = _read_prediction(_held_to_utf8(text))
        videos = [video for video in piece if video in _truth]
        found = psc_of_objects(
            [_read_truth(_truth[video]) for video in videos],
            [piece[video] for video in videos],
            true_form=_TRUE,
            predicted_form=_PREDICTED,
        )
    return dict(zip(videos, found.tolist(), strict=True))


def _held_to_utf8(text: bytes) -> bytes:
    """The text, if it is UTF-8, at which msgspec does not look in what stays text."""
    if not text.isascii():
        text.decode()
    return text
