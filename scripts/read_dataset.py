"""Read the videos and annotations of one shard into tables."""

import argparse
from pathlib import Path

from partparse import tables
from partparse.dataset.splits import read_shard_list
from partparse.dataset.tables import read_dataset
from partparse.running.program import run
from partparse.vocabulary import Vocabulary


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, required=True, help="the data set")
    parser.add_argument("--shard-list", type=Path, required=True, help="CSV of list_shard.py")
    parser.add_argument("--vocabulary", type=Path, required=True, help="JSON")
    parser.add_argument("--videos", type=Path, required=True, help="table to write")
    parser.add_argument("--annotations", type=Path, required=True, help="table to write")
    parser.add_argument("--objects", type=Path, required=True, help="table to write")
    parser.add_argument("--truth", type=Path, required=True, help="table to write")
    arguments = parser.parse_args()

    vocabulary = Vocabulary.read(arguments.vocabulary)
    found = read_dataset(arguments.root, read_shard_list(arguments.shard_list), vocabulary)
    tables.write(found.videos, arguments.videos, tables.VIDEOS)
    tables.write(found.annotations, arguments.annotations, tables.ANNOTATIONS)
    tables.write(found.objects, arguments.objects, tables.OBJECTS)
    tables.write(found.truth, arguments.truth, tables.TRUTH)


if __name__ == "__main__":
    run(main)
