from partparse.errors import one_line
from partparse.running.arguments import Problems
from partparse.running.command_line import program


@program
def print_problems(*, problems: Problems | None = None, parsed: Problems | None = None) -> None:
    """Print how many videos a finished run has not, or not all of, and in which stages.

    Args:
        problems: Table of them.
        parsed: Tables of the videos that have no parse.
    """
    if problems is not None:
        stages = problems.groupby("stage")["video"].nunique()
        told = ", ".join(f"{stage} {count}" for stage, count in stages.items())
        count = problems["video"].nunique()
        where = f" ({told}); see results/report/problems.html" if count else ""
        print(f"videos with problems: {count}{where}")
    if parsed is not None:
        for video, reason in parsed[["video", "reason"]].itertuples(index=False):
            print(one_line(f"video {video} is not parsed: {reason}"))
