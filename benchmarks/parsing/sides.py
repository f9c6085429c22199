"""Videos parsed by a finished run: in one process, and by a process for each stage."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.printing import print_head, print_row
from benchmarks.side import cpu_seconds
from partparse.inference.plan import CHECKOUT, CONFIG, DATA, TARGET, lay_out
from partparse.inference.run_folder import open_run


def parse_together(run: str, *videos: str) -> None:
    """`partparse parse`."""
    with tempfile.TemporaryDirectory() as folder:
        words = ["--run", run, "--out", folder, "--device", "cpu"]
        subprocess.run(
            [sys.executable, "-m", "partparse.cli", "parse", *videos, *words], check=True
        )


def parse_by_stages(run: str, *videos: str) -> None:
    """Snakemake, as it parses a test set; it starts a process for each stage."""
    with tempfile.TemporaryDirectory() as folder:
        found = open_run(Path(run))
        lay_out(Path(folder), found, found.stride)
        tests = Path(folder) / DATA / "test_videos"
        for name in tests.iterdir():
            name.unlink()
        for video in map(Path, videos):
            (tests / video.name).symlink_to(video.resolve())
        command = [sys.executable, "-m", "snakemake", "--snakefile", str(CHECKOUT / "Snakefile")]
        command += ["--directory", folder, "--configfile", str(Path(folder) / CONFIG)]
        command += ["--cores", "all", "--resources", "gpu=0", "--", TARGET]
        subprocess.run(command, cwd=CHECKOUT, check=True)


def print_rates(run: str, *videos: str) -> None:
    """A row for each video, parsed by a parser that has loaded its models; no file is written."""
    from partparse.inference.parser import Parser

    parser = Parser(run, device="cpu")
    parser.parse(videos[0])
    print_head("video", "frames", "parsed", "seconds", "CPU", "parsed frames a CPU second")
    for video in videos:
        start, cpu = time.perf_counter(), cpu_seconds()
        parse = parser.parse(video)
        seconds, used = time.perf_counter() - start, cpu_seconds() - cpu
        parsed = len(range(0, parse.length, parse.stride))
        cells = (f"{seconds:.1f}", f"{used:.1f}", f"{parsed / used:.1f}")
        print_row(parse.name, parse.length, parsed, *cells)
