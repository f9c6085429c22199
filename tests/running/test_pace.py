import io
import logging
import sys
from itertools import pairwise

import pytest

from partparse.running import pace
from partparse.running.program import progress


@pytest.fixture
def clock(monkeypatch):
    """The time that the module sees: add seconds to its only entry."""
    now = [0.0]
    monkeypatch.setattr(pace.time, "monotonic", lambda: now[0])
    return now


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def due_times(clock, hours=1):
    throttle = pace.Throttle()
    due = []
    for second in range(hours * 3600):
        clock[0] += 1
        if throttle.is_due():
            due.append(second + 1)
    return due


def test_a_log_file_is_told_soon_and_then_every_two_minutes(clock, monkeypatch):
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    due = due_times(clock)
    assert due[:6] == [10, 30, 70, 150, 270, 390]
    assert {later - sooner for sooner, later in pairwise(due[4:])} == {120}


def test_a_terminal_is_told_every_ten_seconds(clock, monkeypatch):
    monkeypatch.setattr(sys, "stderr", Terminal())
    assert due_times(clock) == list(range(10, 3601, 10))


def test_progress_says_done_total_rate_and_time_left(clock, monkeypatch, caplog):
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    caplog.set_level(logging.INFO, "partparse")
    for _ in progress(range(100), "videos"):
        clock[0] += 5
    lines = [record.getMessage() for record in caplog.records]
    assert lines[0] == "videos: 2/100, 0.2/s, 8 min left"
    assert lines[-1] == "videos: 100 in 500.0 s, 0.2/s"
    caplog.clear()
    for _ in progress(iter(range(3)), "videos"):
        clock[0] += 10
    assert caplog.records[0].getMessage() == "videos: 1, 0.1/s"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (90, "2 min"),
        (3599, "1 h 0 min"),
        (18720, "5 h 12 min"),
        (183600, "2 d 3 h"),
    ],
)
def test_durations(seconds, text):
    assert pace.duration(seconds) == text
