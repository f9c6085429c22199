from pathlib import Path

from partparse.files.atomic import write_json
from partparse.running.command_line import program


@program
def plan_jobs(*, snakefile: Path, folder: Path, config: Path, target: str, out: Path) -> None:
    """List the jobs that a workflow would run for a target, each after those that it needs.

    Args:
        snakefile: Of the workflow.
        folder: In which it would run.
        config: Its settings.
        target: A file or a rule.
        out: JSON to write: for each job its command, inputs and outputs.
    """
    from snakemake.api import SnakemakeApi
    from snakemake.settings.enums import Quietness
    from snakemake.settings.types import (
        ConfigSettings,
        DAGSettings,
        OutputSettings,
        ResourceSettings,
    )

    with SnakemakeApi(OutputSettings(quiet={Quietness.ALL}, dryrun=True)) as api:
        workflow = api.workflow(
            resource_settings=ResourceSettings(cores=1),
            config_settings=ConfigSettings(configfiles=[config]),
            snakefile=snakefile,
            workdir=folder,
        )
        workflow.dag(DAGSettings(targets={target})).execute_workflow(executor="dryrun")
        # the API itself has no way to ask
        jobs = [job for level in workflow._workflow.dag.toposorted() for job in level]
    plan = [
        {
            "command": [str(word) for word in job.params.command],
            "inputs": list(map(str, job.input)),
            "outputs": list(map(str, job.output)),
        }
        for job in jobs
    ]
    write_json(out, plan)
