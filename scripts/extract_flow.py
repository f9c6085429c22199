"""Write the optical flow of a shard's videos into the cache, and what came of it as a table."""

import argparse
from pathlib import Path

from partparse.running.program import limit_threads, parse_settings, run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", type=Path, required=True, help="frames table of the shard")
    parser.add_argument("--cache", type=Path, required=True, help="folder of all frames")
    parser.add_argument("--flow", type=Path, required=True, help="folder of all flow")
    parser.add_argument("--settings", required=True, help="JSON: FlowSettings")
    parser.add_argument("--version", type=int, required=True, help="of the code, for caches")
    parser.add_argument("--threads", type=int, default=1, help="videos side by side")
    parser.add_argument("--out", type=Path, required=True, help="flow table")
    arguments = parser.parse_args()
    limit_threads(1)  # the videos share the cores

    from partparse import tables
    from partparse.frames.flow import extract_shard
    from partparse.frames.settings import FlowSettings

    flow = extract_shard(
        tables.read(arguments.frames, tables.FRAMES),
        arguments.cache,
        arguments.flow,
        parse_settings(FlowSettings, arguments.settings),
        version=arguments.version,
        workers=arguments.threads,
    )
    tables.write(flow, arguments.out, tables.FLOW)


if __name__ == "__main__":
    run(main)
