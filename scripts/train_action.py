from pathlib import Path

import pandas as pd

from partparse import tables
from partparse.recognition.settings import TrainSettings
from partparse.running.command_line import program
from partparse.running.program import Job
from partparse.vocabulary import Vocabulary


@program
def train_action(
    *,
    videos: list[Path],
    frames: list[Path],
    val_videos: list[Path],
    val_frames: list[Path],
    vocabulary: Path,
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

    actions = Vocabulary.read(vocabulary).actions

    def label(frames: list[Path], videos: list[Path]) -> pd.DataFrame:
        action_of = tables.read_all(videos, tables.VIDEOS).set_index("video")["action"]
        pictures = tables.read_all(frames, MODALITIES[settings.modality].table)
        return label_videos(pictures, action_of, actions)

    train(
        label(frames, videos),
        label(val_frames, val_videos),
        actions,
        settings,
        cache=frames[0].parent,
        out=out,
        job=job,
        stage="train_action",
    )
