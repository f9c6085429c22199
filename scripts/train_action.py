from pathlib import Path

import pandas as pd

from partparse import tables
from partparse.recognition.settings import TrainSettings
from partparse.running.arguments import Job, Names, Videos
from partparse.running.command_line import program


@program
def train_action(
    *,
    videos: Videos,
    frames: list[Path],
    val_videos: Videos,
    val_frames: list[Path],
    vocabulary: Names,
    settings: TrainSettings,
    job: Job,
    out: Path,
) -> None:
    """Train an action model on the training videos.

    Args:
        val_videos: Tables of the validation videos, which are watched.
        val_frames: Their frames, or their flow.
    """
    from partparse.recognition.clips import label_videos
    from partparse.recognition.modality import MODALITIES
    from partparse.recognition.training import train

    def label(frames: list[Path], videos: pd.DataFrame) -> pd.DataFrame:
        pictures = tables.read_all(frames, MODALITIES[settings.modality].table)
        return label_videos(pictures, videos.set_index("video")["action"], vocabulary.actions)

    train(
        label(frames, videos),
        label(val_frames, val_videos),
        vocabulary.actions,
        settings,
        cache=frames[0].parent,
        out=out,
        job=job,
        stage="train_action",
    )
