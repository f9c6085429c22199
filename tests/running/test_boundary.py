"""What one video raises in a stage: that video alone is lost, and it is told."""

import errno
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pandas as pd
import pytest
import torch
from torch.utils.data import DataLoader, Dataset

from partparse import tables
from partparse.errors import InputError, SetupError
from partparse.running.arguments import Job
from partparse.running.boundary import Boundary
from partparse.running.failures import explain
from partparse.running.prediction import Output, Predictor, Rows, make_tables, predict

VIDEOS = ["a", "b", "c"]
ROWS = {"frames": pd.DataFrame({"video": VIDEOS, "source": "1"})}
OUTPUTS = [Output(tables.PERSONS), Output(tables.ACTIONS, ("sit", "jump"))]


def persons_of(rows: Rows, width: float = 5) -> list[pd.DataFrame]:
    """A person in each video, who jumps; the table refuses boxes that are thinner than a pixel."""
    videos = rows["frames"]["video"].to_numpy()
    box = {"x1": 5.0, "y1": 1.0, "x2": 5.0 + width, "y2": 9.0}
    persons = pd.DataFrame({"video": videos, "frame": 1, "person": 1, **box, "score": 1.0})
    actions = pd.DataFrame({"video": videos, "p_sit": 0.0, "p_jump": 1.0})
    return [persons.assign(track=-1), actions]


def failing(error: Exception) -> Callable[[Rows], list[pd.DataFrame]]:
    """What fails wherever the video b is among those that it is given."""

    def judge(rows: Rows) -> list[pd.DataFrame]:
        if "b" in set(rows["frames"]["video"]):
            raise error
        return persons_of(rows)

    return judge


def thin(rows: Rows) -> list[pd.DataFrame]:
    return persons_of(rows, width=-0.5 if "b" in set(rows["frames"]["video"]) else 5)


@pytest.fixture
def job(tmp_path: Path) -> Job:
    return Job(stage="parts/dots", problems_out=tmp_path / "problems" / "test.parquet")


def problems(job: Job) -> list[tuple[str, str, str]]:
    assert job.problems_out is not None
    told = tables.read(job.problems_out, tables.PROBLEMS)
    return list(told.itertuples(index=False, name=None))


def files(folder: Path) -> list[Path]:
    return [folder / "persons.parquet", folder / "actions.parquet"]


def check_without_b(folder: Path) -> None:
    """Nothing was found in b; what was found in the others is there."""
    persons = tables.read(files(folder)[0], tables.PERSONS)
    assert persons["video"].tolist() == ["a", "c"]
    actions = tables.read(files(folder)[1], tables.ACTIONS).set_index("video")
    assert actions.loc[["a", "c"], "p_jump"].tolist() == [1, 1]
    assert actions.loc["b"].tolist() == [0.5, 0.5]


@pytest.mark.parametrize("at_once", [1, 2, None])
@pytest.mark.parametrize(
    ("judge", "reason"),
    [
        (failing(InputError("b/img_00001.jpg: not a readable picture")), "b/img_00001.jpg: not a"),
        (failing(IndexError("index 7\nis out of bounds")), "IndexError: index 7"),
        (failing(UnicodeDecodeError("utf-8", b"L\xe9a", 1, 2, "bad")), "UnicodeDecodeError: "),
        (failing(OSError(errno.ENAMETOOLONG, "File name too long", "b")), "OSError: [Errno 36]"),
        (failing(OSError("image file is truncated")), "OSError: image file is truncated"),
        (thin, "SchemaError: "),
    ],
)
def test_one_video_of_three_is_lost(
    tmp_path: Path,
    job: Job,
    at_once: int | None,
    judge: Callable[[Rows], list[pd.DataFrame]],
    reason: str,
) -> None:
    predict(Predictor(judge, OUTPUTS, [], {}, at_once), ROWS, files(tmp_path), job)
    check_without_b(tmp_path)
    [(video, stage, told)] = problems(job)
    assert (video, stage) == ("b", "parts/dots")
    assert told.startswith(reason)
    assert len(told) < 400
    assert "\n" not in told


class Unreadable(Dataset):
    """Pictures, none of which can be read."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def __len__(self) -> int:
        return 1

    def __getitem__(self, item: int) -> int:
        raise self.error


def load(error: Exception) -> None:
    """Meet an error in a process that loads data."""
    list(DataLoader(Unreadable(error), num_workers=1))


@pytest.mark.parametrize("error", [InputError, IndexError])
def test_what_is_raised_in_a_process_that_loads_data_is_told_as_it_was_said(
    job: Job, error: type[Exception]
) -> None:
    boundary = Boundary(job)
    with boundary.around("b"):
        load(error("b/img_00001.jpg: not a picture"))
    boundary.write()
    [(*_, told)] = problems(job)
    assert "b/img_00001.jpg: not a picture" in told
    assert "Caught" not in told
    if error is InputError:
        assert told == "b/img_00001.jpg: not a picture"


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "a.jpg"), "a.jpg: no space left on the"),
        (OSError(errno.EDQUOT, "Disk quota exceeded"), "the disk quota is used up; what"),
        (OSError(errno.EMFILE, "Too many open files"), "[Errno 24] Too many open files"),
        (FileNotFoundError(errno.ENOENT, "No such file", "m.pt"), "[Errno 2] No such file: 'm.pt'"),
        (RuntimeError("unable to write: No space left on device (28)"), None),
    ],
)
def test_what_a_process_that_loads_data_meets_of_the_machine_stops_the_job(
    job: Job, error: Exception, told: str | None
) -> None:
    with pytest.raises(type(error)) as met, Boundary(job).around("b"):
        load(error)
    said = explain(met.value, None)
    assert said is None if told is None else str(said).startswith(told)


def test_a_full_disk_is_no_fault_of_the_video_that_ffmpeg_writes(job: Job) -> None:
    full = OSError(errno.ENOSPC, "No space left on device", "b.mp4")
    with pytest.raises(OSError, match="No space"), Boundary(job).around("b"):
        raise av.error.OSError(*full.args)


def test_tables_that_are_made_at_once_lose_one_video_as_well(tmp_path: Path, job: Job) -> None:
    for judge in (failing(KeyError("b")), thin):
        make_tables(judge, ROWS, OUTPUTS, files(tmp_path), job)
        check_without_b(tmp_path)
        assert [row[:2] for row in problems(job)] == [("b", "parts/dots")]


def test_rows_that_one_table_has_more_of_lose_no_later_video(tmp_path: Path, job: Job) -> None:
    """Fusions compare the keys of two tables, which pandas does with the rows' numbers."""
    frames = ROWS["frames"]

    def judge(rows: Rows) -> list[pd.DataFrame]:
        if not rows["frames"].equals(rows["others"]):
            raise InputError("other rows")
        return persons_of(rows)

    rows = {"frames": frames, "others": frames.iloc[[0, 1, 1, 2]].reset_index(drop=True)}
    make_tables(judge, rows, OUTPUTS, files(tmp_path), job)
    check_without_b(tmp_path)
    assert problems(job) == [("b", "parts/dots", "other rows")]


def test_without_a_fault_the_table_of_problems_is_empty(tmp_path: Path, job: Job) -> None:
    predict(Predictor(persons_of, OUTPUTS, [], {}), ROWS, files(tmp_path), job)
    assert problems(job) == []


def test_a_batch_that_fails_as_such_loses_nobody(tmp_path: Path, job: Job) -> None:
    def judge(rows: Rows) -> list[pd.DataFrame]:
        if len(rows["frames"]) > 1:
            raise RuntimeError("pictures of different sizes")
        return persons_of(rows)

    predict(Predictor(judge, OUTPUTS, [], {}, None), ROWS, files(tmp_path), job)
    assert len(tables.read(files(tmp_path)[0], tables.PERSONS)) == 3
    assert problems(job) == []


@pytest.mark.parametrize("at_once", [1, None])
@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        torch.OutOfMemoryError("CUDA out of memory"),
        RuntimeError("CUDA error: device-side assert triggered"),
        RuntimeError("DataLoader worker (pid 7) is killed by signal: Killed."),
        OSError(errno.ENOSPC, "No space left on device"),
        OSError(errno.EDQUOT, "Disk quota exceeded"),
        FileNotFoundError(errno.ENOENT, "No such file or directory", "model/weights.pt"),
        SetupError("the actions table holds other actions than the vocabulary"),
    ],
)
def test_what_concerns_more_than_a_video_stops_the_job(
    tmp_path: Path, job: Job, at_once: int | None, error: Exception
) -> None:
    with pytest.raises(type(error)):
        predict(Predictor(failing(error), OUTPUTS, [], {}, at_once), ROWS, files(tmp_path), job)
    assert not any(path.exists() for path in (*files(tmp_path), job.problems_out) if path)


@pytest.mark.parametrize("at_once", [1, None])
def test_in_development_only_what_is_expected_is_left_out(
    tmp_path: Path, job: Job, at_once: int | None
) -> None:
    strict = replace(job, stop_on_fault=True)
    for judge, kind in ((failing(IndexError()), IndexError), (thin, Exception)):
        with pytest.raises(kind):
            predict(Predictor(judge, OUTPUTS, [], {}, at_once), ROWS, files(tmp_path), strict)
    expected = failing(InputError("b: no frame"))
    predict(Predictor(expected, OUTPUTS, [], {}, at_once), ROWS, files(tmp_path), strict)
    assert problems(job) == [("b", "parts/dots", "b: no frame")]


def test_where_no_problems_are_written_the_first_fault_stops_the_job(tmp_path: Path) -> None:
    for error in (InputError("b: no frame"), IndexError()):
        with pytest.raises(type(error)):
            predict(Predictor(failing(error), OUTPUTS, [], {}), ROWS, files(tmp_path), Job())


def test_a_killed_job_tries_the_lost_video_again(tmp_path: Path, job: Job) -> None:
    asked = []

    def judge(rows: Rows) -> list[pd.DataFrame]:
        (video,) = rows["frames"]["video"]
        asked.append(video)
        if video == "b":
            raise ValueError
        if video == "c" and asked.count("c") == 1:
            raise KeyboardInterrupt
        return persons_of(rows)

    with pytest.raises(KeyboardInterrupt):
        predict(Predictor(judge, OUTPUTS, [], {}), ROWS, files(tmp_path), job)
    predict(Predictor(judge, OUTPUTS, [], {}), ROWS, files(tmp_path), job)
    assert asked == ["a", "b", "c", "b", "c"]
    check_without_b(tmp_path)
    assert len(problems(job)) == 1


def test_a_reason_says_which_line_of_ours_it_was(job: Job) -> None:
    boundary = Boundary(job)
    with boundary.around("b"):
        tables.pack_keypoints(pd.DataFrame())
    with boundary.around("c"):
        np.zeros(3)[7]
    boundary.write()
    first, second = (row[2] for row in problems(job))
    assert "(partparse/tables.py:" in first
    assert second.startswith("IndexError: ")
