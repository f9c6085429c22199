"""The stages of a run in this process: its programs, called as its workflow calls them."""

import runpy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import BaseModel

from partparse import tables
from partparse.inference.plan import GIVEN, Step
from partparse.running import command_line
from partparse.running.arguments import Job
from partparse.running.loading import Loaded, keeping_models


@dataclass(frozen=True)
class Stage:
    """A program, ready to be called."""

    program: Callable[..., object]
    arguments: Mapping[str, Any]
    outputs: Sequence[Path]

    @classmethod
    def of(cls, step: Step, device: str) -> "Stage":
        """Take a planned job; one that would have a GPU has it where `device` is none of cpu."""
        program = runpy.run_path(str(step.program))[step.program.stem]
        arguments = command_line.parse(program, step.words)
        job: Job = arguments["job"]
        gpus = min(job.gpus, 1) if device != "cpu" else 0
        arguments["job"] = replace(job, gpus=gpus)
        return cls(program, arguments, [Path(output) for output in step.outputs])


class Stages:
    """The stages of a run, and the models that they have loaded.

    They work in a folder whose `results` has the tables of `GIVEN` and the pictures, and write
    theirs beside them. The last one is not called: what it is given is the end.
    """

    def __init__(self, steps: Sequence[Step], results: Path, device: str) -> None:
        """Take the planned jobs; what none of them makes is read from the run's `results`."""
        *stages, last = (Stage.of(step, device) for step in steps)
        inputs = {name: value for name, value in last.arguments.items() if name != "out"}
        self._stages = stages
        self._last = Stage(last.program, inputs, [])
        self._results = results
        self._made = {*GIVEN, *(output for stage in stages for output in stage.outputs)}
        told = (stage.arguments["job"].problems_out for stage in stages)
        self._problems: list[Path] = [path for path in told if path is not None]
        self._models: Loaded = {}

    def make(self, folder: Path, heard: Callable[[float], object]) -> None:
        """Make all tables; those that are there are not made again.

        `heard` is told which share of the stages is done.
        """
        with keeping_models(self._models):
            for number, stage in enumerate(self._stages):
                if not all((folder / output).exists() for output in stage.outputs):
                    command_line.call(stage.program, self._place(stage, folder))
                heard((number + 1) / len(self._stages))

    def are_done(self, folder: Path) -> bool:
        """Whether all is there that the last stage is given."""
        return all(path.exists() for path in _paths(self._place(self._last, folder)))

    def read(self, folder: Path) -> dict[str, Any]:
        """What the last stage is given, by the names of its arguments."""
        return command_line.read_files(self._last.program, self._place(self._last, folder))

    def problems(self, folder: Path) -> pd.DataFrame:
        """PROBLEMS of all stages."""
        named = [folder / path for path in self._problems if (folder / path).exists()]
        return tables.read_all(named, tables.PROBLEMS) if named else tables.empty(tables.PROBLEMS)

    def clear(self, folder: Path) -> None:
        """Remove the tables that the last stage is not given, but for those of problems."""
        kept = {*_paths(self._place(self._last, folder))}
        kept |= {folder / path for path in self._problems}
        for path in folder.rglob("*.parquet"):
            if path not in kept:
                path.unlink()

    def _place(self, stage: Stage, folder: Path) -> dict[str, Any]:
        """A stage's arguments with its files in their places."""

        def place(path: Path) -> Path:
            if path.is_absolute():
                return path
            if any(path == made or made in path.parents for made in self._made | {*stage.outputs}):
                return folder / path
            return self._results / path.relative_to("results")

        placed: dict[str, Any] = _placed(dict(stage.arguments), place)
        return placed


def _placed(value: Any, place: Callable[[Path], Path]) -> Any:
    """An argument with each relative path in it put in its place."""
    if isinstance(value, Path):
        return place(value)
    if isinstance(value, dict):
        return {name: _placed(inner, place) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_placed(inner, place) for inner in value)
    if isinstance(value, Job):
        return Job(**_placed(asdict(value), place))
    if isinstance(value, BaseModel) and _paths(value.model_dump()):
        return type(value).model_validate(_placed(value.model_dump(), place))
    return value


def _paths(value: Any) -> list[Path]:
    """The files that an argument names."""
    if isinstance(value, dict):
        return [path for inner in value.values() for path in _paths(inner)]
    if isinstance(value, list | tuple):
        return [path for inner in value for path in _paths(inner)]
    return [value] if isinstance(value, Path) else []
