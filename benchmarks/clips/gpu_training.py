"""Whether a GPU waits while the full recipe's clip networks are trained, as tables in Markdown.

    python -m benchmarks.clips.gpu_training
    python -m benchmarks.clips.gpu_training --networks csn --choices
    python -m benchmarks.clips.gpu_training --config config.yaml --device cpu --steps 4 --workers 0

The whole loop (frames read by as many processes as the settings say, Lightning, checks, records)
against the same step on a batch that lies on the device. `share` is the second's time over the
first's: what is missing to 1 the GPU waits. `in use` is what NVML reports meanwhile. With
`--choices`, steps under other choices than ours, each on its own. Random weights; JPEG files of
340 x 256 pixels.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import mean
from threading import Event, Thread
from typing import Any

import torch
import yaml
from torch import nn

from benchmarks.checkout import ROOT
from benchmarks.clips.sides import CLASSES, drain, examples, loader
from benchmarks.printing import command_line, print_head, print_row
from benchmarks.recipe.networks import timed
from benchmarks.side import measure
from benchmarks.usage import make
from partparse.learning.frozen_bn import freeze_batch_norms
from partparse.learning.loop import train_model
from partparse.recognition.registry import create
from partparse.recognition.settings import TrainSettings
from partparse.recognition.training import ClipClassifier
from partparse.running.arguments import Job

VIDEOS, FRAMES = 16, 250
WARM = 10
"""Steps before those that count."""
COLUMNS = (
    "network",
    "clip",
    "batch",
    "clips a second",
    "on the device alone",
    "share",
    "in use",
    "read alone",
    "GPU MB",
)


def main() -> None:
    """Measure the networks that were asked for, and print the table."""
    parser = command_line(__doc__)
    parser.add_argument("--networks", nargs="+", default=["csn", "swin"], help="of `actions`")
    parser.add_argument("--config", type=Path, default=ROOT / "configs" / "kinetics_tps.yaml")
    parser.add_argument("--device", choices=("cpu", "cuda:0"), default="cuda:0")
    parser.add_argument("--steps", type=int, default=100, help="that count")
    parser.add_argument("--workers", type=int, help="processes that read; default: the settings'")
    parser.add_argument("--choices", action="store_true", help="steps under other choices instead")
    args = parser.parse_args()
    actions = yaml.safe_load(args.config.read_text("utf-8"))["actions"]
    chosen = {name: read_settings(actions[name]["train"], args.workers) for name in args.networks}
    device = torch.cuda.get_device_name() if torch.cuda.is_available() else "CPU"
    print(f"{device}, {len(os.sched_getaffinity(0))} cores, torch {torch.__version__}\n")
    print_head(*(("network", *CHOICES) if args.choices else COLUMNS))
    if args.choices:
        for name, settings in chosen.items():
            print_row(name, *try_choices(settings, args))
        return
    with tempfile.TemporaryDirectory() as folder:
        cache = Path(folder) / "frames"
        make("pictures", cache, "--videos", VIDEOS, "--frames", FRAMES, "--extracted")
        for name, settings in chosen.items():
            print_row(name, *compare(settings, cache, args))


def read_settings(train: dict[str, Any], workers: int | None) -> TrainSettings:
    """A network's settings, but with random weights, and one epoch."""
    settings = TrainSettings.of(train).replace(weights=None, epochs=1, drops=())
    return settings if workers is None else settings.replace(workers=workers)


def compare(settings: TrainSettings, cache: Path, args: argparse.Namespace) -> list[str]:
    """The cells of a row after the network's name."""
    clips = (WARM + args.steps) * settings.batch
    with watch(args.device) as seen:
        began, ended = run_loop(settings, cache, clips, args.device)
    held = "" if args.device == "cpu" else f"{torch.cuda.max_memory_allocated() / 1e6:.0f}"
    loop = (ended - began) / args.steps
    in_use = [share for when, share in seen if began < when < ended]
    alone = step_seconds(settings, args.device, args.steps)
    _, (read, _) = measure(lambda: drain(loader(str(cache), clips, FRAMES, settings)))
    return [
        f"{settings.length} × {settings.crop_side} × {settings.crop_side}",
        str(settings.batch),
        f"{settings.batch / loop:.1f}",
        f"{settings.batch / alone:.1f}",
        f"{alone / loop:.2f}",
        f"{mean(in_use):.0f} %" if in_use else "",
        f"{clips / read:.1f}",
        held,
    ]


class _Timed(ClipClassifier):
    """Notes when the steps that count begin and end."""

    steps = 0
    began = ended = 0.0

    def on_train_batch_end(self, *_: Any) -> None:
        """Count a step."""
        self.steps += 1
        if self.steps == WARM:
            synchronise(self.device.type)
            self.began = time.perf_counter()
        elif self.steps == self.steps_an_epoch:
            synchronise(self.device.type)
            self.ended = time.perf_counter()


def run_loop(settings: TrainSettings, cache: Path, clips: int, device: str) -> tuple[float, float]:
    """The workflow's training: when the steps that count began, and when they had ended."""
    tasks: list[_Timed] = []

    def make_task(network: nn.Module) -> _Timed:
        tasks.append(_Timed(network, settings))
        return tasks[-1]

    with tempfile.TemporaryDirectory() as folder:
        train_model(
            lambda: make_network(settings),
            make_task,
            examples(str(cache), clips, FRAMES, settings),
            settings=settings,
            out=Path(folder) / "model",
            job=Job(version=1, gpus=int(device != "cpu")),
            stage="benchmark",
            made_from={},
            facts={},
        )
    [task] = tasks
    return task.began, task.ended


def make_network(settings: TrainSettings) -> nn.Module:
    """The network, its batch norms as the training has them."""
    name, own = settings.network
    network = create(name, **own, classes=CLASSES)
    if settings.freeze_bn:
        freeze_batch_norms(network)
    return network


def step_seconds(
    settings: TrainSettings,
    device: str,
    steps: int,
    *,
    prepare: Callable[[nn.Module], object] | None = None,
    deterministic: bool = True,
    filled: bool = False,
) -> float:
    """Of an optimiser step on a batch that lies on the device.

    `prepare` changes the network as the training lays it; `filled`: whether torch fills memory
    that an operation is about to write, as it does where algorithms are to be deterministic.
    """
    torch.use_deterministic_algorithms(deterministic, warn_only=True)
    torch.utils.deterministic.fill_uninitialized_memory = filled
    task = ClipClassifier(make_network(settings), settings).to(device)
    if prepare is not None:
        prepare(task.network)
    optimizer = torch.optim.SGD([p for p in task.parameters() if p.requires_grad], lr=1e-6)
    shape = (settings.batch, settings.length, settings.crop_side, settings.crop_side, 3)
    clips = torch.randint(0, 256, shape, dtype=torch.uint8, device=device)
    targets = torch.zeros(settings.batch, dtype=torch.long, device=device)
    kind = torch.device(device).type
    half = settings.precision == "bf16-mixed"

    def step() -> None:
        optimizer.zero_grad()
        with torch.autocast(kind, torch.bfloat16, enabled=half):
            loss = task.figures((clips, targets))["loss"]
        loss.backward()
        optimizer.step()

    step()
    return timed(step, device, steps)[0]


def contiguous(network: nn.Module) -> None:
    """Colours first in memory, torch's default."""
    for module in network.modules():
        if isinstance(module, nn.Conv3d):
            module.to(memory_format=torch.contiguous_format)


def compiled(network: nn.Module) -> None:
    """By torch's compiler, which fails on CSN's convolutions with the colours last."""
    contiguous(network)
    network.compile()


CHOICES: dict[str, dict[str, Any]] = {
    "ours": {},
    "32-bit floats": {"precision": "32-true"},
    "colours first": {"prepare": contiguous},
    "any algorithm": {"deterministic": False},
    "memory filled": {"filled": True},
    "compiled, colours first": {"prepare": compiled},
}
"""What is other than in ours."""


def try_choices(settings: TrainSettings, args: argparse.Namespace) -> Iterator[str]:
    """Milliseconds of a step under each choice."""
    for choice in CHOICES.values():
        own = dict(choice)
        changed = settings.replace(precision=own.pop("precision", settings.precision))
        seconds = step_seconds(changed, args.device, args.steps, **own)
        yield f"{1000 * seconds:.1f} ms"


def synchronise(kind: str) -> None:
    """Wait for what the device still computes."""
    if kind == "cuda":
        torch.cuda.synchronize()


@contextmanager
def watch(device: str) -> Iterator[list[tuple[float, int]]]:
    """When, and NVML's share of time in which a kernel ran, every tenth of a second."""
    found: list[tuple[float, int]] = []
    end = Event()

    def look() -> None:
        while not end.wait(0.1):
            found.append((time.perf_counter(), torch.cuda.utilization()))

    watcher = Thread(target=look)
    if device != "cpu":
        watcher.start()
    yield found
    end.set()
    if device != "cpu":
        watcher.join()


if __name__ == "__main__":
    main()
