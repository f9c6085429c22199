"""Settings, shards and paths: what every chapter of the workflow uses."""

import atexit
import json
import os
import shlex
import sys
import time
from contextlib import contextmanager, suppress
from pathlib import Path

from snakemake.settings.types import DeploymentMethod

STARTED = time.time()
BASE = Path(workflow.basedir)
sys.path.insert(0, str(BASE))
os.environ.update(
    PYTHONPATH=os.pathsep.join([str(BASE), *filter(None, [os.getenv("PYTHONPATH")])]),
    PARTPARSE_LOCK=str(BASE / "envs" / "requirements.lock"),  # for --sdm conda
)

from partparse.files.broken_tables import set_aside
from partparse.files.weights import FOLDER_VARIABLE
from partparse.errors import InputError, ManyFaultsError
from partparse.planning import decision
from partparse.planning.checkout import commit_of
from partparse.planning.dataset import REFIT, SPLITS, annotated_shard, videos_shard
from partparse.planning.methods import ENSEMBLES, Methods, best_of
from partparse.planning.missing import plan_start
from partparse.planning.problems import problem_tables, problems_of, stage_of
from partparse.planning.programs import command, manifest_files
from partparse.planning.session import QuietEnd, delete_pictures, forget_failed
from partparse.planning.settings import check_config, expand_home
from partparse.planning.versions import VERSIONS
from partparse.planning.weights import weights_file
from partparse.running.gpus import TOLD_ON, find_devices
from partparse.vocabulary import PART_GROUPS


@contextmanager
def told():
    """Report what is wrong with the settings or the data set in lines, as Snakemake does."""
    try:
        yield
    except ManyFaultsError as error:
        raise WorkflowError(*error.lines) from None
    except InputError as error:
        raise WorkflowError(str(error)) from None


with told():
    check_config(config)
    expand_home(config)
    methods = Methods(config)

# programs fetch weights into it, on other machines too
if config["resources"]["weights_folder"]:
    os.environ[FOLDER_VARIABLE] = config["resources"]["weights_folder"]

with told():
    start = plan_start(config, BASE)
data = start.data
if workflow.is_main_process:
    for line in start.absent:
        logger.warning(f"missing: {line}")
    if start.fetched:
        logger.info(f"Weights that trainings will fetch: {', '.join(start.fetched)}")

ENVIRONMENT = str(BASE / "envs" / "partparse.yaml")
CONDA = DeploymentMethod.CONDA in workflow.deployment_settings.deployment_method
# used by the rules' shell commands, which log to the terminal and to a file
PYTHON = "python" if CONDA else shlex.quote(sys.executable)
SCRIPTS = shlex.quote(str(BASE / "scripts"))
STRIDE = config["frames"]["scored_stride"]
# programs are given at least this number, never one that Snakemake lowered to the cores it may use:
# the last bits of a network's results depend on it
THREADS = config["resources"]["threads"]
MEMORY = config["resources"]["memory_mb"]


def section_of(*keys):
    """A part of the config."""
    value = config
    for key in keys:
        value = value[key]
    return value


def settings(*keys):
    """A part of the config as JSON, for a program's --settings."""
    return json.dumps(section_of(*keys), sort_keys=True)


def arguments(program, section=None, of=None, **parameters):
    """The `params` of a rule: what its program of scripts/ is called with, by `RUN`.

    Named inputs, outputs and parameters become options of their names: `frames` is `--frames`, the
    output `parses` is `--parses-out`, an output without a name `--out`. What has no name is no
    option: a file that must be there, a value that the result depends on.

    Args:
        program: Its name, without the suffix.
        section: Of the config, with the rule's wildcards in it, that are its --settings.
        of: {input: names, one a file}, for inputs that are given as NAME=FILE, or {input: the
            manifest whose files it has}; or functions of the wildcards that give these.
        parameters: Values, or functions of the wildcards. When one changes, the rule runs again.
    """

    version = VERSIONS.get(program, 1)
    if section:
        parameters["settings"] = lambda wildcards: settings(
            *section.format_map(dict(wildcards.items())).split(".")
        )

    def words(wildcards, input, output, threads, resources):
        def of_job(values):
            return {
                name: value(wildcards) if callable(value) else value
                for name, value in values.items()
            }

        named = dict(output.items())
        problems = named.get("problems")
        return command(
            BASE / "scripts" / f"{program}.py",
            input.items(),
            # one output at most has no name
            [*((None, file) for file in output if file not in named.values()), *named.items()],
            {
                "version": version,
                # a rule that asks for more starts processes side by side
                "threads": max(THREADS, threads),
                "gpus": resources.get("gpu", 0),
                "stage": stage_of(problems) if problems else None,
                "stop_on_fault": config["stop_on_fault"],
                "rehearsal_steps": config["rehearsal_steps"],
                **of_job(parameters),
            },
            of_job(of or {}),
        )

    def plain(value):
        # Snakemake fills in wildcards in texts, and a folder's name may have braces
        return (lambda wildcards: value) if isinstance(value, str) else value

    values = {name: plain(value) for name, value in parameters.items()}
    return {"version": version, **values, "command": words}


# the shell line of every rule; what a program logs goes to the terminal and to a file
RUN = f"{PYTHON} {{params.command:q}} 2> >(tee {{log:q}} >&2)"


@told()
def weights_of(*keys):
    """The file of pretrained weights that a training's settings name, as an input of its rule.

    So a file that is not there is reported before any work starts.
    """
    return weights_file(".".join(keys), section_of(*keys))


def pictures_of(*keys):
    """The tables, by shard, of what a clip network sees: frames, or the flow between them."""
    sees_flow = section_of(*keys, "train")["modality"] == "flow"
    return f"results/{'flow' if sees_flow else 'frames'}/" + "{shard}.parquet"


# what a finished run fitted is applied to videos that are not its own
TEST_ONLY = config["dataset"]["test_only"]
IS_DEMO = data.is_demo
ROOT = data.root
DEMO_STAMP = ["results/demo.json"] if IS_DEMO else []
SCORED_SPLITS = data.scored_splits
shards, tables, given = data.names, data.tables, data.given
judging, given_judges = data.judging, data.given_judges


def left_to_choose(ranking, names):
    """What val is yet to choose among; for new videos there is what the run has chosen alone."""
    return [best_of(Path(ranking), names)] if TEST_ONLY and names else names


# Damaged tables are moved aside whenever the rules are read, for a dry run too. Only by the main
# process: jobs on other machines read the rules as well, while tables are written.
DAMAGED = set_aside(Path("results")) if workflow.is_main_process else []
for path in DAMAGED:
    logger.warning(f"{path}: damaged, not a whole table; it is made again (was: {path}.damaged)")


def delete_pictures_too(results):
    """Take along what `--delete-all-output` knows nothing of."""
    for path in delete_pictures(results):
        print(f"Deleting {path}", file=sys.stderr)


if workflow.is_main_process:
    logger.addFilter(QuietEnd())
    if "--delete-all-output" in sys.argv:
        atexit.register(delete_pictures_too, Path("results").resolve())  # once its tables are gone


onerror:
    # of outputs in a storage nothing is known here
    if not workflow.storage_settings.default_storage_provider:
        forget_failed(Path(), STARTED)


onstart:
    # once, and not by every job that would have used one
    with suppress(InputError):  # told by the jobs that are concerned
        wanted = any(job.resources.get("gpu") for job in workflow.dag.needrun_jobs())
        if wanted and workflow.local_exec and not find_devices():
            logger.info("GPUs: none to be had, jobs run on the CPU")
            os.environ[TOLD_ON] = os.uname().nodename
