from pathlib import Path

from partparse import tables
from partparse.running.command_line import program
from partparse.running.program import Job
from partparse.states.skeleton.settings import SkeletonTrainSettings
from partparse.vocabulary import Vocabulary


@program
def train_skeleton(
    *,
    videos: list[Path],
    annotations: list[Path],
    frames: list[Path],
    tracked: list[Path],
    keypoints: list[Path],
    vocabulary: Path,
    settings: SkeletonTrainSettings,
    job: Job,
    out: Path,
) -> None:
    """Train the network that reads states and actions from keypoint sequences."""
    from partparse.states.skeleton import training

    training.train_skeleton(
        {
            "videos": tables.read_all(videos, tables.VIDEOS),
            "annotations": tables.read_all(annotations, tables.ANNOTATIONS),
            "frames": tables.read_all(frames, tables.FRAMES),
            "tracked": tables.read_all(tracked, tables.PERSONS),
            "keypoints": tables.read_all(keypoints, tables.KEYPOINT_TABLE),
        },
        Vocabulary.read(vocabulary),
        settings,
        out=out,
        job=job,
    )
