"""`partparse stats`: the statistics of a data set, and hints at labels to look at."""

import argparse
import logging
import os
import sys
from pathlib import Path

from partparse.commands.common import Commands
from partparse.errors import one_line


def add_parser(commands: Commands) -> None:
    """Add the command and its arguments."""
    parser = commands.add_parser(
        "stats",
        help="count what is annotated in a data set, and hint at odd labels",
        description="Write the statistics of a data set in the Kinetics-TPS layout: tables (CSV), "
        "figures (SVG) and one page with both, statistics.html. Frames with a fault are told, and "
        "left out.",
    )
    parser.add_argument("root", type=Path, metavar="ROOT", help="folder of the data set")
    parser.add_argument(
        "--out", type=Path, required=True, metavar="DIR", help="folder to write them into"
    )
    parser.set_defaults(command=_stats)


def _stats(args: argparse.Namespace) -> int:
    from partparse.dataset.annotation_counts import count_annotations
    from partparse.dataset.lists import read_vocabulary
    from partparse.dataset.statistics import make_statistics, write_statistics
    from partparse.report.statistics_page import as_text, write_figures, write_page

    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s", stream=sys.stderr)
    log = logging.getLogger("partparse")
    vocabulary = read_vocabulary(args.root)
    args.out.mkdir(parents=True, exist_ok=True)  # before a long reading, in case it can't be
    counts = count_annotations(args.root, vocabulary, len(os.sched_getaffinity(0)))
    for fault in counts.faults:
        log.warning("%s", one_line(fault))
    if (more := counts.fault_count - len(counts.faults)) > 0:
        log.warning("%d faults more: partparse check-dataset %s", more, args.root)
    statistics = make_statistics(counts, vocabulary)
    write_statistics(statistics, args.out)
    write_figures(statistics, args.out)
    write_page(statistics, counts, args.root.resolve().name, args.out)
    print(as_text(statistics, counts.fault_count), end="")
    print(args.out / "statistics.html")
    return 0
