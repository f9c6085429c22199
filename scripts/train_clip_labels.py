import logging
from pathlib import Path
from typing import Literal

from partparse import tables
from partparse.recognition.settings import TrainSettings
from partparse.running.arguments import Annotations, Job, Names
from partparse.running.command_line import program

log = logging.getLogger("partparse")


@program
def train_clip_labels(
    *,
    level: Literal["video", "segment"],
    annotations: Annotations,
    frames: list[Path],
    vocabulary: Names,
    frame_stride: int,
    init: Path | None = None,
    settings: TrainSettings,
    job: Job,
    out: Path,
) -> None:
    """Train the video-level or the segment-level method: labels (part, state) of clips.

    Args:
        level: What a clip is of.
        frame_stride: Every how many frames a segment is about.
    """
    from partparse.recognition.clips import LabelledClips
    from partparse.recognition.modality import MODALITIES
    from partparse.recognition.training import train
    from partparse.states.clips.labels import label_clips, measure_reach

    pictures = tables.read_all(frames, MODALITIES[settings.modality].table)
    clips, pairs = label_clips(level, annotations, pictures, vocabulary, frame_stride)
    reach = measure_reach(annotations, pairs)
    log.info("labels: %s", ", ".join(f"{name} {value:g}" for name, value in reach.items()))
    train(
        clips,
        LabelledClips([], []),
        [f"{part} {state}" for part, state in pairs.pairs],
        settings,
        cache=frames[0].parent,
        out=out,
        job=job,
        stage=f"train_{level}",
        outputs="labels",
        initial=init,
        facts={"level": level, **pairs.facts(), "reach": reach},
    )
