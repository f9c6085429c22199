"""The check of a whole data set: every fault, each in a line that names file and entry.

Videos are opened but not decoded to their end: what does not decode shows in the frames table.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

from partparse.dataset.annotation import Size, check_frame, json_path, read_documents
from partparse.dataset.keypoints import keypoint_file, load_keypoints
from partparse.dataset.layout import VideoFile, find_annotations, list_folder, list_videos
from partparse.dataset.lists import frame_list, read_frame_counts, read_vocabulary
from partparse.errors import InputError, Report, one_line
from partparse.frames.decoding import count_decoded, list_pictures, probe
from partparse.frames.names import refuse_zero
from partparse.running.program import progress
from partparse.vocabulary import Vocabulary


def check_dataset(root: Path) -> list[str]:
    """All faults of the data set at `root`, in the order of its files; empty where it is sound.

    Folders and names, lists, frames listed against those of the containers, annotations and
    keypoints of every video, and annotations that no video belongs to. Stricter than reading:
    boxes that stick out of the picture and objects that are not in the list are faults here.
    """
    if not root.is_dir():
        return [one_line(f"{root}: no such folder; expected the folder of a data set")]
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
    for video in progress(videos, "videos checked"):
        frames, size = _check_video(root, video, counts.get(video.video), report)
        _check_annotations(root, video, vocabulary, report, frames=frames, size=size)
        _check_keypoints(root, video.video, report)
    for split in ("train", "test"):
        _check_strays(root / f"{split}_annotations", split, videos, report)
    return [one_line(fault) for fault in faults]


def _once(report: Report, faults: Sequence[str]) -> Report:
    """Pass on what is not among the faults yet: two checks may look at one folder."""
    return lambda fault: None if fault in faults else report(fault)


def _check_listed(
    path: Path, listed: Mapping[str, int], videos: Sequence[VideoFile], report: Report
) -> None:
    there = {video.video for video in videos}
    for name in listed if there else ():  # where all are gone, it was told
        if name not in there:
            report(f"{path}: the video {name!r} is listed but does not exist")
    for video in videos:
        if video.video not in listed:
            report(f"{path}: {video.path} is not listed; expected a line {video.video},FRAMES")


def _check_video(
    root: Path, video: VideoFile, listed: int | None, report: Report
) -> tuple[int | None, Size | None]:
    """Frames (flist's, else the container's) and the picture's size, as far as they are known."""
    path = root / video.path
    try:
        info = probe(path)
    except InputError as error:
        report(str(error))
        return listed, None
    if path.is_dir():
        missing = sorted(set(range(1, (info.frames or 0) + 1)) - set(list_pictures(path)))
        if missing:
            report(f"{path}: img_{missing[0]:05d}.jpg is missing ({len(missing)} in all)")
    frames = info.frames
    if None not in (listed, frames) and listed != frames:
        frames = count_decoded(path)  # what a container says is not always so
        if listed != frames:
            name = frame_list(root, video.split).name
            report(f"{path}: {frames} frames; expected {listed} as in list/{name}")
    return frames if listed is None else listed, (info.width, info.height)


def _check_annotations(
    root: Path,
    video: VideoFile,
    vocabulary: Vocabulary,
    report: Report,
    *,
    frames: int | None,
    size: Size | None,
) -> None:
    try:
        folder = find_annotations(root, video)
        if folder is not None:
            refuse_zero(folder, "json")
    except InputError as error:
        report(str(error))
        return
    base = root / f"{video.split}_annotations"
    if folder is None:
        if base.is_dir():
            place = "/".join(filter(None, [video.action, video.video]))
            report(f"{base}: {video.path} has no annotations; expected {place}/img_00001.json")
        return
    count = 0
    for number, document in read_documents(folder, report):
        count += 1
        path = json_path(folder, number)
        if frames is not None and number > frames:
            report(f"{path}: frame {number} is annotated, but {video.path} has {frames} frames")
        check_frame(document, path, vocabulary, size, report, strict=True)
    if count == 0:
        report(f"{folder}: no annotation that can be read; expected img_00001.json, …")


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
                report(f"{inside.path}: this video's action is {action!r}, not {entry.name!r}")
