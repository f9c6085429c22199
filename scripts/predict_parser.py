from pathlib import Path

from partparse import tables
from partparse.running.arguments import Frames, Job, Names
from partparse.running.command_line import program
from partparse.states.parser.settings import ParserPredictSettings
from partparse.vocabulary import PERSON


@program
def predict_parser(
    *,
    model: Path,
    persons: Path,
    annotated: bool = False,
    frames: Frames,
    stride: int,
    vocabulary: Names,
    settings: ParserPredictSettings,
    job: Job,
    persons_out: Path,
    keypoints_out: Path,
    parts_out: Path,
    states_out: Path,
    actions_out: Path,
) -> None:
    """Predict boxes, keypoints, parts, states and actions of persons with the parser.

    Args:
        annotated: It is a table of annotations.
        stride: Those of frames 1, 1 + stride, … are looked at.
    """
    from partparse.running.prediction import predict
    from partparse.sampling import scored_rows
    from partparse.states.parser.prediction import load_parser

    who = tables.read(persons, tables.ANNOTATIONS if annotated else tables.PERSONS)
    if annotated:
        who = who[who["part"] == PERSON].assign(score=1.0, track=-1)[[*tables.PERSONS.columns]]
    parser = load_parser(model, vocabulary, settings, frames, device=job.device)
    rows = {"frames": frames.table, "persons": scored_rows(who, stride, frames.table)}
    predict(parser, rows, [persons_out, keypoints_out, parts_out, states_out, actions_out], job)
