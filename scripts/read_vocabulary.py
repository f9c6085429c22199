"""Write the names that a data set uses: actions, parts, states, objects."""

import argparse
from pathlib import Path

from partparse.dataset.lists import read_vocabulary
from partparse.running.program import run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, required=True, help="the data set")
    parser.add_argument("--out", type=Path, required=True, help="JSON")
    arguments = parser.parse_args()
    read_vocabulary(arguments.root).write(arguments.out)


if __name__ == "__main__":
    run(main)
