"""The check of a whole data set: every fault, each in a line that names file and entry.

Videos are opened but not decoded to their end: what does not decode shows in the frames table.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from partparse.dataset.annotation import json_path, read_documents
from partparse.dataset.box_order import are_widths
from partparse.dataset.frame_check import NO_CORNERS, OUTSIDE, STICKS_OUT, Size, check_frame
from partparse.dataset.keypoints import keypoint_file, load_keypoints
from partparse.dataset.layout import VideoFile, find_annotations, list_folder, list_videos
from partparse.dataset.lists import frame_list, read_frame_counts, read_vocabulary
from partparse.errors import Fault, InputError, Report
from partparse.frames.decoding import count_decoded, list_pictures, probe
from partparse.frames.names import refuse_zero
from partparse.running.processes import side_by_side
from partparse.running.program import progress
from partparse.running.video_faults import reason_with_file
from partparse.vocabulary import Vocabulary

CHUNK = 16  # videos that a process checks at a time; some thousand frames


def check_dataset(root: Path, workers: int = 1) -> Iterator[Fault]:
    """All faults of the data set at `root`, in the order of its files; none where it is sound.

    Folders and names, lists, frames listed against those of the containers, annotations and
    keypoints of every video, and annotations that no video belongs to. Stricter than reading:
    boxes that stick out of the picture and objects that are not in the list are faults here.
    `workers` processes look at the videos.
    """
    if not root.is_dir():
        yield Fault(root, "no such folder", "expected the folder of a data set")
        return
    faults: list[str] = []
    report = faults.append
    videos = list_videos(root, report)
    vocabulary = read_vocabulary(root, _once(report, faults))
    counts: dict[str, int] = {}
    for split in ("train", "test"):
        path = frame_list(root, split)
        listed = read_frame_counts(path, report)
        if path.is_file():
            _check_listed(path, listed, [v for v in videos if v.split == split], report)
        counts |= listed
    yield from map(Fault.of, faults)
    starts = range(0, len(videos), CHUNK)
    chunks = [(root, videos[start : start + CHUNK], counts, vocabulary) for start in starts]
    checked = side_by_side(_check_chunk, chunks, workers)
    for found in progress(checked, f"chunks of {CHUNK} videos", len(chunks)):
        yield from found
    strays: list[str] = []
    for split in ("train", "test"):
        _check_strays(root / f"{split}_annotations", split, videos, strays.append)
    yield from map(Fault.of, strays)


def _once(report: Report, faults: Sequence[str]) -> Report:
    """Pass on what is not among the faults yet: two checks may look at one folder."""
    return lambda fault: None if fault in faults else report(fault)


def _check_chunk(
    root: Path, videos: Sequence[VideoFile], listed: Mapping[str, int], vocabulary: Vocabulary
) -> list[Fault]:
    faults: list[str] = []
    for video in videos:
        frames, size = _check_video(root, video, listed.get(video.video), faults.append)
        faults += _check_annotations(root, video, vocabulary, frames=frames, size=size)
        _check_keypoints(root, video.video, faults.append)
    return [Fault.of(fault) for fault in faults]


def _check_listed(
    path: Path, listed: Mapping[str, int], videos: Sequence[VideoFile], report: Report
) -> None:
    there = {video.video for video in videos}
    for name in listed if there else ():  # where all are gone, it was told
        if name not in there:
            what = f"the video {name!r} is listed but does not exist"
            report(Fault(path, what, kind="a video is listed but does not exist"))
    for video in videos:
        if video.video not in listed:
            what, expected = f"{video.path} is not listed", f"expected a line {video.video},FRAMES"
            report(Fault(path, what, expected, kind="a video is not listed"))


def _check_video(
    root: Path, video: VideoFile, listed: int | None, report: Report
) -> tuple[int | None, Size | None]:
    """Frames (flist's, else the container's) and the picture's size, as far as they are known."""
    path = root / video.path
    try:
        info = probe(path)
    except Exception as error:
        report(reason_with_file(path, error, stop_on_fault=False))
        return listed, None
    if path.is_dir():
        missing = sorted(set(range(1, (info.frames or 0) + 1)) - set(list_pictures(path)))
        if missing:
            what = f"img_{missing[0]:05d}.jpg is missing ({len(missing)} in all)"
            report(Fault(path, what, kind="pictures are missing"))
    frames = info.frames
    if None not in (listed, frames) and listed != frames:
        frames = count_decoded(path)  # what a container says is not always so
        if listed != frames:
            name = frame_list(root, video.split).name
            expected = f"expected {listed} as in list/{name}"
            kind = "another number of frames than listed"
            report(Fault(path, f"{frames} frames", expected, kind=kind))
    return frames if listed is None else listed, (info.width, info.height)


def _check_annotations(
    root: Path, video: VideoFile, vocabulary: Vocabulary, *, frames: int | None, size: Size | None
) -> list[str]:
    """The faults of a video's annotations."""
    try:
        folder = find_annotations(root, video)
        if folder is not None:
            refuse_zero(folder, "json")
    except InputError as error:
        return [str(error)]
    if folder is None:
        return _missing_annotations(root, video)
    faults: list[str] = []
    count = 0
    for number, document in read_documents(folder, faults.append):
        count += 1
        path = json_path(folder, number)
        if frames is not None and number > frames:
            what = f"frame {number} is annotated, but {video.path} has {frames} frames"
            faults.append(Fault(path, what, kind="annotated frames that a video does not have"))
        check_frame(document, path, vocabulary, size, faults.append, strict=True)
    if count == 0:
        faults.append(Fault(folder, "no annotation that can be read", "expected img_00001.json, …"))
    return _judge_boxes(folder, size, faults)


def _missing_annotations(root: Path, video: VideoFile) -> list[str]:
    base = root / f"{video.split}_annotations"
    if not base.is_dir():
        return []
    place = "/".join(filter(None, [video.action, video.video]))
    what, expected = f"{video.path} has no annotations", f"expected {place}/img_00001.json"
    return [Fault(base, what, expected, kind="videos without annotations")]


def _judge_boxes(folder: Path, size: Size | None, faults: list[str]) -> list[str]:
    """The faults of a video, those of its boxes as one where all are x, y, width, height."""
    kinds = [Fault.of(fault).kind for fault in faults]
    if NO_CORNERS not in kinds:
        return faults
    documents = (document for _, document in read_documents(folder, str))  # told already
    if not are_widths(documents, size):
        return faults
    about = (NO_CORNERS, OUTSIDE, STICKS_OUT)
    kept = [fault for fault, kind in zip(faults, kinds, strict=True) if kind not in about]
    expected = "expected two corners: write x, y, x + width - 1, y + height - 1"
    return [*kept, Fault(folder, "boxes are x, y, width, height throughout the video", expected)]


def _check_keypoints(root: Path, video: str, report: Report) -> None:
    try:
        path = keypoint_file(root, video)
        if path is not None:
            load_keypoints(path)
    except InputError as error:
        report(str(error))


def _check_strays(base: Path, split: str, videos: Sequence[VideoFile], report: Report) -> None:
    """Report annotation folders that no video of the split belongs to, or one of another action.

    Also that there are none for train.
    """
    actions = {video.video: video.action for video in videos if video.split == split}
    if not base.is_dir():
        if split == "train":
            report(f"{base}: no such folder; expected {base.name}/ACTION/VIDEO/img_00001.json")
        return
    for entry in list_folder(base):
        if entry.name in actions:
            continue
        for inside in list_folder(Path(entry.path)) if entry.is_dir() else [entry]:
            if inside.name not in actions:
                report(f"{inside.path}: no {split} video belongs to this annotation")
            elif actions[inside.name] not in (None, entry.name):
                action = actions[inside.name]
                what = f"this video's action is {action!r}, not {entry.name!r}"
                report(Fault(inside.path, what))
