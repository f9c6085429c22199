"""Files that other programs read, and links of the documentation: they parse, agree and lead on."""

import itertools
import os
import re
import subprocess
import tomllib
from pathlib import Path

import pytest
import yaml

import partparse
from tests.faults.tested import TESTED

ROOT = Path(__file__).resolve().parents[1]
PAGES = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "tests/data/golden/README.md"]
PAGES += sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))
LINK = re.compile(r"\]\(([^)\s]+)\)")
FOLDERS = "partparse|scripts|rules|tests|benchmarks|configs|schemas"
CODE = re.compile(rf"\b(?:{FOLDERS})/[a-z0-9_/.]+\.[a-z]+\b")


def load(repository, name):
    return yaml.safe_load((repository / name).read_text())


def anchors(text):
    """The anchors that GitHub gives a page's headings."""
    prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", prose, re.MULTILINE)
    kept = (re.sub(r"[^\w\- ]", "", heading.lower()) for heading in headings)
    return {heading.replace(" ", "-") for heading in kept}


def links(text):
    """The relative links of a page: (file, anchor), either of which may be empty."""
    prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    found = (link.partition("#") for link in LINK.findall(prose) if "://" not in link)
    return [(file, anchor) for file, _, anchor in found]


@pytest.mark.parametrize("page", PAGES)
def test_every_link_of_a_page_leads_somewhere(repository, page):
    path = repository / page
    for file, anchor in links(path.read_text()):
        target = path.parent / file if file else path
        assert target.exists(), f"{page}: {file}"
        if anchor:
            assert anchor in anchors(target.read_text()), f"{page}: {file}#{anchor}"


@pytest.mark.parametrize("page", PAGES)
def test_every_file_of_the_code_that_a_page_names_exists(repository, page):
    text = (repository / page).read_text()
    # the worked example makes its own files
    named = {name for name in CODE.findall(text) if "nearest" not in name}
    assert sorted(name for name in named if not (repository / name).exists()) == []


def test_the_fault_campaign_names_tests_that_exist(repository):
    for name in itertools.chain(*TESTED.values()):
        file, _, test = name.partition("::")
        assert f"def {test}" in (repository / "tests" / file).read_text(), name


def test_every_page_and_picture_is_linked(repository):
    texts = {page: (repository / page).read_text() for page in PAGES}
    linked = {Path(file).name for text in texts.values() for file, _ in links(text)}
    pages = [repository / "CONTRIBUTING.md", *(repository / "docs").glob("*.md")]
    for path in [*pages, *(repository / "docs/images").iterdir()]:
        assert path.name in linked, path


def test_the_versions_agree(repository):
    project = tomllib.loads((repository / "pyproject.toml").read_text())["project"]
    citation = load(repository, "CITATION.cff")
    assert citation["version"] == project["version"]
    assert partparse.__version__ == project["version"]
    assert citation["license"] == project["license"]
    assert f"## [{project['version']}]" in (repository / "CHANGELOG.md").read_text()


def test_the_citation_has_what_its_format_needs(repository):
    citation = load(repository, "CITATION.cff")
    assert citation["cff-version"] == "1.2.0"
    assert citation.keys() >= {"message", "title", "authors"}
    assert citation["authors"] == [{"name": "The partparse developers"}]
    # what else the format knows is not ours to misspell
    known = {"abstract", "type", "version", "license", "keywords"}
    assert citation.keys() - {"cff-version", "message", "title", "authors"} <= known


def test_the_catalog_is_told_how_the_workflow_is_deployed(repository):
    deployment = load(repository, ".snakemake-workflow-catalog.yml")["usage"]
    assert deployment["software-stack-deployment"] == {
        "conda": True,
        "apptainer": False,
        "apptainer+conda": False,
        "report": True,
    }


def test_the_hooks_are_the_locked_tools(repository):
    """No hook fetches anything, and each runs a tool that the lock names."""
    locked = (repository / "envs/requirements.lock").read_text()
    (repo,) = load(repository, ".pre-commit-config.yaml")["repos"]
    assert repo["repo"] == "local"
    for hook in repo["hooks"]:
        assert hook["language"] == "system"
        tool = hook["entry"].split()[0].removeprefix(".venv/bin/")
        assert re.search(rf"^{tool}==", locked, re.MULTILINE), tool


UV = """#!/usr/bin/env bash
shift 2
echo "$@" | sed 's/ -r .*//'
while [[ $# -gt 1 ]]; do [[ $1 == -r ]] && cat "$2"; shift; done
"""


def install(repository, folder, *words):
    """What `envs/install.sh` has uv install, line by line; uv itself is a stand-in."""
    (folder / "uv").write_text(UV)
    (folder / "uv").chmod(0o755)
    environment = os.environ | {"PATH": f"{folder}:{os.environ['PATH']}"}
    command = ["bash", repository / "envs/install.sh", *words]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout.splitlines()


def test_the_environment_without_gpus_has_the_same_versions(repository, tmp_path):
    lock = (repository / "envs/requirements.lock").read_text().splitlines()
    status, whole = install(repository, tmp_path, "python")
    assert (status, whole[1:]) == (0, lock)
    assert "--no-deps" in whole[0] and "--require-hashes" in whole[0]
    status, small = install(repository, tmp_path, "python", "cpu")
    assert status == 0
    *checked, last = small
    assert checked[0] == whole[0]
    assert "--torch-backend cpu" in last and "--no-deps" in last
    pinned = {line.split()[0] for line in lock if "==" in line}
    kept = {line.split()[0] for line in checked if "==" in line}
    names = {one.partition("==")[0] for one in pinned - kept}
    own = {"torch", "torchvision"}
    assert names > own and kept < pinned
    assert all(name.startswith(("nvidia-", "cuda-", "triton")) for name in names - own)
    assert {word for word in last.split() if "==" in word} == {
        one for one in pinned if one.partition("==")[0] in own
    }
    assert not [line for line in checked if line.startswith("    --hash") and line not in lock]
    assert install(repository, tmp_path, "python", "rocm")[0] == 2


def test_the_lock_names_no_host(repository):
    for name in ("envs/requirements.lock", "envs/install.sh", "envs/Dockerfile", "Makefile"):
        assert "://" not in (repository / name).read_text(), name


def test_editors_find_the_schema_of_every_config(repository):
    overlays = sorted((repository / "configs").glob("*.yaml"))
    schemas = dict.fromkeys(overlays, "overlay.schema.yaml")
    schemas[repository / "config.yaml"] = "config.schema.yaml"
    for path, schema in schemas.items():
        first = path.read_text().splitlines()[0]
        named = first.removeprefix("# yaml-language-server: $schema=")
        assert (path.parent / named).resolve() == repository / "schemas" / schema, path
