from pathlib import Path

import pandas as pd

from partparse import tables
from partparse.challenge.submission import submitted_lengths
from partparse.files.csv_tables import write_csv
from partparse.metric.psc import summarise_actions, summarise_parts
from partparse.metric.rows import evaluate_shards, require_judged
from partparse.running.arguments import Actions, Frames, Truth
from partparse.running.command_line import program


@program
def score_parses(
    *,
    method: str,
    split: str,
    parses: list[Path],
    actions: Actions,
    truth: Truth,
    annotations: list[Path],
    frames: Frames,
    stride: int,
    videos_out: Path,
    parts_out: Path,
    actions_out: Path,
) -> None:
    """Score one method's parses on one split: by video, by part, and by action and part.

    Args:
        videos_out: CSV to write, a row a video.
        parts_out: CSV to write, a row a part.
        actions_out: CSV to write, a row an action and part.
    """
    shards = [tables.read_all_coded([path], tables.ANNOTATIONS) for path in annotations]
    annotated = pd.concat([table[["video"]].drop_duplicates() for table in shards])
    known = require_judged(truth, annotated, split)
    chosen = tables.predicted_action(actions)
    result = evaluate_shards(
        known,
        shards,
        chosen,
        (tables.read_all_coded([path], tables.PARSES) for path in parses),
        submitted_lengths(frames.table),
        stride=stride,
    )
    predicted = chosen.rename(columns={"action": "predicted"})
    videos = known.merge(predicted, on="video").merge(result.videos, on="video")
    videos["value"] = result.values
    for table, path in (
        (videos, videos_out),
        (summarise_parts(result.parts), parts_out),
        (summarise_actions(result.parts, known), actions_out),
    ):
        table.insert(0, "method", method)
        table.insert(1, "split", split)
        write_csv(table, path)
