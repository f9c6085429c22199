from pathlib import Path

from partparse.running.arguments import Annotations, Frames, Job, Keypoints, Names, Persons, Videos
from partparse.running.command_line import program
from partparse.states.skeleton.settings import SkeletonTrainSettings


@program
def train_skeleton(
    *,
    videos: Videos,
    annotations: Annotations,
    frames: Frames,
    tracked: Persons,
    keypoints: Keypoints,
    vocabulary: Names,
    settings: SkeletonTrainSettings,
    job: Job,
    out: Path,
) -> None:
    """Train the network that reads states and actions from keypoint sequences."""
    from partparse.states.skeleton import training

    training.train_skeleton(
        {
            "videos": videos,
            "annotations": annotations,
            "frames": frames.table,
            "tracked": tracked,
            "keypoints": keypoints,
        },
        vocabulary,
        settings,
        out=out,
        job=job,
    )
