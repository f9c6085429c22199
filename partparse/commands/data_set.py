"""`partparse check-dataset`, `partparse stats`: what a data set has, and what is wrong in it."""

import logging
import os
import sys
from pathlib import Path

from partparse.commands.common import tell
from partparse.errors import one_line


def check_dataset(root: Path, /) -> int:
    """List what is wrong in a data set.

    List the faults of a data set in the Kinetics-TPS layout (docs/own-data.md), one a line: file,
    entry, and what was expected. Videos are opened, not decoded.

    Args:
        root: Folder with train_videos, list, …
    """
    from partparse.dataset import check

    return tell(check.check_dataset(root), f"{root}: no faults")


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
    counts = count_annotations(root, vocabulary, len(os.sched_getaffinity(0)))
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
