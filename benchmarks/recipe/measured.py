"""What a rehearsal measured of each stage, and the hours that the full run then takes."""

import re
import subprocess
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import pandas as pd

from benchmarks.printing import print_head, print_row
from benchmarks.recipe.cost import (
    RULES,
    Split,
    annotated_or,
    cost,
    count_splits,
    hours,
    plan,
    read_config,
)
from partparse import tables
from partparse.planning.dataset import videos_shard
from partparse.report.methods import job_times
from partparse.sampling import is_scored

Config = Mapping[str, Any]
Stage = tuple[str, str]
"""A rule, and what it is of, as `cost` has them."""

COLUMNS = ("stage", "of", "examples a second", "seconds a step", "peak MB")
ON_A_GPU = ("GPU MB", "GPU busy", "examples of the full run (M)", "its hours")
"""Columns more where there is one: nobody makes the full run without."""
_TRAINED = re.compile(r"rehearsal: (\d+) steps timed, (\d+) examples in ([\d.]+) s")
_PREDICTED = re.compile(r": \d+ in ([\d.]+) s, [\d.]+/s$", re.MULTILINE)
_OTHER_NAMES = {
    ("train_parts", "single"): ("train_single", ""),
    ("detect_parts", "single"): ("detect_single", ""),
}
"""Stages that log under a name that is not their rule's."""


class Watch:
    """Notes what nvidia-smi says of the first GPU each second, while a block runs."""

    def __init__(self, path: Path, *, has_gpu: bool) -> None:
        """`path`: of the table, which is added to."""
        self._path = path
        self._has_gpu = has_gpu
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        """Begin."""
        if self._has_gpu:
            query = "--query-gpu=timestamp,utilization.gpu,memory.used"
            command = ["nvidia-smi", query, "--format=csv,noheader,nounits", "-l", "1", "-i", "0"]
            with self._path.open("ab") as file:
                self._process = subprocess.Popen(command, stdout=file)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End."""
        if self._process:
            self._process.terminate()
            self._process.wait()


@dataclass
class Measured:
    """Of the jobs of a stage."""

    examples: float = 0
    seconds: float = 0
    """In which these were computed, without what it takes to start."""
    steps: int = 0
    peak: float = 0
    """MiB, of the process and those it started."""
    spans: list[tuple[float, float]] = field(default_factory=list)
    """When its jobs began and ended, seconds of the epoch."""


def print_table(run: Path, systems: Mapping[str, tuple[list[Path], Config]]) -> None:
    """A row for each stage with a network, and a line for all others.

    Args:
        run: folder of the rehearsal.
        systems: {name: the files of its full config, and the config that was rehearsed}.
    """
    found = read_stages(run, {name: config for name, (_, config) in systems.items()})
    gpu = read_gpu(run / "gpu.csv")
    full: dict[Stage, float] = {}
    for files, _ in systems.values() if not gpu.empty else ():
        for stage, work in cost(read_config(files), plan(files, {}), persons=10):
            full[stage] = max(full.get(stage, 0), sum(entry.examples for entry in work))
    print_head(*COLUMNS, *(() if gpu.empty else ON_A_GPU), words=2)
    total = 0.0
    for stage, measured in sorted(found.items()):
        if stage[0] not in RULES:
            continue
        rate = measured.examples / measured.seconds if measured.seconds else None
        takes = full.get(stage, 0) / rate / 3600 if rate else 0
        total += takes
        cells = [
            *stage,
            f"{rate:.3g}" if rate else "",
            f"{measured.seconds / measured.steps:.3g}" if measured.steps else "",
            f"{measured.peak:.0f}",
        ]
        if not gpu.empty:
            cells += _of_gpu(gpu, measured)
            cells += [f"{full.get(stage, 0) / 1e6:.3g}", hours(takes) if rate else ""]
        print_row(*cells)
    if not gpu.empty:
        print_row("all", *[""] * (len(COLUMNS) + len(ON_A_GPU) - 2), hours(total))
    others = [measured for stage, measured in found.items() if stage[0] not in RULES]
    took = sum(end - start for measured in others for start, end in measured.spans)
    peak = max((measured.peak for measured in others), default=0)
    print(f"\nStages without a network: {took:.0f} s in all, at most {peak:.0f} MB.")


def read_stages(run: Path, systems: Mapping[str, Config]) -> dict[Stage, Measured]:
    """What benchmark files and logs say of each stage."""
    # the last system that ran has set all tables; what is cut is the same in all
    config = list(systems.values())[-1]
    splits = dict(count_rehearsed(run, config))
    found: dict[Stage, Measured] = defaultdict(Measured)
    folder = run / "results" / "benchmarks"
    for path in sorted(folder.rglob("*.tsv")):
        rule, *words = path.relative_to(folder).with_suffix("").parts
        shards = [word for word in words if re.fullmatch(r"\w+-\d+", word)]
        of = "".join(word for word in words if word not in shards)
        if rule == "train_group":
            of = words[0]
        stage = _OTHER_NAMES.get((rule, of), (rule, of))
        job = job_times(path)
        own = found[stage]
        own.peak = max(own.peak, float(job["max_rss"]))
        ended = path.stat().st_mtime
        own.spans.append((ended - float(job["s"]), ended))
        log = run / "logs" / path.relative_to(folder).with_suffix(".log")
        text = log.read_text("utf-8", errors="replace") if log.exists() else ""
        if trained := _TRAINED.findall(text):
            steps, examples, seconds = trained[-1]
            own.steps += int(steps)
            own.examples += int(examples)
            own.seconds += float(seconds)
        elif stage[0] in RULES and shards and (predicted := _PREDICTED.findall(text)):
            name = shards[0].rpartition("-")[0]
            persons = config["persons"]["predict"]["most"]
            work = RULES[stage[0]](config, stage[1], splits[name], annotated_or(name), persons)
            own.examples += work.examples
            own.seconds += sum(map(float, predicted))
    return found


def count_rehearsed(run: Path, config: Config) -> Iterator[tuple[str, Split]]:
    """What the splits of the rehearsal's data set hold, of those that it came to."""
    stride = config["frames"]["scored_stride"]
    for name in count_splits(config):
        shard = videos_shard(f"{name}-000")
        extracted = run / "results" / "frames" / f"{shard}.parquet"
        read = run / "results" / "dataset" / "annotations" / f"{shard}.parquet"
        if not (extracted.exists() and read.exists()):
            continue
        frames = tables.read(extracted, tables.FRAMES)
        annotations = tables.read(read, tables.ANNOTATIONS)
        persons = annotations[annotations["part"] == "person"]
        counts = frames["frames"].to_numpy()
        annotated = len(persons[["video", "frame"]].drop_duplicates())
        yield (
            name,
            Split(
                videos=len(frames),
                frames=annotated if annotated_or(name) == "train" else int(counts.sum()),
                scored=sum(int(is_scored(np.arange(1, n + 1), stride).sum()) for n in counts),
                persons=len(persons),
            ),
        )


def read_gpu(path: Path) -> pd.DataFrame:
    """Columns when (seconds of the epoch), busy (%), held (MiB); no rows without a GPU."""
    columns = ["when", "busy", "held"]
    if not path.exists() or not path.stat().st_size:
        return pd.DataFrame(columns=columns)
    table = pd.read_csv(path, names=columns, skipinitialspace=True)
    local = pd.to_datetime(table["when"]).dt.tz_localize(datetime.now().astimezone().tzinfo)
    table["when"] = local.map(lambda when: when.timestamp())
    return table


def _of_gpu(gpu: pd.DataFrame, measured: Measured) -> tuple[str, str]:
    """Most memory held and the mean share of time in use, while a stage's jobs ran."""
    during = np.zeros(len(gpu), bool)
    for start, end in measured.spans:
        during |= gpu["when"].between(start, end).to_numpy(bool)
    own = gpu[during]
    if own.empty:
        return "", ""
    return f"{own['held'].max():.0f}", f"{own['busy'].mean():.0f} %"
