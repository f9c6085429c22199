from pathlib import Path

from partparse import tables
from partparse.running.arguments import Annotations, Names, Videos
from partparse.running.command_line import program
from partparse.states.category import prediction
from partparse.states.category.settings import CategorySettings


@program
def fit_category(
    *,
    videos: Videos,
    annotations: Annotations,
    vocabulary: Names,
    settings: CategorySettings,
    out: Path,
) -> None:
    """Count the states of each part in each action's training videos."""
    statistics = prediction.fit_category(videos, annotations, vocabulary, settings)
    tables.write(statistics, out, tables.CATEGORY_STATISTICS)
