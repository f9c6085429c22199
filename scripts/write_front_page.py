from pathlib import Path

from partparse import tables
from partparse.files.atomic import write_text
from partparse.files.csv_tables import read_csv, read_csvs
from partparse.report.front_page import front_page
from partparse.running.command_line import program


@program
def write_front_page(
    *,
    data_set: str,
    scores: Path,
    videos: list[Path],
    oracles: list[Path],
    choice: Path,
    frames: list[Path],
    final: str,
    out: Path,
) -> None:
    """Write the report's front page.

    Args:
        data_set: What the videos are, in words.
        videos: Scores by video.
    """
    page = front_page(
        data_set,
        scores=read_csv(scores),
        videos=read_csvs(videos),
        oracles=read_csvs(oracles),
        choice=read_csv(choice),
        problems=int(tables.read_all(frames, tables.FRAMES)["problem"].notna().sum()),
        final=final,
    )
    write_text(out, page)
