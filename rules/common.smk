"""Settings, shards and paths: what every chapter of the workflow uses."""

import json
import os
import shlex
import sys
from pathlib import Path

from snakemake.settings.types import DeploymentMethod
from snakemake.utils import validate

BASE = Path(workflow.basedir)
sys.path.insert(0, str(BASE))
os.environ["PYTHONPATH"] = os.pathsep.join(
    [str(BASE), *filter(None, [os.environ.get("PYTHONPATH")])]
)

os.environ["PARTPARSE_LOCK"] = str(BASE / "envs" / "requirements.lock")

from partparse.demo.plan import DemoSettings, plan_videos
from partparse.errors import InputError
from partparse.layout import VideoFile, assign_shards, list_videos, split_videos
from partparse.vocabulary import PART_GROUPS

validate(config, schema="../schemas/config.schema.yaml")

CONDA = DeploymentMethod.CONDA in workflow.deployment_settings.deployment_method
PYTHON = "python" if CONDA else shlex.quote(sys.executable)
LOGGED = " 2> >(tee {log:q} >&2)"  # progress goes to the terminal and to the log
CACHE = "results/frames"
STRIDE = config["frames"]["scored_stride"]
THREADS = config["resources"]["threads"]
MEMORY = config["resources"]["memory_mb"]


def program(name):
    """The command that runs the program scripts/NAME.py of this checkout."""
    return f"{PYTHON} {shlex.quote(str(BASE / 'scripts' / name))}.py"


def settings(*keys):
    """A part of the config as JSON, for a program's --settings."""
    value = config
    for key in keys:
        value = value[key]
    return json.dumps(value, sort_keys=True)


def find_root():
    """The data set's folder: relative to the working directory, else to the Snakefile's."""
    named = config["dataset"]["root"]
    if named is None:
        return Path("results/demo")
    for folder in (Path(named), BASE / named):
        if folder.is_dir():
            return folder
    raise WorkflowError(
        f"dataset.root: there is no folder {named!r}, neither in {Path.cwd()} nor in {BASE}"
    )


IS_DEMO = config["dataset"]["root"] is None
ROOT = find_root()
DEMO_STAMP = ["results/demo.json"] if IS_DEMO else []


def find_videos():
    """The videos of the data set; the demo's are known before it is made."""
    if IS_DEMO:
        planned = plan_videos(DemoSettings(**config["demo"]))
        return [VideoFile(v.video, v.split, v.action, v.path) for v in planned]
    return list_videos(ROOT)


def plan_shards():
    """{shard: what its videos are}: a shard runs again when that changes."""
    data = config["dataset"]
    try:
        split = split_videos(find_videos(), data["val_share"], data["seed"])
        assigned = assign_shards(split, data["shards"])
    except InputError as error:
        raise WorkflowError(str(error)) from None
    return {
        shard: [identify(v) for v in videos]
        for shard, videos in assigned.items()
        if videos
    }


def identify(video):
    """What tells a video's file from another: its path, and size and time where it exists."""
    if IS_DEMO:
        return video.path
    status = (ROOT / video.path).stat()
    return f"{video.path} {status.st_size} {status.st_mtime_ns}"


SHARDS = plan_shards()


def shards(*splits):
    """The shards of the named splits."""
    return [shard for shard in SHARDS if shard.split("-")[0] in splits]


def tables(pattern, *splits):
    """The shards' files of the named splits, for a pattern with {shard}."""
    return [pattern.replace("{shard}", shard) for shard in shards(*splits)]


# the splits whose truth is known, and on which methods are scored
HAS_TEST_TRUTH = bool(shards("test")) and (
    IS_DEMO or (ROOT / "test_annotations").is_dir()
)
SCORED_SPLITS = ["val", "test"] if HAS_TEST_TRUTH else ["val"]

VARIANTS = config["parts"]["variants"]
USES_POSE = "dots" in VARIANTS
PERSONS = (
    "results/persons/grown/{shard}.parquet"
    if USES_POSE
    else "results/persons/detected/{shard}.parquet"
)
PARTS = f"results/parts/{VARIANTS[0]}/" + "{shard}.parquet"
ACTION_MODEL = config["submission"]["action_model"]
ACTIONS = f"results/actions/{ACTION_MODEL}/" + "{shard}.parquet"
METHODS = list(config["states"])
ENSEMBLES = ["vote", "by_category"]
FINAL = config["submission"]["parses"]

if ACTION_MODEL not in config["actions"]:
    raise WorkflowError(
        f"submission.action_model: {ACTION_MODEL!r} is none of {', '.join(config['actions'])}"
    )
if FINAL not in [*METHODS, *ENSEMBLES]:
    raise WorkflowError(
        f"submission.parses: {FINAL!r} is none of {', '.join([*METHODS, *ENSEMBLES])}"
    )
for split in ("train", "val", "test"):
    if not shards(split):
        raise WorkflowError(
            f"{ROOT}: no {split} videos; every split needs at least one"
        )


wildcard_constraints:
    shard="(train|val|test)-[0-9]+",
    split="val|test",
    variant="dots|plain",
    group="|".join(PART_GROUPS),
    model="|".join(config["actions"]),
    method="|".join([*METHODS, *ENSEMBLES]),
