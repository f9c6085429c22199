from pathlib import Path

from partparse.errors import InputError
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
        out: JSON to write: the command, inputs and outputs of each.
    """
    from snakemake.api import SnakemakeApi
    from snakemake.exceptions import RuleException, WorkflowError
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
        try:
            workflow.dag(DAGSettings(targets={target})).execute_workflow(executor="dryrun")
        except (RuleException, WorkflowError) as error:
            raise InputError(str(error)) from None
        # the API itself has no way to ask
        steps = [step for level in workflow._workflow.dag.toposorted() for step in level]
    plan = [
        {
            "command": [str(word) for word in step.params.command],
            "inputs": list(map(str, step.input)),
            "outputs": list(map(str, step.output)),
        }
        for step in steps
        if step.params.get("command")  # a rule may only name what is wanted
    ]
    write_json(out, plan)
