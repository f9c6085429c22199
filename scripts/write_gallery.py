from pathlib import Path

import pandas as pd
import pandera.pandas as pa

from partparse import tables
from partparse.files.atomic import write_text
from partparse.report.gallery import draw_groups, gallery_page, pick_videos
from partparse.running.arguments import Csv, Frames
from partparse.running.command_line import program
from partparse.sampling import scored, spread


def read_videos(paths: list[Path], schema: pa.DataFrameSchema, videos: set[str]) -> pd.DataFrame:
    """The rows of some videos."""
    shards = [tables.read(path, schema) for path in paths]
    return pd.concat([shard[shard["video"].isin(videos)] for shard in shards])


@program
def write_gallery(
    *,
    videos: Csv,
    method: str,
    split: str,
    parses: list[Path],
    annotations: list[Path],
    frames: Frames,
    stride: int,
    each: int,
    pictures: int,
    persons: int,
    score: float,
    out: Path,
) -> None:
    """Write the page of the best, median and worst videos, ground truth beside the parse.

    Args:
        videos: Scores by video.
        each: Videos of each kind.
        pictures: Frames of each video.
        persons: Drawn of a frame at most.
    """
    picked = pick_videos(videos, each)
    wanted = {video for rows in picked.values() for video in rows["video"]}
    shown = {
        "truth": read_videos(annotations, tables.ANNOTATIONS, wanted),
        "parse": read_videos(parses, tables.PARSES, wanted),
    }
    lengths = frames.table.set_index("video")["frames"]
    chosen = {video: spread(scored(lengths[video], stride), pictures) for video in wanted}
    groups = draw_groups(
        picked, chosen, shown, frames.cache, pictures=pictures, persons=persons, score=score
    )
    write_text(out, gallery_page(split, method, groups))
