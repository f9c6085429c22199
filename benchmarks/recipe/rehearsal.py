"""The full recipe's systems from end to end with few steps: whether all runs, and how fast.

    python -m benchmarks.recipe.rehearsal                        on clips of ../shared/real-mini
    python -m benchmarks.recipe.rehearsal Kinetics-TPS --steps 200 --videos 20

Networks and clips have their full sizes, pretrained weights random values in the public files'
formats, and the workflow itself runs every rule up to the checked submission. Cut are: the
optimiser steps of each training, the videos, and, without a GPU, how many examples a step has
(divided into passes of one), how many views a clip network looks at, and every how many frames
something is looked at. Scores that boxes need are 0: a detector that has learnt nothing finds
boxes, so that what follows has work.

The systems run one after another in one folder, so that nothing that two share is done twice. A
rehearsal that was stopped goes on where it was. On a GPU the table that is printed ends with the
hours that the full run takes at the speed measured, all else equal; what follows from two steps is
a guess.
"""

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmarks.checkout import RECIPE, ROOT, show_workflow
from benchmarks.made_up.public_weights import write_public_weights
from benchmarks.printing import command_line
from benchmarks.recipe.cost import read_config
from benchmarks.recipe.measured import Watch, print_table
from benchmarks.subsets import link_videos
from partparse.files.catalogue import catalogue
from partparse.files.weights import digest
from partparse.planning.config_files import merge
from partparse.planning.methods import Methods
from partparse.running.gpus import find_devices

SYSTEMS = ("winner_2022", "best", "second_2021")
REAL = ROOT.parent / "shared" / "real-mini"
Config = Mapping[str, Any]

SCORES = ("score", "start", "person_score")
"""Settings that a box's score is compared with."""
FRAMES_APART = 25
"""Without a GPU: between two frames that are looked at."""


def main() -> None:
    """Make what is needed, run the systems, and print the table."""
    parser = command_line(__doc__)
    parser.add_argument("root", type=Path, nargs="?", default=REAL, help="the data set")
    parser.add_argument("--steps", type=int, default=2, help="of each training (default: 2)")
    parser.add_argument("--videos", type=int, default=2, help="of each split (default: 2)")
    parser.add_argument("--out", type=Path, default=Path("runs/rehearsal"), help="folder to write")
    parser.add_argument("--systems", nargs="+", default=SYSTEMS, help="of configs/")
    parser.add_argument("--also", type=Path, help="config file behind all others")
    parser.add_argument("--targets", nargs="*", default=[], help="Snakemake's; default: all")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    data = args.out.resolve() / "data"
    if not data.exists():
        link_videos(args.root.resolve(), data, args.videos)
    has_gpu = bool(find_devices())
    failed, configs = [], {}
    for system in args.systems:
        files = [RECIPE, ROOT / "configs" / f"{system}.yaml"]
        all_files = [*files, *([args.also] if args.also else [])]
        config = read_config(all_files)
        overlay = cut(config, args.steps, data, has_gpu=has_gpu)
        overlay = merge(overlay, random_weights(args.out.resolve() / "weights", config))
        configs[system] = files, merge(config, overlay)
        with Watch(args.out / "gpu.csv", has_gpu=has_gpu):
            # a job that fails stops only what depends on it
            words = ["--resources", "gpu=1", "--keep-going", *args.targets]
            if show_workflow(args.out, all_files, overlay, *words):
                failed.append(system)
    print_table(args.out, configs)
    if failed:
        raise SystemExit(f"did not reach the end: {', '.join(failed)}")


def cut(config: Config, steps: int, data: Path, *, has_gpu: bool) -> dict[str, Any]:
    """The overlay that makes a rehearsal of a system."""
    overlay: dict[str, Any] = {
        "rehearsal_steps": steps,
        "stop_on_fault": True,
        "dataset": {"root": str(data), "val_share": 0.5, "shards": dict.fromkeys(_SPLITS, 1)},
        "ensemble": {"folds": 2},
        "resources": {"threads": len(os.sched_getaffinity(0))},
    }
    for place, value in _leaves(config):
        if place[-1] in SCORES and place[0] != "report":
            _put(overlay, place, 0.0)
        elif place[-1] == "validate_every":
            _put(overlay, place, 1)
        elif not has_gpu and (small := _small(place, value)) is not None:
            _put(overlay, place, small)
    return overlay


_SPLITS = ("train", "val", "test")


def _small(place: tuple[str, ...], value: Any) -> Any:
    """What a setting becomes on a machine without a GPU; None: it stays."""
    name, section = place[-1], place[-2:-1]
    if place == ("frames", "scored_stride") or name == "frame_stride":
        return FRAMES_APART
    if name == "batch":
        return min(value, 2)
    return {
        "device_batch": 1,
        "workers": 0,
        "precision": "auto",
        "compile": False,
        "clips": 1 if section == ("predict",) else None,
        "crops": 1,
        "most": 2,  # found in a frame
        "persons": 2 if section == ("predict",) else None,
    }.get(name)


def _leaves(config: Config, place: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """(where it is, value) of all that is not a section."""
    for name, value in config.items():
        if isinstance(value, dict):
            yield from _leaves(value, (*place, name))
        else:
            yield (*place, name), value


def _put(overlay: dict[str, Any], place: tuple[str, ...], value: Any) -> None:
    for name in place[:-1]:
        overlay = overlay.setdefault(name, {})
    overlay[place[-1]] = value


def random_weights(folder: Path, config: Config) -> dict[str, Any]:
    """Write the public files that a config's trainings start from; the overlay that names them."""
    folder.mkdir(exist_ok=True)
    overlay: dict[str, Any] = {"resources": {"weights_folder": str(folder)}}
    for place, training in Methods(config).trainings.items():
        name = training.get("weights")
        if name is None:
            continue
        path = folder / catalogue()[name].file_name
        if not path.exists():
            part = path.with_suffix(".part")
            write_public_weights(name, part, config)
            part.replace(path)
        _put(overlay, (*place.split("."), "weights_sha256"), digest(path))
    return overlay


if __name__ == "__main__":
    main()
