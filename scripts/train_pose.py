from pathlib import Path

from partparse.dataset.keypoints import read_keypoints
from partparse.detection.pose.settings import PoseSettings
from partparse.running.arguments import Annotations, Frames, Job
from partparse.running.command_line import program
from partparse.running.program import limit_threads


@program
def train_pose(
    *,
    root: Path,
    annotations: Annotations,
    frames: Frames,
    settings: PoseSettings,
    job: Job,
    out: Path,
) -> None:
    """Train the pose net on the keypoints of a data set, or take weights that are given.

    Args:
        root: The data set, with keypoints/.
    """
    from partparse.detection.pose import training

    limit_threads(job.threads)  # OpenCV is loaded now
    samples = training.select_samples(
        read_keypoints(root, annotations), annotations, frames.table, settings.frame_stride
    )
    training.train_pose(settings, samples, frames.cache, job, out)
