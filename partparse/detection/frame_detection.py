"""Detectors of whole frames: their training pictures, and what they find on the scored frames."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pandera.pandas as pa

from partparse import sampling
from partparse.augment import Picture, View, mirror_labels, view_picture
from partparse.detection.settings import FramePredictSettings
from partparse.detection.yolo.data import Example
from partparse.detection.yolo.detector import Detections, Detector
from partparse.frames.cache import read_frame
from partparse.running.arguments import Job, Pictures
from partparse.running.prediction import Output, Predictor, Rows
from partparse.tables import BOX, FRAME_KEY


class FramePictures:
    """Frames with labelled boxes, as training pictures."""

    def __init__(
        self, keys: pd.DataFrame, labels: pd.DataFrame, names: Sequence[str], cache: Path
    ) -> None:
        """Take frames and what is on them.

        Args:
            keys: video, frame of each picture; one without a label teaches what is none.
            labels: video, frame, name and box; a name is one of `names`.
            names: of the classes; a name with a side has its other side beside it.
            cache: folder of the extracted frames.
        """
        self.names = tuple(names)
        self._cache = cache
        index = {name: number for number, name in enumerate(self.names)}
        classes = labels["name"].map(index).to_numpy(np.int64)
        groups = labels.reset_index(drop=True).groupby(FRAME_KEY).indices
        box, none = labels[BOX].to_numpy(float), np.empty(0, np.int64)
        self._frames = []
        for video, frame in keys[FRAME_KEY].itertuples(index=False):
            rows = groups.get((video, frame), none)
            self._frames.append((str(video), int(frame), box[rows], classes[rows]))

    def __len__(self) -> int:
        """How many frames there are."""
        return len(self._frames)

    def load(self, index: int, view: View) -> Example:
        """A frame and what is labelled on it."""
        video, frame, box, classes = self._frames[index]
        picture = view_picture(read_frame(self._cache, video, frame), view)
        if view.mirrored:
            box, classes = mirror_labels(box, classes, self.names, picture.shape[1])
        return Example(picture, box, classes)


def frames_of(*rows: pd.DataFrame) -> pd.DataFrame:
    """Each (video, frame) that occurs in one of the tables, once, in order."""
    keys = pd.concat([table[FRAME_KEY] for table in rows])
    return keys.drop_duplicates().sort_values(FRAME_KEY, ignore_index=True)


def scored_frames(frames: pd.DataFrame, stride: int) -> pd.DataFrame:
    """The scored frames 1, 1 + stride, … of a FRAMES table: a row (video, frame) each."""
    numbers = frames["frames"].map(lambda count: sampling.scored(count, stride))
    scored = frames[["video"]].assign(frame=numbers)
    return scored.explode("frame", ignore_index=True).dropna()


def load_frame_detector(
    model: Path,
    tabulate: Callable[[pd.DataFrame, list[Detections], Sequence[str]], pd.DataFrame],
    schema: pa.DataFrameSchema,
    settings: FramePredictSettings,
    frames: Pictures,
    *,
    job: Job,
    mirrored: bool = False,
) -> Predictor:
    """What makes a table of what is found on `scored` frames.

    Args:
        model: folder of the detector.
        tabulate: from frames (video, frame), what was found in each and the classes' names to
            rows of the table.
        schema: of the table.
        settings: what to keep.
        frames: those looked at, by the folder of their pictures.
        job: on one GPU at most.
        mirrored: look at the frames mirrored; the table has what is found as the frames have it.
    """
    detector = Detector.load(model, job.device)

    def detect(rows: Rows) -> list[pd.DataFrame]:
        found, scored = [], rows["scored"]
        for start in range(0, len(scored), settings.batch):
            keys = scored.iloc[start : start + settings.batch]
            names = keys[FRAME_KEY].itertuples(index=False)
            pictures = [read_frame(frames.cache, video, frame) for video, frame in names]
            detections = detect_viewed(detector, pictures, settings, View(mirrored=mirrored))
            found.append(tabulate(keys, detections, detector.names))
        return [pd.concat(found, ignore_index=True)]

    return Predictor(
        detect, [Output(schema)], [model], {"settings": settings, "mirrored": mirrored}
    )


def detect_viewed(
    detector: Detector, pictures: Sequence[Picture], settings: FramePredictSettings, view: View
) -> list[Detections]:
    """What is found in RGB pictures (H, W, 3) that the detector sees as `view` has them.

    Boxes are in pixels of the pictures as given, and sides are those of the persons in them.
    """
    seen = [view_picture(picture, view) for picture in pictures]
    found = detector.detect(seen, score=settings.score, iou=settings.iou, most=settings.most)
    if not view.mirrored:
        return found
    as_given = []
    for one, picture in zip(found, pictures, strict=True):
        box, classes = mirror_labels(one.boxes, one.classes, detector.names, picture.shape[1])
        as_given.append(Detections(box, one.scores, classes))
    return as_given


def repeat_keys(keys: pd.DataFrame, detections: Sequence[Detections], number: str) -> pd.DataFrame:
    """A row (video, frame, box, score) for everything found on frames (video, frame).

    The column `number` counts what is on a frame from 1.
    """
    counts = [len(found.scores) for found in detections]
    table = keys[FRAME_KEY].loc[keys.index.repeat(counts)].reset_index(drop=True)
    boxes = np.concatenate([found.boxes for found in detections])
    return table.assign(
        **dict(zip(BOX, boxes.T, strict=True)),
        score=np.concatenate([found.scores for found in detections]),
        **{number: np.concatenate([np.arange(1, count + 1) for count in counts])},
    )
