"""Parameters, memory and time of every full-size network, as a table in Markdown.

    python -m benchmarks.recipe.networks --length 16 --size 112
    python -m benchmarks.recipe.networks --device cuda --batch 8 --precision bf16-mixed --size 224

Each network is measured in a process of its own. On the CPU times are those that the process
computed (CPU seconds, which other programs change little), and memory is the largest that it
held, Python and torch included; on a GPU they are seconds by the clock and what torch allocated.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

from benchmarks.printing import command_line, print_head, print_row

NETWORKS: dict[str, dict[str, Any]] = {
    "ir-CSN-152": {"name": "ir_csn", "depth": 152},
    "ip-CSN-152": {"name": "ip_csn", "depth": 152},
    "Video Swin-T": {"name": "swin3d", "size": "t"},
    "Video Swin-S": {"name": "swin3d", "size": "s"},
    "Video Swin-B": {"name": "swin3d", "size": "b"},
    "SlowFast-R50": {"name": "slowfast", "depth": 50},
    "SlowFast-R101": {"name": "slowfast", "depth": 101, "fusion_kernel": 5},
    "X3D-M": {"name": "x3d", "size": "m"},
    "R(2+1)D-18": {"name": "r2plus1d", "depth": 18},
    "I3D-R50": {"name": "i3d", "depth": 50},
    "C3D": {"name": "c3d"},
    "TSN-R50": {"name": "tsn", "depth": 50},
    "MViTv2-S": {"name": "mvit", "size": "v2_s"},
    "VideoMAE-B": {"name": "videomae", "size": "b"},
    "V-JEPA 2-L, probe": {"name": "vjepa2", "size": "l"},
}
COLUMNS = (
    "network",
    "parameters (M)",
    "clip (T × H × W)",
    "batch",
    "inference (s a clip)",
    "inference (MiB)",
    "training (s a step)",
    "training (MiB)",
)
CLASSES = 400  # as the published counts of parameters


def main() -> None:
    """Measure the networks that were asked for, and print the table."""
    parser = command_line(__doc__)
    parser.add_argument("--networks", nargs="+", choices=NETWORKS, default=list(NETWORKS))
    parser.add_argument("--length", type=int, default=16, help="frames of a clip")
    parser.add_argument("--size", type=int, default=112, help="pixels, side of a clip")
    parser.add_argument("--batch", type=int, default=1, help="clips at once")
    parser.add_argument("--precision", choices=("32-true", "bf16-mixed"), default="32-true")
    parser.add_argument("--device", default="cpu", help="cpu or cuda")
    parser.add_argument("--threads", type=int, default=1, help="of the CPU")
    parser.add_argument("--repeats", type=int, default=1, help="measured runs after the first")
    parser.add_argument("--measure", action="store_true", help="one network, here, as JSON")
    args = parser.parse_args()
    if args.measure:
        print(json.dumps(measure(args.networks[0], args)))
        return
    print_head(*COLUMNS)
    for network in args.networks:
        print_row(*in_own_process(network, sys.argv[1:]))


def in_own_process(network: str, arguments: list[str]) -> list[str]:
    """A network's row of the table; what went wrong stands in it where that happened."""
    command = [sys.executable, "-m", "benchmarks.recipe.networks", *arguments]
    command += ["--networks", network, "--measure"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [f"ended with {done.returncode}"])[-1]
        return [network, last[:80], *[""] * (len(COLUMNS) - 2)]
    return [network, *json.loads(done.stdout.splitlines()[-1])]


def measure(label: str, args: argparse.Namespace) -> list[str]:
    """The cells of a network's row after its label."""
    import torch

    from partparse.recognition.clips import colours_last, normalise
    from partparse.recognition.registry import create
    from partparse.running.program import limit_threads

    limit_threads(args.threads)
    torch.manual_seed(0)
    network = colours_last(create(**NETWORKS[label], classes=CLASSES)).to(args.device)
    parameters = sum(parameter.numel() for parameter in network.parameters())
    shape = (args.batch, args.length, args.size, args.size, 3)
    clips = torch.randint(0, 256, shape, dtype=torch.uint8)
    clips = normalise(clips.to(args.device), None)
    targets = torch.zeros(args.batch, dtype=torch.long, device=args.device)
    optimizer = torch.optim.SGD(network.parameters(), lr=1e-4, momentum=0.9)
    half = torch.autocast(args.device, torch.bfloat16, enabled=args.precision == "bf16-mixed")

    def judge() -> None:
        with torch.inference_mode(), half:
            network(clips)

    def learn() -> None:
        optimizer.zero_grad()
        with half:
            loss = torch.nn.functional.cross_entropy(network(clips), targets)
        loss.backward()
        optimizer.step()

    network.eval()
    judging, judged = timed(judge, args.device, args.repeats)
    network.train()
    learning, learnt = timed(learn, args.device, args.repeats)
    return [
        f"{parameters / 1e6:.2f}",
        f"{args.length} × {args.size} × {args.size}",
        str(args.batch),
        f"{judging / args.batch:.3g}",
        f"{judged:.0f}",
        f"{learning:.3g}",
        f"{learnt:.0f}",
    ]


def timed(work: Callable[[], None], device: str, repeats: int) -> tuple[float, float]:
    """Seconds of one call after a first one, the mean; and the most MiB held so far."""
    import torch

    on_gpu = device != "cpu"
    clock = time.perf_counter if on_gpu else time.process_time
    work()
    if on_gpu:
        torch.cuda.synchronize()
        torch.cuda.reset_peak_memory_stats()
    start = clock()
    for _ in range(repeats):
        work()
    if on_gpu:
        torch.cuda.synchronize()
        return (clock() - start) / repeats, torch.cuda.max_memory_allocated() / 2**20
    seconds = (clock() - start) / repeats
    return seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10  # KiB on Linux


if __name__ == "__main__":
    main()
