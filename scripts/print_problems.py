from partparse.running.arguments import Problems
from partparse.running.command_line import program


@program
def print_problems(*, problems: Problems) -> None:
    """Print how many videos a finished run has not, or not all of, and in which stages.

    Args:
        problems: Table of them.
    """
    stages = problems.groupby("stage")["video"].nunique()
    told = ", ".join(f"{stage} {count}" for stage, count in stages.items())
    count = problems["video"].nunique()
    where = f" ({told}); see results/report/problems.html" if count else ""
    print(f"videos with problems: {count}{where}")
