"""`partparse export`, `partparse import`: labels to the formats of other tools, and back."""

import logging
import sys
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from cyclopts import Parameter

from partparse.errors import InputError, Report, one_line

if TYPE_CHECKING:
    from partparse.dataset.exchange.labels import Labels


def export(format: Literal["cvat", "coco", "elan"], source: list[Path], /, *, out: Path) -> int:
    """Write labels in the format of another tool: of a data set, or what `parse` has found.

    cvat: OUT/VIDEO.xml, which a CVAT task of the video loads as `CVAT 1.1`; of a data set, which
    may have no more than its lists yet, also OUT/labels.json for CVAT's label constructor. coco:
    OUT/train.json and OUT/test.json, or OUT/parses.json. elan: OUT/VIDEO.eaf, a tier for each
    person and part. See docs/exchange.md.

    Args:
        format: cvat, coco or elan.
        source: Folder of a data set, or the VIDEO.json of parses.
        out: Folder to write into.
    """
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    faults: list[str] = []
    parses = all(path.suffix == ".json" for path in source)
    if not parses and len(source) > 1:
        raise InputError(f"{source[1]}: expected one data set, or VIDEO.json of parses")
    found = _parses(source, faults.append) if parses else _data_set(source[0], faults.append)
    write = {"cvat": _write_cvat, "coco": _write_coco, "elan": _write_elan}[format]
    print(f"{out}: {write(found, out, None if parses else source[0])} videos")
    return _told(faults)


Found = Iterator[tuple[str, "Labels", Mapping[int, float] | None]]
"""Split (or `parses`), labels, and the times of frames where they are known already."""


def _data_set(root: Path, report: Report) -> Found:
    from partparse.dataset.exchange.labels import read_data_set

    if any((root / f"{split}_videos").exists() for split in ("train", "test")):
        for split, labels in read_data_set(root, report):
            yield split, labels, None


def _parses(paths: Sequence[Path], report: Report) -> Found:
    from partparse.inference.labels import read_parse

    for path in paths:
        try:
            yield "parses", *read_parse(path)
        except InputError as error:
            report(str(error))


def _write_cvat(found: Found, out: Path, root: Path | None) -> int:
    from partparse.dataset.exchange.cvat import states_of, write_cvat, write_label_settings
    from partparse.dataset.lists import OBJECT_LIST, STATE_LIST, read_names

    known: list[str] | None = None
    if root is not None:  # there may be nothing else yet: labels come before annotations
        known = read_names(root / STATE_LIST, what="your states")
        path = root / OBJECT_LIST
        objects = read_names(path) if path.exists() else []
        write_label_settings(out / "labels.json", known, objects)
    count = 0
    for _, labels, _ in found:
        count += 1
        states = states_of(labels) if known is None else known
        write_cvat(out / f"{labels.clip.video}.xml", labels, states)
    return count


def _write_coco(found: Found, out: Path, root: Path | None) -> int:
    from partparse.dataset.exchange.coco import write_coco
    from partparse.dataset.lists import OBJECT_LIST, read_names

    path = None if root is None else root / OBJECT_LIST
    objects = read_names(path) if path is not None and path.exists() else []
    return sum(
        write_coco(out / f"{split}.json", (labels for _, labels, _ in videos), objects)
        for split, videos in groupby(found, key=itemgetter(0))
    )


def _write_elan(found: Found, out: Path, root: Path | None) -> int:
    from partparse.dataset.exchange.elan import frame_times, write_elan

    count = 0
    for _, labels, times in found:
        count += 1
        shown = times if times else frame_times(labels)
        write_elan(out / f"{labels.clip.video}.eaf", labels, shown)
    return count


def import_(
    format: Literal["cvat", "coco"],
    file: list[Path],
    /,
    *,
    root: Path,
    videos: Annotated[list[Path] | None, Parameter(consume_multiple=True)] = None,
    split: Literal["train", "test"] = "train",
    action: str | None = None,
    keyframes: bool = False,
) -> int:
    """Make a data set of labels from another tool, or replace labels in one.

    A video that is in the data set gets the labels of the file in the place of its own; a new one
    is copied from VIDEOS. Lists that are missing are written, with the names of this call; a name
    that a list does not have is a fault. Videos with a fault are left out. See docs/exchange.md.

    Args:
        format: cvat: what a task exports as `CVAT for video 1.1`, XML or zip; coco: a JSON file.
        file: Files to import.
        root: Folder of the data set.
        videos: Video files, or folders with VIDEO.mp4 or ACTION/VIDEO.mp4.
        split: Of videos that are new.
        action: Of videos that are new; else the name of their folder in VIDEOS.
        keyframes: Of CVAT, take only frames that have a keyframe, not those between them.
    """
    from partparse.dataset.exchange import coco, cvat
    from partparse.dataset.exchange.official import DataSet, Format, import_files

    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    if keyframes and format != "cvat":
        raise InputError(f"--keyframes: {format} has none; every image is labelled")
    readers = {
        "cvat": Format(cvat.read_names, partial(cvat.read_cvat, keyframes=keyframes)),
        "coco": Format(coco.read_names, coco.read_coco),
    }
    faults: list[str] = []
    data = DataSet(root, videos or [], split, action)
    import_files(file, data, readers[format], print, faults.append)
    return _told(faults)


def _told(faults: Sequence[str]) -> int:
    """Say what could not be done; returns the exit status."""
    for fault in faults:
        print(f"error: {one_line(fault)}", file=sys.stderr)
    return 1 if faults else 0
