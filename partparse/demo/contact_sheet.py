"""A picture with frames of every action, their boxes, states and keypoints drawn on them."""

from pathlib import Path

import av
import cv2
import numpy as np
import supervision as sv
from numpy.typing import NDArray

from partparse.demo.plan import DemoSettings, PlannedVideo, plan_videos
from partparse.files import atomic_path, read_json
from partparse.vocabulary import KEYPOINTS, PARTS

Picture = NDArray[np.uint8]

_ENLARGED = 2
_EDGES = (
    ("left_shoulder", "left_elbow"), ("left_elbow", "left_wrist"),
    ("right_shoulder", "right_elbow"), ("right_elbow", "right_wrist"),
    ("left_hip", "left_knee"), ("left_knee", "left_ankle"),
    ("right_hip", "right_knee"), ("right_knee", "right_ankle"),
    ("left_shoulder", "right_shoulder"), ("left_hip", "right_hip"),
)  # fmt: skip


def draw_contact_sheet(
    path: Path, root: Path, settings: DemoSettings, columns: int = 4
) -> None:
    """Write `columns` frames of every action, from as many videos, to the picture `path`."""
    videos: dict[str, list[PlannedVideo]] = {}
    for entry in plan_videos(settings):
        videos.setdefault(entry.action, []).append(entry)
    rows = []
    for entries in videos.values():
        chosen = [entries[number % len(entries)] for number in range(columns)]
        numbers = [1 + (2 * n + 1) * settings.frames // (2 * columns) for n in range(columns)]
        cells = [_cell(root, e, n) for e, n in zip(chosen, numbers, strict=True)]
        rows.append(np.hstack(cells))
    with atomic_path(path) as temporary:
        cv2.imwrite(str(temporary), np.vstack(rows), [cv2.IMWRITE_JPEG_QUALITY, 80])


def _cell(root: Path, entry: PlannedVideo, number: int) -> Picture:
    with av.open(str(root / entry.path)) as container:
        for count, frame in enumerate(container.decode(video=0), start=1):
            if count == number:
                picture = frame.to_ndarray(format="bgr24")
    folder = root / f"{entry.split}_annotations" / entry.action / entry.video
    annotation = read_json(folder / f"img_{number:05d}.json")
    with np.load(root / "keypoints" / entry.action / f"{entry.video}.npz") as stored:
        keypoints = stored["keypoints"][number - 1]
    size = picture.shape[1] * _ENLARGED, picture.shape[0] * _ENLARGED
    large = cv2.resize(picture, size, interpolation=cv2.INTER_CUBIC)
    _draw_keypoints(large, keypoints)
    large = _draw_boxes(large, annotation)
    title = f"{entry.video} {number}"
    cv2.putText(large, title, (6, 16), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (0, 0, 0), 3, cv2.LINE_AA)
    cv2.putText(large, title, (6, 16), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (255, 255, 255), 1, cv2.LINE_AA)
    return large


def _draw_keypoints(picture: Picture, keypoints: NDArray[np.float32]) -> None:
    """Left limbs orange, right limbs blue; hidden points hollow."""
    for person in keypoints:
        points = np.rint(person[:, :2] * _ENLARGED).astype(int)
        for edge in _EDGES:
            first, second = (KEYPOINTS.index(name) for name in edge)
            if person[first, 2] and person[second, 2]:
                left, right = (edge[0].startswith(s) and edge[1].startswith(s) for s in ("left", "right"))
                colour = (0, 140, 255) if left else (255, 120, 0) if right else (200, 200, 200)
                cv2.line(picture, points[first].tolist(), points[second].tolist(), colour, 1, cv2.LINE_AA)
        for (x, y), score in zip(points.tolist(), person[:, 2], strict=True):
            if score:
                cv2.circle(picture, (x, y), 3, (255, 255, 255), -1 if score == 1 else 1, cv2.LINE_AA)


def _draw_boxes(picture: Picture, annotation: dict) -> Picture:
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
    named = sv.LabelAnnotator(text_scale=0.33, text_padding=1, smart_position=True)
    return named.annotate(picture, found, labels)
