from pathlib import Path

from partparse.running.arguments import Actions, Frames, Keypoints, Parses, Persons, Videos
from partparse.running.command_line import program
from partparse.running.program import progress


@program
def write_parsed(
    *,
    videos: Videos,
    parses: Parses,
    actions: Actions,
    probabilities: Actions,
    persons: Persons | None = None,
    keypoints: Keypoints | None = None,
    run: Path | None = None,
    frames: Frames,
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

    has_pose = persons is not None and keypoints is not None
    found = list(
        parsed_videos(
            videos=videos,
            frames=frames.table,
            actions=tables.predicted_action(actions),
            probabilities=probabilities,
            parses=parses,
            pose=(persons, keypoints) if has_pose else None,
        )
    )
    applied = describe_run(run) if run else None
    with atomic_folder(out) as folder:
        for parsed in progress(found, "parses of videos"):
            record = make_record(parsed, method, stride, applied)
            write_record(folder / f"{parsed.name}.json", record)
            tables.write(parsed.parses, folder / f"{parsed.name}.parquet", tables.PARSES)
            drawn = draw_frames(parsed, frames.cache, stride, most, score)
            rate = frame_rate(parsed.frames["fps"], stride)
            write_video(folder / f"{parsed.name}.mp4", drawn, rate)
