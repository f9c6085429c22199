"""A workflow as one would write it first: a job for each video and stage."""

from pathlib import Path

FIRST = "videos/{video}.mp4"
RULE = """
rule stage_{number}:
    input: "{before}"
    output: "stage_{number}/{{video}}.txt"
    shell: "touch {{output}}"
"""


def write_snakefile(folder: Path, videos: int, stages: int) -> None:
    """A Snakefile of a chain of stages, and the videos it starts from, in an empty folder."""
    names = [f"video_{number:05d}" for number in range(videos)]
    (folder / "videos").mkdir(parents=True)
    for name in names:
        (folder / "videos" / f"{name}.mp4").touch()
    chain = [
        RULE.format(number=number, before=f"stage_{number - 1}/{{video}}.txt" if number else FIRST)
        for number in range(stages)
    ]
    wanted = f'rule all:\n    input: expand("stage_{stages - 1}/{{video}}.txt", video={names})\n'
    (folder / "Snakefile").write_text(wanted + "".join(chain))
