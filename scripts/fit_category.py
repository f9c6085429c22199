from pathlib import Path

from partparse import tables
from partparse.running.command_line import program
from partparse.states.category import prediction
from partparse.states.category.settings import CategorySettings
from partparse.vocabulary import Vocabulary


@program
def fit_category(
    *,
    videos: list[Path],
    annotations: list[Path],
    vocabulary: Path,
    settings: CategorySettings,
    out: Path,
) -> None:
    """Count the states of each part in each action's training videos."""
    statistics = prediction.fit_category(
        tables.read_all(videos, tables.VIDEOS),
        tables.read_all(annotations, tables.ANNOTATIONS),
        Vocabulary.read(vocabulary),
        settings,
    )
    tables.write(statistics, out, tables.CATEGORY_STATISTICS)
