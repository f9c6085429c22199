from pathlib import Path

from partparse.files.atomic import read_json, write_text
from partparse.report.provenance import provenance_page
from partparse.running.command_line import program


@program
def write_provenance(*, record: Path, out: Path) -> None:
    """Write what the run came from as a page of the report.

    Args:
        record: The run's run.json.
    """
    write_text(out, provenance_page(read_json(record)))
