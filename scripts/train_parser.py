from pathlib import Path

from partparse.dataset.keypoints import read_keypoints
from partparse.running.arguments import Annotations, Frames, Job, Names, Videos
from partparse.running.command_line import program
from partparse.states.parser.settings import ParserTrainSettings


@program
def train_parser(
    *,
    root: Path,
    videos: Videos,
    annotations: Annotations,
    frames: Frames,
    vocabulary: Names,
    settings: ParserTrainSettings,
    job: Job,
    out: Path,
    init: Path | None = None,
) -> None:
    """Train the person parser on all that is annotated of the persons.

    Args:
        root: The data set; its keypoints/ are learnt where it has any.
        init: Parser whose network is trained on.
    """
    from partparse.states.parser import training

    training.train_parser(
        {
            "videos": videos,
            "annotations": annotations,
            "keypoints": read_keypoints(root, annotations),
        },
        frames,
        vocabulary,
        settings,
        out=out,
        job=job,
        init=init,
    )
