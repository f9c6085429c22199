"""Write the frames of a shard's videos into the cache, and what came of it as a table."""

import argparse
from pathlib import Path

from partparse.running.program import limit_threads, parse_settings, run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, required=True, help="the data set")
    parser.add_argument("--videos", type=Path, required=True, help="videos table of the shard")
    parser.add_argument("--cache", type=Path, required=True, help="folder of all frames")
    parser.add_argument("--settings", required=True, help="JSON: FrameSettings")
    parser.add_argument("--version", type=int, required=True, help="of the code, for caches")
    parser.add_argument("--threads", type=int, default=1, help="videos side by side")
    parser.add_argument("--out", type=Path, required=True, help="frames table")
    arguments = parser.parse_args()
    limit_threads(1)  # the videos share the cores

    from partparse import tables
    from partparse.frames.cache import extract_shard
    from partparse.frames.settings import FrameSettings

    videos = tables.read(arguments.videos, tables.VIDEOS)
    settings = parse_settings(FrameSettings, arguments.settings)
    frames = extract_shard(
        videos,
        arguments.root,
        arguments.cache,
        settings,
        version=arguments.version,
        workers=arguments.threads,
    )
    tables.write(frames, arguments.out, tables.FRAMES)


if __name__ == "__main__":
    run(main)
