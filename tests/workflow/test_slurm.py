"""The workflow on a real Slurm of this one host, whose GPUs are only names."""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.workflow

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "squeue", "scancel")
TINY = "tests/configs/tiny.yaml"
FRAMES = [f"results/frames/{split}-000.parquet" for split in ("train", "val")]
# three that can run at once, as soon as there are frames: {rule: (model, log)}
TRAININGS = {
    "train_persons": ("results/persons/model", "logs/train_persons.log"),
    "train_action": ("results/actions/csn/model", "logs/train_action/csn.log"),
    "train_pose": ("results/pose/model", "logs/train_pose.log"),
}
ON_CPU = "results/dataset/videos/test-000.parquet"
SECONDS = 600  # until the run is given up; two idle cores take about two minutes


@pytest.fixture
def cluster(repository) -> Iterator[None]:
    """A Slurm of one node with three GPUs."""
    if os.geteuid() != 0:
        pytest.skip("only root can start a Slurm")
    if missing := [name for name in PROGRAMS if shutil.which(name) is None]:
        pytest.skip(f"no {missing[0]} here; the packages slurm-wlm and munge have it")
    if Path("/etc/slurm/slurm.conf").exists():
        pytest.skip("this host has a Slurm of its own: /etc/slurm/slurm.conf")
    folder = Path(tempfile.mkdtemp(prefix="slurm-"))  # munge wants it where all users can look
    one_host = ["bash", repository / "tests" / "workflow" / "one_host.sh"]
    try:
        subprocess.run([*one_host, "start", folder], check=True, timeout=60)
        yield
    finally:
        subprocess.run([*one_host, "stop", folder], check=True, timeout=60)
    assert not [path for path in (folder / "run").glob("*.pid") if is_alive(path)]
    shutil.rmtree(folder)


def is_alive(pid_file: Path) -> bool:
    return Path("/proc", pid_file.read_text().strip()).exists()


def command(repository: Path, run: Path, *arguments: str | Path) -> list[str]:
    """A run of the workflow with the tiny settings in the folder `run`."""
    head = [sys.executable, "-m", "snakemake", "--snakefile", repository / "Snakefile"]
    head += ["--directory", run, "--configfile", repository / TINY]
    return [str(argument) for argument in [*head, *arguments]]


def running_job(rule: str) -> str | None:
    """The number of a running job of the rule."""
    listed = subprocess.run(
        ["squeue", "--noheader", "--states=RUNNING", "--format=%i %k"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    jobs = [line.split()[0] for line in listed.splitlines() if f"rule_{rule}" in line]
    return jobs[0] if jobs else None


def devices(run: Path) -> dict[str, str]:
    """{rule: the device that its program says it has}, of the trainings that have started."""
    found = {}
    for rule, (_, log) in TRAININGS.items():
        text = (run / log).read_text() if (run / log).exists() else ""
        if said := re.search(r"GPUs: (\S+), chosen by Slurm", text):
            found[rule] = said[1]
    return found


@pytest.mark.usefixtures("cluster")
def test_trainings_on_slurm_have_devices_of_their_own_and_come_back_when_killed(
    repository, tmp_path
):
    run = tmp_path / "run"
    subprocess.run(
        command(repository, run, "--cores", "2", "--", *FRAMES), check=True, capture_output=True
    )
    options = ["--workflow-profile", repository / "profiles" / "slurm"]
    # there is no accounting, and jobs are short
    options += ["--slurm-no-account", "--slurm-status-command", "squeue"]
    options += ["--slurm-init-seconds-before-status-checks", "3"]
    models = [model for model, _ in TRAININGS.values()]
    start = time.monotonic()
    with (tmp_path / "output").open("w") as output:
        workflow = subprocess.Popen(
            command(repository, run, *options, "--", *models, ON_CPU),
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        while len(given := devices(run)) < len(TRAININGS):
            assert workflow.poll() is None, (tmp_path / "output").read_text()[-3000:]
            assert time.monotonic() - start < SECONDS
            time.sleep(0.3)
        assert set(given.values()) == {"0", "1", "2"}, given
        killed = running_job("train_persons")
        assert killed is not None
        subprocess.run(["scancel", killed], check=True)
        assert workflow.wait(timeout=SECONDS) == 0, (tmp_path / "output").read_text()[-3000:]
    finally:
        workflow.terminate()
        workflow.wait(timeout=60)
    said = (tmp_path / "output").read_text()
    jobs = re.findall(r"submitted with SLURM jobid (\d+) \(log: \S*rule_train_persons", said)
    assert len(jobs) == 2
    assert jobs[0] == killed
    assert "Trying to restart job" in said
    assert devices(run).keys() == TRAININGS.keys()
    assert all((run / model).is_dir() for model in models)
    assert (run / ON_CPU).exists()
    print(f"devices {given}; job {killed} killed, {jobs[1]} in its place")
    print(f"{time.monotonic() - start:.0f} s on Slurm")


def test_short_stages_ask_for_an_hour_and_share_jobs(repository, tmp_path):
    planned = subprocess.run(
        command(repository, tmp_path, "-n", "--workflow-profile", repository / "profiles/slurm"),
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    asked = re.findall(
        r"^( *)(?:local)?rule (\w+):$(?:\n.+)*?\n *resources: .*\bruntime=(\d+)",
        planned,
        re.MULTILINE,
    )
    minutes = {rule: int(runtime) for _, rule, runtime in asked}
    assert minutes["check_submission"] == minutes["parse_states"] == 60
    assert minutes["train_pose"] == minutes["extract_frames"] == minutes["fit_decision"] == 1440
    grouped = {rule for space, rule, _ in asked if space}
    assert {"read_dataset", "parse_states", "vote"} <= grouped
    assert not {"train_pose", "extract_frames", "fit_decision"} & grouped


def test_short_stages_run_where_snakemake_runs(repository):
    rules = "".join(path.read_text() for path in (repository / "rules").rglob("*.smk"))
    short = [rule for rule in rules.split("use rule ") if rule.startswith("short_stage as ")]
    assert len(short) > 10
    assert [rule for rule in short if "localrule: True\n" not in rule] == []
