"""List the videos of one shard: video, split, action, path."""

import argparse
from pathlib import Path

from partparse.dataset.splits import plan_shards, write_shard_list
from partparse.errors import InputError
from partparse.running.program import run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, required=True, help="the data set")
    parser.add_argument("--shard", required=True, help="its name, such as train-000")
    parser.add_argument("--val-share", type=float, required=True, help="of the train videos")
    parser.add_argument("--seed", type=int, required=True, help="which train videos go to val")
    parser.add_argument("--count", type=int, required=True, help="shards of its split")
    parser.add_argument("--out", type=Path, required=True, help="CSV")
    arguments = parser.parse_args()

    split = arguments.shard.partition("-")[0]
    counts = {"train": 1, "val": 1, "test": 1, split: arguments.count}
    shards = plan_shards(arguments.root, arguments.val_share, arguments.seed, counts)
    if arguments.shard not in shards:
        raise InputError(f"--shard {arguments.shard}: expected one of {', '.join(shards)}")
    write_shard_list(arguments.out, shards[arguments.shard])


if __name__ == "__main__":
    run(main)
