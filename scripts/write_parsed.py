from pathlib import Path

from partparse.errors import InputError
from partparse.running.arguments import (
    Actions,
    Frames,
    Job,
    Keypoints,
    Parses,
    Persons,
    Times,
    Videos,
)
from partparse.running.boundary import Boundary
from partparse.running.command_line import program
from partparse.running.program import progress


@program
def write_parsed(
    *,
    root: Path,
    videos: Videos,
    frames: Frames,
    times: Times,
    parses: Parses,
    actions: Actions,
    probabilities: Actions,
    tracks: Persons,
    persons: Persons | None = None,
    keypoints: Keypoints | None = None,
    run: Path | None = None,
    method: str,
    stride: int,
    most: int,
    score: float,
    shortest: float,
    job: Job,
    out: Path,
) -> None:
    """Write the parse of each video of a shard, for people and for other programs.

    Args:
        probabilities: Of each action.
        tracks: Tables of persons over time, with tracks.
        run: Record of the run whose models were applied.
        stride: Every how many frames is parsed.
        most: Persons drawn of a frame.
        shortest: Seconds that a span of the time line lasts at least.
    """
    from partparse.files.atomic import atomic_folder
    from partparse.frames.decoding import Faults, decode
    from partparse.inference.parse import parses_of
    from partparse.inference.run_folder import describe_run
    from partparse.inference.writing import Shown, write_parse

    applied = describe_run(run) if run else None
    known = frames.table.set_index("video")
    boundary = Boundary(job)
    with atomic_folder(out) as folder:
        for row in progress(range(len(videos)), "parses of videos"):
            own = videos.iloc[[row]]
            source = root / own["path"].item()
            with boundary.around(name := own["video"].item()):
                if not known.at[name, "frames"]:
                    raise InputError(f"{source}: {known.at[name, 'problem']}")
                found = parses_of(
                    videos=own,
                    frames=frames.table,
                    times=times,
                    actions=actions,
                    probabilities=probabilities,
                    parses=parses,
                    tracks=tracks,
                    persons=persons,
                    keypoints=keypoints,
                    method=method,
                    stride=stride,
                )
                for parse in found:
                    pictures = decode(source, Faults())
                    shown = Shown(score, most, shortest)
                    write_parse(parse, folder, shown, pictures, video=source, run=applied)
    boundary.write()
