"""The metric on the challenge's files, a few videos at a time."""

from pathlib import Path

import orjson
import pandas as pd

from partparse import challenge
from partparse.challenge import PREDICTION, TRUTH
from partparse.json_pieces import no_cycles, read_pieces
from partparse.metric.objects import actions_right, evaluate, psc_of_objects
from partparse.metric.psc import Evaluation


def evaluate_files(truth: Path, prediction: Path) -> Evaluation:
    """Score a submission; each argument is a folder or a zip with the two files of its kind.

    The numbers are those of `evaluate` on the files' objects. These are read whole only where
    something is wrong, or odd, with them.

    Raises:
        InputError: see `challenge.read_results` and `evaluate`.
    """
    with no_cycles():
        try:
            return _evaluate_pieces(truth, prediction)
        except (KeyError, IndexError, TypeError, ValueError, AttributeError, OverflowError):
            given, answer = (
                challenge.read_results(path, kind)
                for path, kind in ((truth, TRUTH), (prediction, PREDICTION))
            )
            return evaluate(given.actions, given.frames, answer.actions, answer.frames)


def _evaluate_pieces(truth: Path, prediction: Path) -> Evaluation:
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
    psc: dict[str, float] = {}
    for piece in read_pieces(challenge.read_blocks(prediction, challenge.parts_file(PREDICTION))):
        videos = [video for video in piece if video in actions]
        true = [orjson.loads(packed[video]) for video in videos]
        found = psc_of_objects(true, [piece[video] for video in videos])
        psc.update(zip(videos, found.tolist(), strict=True))
    table = {"video": list(actions), "psc": [psc[video] for video in actions]}
    return Evaluation(pd.DataFrame(table | {"correct": actions_right(actions, predicted)}))
