"""The metric on the challenge's files, a few videos at a time."""

import multiprocessing
import sys
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from pathlib import Path

import orjson
import pandas as pd

from partparse.challenge import format as challenge
from partparse.challenge.format import PREDICTION, TRUTH
from partparse.files.json_pieces import cut_pieces, no_cycles, read_pieces
from partparse.metric.psc import Evaluation
from partparse.metric.result_objects import actions_right, evaluate, psc_of_objects

_LEAST = 64 << 20  # bytes of a file from which it is worth starting processes
_AHEAD = 3  # pieces that wait for each process


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
        except (KeyError, IndexError, TypeError, ValueError, AttributeError, OverflowError):
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
        video: orjson.dumps(frames)
        for piece in read_pieces(challenge.read_blocks(truth, challenge.parts_file(TRUTH)))
        for video, frames in piece.items()
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
        piece = orjson.loads(text)
        videos = [video for video in piece if video in _truth]
        true = [orjson.loads(_truth[video]) for video in videos]
        found = psc_of_objects(true, [piece[video] for video in videos])
    return dict(zip(videos, found.tolist(), strict=True))
