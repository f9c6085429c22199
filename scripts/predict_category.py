from pathlib import Path

from partparse import tables
from partparse.running.command_line import run
from partparse.states.category import prediction
from partparse.vocabulary import Vocabulary


def predict_category(
    *, statistics: Path, actions: Path, parts: Path, vocabulary: Path, out: Path
) -> None:
    """Give each part of a shard the statistics of the predicted action.

    Args:
        statistics: What fit_category.py counted.
    """
    states = prediction.predict_category(
        tables.read(statistics, tables.CATEGORY_STATISTICS),
        tables.read(actions, tables.ACTIONS),
        tables.read(parts, tables.PARTS_TABLE),
        Vocabulary.read(vocabulary),
    )
    tables.write(states, out, tables.STATES)


if __name__ == "__main__":
    run(predict_category)
