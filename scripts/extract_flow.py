from pathlib import Path

from partparse import tables
from partparse.frames.settings import FlowSettings
from partparse.running.arguments import Frames, Job
from partparse.running.command_line import program


@program
def extract_flow(*, frames: Frames, settings: FlowSettings, job: Job, out: Path) -> None:
    """Write the flow of a shard's videos, as many videos side by side as there are threads.

    Args:
        out: Flow table to write; the flow is written beside it.
    """
    from partparse.frames.flow import extract_shard

    flow = extract_shard(
        frames,
        out.parent,
        settings,
        version=job.version,
        workers=job.threads,
        stop_on_fault=job.stop_on_fault,
    )
    tables.write(flow, out, tables.FLOW)
