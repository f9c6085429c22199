from pathlib import Path

from partparse import tables
from partparse.recognition.settings import TrainSettings
from partparse.running.arguments import Job, Names, Persons, Videos
from partparse.running.command_line import program


@program
def train_action(
    *,
    videos: Videos,
    frames: list[Path],
    val_videos: Videos,
    val_frames: list[Path],
    tracked: Persons | None = None,
    val_tracked: Persons | None = None,
    vocabulary: Names,
    settings: TrainSettings,
    job: Job,
    out: Path,
) -> None:
    """Train an action model on the training videos.

    Args:
        val_videos: Tables of the validation videos, which are watched.
        val_frames: Their frames, or their flow.
        tracked: Persons of the training videos, where clips are of these.
        val_tracked: And those of the validation videos.
    """
    from partparse.recognition.clips import LabelledClips, label_videos
    from partparse.recognition.modality import MODALITIES
    from partparse.recognition.person_views import label_persons
    from partparse.recognition.training import train

    def label(frames: list[Path], videos: Videos, persons: Persons | None) -> LabelledClips:
        pictures = tables.read_all(frames, MODALITIES[settings.modality].table)
        named = videos.set_index("video")["action"]
        whole = label_videos(pictures, named, vocabulary.actions)
        return whole if persons is None else label_persons(whole, persons)

    train(
        label(frames, videos, tracked),
        label(val_frames, val_videos, val_tracked),
        vocabulary.actions,
        settings,
        cache=frames[0].parent,
        out=out,
        job=job,
        stage="train_action",
    )
