from pathlib import Path

from partparse.running.command_line import program
from partparse.running.program import progress


@program
def write_parsed(
    *,
    videos: Path,
    parses: Path,
    actions: Path,
    probabilities: Path,
    persons: Path | None = None,
    keypoints: Path | None = None,
    run: Path | None = None,
    frames: Path,
    method: str,
    stride: int,
    most: int,
    score: float,
    out: Path,
) -> None:
    """Write the parse of each video of a shard as JSON, as a table and as an annotated video.

    Args:
        probabilities: Of each action.
        run: Record of the run whose models were applied.
        stride: Every how many frames is parsed.
        most: Persons drawn of a frame.
    """
    from partparse import tables
    from partparse.files.atomic import atomic_folder
    from partparse.inference.annotated_video import draw_frames, frame_rate, write_video
    from partparse.inference.parsed import parsed_videos
    from partparse.inference.records import make_record, write_record
    from partparse.inference.run_folder import describe_run

    pose = (
        (tables.read(persons, tables.PERSONS), tables.read(keypoints, tables.KEYPOINT_TABLE))
        if persons and keypoints
        else None
    )
    found = list(
        parsed_videos(
            videos=tables.read(videos, tables.VIDEOS),
            frames=tables.read(frames, tables.FRAMES),
            actions=tables.predicted_action(tables.read(actions, tables.ACTIONS)),
            probabilities=tables.read(probabilities, tables.ACTIONS),
            parses=tables.read(parses, tables.PARSES),
            pose=pose,
        )
    )
    applied = describe_run(run) if run else None
    with atomic_folder(out) as folder:
        for parsed in progress(found, "parses of videos"):
            record = make_record(parsed, method, stride, applied)
            write_record(folder / f"{parsed.name}.json", record)
            tables.write(parsed.parses, folder / f"{parsed.name}.parquet", tables.PARSES)
            drawn = draw_frames(parsed, frames.parent, stride, most, score)
            rate = frame_rate(parsed.frames["fps"], stride)
            write_video(folder / f"{parsed.name}.mp4", drawn, rate)
