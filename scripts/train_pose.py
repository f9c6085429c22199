from pathlib import Path

from partparse.dataset.keypoints import read_keypoints
from partparse.detection.pose.settings import PoseSettings
from partparse.running.arguments import Annotations, Frames, Job, Videos
from partparse.running.command_line import program
from partparse.running.program import limit_threads


@program
def train_pose(
    *,
    root: Path,
    videos: Videos,
    annotations: Annotations,
    frames: Frames,
    settings: PoseSettings,
    job: Job,
    out: Path,
) -> None:
    """Train the pose net on the keypoints of a data set, or take weights that are given.

    Args:
        root: The data set, with keypoints/.
        videos: Tables of the videos to use.
    """
    from partparse.detection.pose import training
    from partparse.detection.pose.prediction import own_rows

    limit_threads(job.threads)  # OpenCV is loaded now
    annotated = annotations[annotations["video"].isin(videos["video"])]
    samples = training.select_samples(
        read_keypoints(root, annotated), own_rows(annotated), frames.table, settings.frame_stride
    )
    training.train_pose(settings, samples, frames.cache, job, out)
