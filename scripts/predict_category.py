from pathlib import Path

from partparse import tables
from partparse.running.arguments import Actions, Job, Names, Parts
from partparse.running.command_line import program


@program
def predict_category(
    *, statistics: Path, actions: Actions, parts: Parts, vocabulary: Names, job: Job, out: Path
) -> None:
    """Give each part of a shard the statistics of the predicted action.

    Args:
        statistics: What fit_category.py counted.
    """
    from partparse.running.prediction import predict
    from partparse.states.category.prediction import load_category

    method = load_category(tables.read(statistics, tables.CATEGORY_STATISTICS), vocabulary)
    predict(method, {"parts": parts, "actions": actions}, [out], job)
