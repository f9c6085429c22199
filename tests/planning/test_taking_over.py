"""A run that begins with what another one has made, and makes nothing of it again."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from partparse.cli import main
from partparse.errors import InputError
from partparse.planning.config_files import read_config
from partparse.planning.taking_over import take_over
from tests.samples.tiny_runs import TINY, jobs, snakemake

SNAKEFILE = """
rule scores:
    input: "results/states/table", "results/model"
    output: "results/scores.csv"
    shell: "cat {input[0]} > {output}; echo {input[1]} >> {output}"

rule dataset:
    output: "results/dataset/table"
    shell: "echo data > {output}"

rule train:
    input: "results/dataset/table"
    output: directory("results/model")
    params: epochs=config["epochs"]
    shell: "mkdir {output}; echo {params.epochs} > {output}/weights"

rule predict:
    input: "results/dataset/table", "results/model"
    output: "results/states/table"
    params: method=config["method"]
    shell: "cat {input[0]} > {output}; echo {params.method} >> {output}"
"""


def run(snakefile: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "snakemake", "--cores", "1", "--snakefile", str(snakefile)]
    command += ["--directory", str(folder), *arguments]
    command += ["--rerun-triggers", "mtime", "params", "input"]  # those of our profile
    # elsewhere than in the project, whose profile would be taken
    here = snakefile.parent
    return subprocess.run(command, capture_output=True, text=True, check=False, cwd=here)


@pytest.fixture
def finished(tmp_path: Path) -> Path:
    """The folder of a run of four stages, and of one that was killed while it trained."""
    (tmp_path / "Snakefile").write_text(SNAKEFILE)
    folder = tmp_path / "one"
    done = run(tmp_path / "Snakefile", folder, "--config", "epochs=3", "method=group")
    assert done.returncode == 0, done.stderr
    for name in ("run.json", "benchmarks/train.tsv", "report/front.html", ".model.training/last"):
        (folder / "results" / name).parent.mkdir(exist_ok=True)
        (folder / "results" / name).touch()
    return folder


def test_only_what_has_other_settings_is_made(finished: Path, tmp_path: Path) -> None:
    before = {p: (p.stat().st_mtime_ns, p.read_bytes()) for p in files(finished)}
    new = tmp_path / "two"
    assert main(["take-over", str(new), "--from", str(finished / "results")]) == 0
    found = {str(path.relative_to(new / "results")) for path in files(new / "results")}
    expected = {"dataset/table", "model/weights", "states/table", "scores.csv"}
    assert found == {*expected, "model/.snakemake_timestamp"}
    weights = "results/model/weights"
    assert (new / weights).samefile(finished / weights)
    asked = (tmp_path / "Snakefile", new, "--config", "epochs=3")
    same = run(*asked, "method=group", "-n")
    assert "Nothing to be done" in same.stdout + same.stderr
    planned = jobs(run(*asked, "method=skeleton", "-n"))
    assert planned == {"predict": 1, "scores": 1, "total": 2}
    other = jobs(run(*asked[:-1], "epochs=4", "method=group", "-n"))
    assert other["train"] == 1
    done = run(*asked, "method=skeleton")
    assert done.returncode == 0, done.stderr
    assert (new / "results/states/table").read_text() == "data\nskeleton\n"
    # the other run is as it was, and has nothing to do
    assert {p: (p.stat().st_mtime_ns, p.read_bytes()) for p in files(finished)} == before
    again = run(tmp_path / "Snakefile", finished, "--config", "epochs=3", "method=group", "-n")
    assert "Nothing to be done" in again.stdout + again.stderr


def files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.parts[-2] != "log")


def test_where_there_are_no_links_files_are_copied(
    finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(18, "Invalid cross-device link")

    monkeypatch.setattr(os, "link", refuse)
    take_over(finished / "results", tmp_path / "two")
    for name in ("dataset/table", "model/weights"):
        own, other = tmp_path / "two/results" / name, finished / "results" / name
        assert own.read_bytes() == other.read_bytes()
        assert own.stat().st_mtime_ns == other.stat().st_mtime_ns
        assert not own.samefile(other)


def test_one_that_was_cut_short_is_begun_again(
    finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as cut, pytest.raises(KeyboardInterrupt):
        cut.setattr(os, "link", interrupt)
        take_over(finished / "results", tmp_path / "two")
    count = take_over(finished / "results", tmp_path / "two")
    assert count == take_over(finished / "results", tmp_path / "three") > 1
    assert sorted(path.name for path in (tmp_path / "two").iterdir()) == [".snakemake", "results"]


def test_what_is_no_run_or_no_empty_folder_is_refused(tmp_path: Path) -> None:
    one = tmp_path / "one"
    (one / "results/dataset").mkdir(parents=True)
    with pytest.raises(InputError, match=r"one: expected .* did you mean .*one/results\?"):
        take_over(one, tmp_path / "two")
    with pytest.raises(InputError, match=r"\.snakemake: no such folder; expected Snakemake's"):
        take_over(one / "results", tmp_path / "two")
    (one / ".snakemake/metadata").mkdir(parents=True)
    (tmp_path / "two/results").mkdir(parents=True)
    with pytest.raises(InputError, match="two/results: is there already"):
        take_over(one / "results", tmp_path / "two")
    with pytest.raises(InputError, match="none: expected the folder `results` of a run"):
        take_over(tmp_path / "none", tmp_path / "three")
    assert not (tmp_path / "three").exists()


@pytest.mark.workflow
def test_a_new_method_trains_no_detector_again(
    repository: Path, tiny_run: Path, tiny_overlay: Path, tmp_path: Path
) -> None:
    take_over(tiny_run / "results", tmp_path)
    same = snakemake(repository, tmp_path, "-n", "--configfile", str(tiny_overlay))
    known = jobs(same)
    # what says of a run that it is finished, and what is drawn of it
    assert not [name for name in known if name.startswith(("train", "detect", "predict", "fit"))]
    methods = read_config(repository / "config.yaml", [repository / TINY])["methods"]["states"]
    assert "skeleton" not in methods
    own = tmp_path / "own.yaml"
    own.write_text(yaml.safe_dump({"methods": {"states": [*methods, "skeleton"]}}))
    more = snakemake(repository, tmp_path, "-n", "--configfile", str(tiny_overlay), str(own))
    trained = [name for name in jobs(more) if name.startswith("train")]
    assert trained == ["train_skeleton"]
