"""Voting as one would write it first: a loop over frames, methods, persons and parts."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from pyarrow import parquet

from benchmarks.submission.plain_boxes import plain_iou

Box = tuple[float, float, float, float]
Key = tuple[str, int, int, str]
MOST_PERSONS = 10


class Person:
    """A person of one method in one frame."""

    def __init__(self) -> None:
        """Without parts."""
        self.box: Box = (0, 0, 0, 0)
        self.score = 0.0
        self.parts: dict[str, str] = {}


Frames = dict[tuple[str, int], dict[int, Person]]


def vote_tables(iou: str, *paths: str) -> dict[Key, tuple[str, int, int]]:
    """The votes of tables, the best method's first."""
    methods = []
    for path in paths:
        methods.append(collect(parquet.read_table(path, partitioning=None).to_pylist()))
    return vote(methods, float(iou))


def collect(rows: Iterable[dict[str, Any]]) -> Frames:
    """The persons of each frame from the rows of a PARSES table."""
    frames: Frames = defaultdict(lambda: defaultdict(Person))
    for row in rows:
        person = frames[row["video"], row["frame"]][row["person"]]
        if row["part"] == "person":
            person.box = (row["x1"], row["y1"], row["x2"], row["y2"])
            person.score = row["score"]
        else:
            person.parts[row["part"]] = row["state"]
    return frames


def vote(methods: Sequence[Frames], iou: float) -> dict[Key, tuple[str, int, int]]:
    """State, votes and ballots of each part of each joined person."""
    voted = {}
    for video, frame in {key for method in methods for key in method}:
        given = [method.get((video, frame), {}) for method in methods]
        for (number, part), states in join_frame(given, iou).items():
            if number <= MOST_PERSONS:
                voted[video, frame, number, part] = count(states)
    return voted


def join_frame(
    methods: Sequence[dict[int, Person]], iou: float
) -> dict[tuple[int, str], list[str]]:
    """The states that methods give to each part of each joined person, the best method's first."""
    known: dict[int, Box] = {}
    ballots: dict[tuple[int, str], list[str]] = defaultdict(list)
    for persons in methods:
        numbers = match(persons, known, iou)
        new = [number for number in persons if number not in numbers]
        next_number = max(known, default=0) + 1
        for place, number in enumerate(sorted(new, key=lambda n: -persons[n].score)):
            numbers[number] = next_number + place
        for number, person in persons.items():
            known.setdefault(numbers[number], person.box)
            for part, state in person.parts.items():
                ballots[numbers[number], part].append(state)
    return ballots


def match(persons: dict[int, Person], known: dict[int, Box], iou: float) -> dict[int, int]:
    """Each person's number among the known ones: its best, if no other has a better claim."""
    pairs = []
    for number, person in persons.items():
        for other, box in known.items():
            overlap = plain_iou(person.box, box)
            if overlap > iou:
                pairs.append((overlap, number, other))
    pairs.sort(key=lambda pair: -pair[0])
    best: dict[int, int] = {}
    for _, number, other in pairs:
        best.setdefault(number, other)
    taken: set[int] = set()
    found = {}
    for _, number, other in pairs:
        if best[number] == other and other not in taken:
            found[number] = other
            taken.add(other)
    return found


def count(states: Sequence[str]) -> tuple[str, int, int]:
    """The state that stands there most often, the first of several; how often, of how many."""
    votes: dict[str, int] = defaultdict(int)
    for state in states:
        votes[state] += 1
    most = max(votes.values())
    return next(state for state in states if votes[state] == most), most, len(states)
