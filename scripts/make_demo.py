from pathlib import Path

from partparse.demo.plan import DemoSettings
from partparse.running.arguments import Job
from partparse.running.command_line import program


@program
def make_demo(
    *, root: Path, settings: DemoSettings, job: Job, statistics_out: Path, sheet_out: Path
) -> None:
    """Make the embedded data set, its statistics and its contact sheet.

    Args:
        sheet_out: Picture to write, JPEG or PNG.
    """
    from partparse.demo.contact_sheet import draw_contact_sheet
    from partparse.demo.dataset import write_dataset
    from partparse.demo.statistics import measure, table
    from partparse.files.atomic import write_json

    write_dataset(root, settings, version=job.version, processes=job.threads)
    draw_contact_sheet(sheet_out, root, settings)
    measured = measure(root, settings)
    print(table(measured))
    made_from = {"version": job.version, "settings": settings.model_dump()}
    write_json(statistics_out, {"made_from": made_from, "statistics": measured})
