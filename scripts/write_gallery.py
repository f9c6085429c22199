from pathlib import Path

import cv2
import pandas as pd
import pandera.pandas as pa

from partparse import tables
from partparse.files.atomic import write_text
from partparse.frames.cache import frame_path
from partparse.report.gallery import (
    PAGE_BYTES,
    Entry,
    Frame,
    Group,
    embed,
    gallery_page,
    pick_videos,
)
from partparse.report.overlays import draw_beside
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
    parsed = read_videos(parses, tables.PARSES, wanted)
    truth = read_videos(annotations, tables.ANNOTATIONS, wanted)
    limit = PAGE_BYTES // max(len(wanted) * pictures, 1)
    lengths = frames.table.set_index("video")["frames"]

    def draw(video: str) -> list[Frame]:
        drawn = []
        for number in spread(scored(lengths[video], stride), pictures):
            picture = cv2.imread(str(frame_path(frames.cache, video, number)))
            both = {
                title: table[(table["video"] == video) & (table["frame"] == number)]
                for title, table in (("truth", truth), ("parse", parsed))
            }
            beside = draw_beside(picture, both, f"frame {number}", persons, score)
            drawn.append(Frame(number, embed(beside, limit)))
        return drawn

    groups = [
        Group(
            title,
            [
                Entry(row.video, row.action, row.predicted, row.psc, draw(row.video))
                for row in rows.itertuples()
            ],
        )
        for title, rows in picked.items()
    ]
    write_text(out, gallery_page(split, method, groups))
