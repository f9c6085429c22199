"""A picture with frames of every action, their boxes, states and keypoints drawn on them."""

from pathlib import Path
from typing import Any

import av
import cv2
import numpy as np
import supervision as sv
from numpy.typing import NDArray

from partparse.augment import Picture
from partparse.demo.plan import DemoSettings, PlannedVideo, plan_videos
from partparse.files.atomic import atomic_path, read_json
from partparse.vocabulary import KEYPOINTS, PARTS

_ENLARGED = 2
_TITLE = 20
_EDGES = (
    ("left_shoulder", "left_elbow"), ("left_elbow", "left_wrist"),
    ("right_shoulder", "right_elbow"), ("right_elbow", "right_wrist"),
    ("left_hip", "left_knee"), ("left_knee", "left_ankle"),
    ("right_hip", "right_knee"), ("right_knee", "right_ankle"),
)  # fmt: skip
_COLOURS = {"left": (0, 140, 255), "right": (255, 120, 0)}


def draw_contact_sheet(path: Path, root: Path, settings: DemoSettings, columns: int = 3) -> None:
    """Write `columns` frames of every action, from as many videos, to the picture `path`."""
    videos: dict[str, list[PlannedVideo]] = {}
    for entry in plan_videos(settings):
        videos.setdefault(entry.action, []).append(entry)
    numbers = [1 + (2 * n + 1) * settings.frames // (2 * columns) for n in range(columns)]
    rows = [
        np.hstack([_cell(root, entries[n % len(entries)], numbers[n]) for n in range(columns)])
        for entries in videos.values()
    ]
    with atomic_path(path) as temporary:
        cv2.imwrite(str(temporary), np.vstack(rows))


def _cell(root: Path, entry: PlannedVideo, number: int) -> Picture:
    folder = root / f"{entry.split}_annotations" / entry.action / entry.video
    annotation = read_json(folder / f"img_{number:05d}.json")
    with np.load(root / "keypoints" / entry.action / f"{entry.video}.npz") as stored:
        keypoints = stored["keypoints"][number - 1]
    picture = _frame(root / entry.path, number)
    size = picture.shape[1] * _ENLARGED, picture.shape[0] * _ENLARGED
    large = cv2.resize(picture, size, interpolation=cv2.INTER_CUBIC)
    _draw_keypoints(large, keypoints)
    title = np.full((_TITLE, size[0], 3), 255, np.uint8)
    text = f"{entry.video}, frame {number}"
    cv2.putText(title, text, (6, 14), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (0, 0, 0), 1, cv2.LINE_AA)
    return np.vstack([title, _draw_boxes(large, annotation)])


def _frame(path: Path, number: int) -> Picture:
    """(H, W, 3) blue, green, red: the frame `number`, from 1."""
    with av.open(str(path)) as container:
        frames = [frame.to_ndarray(format="bgr24") for frame in container.decode(video=0)]
    return frames[number - 1]


def _draw_keypoints(picture: Picture, keypoints: NDArray[np.float32]) -> None:
    """Left limbs orange, right limbs blue; hidden points hollow."""
    for person in keypoints:
        points = np.rint(person[:, :2] * _ENLARGED).astype(int).tolist()
        for edge in _EDGES:
            first, second = (KEYPOINTS.index(name) for name in edge)
            if person[first, 2] and person[second, 2]:
                colour = _COLOURS[edge[0].split("_")[0]]
                cv2.line(picture, points[first], points[second], colour, 1, cv2.LINE_AA)
        for point, score in zip(points, person[:, 2], strict=True):
            if score:
                filled = cv2.FILLED if score == 1 else 1
                cv2.circle(picture, point, 3, (255, 255, 255), filled, cv2.LINE_AA)


def _draw_boxes(picture: Picture, annotation: dict[str, Any]) -> Picture:
    boxes, classes, labels = [], [], []
    for human in annotation["humans"]:
        boxes.append(human["box"])
        classes.append(len(PARTS))
        labels.append(f"person {human['number']}")
        for part in human["parts"].values():
            boxes.append(part["box"])
            classes.append(PARTS.index(part["name"]))
            labels.append(f"{part['name']} {part['verb']}")
    for thing in annotation["objects"]:
        boxes.append(thing["box"])
        classes.append(len(PARTS) + 1)
        labels.append(thing["name"])
    if not boxes:
        return picture
    xyxy = np.array(boxes, float) * _ENLARGED
    found = sv.Detections(xyxy=xyxy, class_id=np.array(classes))
    picture = sv.BoxAnnotator(thickness=1).annotate(picture, found)
    named = sv.LabelAnnotator(text_scale=0.36, text_padding=2, smart_position=True)
    return named.annotate(picture, found, labels)
