from pathlib import Path

from partparse.files.atomic import write_text
from partparse.report.front_page import front_page
from partparse.running.arguments import Csv, Problems
from partparse.running.command_line import program


@program
def write_front_page(
    *,
    data_set: str,
    scores: Csv,
    videos: Csv,
    oracles: Csv,
    choice: Csv,
    problems: Problems,
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
        scores=scores,
        videos=videos,
        oracles=oracles,
        choice=choice,
        problems=problems["video"].nunique(),
        final=final,
    )
    write_text(out, page)
