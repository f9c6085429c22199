"""The part detector of one stage: persons and parts in whole frames, then whose part is whose.

Section 3.1 of the winner's report of the Kinetics-TPS challenge 2022 has it as the alternative to
a part detector on crops of persons: one detector of eleven classes, and parts go to persons by
overlap. It stands in for the detector on crops: the persons are those of a PERSONS table.
"""

from pathlib import Path

import pandas as pd

from partparse import tables
from partparse.detection.frame_parts import GROUPS, detect_in_frames, own_parts, tabulate_owned
from partparse.detection.frame_pictures import label_frames, unknown_classes
from partparse.detection.settings import FramePartSettings, FrameTrainSettings
from partparse.detection.yolo.detector import Detector
from partparse.detection.yolo.training import train_detector
from partparse.files.weights import WEIGHTS, digest
from partparse.running.per_video import write_by_video
from partparse.sampling import scored_rows
from partparse.tables import BOX, FRAME_KEY


def train_single(
    annotations: pd.DataFrame,
    frames: pd.DataFrame,
    *,
    cache: Path,
    settings: FrameTrainSettings,
    version: int,
    device: str,
    out: Path,
    init: Path | None = None,
) -> None:
    """Train the detector on ANNOTATIONS and FRAMES of the training videos.

    `cache` holds the extracted frames; all else is as in `train_detector`.
    """
    chosen = scored_rows(annotations, settings.frame_stride, frames)
    source = label_frames(chosen.assign(name=chosen["part"]), GROUPS, cache)
    train_detector(
        source,
        GROUPS,
        settings,
        out,
        stage="parts",
        version=version,
        pictures={"annotations": chosen, "frames": frames},
        device=device,
        unknown=unknown_classes(GROUPS),
        init=init,
        trained_on={"videos": frames["video"].nunique(), "frames": len(source)},
    )


def detect_single(
    model: Path,
    persons: pd.DataFrame,
    frames: pd.DataFrame,
    *,
    cache: Path,
    settings: FramePartSettings,
    version: int,
    device: str,
    out: Path,
) -> None:
    """Predict and write the PARTS_TABLE of detected persons, from the frames that they are in.

    Args:
        model: folder of the detector.
        persons: PERSONS table.
        frames: FRAMES of the videos.
        cache: folder of the extracted frames.
        settings: what to keep.
        version: of this code; what another version left half done is not used.
        device: "cpu" or "cuda:0".
        out: the table's file.
    """
    detector = Detector.load(model, device)
    groups = [GROUPS.index(name) for name in detector.names]

    def detect_video(own: pd.DataFrame) -> pd.DataFrame:
        in_frames = dict(iter(own.groupby(FRAME_KEY, sort=True)))
        seen_in = detect_in_frames(detector, list(in_frames), groups, cache, settings)
        found = []
        for rows, seen in zip(in_frames.values(), seen_in, strict=True):
            scores = rows["score"].to_numpy(float)
            owned = own_parts(rows[BOX].to_numpy(float), scores, seen, settings.containment)
            found.append(tabulate_owned(rows, owned, seen))
        return pd.concat(found, ignore_index=True)

    write_by_video(
        persons,
        detect_video,
        out,
        tables.PARTS_TABLE,
        frames=frames,
        made_by={"version": version, "model": digest(model / WEIGHTS), "settings": settings},
        what="parts of videos",
    )
