"""Bring all faults about, print the table, and end with status 1 if anything was lost."""

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.faults.damage import cut_tables, fill_disk
from tests.faults.data import damage_videos, take_persons
from tests.faults.kills import kill_programs, kill_snakemake
from tests.faults.tested import TESTED, run_tests
from tests.faults.workbench import LostError, Outcome, Run, expect, make_data


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="of what is hurt, and when")
    seed = parser.parse_args().seed
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="partparse-faults-") as folder:
        outcomes, lost = run_campaign(Path(folder), seed)
    print(f"\n{table(outcomes, lost)}")
    print(f"\nseed {seed}, {(time.monotonic() - start) / 60:.1f} minutes")
    sys.exit(1 if lost else 0)


def run_campaign(folder: Path, seed: int) -> tuple[list[Outcome], dict[str, str]]:
    """Each kind of fault in a folder of its own; what was lost does not stop the others."""
    data = make_data(folder / "data" / "set")
    base = Run(folder / "undisturbed", data)
    started = time.monotonic()
    expect(base.finish() == 0, f"the undisturbed run failed:\n{base.said()[-4000:]}")
    expected = base.submission()
    print(f"undisturbed run: {time.monotonic() - started:.0f} s", flush=True)
    faults: dict[str, Callable[[], Outcome | tuple[Outcome, ...]]] = {
        "programs killed": lambda: kill_programs(Run(folder / "kills", data), expected, seed),
        "Snakemake killed": lambda: kill_snakemake(Run(folder / "unlock", data), expected, seed),
        "disk full": lambda: fill_disk(base, data, folder / "disk"),
        "tables cut short": lambda: cut_tables(base, data, folder / "cut", seed),
        "damaged videos": lambda: damage_videos(base, data, folder / "damaged"),
        "no persons": lambda: take_persons(base, data, folder / "empty"),
    }
    faults |= {name: lambda name=name: run_tests(name, folder) for name in TESTED}  # type: ignore[misc]
    outcomes: list[Outcome] = []
    lost: dict[str, str] = {}
    for name, bring_about in faults.items():
        try:
            found = bring_about()
        except LostError as loss:
            lost[name] = str(loss)
            print(f"LOST {name}: {loss}", flush=True)
            continue
        for outcome in found if isinstance(found, tuple) else (found,):
            outcomes.append(outcome)
            print(
                f"{outcome.fault}: {outcome.survived} of {outcome.tried} survived, "
                f"{outcome.seconds:.0f} s",
                flush=True,
            )
    return outcomes, lost


def table(outcomes: list[Outcome], lost: dict[str, str]) -> str:
    """The outcomes as Markdown."""
    lines = ["| fault | tried | survived | lost |", "|---|---|---|---|"]
    lines += [
        f"| {o.fault} | {o.tried} | {o.survived} | {o.tried - o.survived} |" for o in outcomes
    ]
    lines += [f"| {name} | | | yes: {reason} |" for name, reason in lost.items()]
    notes = [f"- {o.fault}: {o.note}" for o in outcomes if o.note]
    return "\n".join([*lines, "", *notes])


if __name__ == "__main__":
    main()
