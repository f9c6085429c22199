"""What the full recipe would cost in GPU hours: an estimate by counting, printed as Markdown.

    python -m benchmarks.recipe.cost                                   the full recipe
    python -m benchmarks.recipe.cost configs/winner_2022.yaml          one of its systems
    python -m benchmarks.recipe.cost --every-method                    all that it has settings for

No GPU is used: hours = operations / (the GPU's peak × the share of it that is
reached). The jobs are those that a dry run of the workflow plans on a data set of the official
counts; examples and epochs follow from the settings; the operations of each network are counted by
torch's FlopCounterMode, on networks built as the workflow builds them (multiply and add are two, a
training step three forward passes). What is assumed stands above the table that is printed. Not
counted: reading, decoding and augmenting pictures, optimisers, programs without a network.
"""

import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import astuple, dataclass
from functools import reduce
from operator import getitem
from pathlib import Path
from typing import Any

import yaml

from benchmarks.checkout import RECIPE, ROOT, settings
from benchmarks.made_up.dataset import FRAMES, HUMANS, VIDEOS
from benchmarks.printing import command_line, print_head, print_row
from benchmarks.recipe.official import (
    every_method,
    write_overlay,
    write_videos,
    write_weights,
)
from benchmarks.recipe.operations import (
    baseline_network,
    clip_network,
    detector,
    instance_network,
    parser_network,
    part_state_network,
    pose_net,
    skeleton_network,
)
from partparse.planning.config_files import merge
from partparse.planning.dataset import REFIT

Config = Mapping[str, Any]
Job = tuple[str, tuple[tuple[str, str], ...]]
"""A rule and its wildcards, `shard` cut to its split."""

PEAKS = {"V100": 125.0, "H100": 989.0}
"""1e12 operations a second in 16-bit floats without sparsity, as the maker says."""
TRAINING = 3
"""Forward passes that a training step is worth: forward, and twice that backward."""
COLUMNS = ("stage", "of", "examples (M)", "G operations each")


@dataclass(frozen=True)
class Split:
    """What a split holds."""

    videos: float
    frames: float
    """Annotated ones of train, all of val and test."""
    scored: float
    """Frames that are scored."""
    persons: float
    """Annotated, on all of `frames`."""

    def __add__(self, other: "Split") -> "Split":
        """Both together."""
        return Split(*(a + b for a, b in zip(astuple(self), astuple(other), strict=True)))


@dataclass(frozen=True)
class Work:
    """What a rule does in all its jobs on a split."""

    examples: float
    each: float
    """Operations."""


def main() -> None:
    """Plan, count, and print."""
    parser = command_line(__doc__)
    parser.add_argument("overlays", nargs="*", type=Path, help="config files behind the recipe's")
    parser.add_argument("--every-method", action="store_true", help="run all of the recipe")
    parser.add_argument(
        "--share", type=float, default=0.4, help="of the peak that is reached (default: 0.4)"
    )
    parser.add_argument(
        "--persons", type=float, default=10, help="found in a frame (default: 10, the most)"
    )
    args = parser.parse_args()
    config = read_config([RECIPE, *args.overlays])
    overlay = every_method(config) if args.every_method else {}
    config = merge(config, overlay)
    jobs = plan([RECIPE, *args.overlays], overlay)
    rows = list(cost(config, jobs, args.persons))
    splits = count_splits(config)
    print(
        f"{splits['train'].videos:.0f} videos of train, {splits['val'].videos:.0f} of val, "
        f"{splits['test'].videos:.0f} of test; {splits['train'].frames:.0f} annotated frames of "
        f"train with {splits['train'].persons:.0f} persons (all of them taken to have parts); "
        f"{splits['val'].scored:.0f} and {splits['test'].scored:.0f} scored frames; "
        f"{args.persons:g} persons found in each, and of them as many tracked as are annotated; "
        f"{100 * args.share:g} % of the peak.\n"
    )
    rates = {name: 1e12 * peak * args.share * 3600 for name, peak in PEAKS.items()}
    print_head(*COLUMNS, *(f"hours, {name}" for name in rates), words=2)
    everything = 0.0
    for (stage, of), work in rows:
        examples = sum(entry.examples for entry in work)
        total = sum(entry.examples * entry.each for entry in work)
        everything += total
        cells = [stage, of, f"{examples / 1e6:.3g}", f"{total / examples / 1e9:.0f}"]
        print_row(*cells, *(hours(total / rate) for rate in rates.values()))
    print_row("all", "", "", "", *(hours(everything / rate) for rate in rates.values()))


def hours(value: float) -> str:
    """As exact as the estimate is."""
    if value < 0.1:
        return "<0.1"
    return f"{value:.1f}" if value < 10 else f"{value:.0f}"


def read_config(overlays: list[Path]) -> Config:
    """What Snakemake makes of config.yaml and the overlays."""
    return reduce(merge, (settings(path=path) for path in overlays), settings())


def plan(overlays: list[Path], more: Config) -> Counter[Job]:
    """How many jobs a dry run of the recipe with these overlays plans on a GPU."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_videos(folder / "Kinetics-TPS", VIDEOS)
        overlay = write_overlay(folder, merge(write_weights(folder, settings(path=RECIPE)), more))
        command = [sys.executable, "-m", "snakemake", "-n", "--cores", "8", "--nocolor"]
        command += ["--snakefile", str(ROOT / "Snakefile"), "--directory", name, "--configfile"]
        command += [*(str(path.resolve()) for path in overlays), str(overlay)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    text = done.stdout + done.stderr
    if done.returncode:
        raise SystemExit(text[-3000:])
    found: Counter[Job] = Counter()
    for rule, block in re.findall(r"^rule (\w+):\n((?: +.*\n)+)", text, re.MULTILINE):
        if re.search(r"^ +resources: .*\bgpu=1\b", block, re.MULTILINE):
            line = re.search(r"^ +wildcards: (.+)$", block, re.MULTILINE)
            wildcards = re.findall(r"(\w+)=([\w-]+)", line[1] if line else "")
            found[rule, tuple((key, value.split("-")[0]) for key, value in wildcards)] += 1
    return found


def cost(
    config: Config, jobs: Mapping[Job, int], persons: float
) -> Iterator[tuple[tuple[str, str], list[Work]]]:
    """(stage, what it is of) and the work of its jobs; the most costly first.

    Raises KeyError for a rule that RULES lacks.
    """
    splits = count_splits(config)
    shards = config["dataset"]["shards"]
    rows: dict[tuple[str, str], list[Work]] = {}
    for (rule, wildcards), count in sorted(jobs.items()):
        named = dict(wildcards)
        split = named.pop("shard", None)
        # six jobs train the groups of a method, or another number of shards is planned: a share
        share = count / shards["val" if split == REFIT else split] if split else count
        named.pop("group", None)
        of = "".join(named.values())
        seen = splits["train"] + splits[REFIT] if of == REFIT else splits[split or "train"]
        work = RULES[rule](config, of, seen, annotated_or(split), persons)
        if work.examples:
            rows.setdefault((rule, of), []).append(Work(share * work.examples, work.each))
    yield from sorted(rows.items(), key=lambda row: -sum(w.examples * w.each for w in row[1]))


def count_splits(config: Config) -> dict[str, Split]:
    """Of the official data set, as the config splits it."""
    val = config["dataset"]["val_share"]
    stride = config["frames"]["scored_stride"]
    length = FRAMES["test"] / VIDEOS["test"]

    def whole(videos: float) -> Split:
        return Split(videos, videos * length, videos * length / stride, 0)

    def annotated(share: float) -> Split:
        return Split(VIDEOS["train"] * share, FRAMES["train"] * share, 0, HUMANS * share)

    return {
        "train": annotated(1 - val),
        "val": whole(VIDEOS["train"] * val),
        "test": whole(VIDEOS["test"]),
        REFIT: annotated(val),
    }


def annotated_or(split: str | None) -> str:
    """The split whose persons rules are to take: those of a refit are annotated, as train's."""
    return "train" if split in (None, REFIT) else split


# --- examples of the rules


def _train_detector(*keys: str, of_persons: bool = False) -> "Rule":
    def rule(config: Config, of: str, split: Split, name: str, persons: float) -> Work:
        train = reduce(getitem, keys, config)["train"]
        pictures = (split.persons if of_persons else split.frames) / train["frame_stride"]
        each = detector(train["network"], train["image_size"])
        return Work(train["epochs"] * pictures, TRAINING * each)

    return rule


def _detect(*keys: str, of_persons: bool = False) -> "Rule":
    def rule(config: Config, of: str, split: Split, name: str, persons: float) -> Work:
        train = reduce(getitem, keys, config)["train"]
        pictures = split.scored * (persons if of_persons else 1)
        return Work(pictures, detector(train["network"], train["image_size"]))

    return rule


def _detect_between(config: Config, of: str, split: Split, name: str, persons: float) -> Work:
    train = config["persons"]["train"]
    frames = split.frames / config["tracks"]["frame_stride"]
    return Work(frames, detector(train["network"], train["image_size"]))


def _train_pose(config: Config, of: str, split: Split, name: str, persons: float) -> Work:
    train = config["pose"]["train"]
    examples = train["epochs"] * split.persons / train["frame_stride"]
    return Work(examples, TRAINING * _pose_each(config) if examples else 0)


def _predict_pose(config: Config, of: str, split: Split, name: str, persons: float) -> Work:
    crops = split.persons / config["parts"]["train"]["frame_stride"]
    if name != "train":
        crops = split.scored * persons
    return Work(crops * (1 + config["pose"]["predict"]["mirror"]), _pose_each(config))


def _predict_tracked_pose(config: Config, of: str, split: Split, name: str, persons: float) -> Work:
    stride = config["tracks"]["frame_stride"]
    crops = split.persons if name == "train" else split.frames * HUMANS / FRAMES["train"]
    return Work(crops / stride * (1 + config["pose"]["predict"]["mirror"]), _pose_each(config))


def _pose_each(config: Config) -> float:
    return pose_net(yaml.safe_dump(config["pose"]["train"]))


def _train_clips(kind: str) -> "Rule":
    def rule(config: Config, of: str, split: Split, name: str, persons: float) -> Work:
        model = config[kind][of]
        train = model["train"]
        # clips are about frames where the method says so
        clips = split.frames / model["frame_stride"] if "frame_stride" in model else split.videos
        own = train["network"][1]
        # gradients of a frozen encoder are not worked out, and its probe is small
        passes = 1 if own.get("freeze_backbone") else TRAINING + own.get("checkpointing", False)
        return Work(train["epochs"] * clips, passes * clip_network(yaml.safe_dump(train)))

    return rule


def _predict_clips(kind: str, networks: int = 1) -> "Rule":
    def rule(config: Config, of: str, split: Split, name: str, persons: float) -> Work:
        model = config[kind][of]
        views = model["predict"]["clips"] * model["predict"]["crops"] * networks
        of_frames = "frame_stride" in model
        clips = views * (split.scored if of_frames else split.videos)
        side = model["predict"]["crop_side"] or model["train"]["crop_side"]
        return Work(clips, clip_network(yaml.safe_dump(model["train"] | {"crop_side": side})))

    return rule


def _train_instance(config: Config, of: str, split: Split, name: str, persons: float) -> Work:
    train = config["states"][of]["train"]
    clips = train["epochs"] * split.frames / train["frame_stride"]
    annotated = round(HUMANS / FRAMES["train"])
    return Work(clips, TRAINING * instance_network(yaml.safe_dump(train), annotated))


def _predict_instance(config: Config, of: str, split: Split, name: str, persons: float) -> Work:
    train = config["states"][of]["train"]
    return Work(split.scored, instance_network(yaml.safe_dump(train), round(persons)))


def _train_part_state(config: Config, of: str, split: Split, name: str, persons: float) -> Work:
    train = config["states"]["part_state"]["train"]
    examples = train["epochs"] * split.persons / train["frame_stride"]
    return Work(examples, TRAINING * part_state_network(yaml.safe_dump(train)))


def _predict_part_state(config: Config, of: str, split: Split, name: str, persons: float) -> Work:
    method = config["states"]["part_state"]
    crops = split.scored * persons * (1 + method["predict"]["mirror"])
    return Work(crops, part_state_network(yaml.safe_dump(method["train"])))


def _train_parser(config: Config, of: str, split: Split, name: str, persons: float) -> Work:
    train = config["states"]["parser"]["train"]
    train = train | (config["states"]["parser"]["refit"] if of == REFIT else {})
    examples = train["epochs"] * split.persons / train["frame_stride"]
    return Work(examples, TRAINING * _parser_each(config))


def _predict_parser(config: Config, of: str, split: Split, name: str, persons: float) -> Work:
    crops = split.persons / config["parts"]["train"]["frame_stride"]
    if name != "train":
        crops = split.scored * persons
    return Work(crops * _parser_views(config, name), _parser_each(config))


def _predict_tracked_parser(
    config: Config, of: str, split: Split, name: str, persons: float
) -> Work:
    crops = split.persons if name == "train" else split.frames * HUMANS / FRAMES["train"]
    crops /= config["tracks"]["frame_stride"]
    return Work(crops * _parser_views(config, name), _parser_each(config))


def _parser_views(config: Config, split: str) -> int:
    """How many crops of a person are seen: annotated boxes are looked at once."""
    predict = config["states"]["parser"]["predict"]
    return (1 if split == "train" else predict["looks"]) * (1 + predict["mirror"])


def _parser_each(config: Config) -> float:
    return parser_network(yaml.safe_dump(config["states"]["parser"]["train"]))


def _train_skeleton(config: Config, of: str, split: Split, name: str, persons: float) -> Work:
    train = config["states"]["skeleton"]["train"]
    windows = train["epochs"] * split.persons / train["frames_a_window"]
    return Work(windows, TRAINING * skeleton_network(yaml.safe_dump(train)))


def _predict_skeleton(config: Config, of: str, split: Split, name: str, persons: float) -> Work:
    train = config["states"]["skeleton"]["train"]
    return Work(split.scored * persons, skeleton_network(yaml.safe_dump(train)))


def _baseline_each(config: Config) -> float:
    method = config["states"]["baseline"]
    tsn = config["actions"][method["tsn"]]["train"]
    return baseline_network(yaml.safe_dump(method["train"]), yaml.safe_dump(tsn))


def _train_baseline(config: Config, of: str, split: Split, name: str, persons: float) -> Work:
    train = config["states"]["baseline"]["train"]
    frames = train["epochs"] * split.videos * train["segments"]
    return Work(frames, TRAINING * _baseline_each(config))


def _predict_baseline(config: Config, of: str, split: Split, name: str, persons: float) -> Work:
    return Work(split.scored, _baseline_each(config))


Rule = Callable[[Config, str, Split, str, float], Work]

RULES: dict[str, Rule] = {
    "train_persons": _train_detector("persons"),
    "detect_persons": _detect("persons"),
    "detect_between": _detect_between,
    "train_pose": _train_pose,
    "predict_pose": _predict_pose,
    "predict_tracked_pose": _predict_tracked_pose,
    "train_parts": _train_detector("parts", of_persons=True),
    "detect_parts": _detect("parts", of_persons=True),
    "train_single": _train_detector("parts", "single"),
    "detect_single": _detect("parts", "single"),
    "train_objects": _train_detector("objects"),
    "detect_objects": _detect("objects"),
    "train_onestage": _train_detector("states", "onestage"),
    "predict_onestage": _detect("states", "onestage"),
    "train_action": _train_clips("actions"),
    "predict_action": _predict_clips("actions"),
    "train_group": _train_clips("states"),
    "predict_group": _predict_clips("states", networks=6),
    "train_clip_labels": _train_clips("states"),
    "predict_clip_labels": _predict_clips("states"),
    "train_instance": _train_instance,
    "predict_instance": _predict_instance,
    "train_part_state": _train_part_state,
    "predict_part_state": _predict_part_state,
    "train_parser": _train_parser,
    "predict_parser": _predict_parser,
    "predict_tracked_parser": _predict_tracked_parser,
    "train_skeleton": _train_skeleton,
    "predict_skeleton": _predict_skeleton,
    "train_baseline": _train_baseline,
    "predict_baseline": _predict_baseline,
}


if __name__ == "__main__":
    main()
