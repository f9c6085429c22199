"""What detects persons and parts in `compare.py`: ours, ultralytics', the networks alone."""

import json
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pandas as pd
import torch

from benchmarks.detection.plain import find_parts, find_persons, wrap
from benchmarks.made_up.detectors import make_detector
from benchmarks.side import Work
from partparse import tables
from partparse.detection.frame_detection import scored_frames
from partparse.detection.parts import load_part_detector
from partparse.detection.persons import load_person_detector
from partparse.detection.settings import (
    PartPictureSettings,
    PartPredictSettings,
    PersonPredictSettings,
)
from partparse.detection.yolo.detector import Detector
from partparse.files.weights import CARD
from partparse.running.arguments import Job, Pictures
from partparse.running.prediction import predict
from partparse.running.program import claim
from partparse.vocabulary import PARTS, PERSON

PERSON_SIZE, PART_SIZE = 192, 160
"""Pixels: of the demo's detectors."""
PREDICT = PersonPredictSettings(score=0.01, iou=0.7, most=10, batch=32)
PART_BATCH = 64
PERSONS = np.array([[40, 20, 119, 239], [150, 30, 299, 229]])
"""Inclusive boxes of the two persons in each frame whose parts are looked for."""
CROPS = PartPictureSettings(
    image_size=PART_SIZE, crop_margin=0, dot_radius=0.03, dot_score=0.1, dots=None
)
_WARM = 4  # pictures
_BATCH = 32  # pictures that the networks alone see at once


def make_models(cache: str) -> None:
    """Write both detectors into the cache's folder."""
    files = _files(cache)[:16]
    for name, names, size in (("persons", (PERSON,), PERSON_SIZE), ("parts", PARTS, PART_SIZE)):
        folder = Path(cache) / name
        folder.mkdir()
        make_detector(files, names, size).save(folder)
    (Path(cache) / "parts" / CARD).write_text(json.dumps({"pictures": CROPS.model_dump()}))


def detect_ours(cache: str, videos: str, frames: str, device: str) -> Work:
    """Both stages, tables included; models are loaded within."""
    claim(1, int(device != "cpu"))
    table = _frames_table(int(videos), int(frames))
    _detect(Path(cache), _frames_table(1, _WARM), device)
    return partial(_detect, Path(cache), table, device)


def detect_plainly(cache: str, videos: str, frames: str, device: str) -> Work:
    """The reference, with its networks loaded and warm."""
    folder = Path(cache)
    persons, parts = (_load(folder / name, device) for name in ("persons", "parts"))

    def work(files: list[Path]) -> None:
        find_persons(persons, files, PERSON_SIZE, PREDICT, device)
        find_parts(parts, files, PERSONS, size=PART_SIZE, parts=len(PARTS), device=device)

    work(_files(cache)[:_WARM])
    # ultralytics sets torch's threads when it chooses the device
    torch.set_num_threads(1)
    return partial(work, _files(cache, int(videos), int(frames)))


def networks_alone(cache: str, videos: str, frames: str, device: str) -> Work:
    """Both networks on as many pictures, in the batches that are fastest."""
    claim(1, int(device != "cpu"))
    folder, pictures = Path(cache), int(videos) * int(frames)
    persons, parts = (Detector.load(folder / name, device).model for name in ("persons", "parts"))
    calls = [(persons, PERSON_SIZE, pictures), (parts, PART_SIZE, pictures * len(PERSONS))]

    @torch.inference_mode()
    def work() -> None:
        for network, size, count in calls:
            picture = torch.rand(_BATCH, 3, size, size, device=device)
            picture = picture.contiguous(memory_format=torch.channels_last)
            for start in range(0, count, _BATCH):
                network(picture[: min(_BATCH, count - start)])

    return work


def _detect(cache: Path, frames: pd.DataFrame, device: str) -> None:
    pictures, job = Pictures(frames, cache), Job(gpus=int(device != "cpu"))
    persons = load_person_detector(cache / "persons", PREDICT, pictures, job)
    how = PartPredictSettings(batch=PART_BATCH)
    parts = load_part_detector(cache / "parts", how, pictures, job, dots=False)
    with TemporaryDirectory() as folder:
        out = Path(folder)
        scored = {"scored": scored_frames(frames, 1), "frames": frames}
        predict(persons, scored, [out / "persons"], job)
        given = {"persons": _persons_table(frames), "frames": frames}
        predict(parts, given, [out / "parts"], job)


def _load(folder: Path, device: str) -> Any:
    """A network as ultralytics lays it, not as we do."""
    model = Detector.load(folder, device).model
    return wrap(model.to(memory_format=torch.contiguous_format))


def _frames_table(videos: int, frames: int) -> pd.DataFrame:
    names = [f"v{number:03d}" for number in range(videos)]
    table = pd.DataFrame({"video": names, "frames": frames, "expected": frames})
    return tables.FRAMES.validate(
        table.assign(width=340, height=256, fps=25.0, problem=None, source="1")
    )


def _persons_table(frames: pd.DataFrame) -> pd.DataFrame:
    rows = [
        (video, frame, number, *box, 0.9, -1)
        for video, count in frames[["video", "frames"]].itertuples(index=False)
        for frame in range(1, count + 1)
        for number, box in enumerate(PERSONS.tolist(), start=1)
    ]
    columns = ["video", "frame", "person", *tables.BOX, "score", "track"]
    return tables.PERSONS.validate(pd.DataFrame(rows, columns=columns))


def _files(cache: str, videos: int = 1, frames: int = 16) -> list[Path]:
    return [
        Path(cache) / f"v{video:03d}" / f"img_{frame:05d}.jpg"
        for video in range(videos)
        for frame in range(1, frames + 1)
    ]
