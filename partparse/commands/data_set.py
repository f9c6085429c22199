"""`partparse check-dataset`, `partparse stats`: what a data set has, and what is wrong in it."""

import logging
import sys
from pathlib import Path
from typing import Annotated

from cyclopts import Parameter

from partparse.commands.common import CORES, tell
from partparse.errors import FaultGroups, one_line


def check_dataset(
    root: Path, /, *, all_faults: Annotated[bool, Parameter(name="--all", negative=())] = False
) -> int:
    """List what is wrong in a data set.

    List the faults of a data set in the Kinetics-TPS layout (docs/own-data.md): file, entry, and
    what was expected. Equal faults are one line, with the first of them. Videos are opened, not
    decoded.

    Args:
        root: Folder with train_videos, list, …
        all_faults: Every fault on a line of its own.
    """
    from partparse.dataset import check

    groups = FaultGroups()
    for fault in check.check_dataset(root, CORES):
        groups.add(fault)
        if all_faults:
            print(fault)
    lines = list(groups.lines())
    if not lines:
        print(f"{root}: no faults")
        return 0
    if not all_faults:
        print("\n".join(lines))
    sys.stdout.flush()
    grouped = len(lines) < groups.count and not all_faults
    kinds = "one kind" if len(lines) == 1 else f"{len(lines)} kinds"
    more = f" of {kinds}; --all lists each" if grouped else ""
    print(f"{groups.count} fault{'s' if groups.count > 1 else ''}{more}", file=sys.stderr)
    return 1


def make_lists(root: Path, /, *, overwrite: Annotated[bool, Parameter(negative=())] = False) -> int:
    """Write the lists of a data set from its videos and annotations.

    Write list/body_part.txt, part_stat.txt, object.txt, video_train_flist.csv and
    video_test_flist.csv: the states and objects that the annotations use, and the frames of each
    video, by decoding it as a run does. Every video that can't be read is named.

    Args:
        root: Folder with train_videos, train_annotations, …
        overwrite: Also make lists anew that are there.
    """
    from partparse.dataset import make_lists as lists

    faults: list[str] = []
    lists.make_lists(root, faults.append, print, overwrite=overwrite, workers=CORES)
    return tell(faults, "") if faults else 0


def stats(root: Path, /, *, out: Path) -> None:
    """Count what is annotated in a data set, and hint at odd labels.

    Write the statistics of a data set in the Kinetics-TPS layout: tables (CSV), figures (SVG) and
    one page with both, statistics.html. Frames with a fault are told, and left out.

    Args:
        root: Folder of the data set.
        out: Folder to write them into.
    """
    from partparse.dataset.annotation_counts import count_annotations
    from partparse.dataset.lists import read_vocabulary
    from partparse.dataset.statistics import make_statistics, write_statistics
    from partparse.report.statistics_page import as_text, write_figures, write_page

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr)
    log = logging.getLogger("partparse")
    vocabulary = read_vocabulary(root)
    out.mkdir(parents=True, exist_ok=True)  # before a long reading, in case it can't be
    counts = count_annotations(root, vocabulary, CORES)
    for fault in counts.faults:
        log.warning("%s", one_line(fault))
    if (more := counts.fault_count - len(counts.faults)) > 0:
        log.warning("%d faults more: partparse check-dataset %s", more, root)
    statistics = make_statistics(counts, vocabulary)
    write_statistics(statistics, out)
    write_figures(statistics, out)
    write_page(statistics, counts, root.resolve().name, out)
    print(as_text(statistics, counts.fault_count), end="")
    print(out / "statistics.html")
