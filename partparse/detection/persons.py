"""The person detector: trained on annotated frames, predicted on scored ones."""

from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from partparse import sampling, tables
from partparse.augment import View, mirror_labels, view_picture
from partparse.detection.detector_settings import DetectorSettings
from partparse.detection.per_video import write_by_video
from partparse.detection.yolo import WEIGHTS, Detections, Detector
from partparse.detection.yolo_data import Example
from partparse.detection.yolo_training import train_detector
from partparse.program import write_model_card
from partparse.tables import BOX
from partparse.video import read_frame
from partparse.vocabulary import PERSON
from partparse.weights import digest


@dataclass(frozen=True)
class PersonTrainSettings(DetectorSettings):
    """How the person detector is trained."""

    frame_stride: int
    """Annotated frames 1, 1 + stride, … are trained on."""


@dataclass(frozen=True)
class PersonPredictSettings:
    """What counts as a detected person."""

    score: float
    """Lowest score kept."""
    iou: float
    """Of two boxes that overlap more, the better one is kept."""
    most: int
    """Persons kept in a frame."""
    batch: int
    """Frames that go through the network at once."""


def select_annotated(annotations: pd.DataFrame, frames: pd.DataFrame, stride: int) -> pd.DataFrame:
    """The rows of ANNOTATIONS on frames 1, 1 + stride, … that were extracted (FRAMES)."""
    extracted = annotations["video"].map(frames.set_index("video")["frames"]).fillna(0)
    on_stride = (annotations["frame"] - 1) % stride == 0
    return annotations[on_stride & (annotations["frame"] <= extracted)]


class PersonFrames:
    """Frames with annotated persons, as training pictures."""

    names = (PERSON,)

    def __init__(self, annotations: pd.DataFrame, cache: Path) -> None:
        """Take the rows of ANNOTATIONS to train on; `cache` holds the extracted frames."""
        persons = annotations[annotations["part"] == PERSON]
        self._cache = cache
        self._frames = [
            (str(video), int(frame), rows[BOX].to_numpy(float))
            for (video, frame), rows in persons.groupby(["video", "frame"], sort=True)
        ]

    def __len__(self) -> int:
        """How many frames there are."""
        return len(self._frames)

    def load(self, index: int, view: View) -> Example:
        """A frame and its persons."""
        video, frame, box = self._frames[index]
        picture = view_picture(read_frame(self._cache, video, frame), view)
        classes = np.zeros(len(box), np.int64)
        if view.mirrored:
            box, classes = mirror_labels(box, classes, self.names, picture.shape[1])
        return Example(picture, box, classes)


def train_persons(
    annotations: pd.DataFrame,
    frames: pd.DataFrame,
    *,
    cache: Path,
    settings: PersonTrainSettings,
    device: str,
    out: Path,
) -> None:
    """Train the person detector; write weights.pt, training.csv and model.json into `out`.

    Args:
        annotations: ANNOTATIONS of the training videos.
        frames: FRAMES of the training videos.
        cache: folder of the extracted frames.
        settings: how to train.
        device: "cpu" or "cuda:0".
        out: folder, which exists.
    """
    source = PersonFrames(select_annotated(annotations, frames, settings.frame_stride), cache)
    train_detector(source, source.names, settings, out, device=device)
    write_model_card(
        out / "model.json",
        stage="persons",
        settings=asdict(settings),
        trained_on={"videos": frames["video"].nunique(), "frames": len(source)},
        seed=settings.seed,
        packages=("torch", "ultralytics"),
    )


def detect_persons(
    model: Path,
    frames: pd.DataFrame,
    *,
    cache: Path,
    stride: int,
    settings: PersonPredictSettings,
    version: int,
    device: str,
    out: Path,
) -> None:
    """Predict and write the PERSONS table of the scored frames 1, 1 + stride, …

    Args:
        model: folder of the detector.
        frames: FRAMES of the videos; one without frames gets no rows.
        cache: folder of the extracted frames.
        stride: every how many frames one is scored.
        settings: what to keep.
        version: of this code; what another version left half done is not used.
        device: "cpu" or "cuda:0".
        out: the table's file.
    """
    detector = Detector.load(model, device)
    numbers = frames["frames"].map(lambda count: sampling.scored(count, stride))
    scored = frames[["video"]].assign(frame=numbers).explode("frame", ignore_index=True).dropna()

    def detect_video(rows: pd.DataFrame) -> pd.DataFrame:
        found = []
        for start in range(0, len(rows), settings.batch):
            keys = rows.iloc[start : start + settings.batch]
            names = keys[["video", "frame"]].itertuples(index=False)
            pictures = [read_frame(cache, video, frame) for video, frame in names]
            detections = detector.detect(
                pictures, score=settings.score, iou=settings.iou, most=settings.most
            )
            found.append(tabulate_persons(keys, detections))
        return pd.concat(found, ignore_index=True)

    write_by_video(
        scored,
        detect_video,
        out,
        tables.PERSONS,
        frames=frames,
        made_by={"version": version, "model": digest(model / WEIGHTS), "settings": settings},
        what="persons of videos",
    )


def tabulate_persons(keys: pd.DataFrame, detections: list[Detections]) -> pd.DataFrame:
    """PERSONS from frames (rows of video, frame) and what was found in each."""
    counts = [len(found.scores) for found in detections]
    table = keys[["video", "frame"]].loc[keys.index.repeat(counts)].reset_index(drop=True)
    boxes = np.concatenate([found.boxes for found in detections])
    return table.assign(
        person=np.concatenate([np.arange(1, count + 1) for count in counts]),
        **dict(zip(BOX, boxes.T, strict=True)),
        score=np.concatenate([found.scores for found in detections]),
        track=-1,
    )
