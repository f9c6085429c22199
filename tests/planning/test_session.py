"""What snakemake says when it is interrupted, which pictures go with tables, and what failed."""

import logging
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from partparse.planning.session import QuietEnd, delete_pictures


@pytest.fixture
def log(caplog):
    """Snakemake's log, as it were, and what is shown of it."""
    logger = logging.getLogger("test of a run's end")
    logger.setLevel(logging.INFO)
    logger.addFilter(QuietEnd())
    return logger


def test_an_interrupted_run_tells_of_no_failures_but_its_own(log, caplog):
    def fails(how):
        log.error(f"RuleException:\nCalledProcessError in file a.smk, line 16:\nCommand 'a' {how}.")
        log.error("Error in rule train, jobid: 7", extra={"event": "job_error"})

    fails("returned non-zero exit status 2")
    log.info("Terminating processes on user request, this might take some time.")
    for how in ("exit status 130", "exit status 143"):
        fails(f"returned non-zero {how}")
    fails("died with <Signals.SIGINT: 2>")
    fails("returned non-zero exit status 1")
    log.error("OSError:\n[Errno 28] No space left on device: '.snakemake/metadata/a'")
    log.info("Complete log(s): a.log")
    log.error("WorkflowError:\nAt least one job did not complete successfully.")
    said = [record.getMessage() for record in caplog.records]
    assert "status 2." in said[0]
    assert "jobid: 7" in said[1]
    assert said[2].startswith("Interrupted; ")
    assert "status 1." in said[3]
    assert "No space left" in said[4]
    assert said[5:] == ["Complete log(s): a.log"]


def test_pictures_go_when_the_last_of_their_tables_is_gone(tmp_path):
    for folder in ("frames/a", "flow/a", "demo/list", "persons/model"):
        (tmp_path / folder).mkdir(parents=True)
    for table in ("frames/test-000.parquet", "flow/test-000.parquet", "demo.json"):
        (tmp_path / table).touch()
    assert delete_pictures(tmp_path) == []
    (tmp_path / "frames/test-000.parquet").unlink()
    assert delete_pictures(tmp_path) == [tmp_path / "frames"]
    assert {path.name for path in tmp_path.iterdir()} == {"flow", "demo", "demo.json", "persons"}
    (tmp_path / "demo.json").unlink()
    assert delete_pictures(tmp_path) == [tmp_path / "demo"]


CHAIN = """
import time
from pathlib import Path
from partparse.planning.session import forget_failed

STARTED = time.time()

rule score:
    input: "parse"
    output: "score"
    shell: "cat {input} > {output}"

rule parse:
    input: "model"
    output: "parse"
    shell: "cat {input}/weights > {output}"

rule train:
    output: directory("model")
    params: config["rate"]
    shell: "[ ! -e full_disk ] || exit 1; mkdir {output}; echo {params} > {output}/weights"

onerror:
    forget_failed(Path(), STARTED)
"""


def test_what_failed_is_made_again_though_what_follows_is_there(tmp_path: Path) -> None:
    (tmp_path / "Snakefile").write_text(CHAIN)

    def run(rate: int) -> int:
        command = ["snakemake", "--cores", "1", "--config", f"rate={rate}"]
        return subprocess.run(
            [sys.executable, "-m", *command], cwd=tmp_path, capture_output=True, check=False
        ).returncode

    assert run(1) == 0
    (tmp_path / "full_disk").touch()
    assert run(2) != 0
    assert (tmp_path / "score").read_text() == "1\n"
    (tmp_path / "full_disk").unlink()
    assert run(2) == 0
    assert (tmp_path / "score").read_text() == "2\n"
    # what a user removes to save space is not made again
    shutil.rmtree(tmp_path / "model")
    assert run(2) == 0
    assert not (tmp_path / "model").exists()
