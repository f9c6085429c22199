"""Write the page of the best, median and worst videos, ground truth beside the parse."""

import argparse
from pathlib import Path

import cv2
import pandas as pd
import pandera.pandas as pa

from partparse import tables
from partparse.files.atomic import write_text
from partparse.files.csv_tables import read_csvs
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
from partparse.running.program import run
from partparse.sampling import scored, spread


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--videos", type=Path, nargs="+", required=True, help="scores by video")
    parser.add_argument("--method", required=True, help="whose parses these are")
    parser.add_argument("--split", required=True, help="whose videos these are")
    parser.add_argument("--parses", type=Path, nargs="+", required=True, help="parses tables")
    parser.add_argument("--annotations", type=Path, nargs="+", required=True, help="ground truth")
    parser.add_argument("--frames", type=Path, nargs="+", required=True, help="frames tables")
    parser.add_argument("--cache", type=Path, required=True, help="folder of the frames")
    parser.add_argument("--stride", type=int, required=True, help="every n-th frame is scored")
    parser.add_argument("--count", type=int, required=True, help="videos of each kind")
    parser.add_argument("--pictures", type=int, required=True, help="frames of each video")
    parser.add_argument("--persons", type=int, required=True, help="persons drawn a frame")
    parser.add_argument("--score", type=float, required=True, help="persons below are not drawn")
    parser.add_argument("--out", type=Path, required=True, help="HTML to write")
    args = parser.parse_args()

    picked = pick_videos(read_csvs(args.videos), args.count)
    wanted = {video for rows in picked.values() for video in rows["video"]}
    parses, truth = (
        read_videos(paths, schema, wanted)
        for paths, schema in (
            (args.parses, tables.PARSES),
            (args.annotations, tables.ANNOTATIONS),
        )
    )
    limit = PAGE_BYTES // max(len(wanted) * args.pictures, 1)
    lengths = tables.read_all(args.frames, tables.FRAMES).set_index("video")["frames"]

    def draw(video: str) -> list[Frame]:
        frames = []
        for number in spread(scored(lengths[video], args.stride), args.pictures):
            picture = cv2.imread(str(frame_path(args.cache, video, number)))
            both = {
                title: of_frame(table, video, number)
                for title, table in (("truth", truth), ("parse", parses))
            }
            drawn = draw_beside(picture, both, f"frame {number}", args.persons, args.score)
            frames.append(Frame(number, embed(drawn, limit)))
        return frames

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
    write_text(args.out, gallery_page(args.split, args.method, groups))


def read_videos(paths: list[Path], schema: pa.DataFrameSchema, videos: set[str]) -> pd.DataFrame:
    """The rows of some videos."""
    shards = [tables.read(path, schema) for path in paths]
    return pd.concat([shard[shard["video"].isin(videos)] for shard in shards])


def of_frame(table: pd.DataFrame, video: str, frame: int) -> pd.DataFrame:
    """The rows of one frame."""
    return table[(table["video"] == video) & (table["frame"] == frame)]


if __name__ == "__main__":
    run(main)
