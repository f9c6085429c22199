"""Write the parse of each video of a shard as JSON, as a table and as an annotated video."""

import argparse
from pathlib import Path

from partparse.running.program import limit_threads, progress, run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--videos", type=Path, required=True, help="videos table")
    parser.add_argument("--parses", type=Path, required=True, help="parses table")
    parser.add_argument(
        "--actions", type=Path, required=True, help="actions table: what is submitted"
    )
    parser.add_argument("--probabilities", type=Path, required=True, help="actions table")
    parser.add_argument("--persons", type=Path, help="persons that the keypoints are of")
    parser.add_argument("--keypoints", type=Path, help="keypoints table")
    parser.add_argument("--run", type=Path, help="record of the run whose models were applied")
    parser.add_argument("--frames", type=Path, required=True, help="frames table")
    parser.add_argument("--cache", type=Path, required=True, help="folder of the frames")
    parser.add_argument("--method", required=True, help="whose parses they are")
    parser.add_argument("--stride", type=int, required=True, help="every n-th frame is parsed")
    parser.add_argument("--most", type=int, required=True, help="persons drawn a frame")
    parser.add_argument("--score", type=float, required=True, help="persons below are not drawn")
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    args = parser.parse_args()
    limit_threads(args.threads)

    from partparse import tables
    from partparse.files.atomic import atomic_folder
    from partparse.inference.annotated_video import draw_frames, frame_rate, write_video
    from partparse.inference.parsed import parsed_videos
    from partparse.inference.records import make_record, write_record
    from partparse.inference.run_folder import describe_run

    pose = args.keypoints and (
        tables.read(args.persons, tables.PERSONS),
        tables.read(args.keypoints, tables.KEYPOINT_TABLE),
    )
    videos = list(
        parsed_videos(
            videos=tables.read(args.videos, tables.VIDEOS),
            frames=tables.read(args.frames, tables.FRAMES),
            actions=tables.predicted_action(tables.read(args.actions, tables.ACTIONS)),
            probabilities=tables.read(args.probabilities, tables.ACTIONS),
            parses=tables.read(args.parses, tables.PARSES),
            pose=pose,
        )
    )
    applied = args.run and describe_run(args.run)
    with atomic_folder(args.out) as folder:
        for parsed in progress(videos, "parses of videos"):
            record = make_record(parsed, args.method, args.stride, applied)
            write_record(folder / f"{parsed.name}.json", record)
            tables.write(parsed.parses, folder / f"{parsed.name}.parquet", tables.PARSES)
            frames = draw_frames(parsed, args.cache, args.stride, args.most, args.score)
            rate = frame_rate(parsed.frames["fps"], args.stride)
            write_video(folder / f"{parsed.name}.mp4", frames, rate)


if __name__ == "__main__":
    run(main)
