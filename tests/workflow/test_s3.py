"""The workflow with its results in S3, which a server of this host stands in for."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

pytestmark = pytest.mark.workflow

RESULTS = "s3://runs/tiny"
KEYS = {"ACCESS_KEY": "none", "SECRET_KEY": "none", "REGION": "us-east-1"}


@pytest.fixture
def store(monkeypatch) -> Iterator[Any]:
    """A bucket `runs` that the workflow's S3 plugin finds by the environment."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        for name, value in (KEYS | {"ENDPOINT_URL": f"http://{host}:{port}"}).items():
            monkeypatch.setenv(f"SNAKEMAKE_STORAGE_S3_{name}", value)
        session = boto3.Session("none", "none", region_name="us-east-1")
        bucket = session.resource("s3", endpoint_url=f"http://{host}:{port}").Bucket("runs")
        bucket.create()
        yield bucket
    finally:
        server.stop()


@pytest.fixture
def snakemake(repository, tmp_path) -> Callable[..., str]:
    """Runs the workflow with the tiny settings; gives what it said."""

    def run(*arguments: str | Path) -> str:
        head = [sys.executable, "-m", "snakemake", "--snakefile", repository / "Snakefile"]
        head += ["--directory", tmp_path, "--configfile", repository / "tests/configs/tiny.yaml"]
        done = subprocess.run(
            [*head, *arguments],
            cwd=repository,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
            env=os.environ | {"PYTHONUTF8": "1"},
        )
        assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
        return done.stdout + done.stderr

    return run


def test_results_are_kept_in_s3_and_used_from_there(store, snakemake, tmp_path):
    stored = ["--default-storage-provider", "s3", "--default-storage-prefix", RESULTS]
    frames, flow = (f"results/{name}/val-000.parquet" for name in ("frames", "flow"))
    snakemake("--cores", "2", *stored, "--", frames)
    keys = {item.key for item in store.objects.all()}
    assert {f"tiny/{frames}", "tiny/results/dataset/videos/val-000.parquet"} <= keys
    assert not (tmp_path / frames).exists()
    # a later run reads the table from there, and the pictures, which are not stored, from the disk
    said = snakemake("--cores", "2", *stored, "--", flow)
    assert re.search(r"^total +1$", said, re.MULTILINE)
    assert f"tiny/{flow}" in {item.key for item in store.objects.all()}


@pytest.mark.usefixtures("store")
def test_programs_of_all_stages_are_told_where_the_copies_of_stored_files_are(snakemake):
    stored = ["--default-storage-provider", "s3", "--default-storage-prefix", RESULTS]
    said = snakemake("-n", "-p", *stored)
    commands = [line for line in said.splitlines() if "/scripts/" in line]
    named = {word for line in commands for word in line.split() if "results/" in word}
    assert len(commands) > 40
    not_stored = {word for word in named if word.split("=")[-1].startswith("results/")}
    assert not_stored == {"results/demo"}  # the data set itself


@pytest.mark.usefixtures("store")
def test_the_kubernetes_profile_is_understood(repository, snakemake):
    said = snakemake(
        "--workflow-profile", repository / "profiles" / "kubernetes",
        "--default-storage-prefix", RESULTS, "-n", "--", "results/persons/model",
    )  # fmt: skip
    assert re.search(r"output: s3://runs/tiny/results/persons/model", said)
    assert re.search(r"resources: .*gpu=1.*", said)
    assert "gpu_manufacturer=nvidia" in said
