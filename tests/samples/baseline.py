"""Drawn videos of a person with two parts whose colours tell their states; a baseline for them."""

from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import torch

from partparse import tables
from partparse.files.atomic import write_json
from partparse.frames.picture_cache import picture_path
from partparse.recognition.registry import create
from partparse.states.baseline.settings import BaselinePredictSettings, BaselineTrainSettings
from partparse.tables import BOX
from partparse.vocabulary import PARTS, Vocabulary

VOCABULARY = Vocabulary(("jump", "sit"), PARTS, ("none", "bend", "turn"), ("ball",))
COLOURS = {"none": (230, 40, 40), "bend": (40, 230, 40), "turn": (40, 40, 230)}
FRAMES = 6
TSN = ("tsn", {"depth": [1, 1, 1, 1], "dropout": 0.0})
TSN_SIDE = 32
SETTINGS = BaselineTrainSettings(
    epochs=2,
    batch=2,
    device_batch=None,
    optimizer="adamw",
    learning_rate=0.003,
    momentum=0.9,
    weight_decay=0.0,
    gradient_norm=None,
    layer_decay=None,
    ema=None,
    schedule="one_cycle",
    warm_up=1,
    warm_up_start=0.0,
    drops=(),
    precision="32-true",
    checkpoint_minutes=0,
    workers=0,
    seed=1,
    blocks=(1, 1, 1, 1),
    width=4,
    stride=8,
    weights=None,
    weights_sha256=None,
    freeze_bn=False,
    hidden=16,
    refined=8,
    dropout=0.0,
    action_weight=1.0,
    frame_stride=1,
    segments=2,
    frame_side=48,
    scale=(0.9, 1.1),
    mirror=0.5,
    colour=0.1,
    box_jitter=0.05,
)
PREDICTION = BaselinePredictSettings(person_score=0.3, batch=2, precision="32-true")
VIDEOS = {"a": "jump", "b": "sit", "c": "jump", "d": "sit"}


def states_of(video: str, frame: int) -> dict[str, str]:
    """The states of the two parts that a frame of a video shows."""
    number = "abcd".index(video) + frame
    names = VOCABULARY.states
    return {"head": names[number % 3], "left_hand": names[(number // 2) % 3]}


BOXES = {"person": (20, 10, 59, 49), "head": (30, 12, 43, 23), "left_hand": (22, 28, 31, 39)}


def draw_videos(cache: Path) -> None:
    """Frames of 80 x 60 pixels; the background tells the action."""
    for video, action in VIDEOS.items():
        (cache / video).mkdir(parents=True)
        for frame in range(1, FRAMES + 1):
            picture = np.full((60, 80, 3), 200 if action == "jump" else 60, np.uint8)
            for part, state in states_of(video, frame).items():
                x1, y1, x2, y2 = BOXES[part]
                picture[y1 : y2 + 1, x1 : x2 + 1] = COLOURS[state]
            cv2.imwrite(str(picture_path(cache, video, frame)), picture[..., ::-1])


def videos_table() -> pd.DataFrame:
    """VIDEOS."""
    table = pd.DataFrame(VIDEOS.items(), columns=["video", "action"]).assign(
        split="train", fps=10.0
    )
    table = table.assign(path="x.mp4", source="1", frames=FRAMES, width=80, height=60)
    return tables.VIDEOS.validate(table)


def frames_table() -> pd.DataFrame:
    """FRAMES of the videos, and of one of which none decodes."""
    table = {"video": [*VIDEOS, "none"], "frames": [FRAMES] * 4 + [0], "expected": FRAMES}
    table |= {"width": 80, "height": 60, "fps": 10.0, "problem": None, "source": "1"}
    return tables.FRAMES.validate(pd.DataFrame(table))


def annotations_table() -> pd.DataFrame:
    """ANNOTATIONS of every frame."""
    rows = [
        (video, frame, 1, part, *box, states_of(video, frame).get(part))
        for video in VIDEOS
        for frame in range(1, FRAMES + 1)
        for part, box in BOXES.items()
    ]
    columns = ["video", "frame", "person", "part", *BOX, "state"]
    return tables.ANNOTATIONS.validate(pd.DataFrame(rows, columns=columns))


def objects_table() -> pd.DataFrame:
    """OBJECTS of one video."""
    rows = [("a", frame, 1, "ball", 60, 30, 69, 39) for frame in range(1, FRAMES + 1)]
    return tables.OBJECTS.validate(
        pd.DataFrame(rows, columns=["video", "frame", "object", "name", *BOX])
    )


def detections(score: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """PERSONS and PARTS_TABLE: the annotated boxes of the scored frames but a's last."""
    rows = annotations_table()
    rows = rows[rows["frame"].isin([1, 6]) & ~((rows["video"] == "a") & (rows["frame"] == 6))]
    rows = rows.drop(columns="state").assign(score=score)
    persons = rows[rows["part"] == "person"].drop(columns="part").assign(track=-1)
    parts = rows[rows["part"] != "person"]
    return tables.PERSONS.validate(persons), tables.PARTS_TABLE.validate(parts)


def write_tsn(folder: Path) -> None:
    """The model folder of a TSN, with random weights."""
    torch.manual_seed(0)
    network = create(TSN[0], **TSN[1], classes=2)
    folder.mkdir(parents=True)
    torch.save(network.state_dict(), folder / "weights.pt")
    write_json(
        folder / "model.json",
        {"settings": {"network": TSN, "crop_side": TSN_SIDE, "weights": None}},
    )
