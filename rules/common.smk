"""Settings, shards and paths: what every chapter of the workflow uses."""

import hashlib
import json
import os
import shlex
import sys
from pathlib import Path

from snakemake.settings.types import DeploymentMethod

BASE = Path(workflow.basedir)
sys.path.insert(0, str(BASE))
os.environ.update(
    PYTHONPATH=os.pathsep.join([str(BASE), *filter(None, [os.getenv("PYTHONPATH")])]),
    PARTPARSE_LOCK=str(BASE / "envs" / "requirements.lock"),  # for --sdm conda
)

from partparse.files.broken_tables import set_aside
from partparse.planning.checkout import commit_of
from partparse.planning.config_check import check_config
from partparse.demo.plan import DemoSettings, plan_videos
from partparse.errors import InputError, meant
from partparse.dataset.layout import VideoFile, list_actions, list_videos
from partparse.dataset.lists import OBJECT_LIST, PART_LIST, STATE_LIST
from partparse.dataset.splits import assign_shards, split_videos
from partparse.frames.names import source_of
from partparse.planning.programs import command
from partparse.planning.versions import VERSIONS
from partparse.vocabulary import PART_GROUPS

try:
    check_config(config, BASE / "schemas" / "config.schema.yaml")
except InputError as error:
    raise WorkflowError(str(error)) from None

CONDA = DeploymentMethod.CONDA in workflow.deployment_settings.deployment_method
# used by the rules' shell commands, which log to the terminal and to a file
PYTHON = "python" if CONDA else shlex.quote(sys.executable)
SCRIPTS = shlex.quote(str(BASE / "scripts"))
STRIDE = config["frames"]["scored_stride"]
# programs are given this number, not `threads`, which Snakemake lowers to the cores it may use: the
# last bits of a network's results depend on it
THREADS = config["resources"]["threads"]
MEMORY = config["resources"]["memory_mb"]


def settings(*keys):
    """A part of the config as JSON, for a program's --settings."""
    value = config
    for key in keys:
        value = value[key]
    return json.dumps(value, sort_keys=True)


def arguments(program, of=None, **parameters):
    """The `params` of a rule: what its program of scripts/ is called with, by `RUN`.

    Named inputs, outputs and parameters become options of their names: `frames` is `--frames`, the
    output `parses` is `--parses-out`, an output without a name `--out`. What has no name is no
    option: a file that must be there, a value that the result depends on.

    Args:
        program: Its name, without the suffix.
        of: {input: names, one a file}, for inputs that are given as NAME=FILE.
        parameters: Values, or functions of the wildcards. When one changes, the rule runs again.
    """

    def words(wildcards, input, output, resources):
        return command(
            BASE / "scripts" / f"{program}.py",
            input.items(),
            # a rule's outputs have all names, or it has one
            list(output.items()) or [(None, file) for file in output],
            {
                "version": VERSIONS[program],
                "threads": THREADS,
                "gpus": resources.get("gpu", 0),
                **{
                    name: value(wildcards) if callable(value) else value
                    for name, value in parameters.items()
                },
            },
            of or {},
        )

    return {"version": VERSIONS[program], **parameters, "command": words}


# the shell line of every rule; what a program logs goes to the terminal and to a file
RUN = f"{PYTHON} {{params.command:q}} 2> >(tee {{log:q}} >&2)"


def weights_of(*keys):
    """The file of pretrained weights that a training's settings name, as an input of its rule.

    So a file that is not there is told before any work starts, as a checksum is that is needed:
    for what is downloaded, and for ultralytics' .pt files, which are pickles. A URL is fetched by
    the program.
    """
    trained = config
    for key in keys:
        trained = trained[key]
    weights = trained["weights"]
    if weights is None:
        return []
    is_url = "://" in weights
    if (is_url or weights.endswith(".pt")) and trained["weights_sha256"] is None:
        raise WorkflowError(
            f"{'.'.join(keys)}.weights: {weights} needs its checksum in weights_sha256"
        )
    return [] if is_url else [weights]


def name_files(names, files):
    """NAME=FILE for programs that are told which file is whose."""
    return [f"{name}={file}" for name, file in zip(names, files, strict=True)]


def frames_folder(wildcards, input):
    """Where the extracted frames, or their flow, lie: beside their tables."""
    first = input.frames if isinstance(input.frames, str) else input.frames[0]
    return os.path.dirname(first)


def pictures_of(*keys):
    """The tables, by shard, of what a clip network sees: frames, or the flow between them."""
    trained = config
    for key in [*keys, "train"]:
        trained = trained[key]
    folder = "flow" if trained["modality"] == "flow" else "frames"
    return f"results/{folder}/" + "{shard}.parquet"


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
# what a finished run fitted is applied to videos that are not its own
TEST_ONLY = config["dataset"]["test_only"]
ROOT = find_root()
DEMO_STAMP = ["results/demo.json"] if IS_DEMO else []


def find_videos():
    """The videos of the data set; the demo's are known before it is made."""
    if IS_DEMO:
        source = hashlib.sha256(settings("demo").encode()).hexdigest()
        planned = plan_videos(DemoSettings(**config["demo"]))
        return [VideoFile(v.video, v.split, v.action, v.path, source) for v in planned]
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
        shard: [f"{video.path} {video.source}" for video in videos]
        for shard, videos in assigned.items()
        if videos
    }


def identify_vocabulary():
    """What the data set's names are read from: its lists and the folders of its actions."""
    if IS_DEMO:
        return None
    paths = [ROOT / name for name in (PART_LIST, STATE_LIST, OBJECT_LIST)]
    lists = [source_of(path) if path.is_file() else None for path in paths]
    return [*lists, *list_actions(ROOT)]


SHARDS = plan_shards()


def commit_argument():
    """What a program is told of the project's commit, where git knows it."""
    commit = commit_of(BASE)
    return f"--commit {commit}" if commit else ""


def shards(*splits):
    """The shards of the named splits."""
    return [shard for shard in SHARDS if shard.split("-")[0] in splits]


def tables(pattern, *splits):
    """The shards' files of the named splits, for a pattern with {shard}."""
    return [pattern.replace("{shard}", shard) for shard in shards(*splits)]


SPLITS = ["train", "val", "test"]
for split in ["test"] if TEST_ONLY else SPLITS:
    if not shards(split):
        raise WorkflowError(
            f"{ROOT}: no {split} videos; every split needs at least one"
        )
if TEST_ONLY and shards("train", "val"):
    raise WorkflowError(
        f"{ROOT}: has train videos; dataset.test_only expects none, as nothing is fitted"
    )

# the splits whose truth is known, and on which methods are scored
HAS_TEST_TRUTH = IS_DEMO or (ROOT / "test_annotations").is_dir()
SCORED_SPLITS = ["val", "test"] if HAS_TEST_TRUTH else ["val"]


# jobs on other machines read the rules as well, while tables are written
DAMAGED = set_aside(Path("results")) if workflow.is_main_process else []
for path in DAMAGED:
    logger.warning(
        f"{path}: damaged, not a whole table; it is made again (was: {path}.damaged)"
    )


# What rules have in common, which they take over by `use rule … as … with`. A stage that works on
# tables, one that uses a network, and one so short that it is run where Snakemake itself runs.


rule table_stage:
    log:
        "logs/table_stage.log",
    conda:
        "../envs/partparse.yaml"
    resources:
        mem_mb=MEMORY,
    shell:
        RUN


rule network_stage:
    log:
        "logs/network_stage.log",
    conda:
        "../envs/partparse.yaml"
    threads: THREADS
    resources:
        gpu=1,
        mem_mb=MEMORY,
    shell:
        RUN


rule short_stage:
    log:
        "logs/short_stage.log",
    localrule: True
    conda:
        "../envs/partparse.yaml"
    shell:
        RUN
