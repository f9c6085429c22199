"""Labels as hypothesis makes them up, and labels of the tiny data set."""

from pathlib import Path

from hypothesis import strategies as st

from partparse.dataset.exchange.labels import Box, Clip, Frame, Labels, Part, Person, Thing
from partparse.vocabulary import KEYPOINTS, PARTS

STATES = ("none", "bend", "lean on")
OBJECTS = ("bar", "ball & chain")
WIDTH, HEIGHT = 64, 48
CLIP = Clip("walk", Path("videos/walk.mp4"), "walking", (WIDTH, HEIGHT), 60)


def _spans(end: int) -> st.SearchStrategy[tuple[float, float]]:
    """Two inclusive pixels in hundredths, in order."""
    hundredths = st.integers(0, (end - 1) * 100)
    return st.tuples(hundredths, hundredths).map(lambda two: (min(two) / 100, max(two) / 100))


BOXES: st.SearchStrategy[Box] = st.tuples(_spans(WIDTH), _spans(HEIGHT)).map(
    lambda spans: (spans[0][0], spans[1][0], spans[0][1], spans[1][1])
)
PARTS_OF_ONE = st.dictionaries(
    st.sampled_from(PARTS), st.builds(Part, BOXES, st.sampled_from(STATES)), max_size=4
)
_JOINT = st.tuples(
    st.floats(1, 60, width=32), st.floats(1, 40, width=32), st.sampled_from([0.25, 1.0])
)
_HIDDEN = st.just((0.0, 0.0, 0.0))
KEYPOINTS_OF_ONE = st.tuples(*[_JOINT | _HIDDEN] * len(KEYPOINTS))


def frames(persons: st.SearchStrategy[Person]) -> st.SearchStrategy[Frame]:
    """Frames with up to three persons, who come and go, and up to two objects."""
    return st.builds(
        Frame,
        st.dictionaries(st.sampled_from([1, 2, 7]), persons, max_size=3),
        st.lists(st.builds(Thing, st.sampled_from(OBJECTS), BOXES), max_size=2),
    )


PLAIN = frames(st.builds(Person, BOXES, PARTS_OF_ONE))


@st.composite
def on_a_grid(draw: st.DrawFn) -> Labels:
    """Labels of each n-th frame between two, also where nobody is there."""
    first, step = draw(st.integers(1, 9)), draw(st.integers(1, 6))
    found = draw(st.lists(PLAIN, min_size=1, max_size=8))
    return Labels(CLIP, {first + step * place: frame for place, frame in enumerate(found)})


def _is_seen(frame: Frame) -> bool:
    return bool(frame.persons or frame.things)


ANYWHERE: st.SearchStrategy[Labels] = st.dictionaries(
    st.integers(1, CLIP.frames), PLAIN.filter(_is_seen), min_size=1, max_size=6
).map(lambda found: Labels(CLIP, found))
"""Labels of any frames; somebody or something is in each."""

WITH_KEYPOINTS: st.SearchStrategy[Labels] = st.dictionaries(
    st.integers(1, CLIP.frames),
    frames(st.builds(Person, BOXES, PARTS_OF_ONE, st.none() | KEYPOINTS_OF_ONE)),
    max_size=5,
).map(lambda found: Labels(CLIP, found))
