"""ELAN: what is written is read back by pympi, with times of the video."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from pympi.Elan import Eaf

from partparse.dataset.exchange.elan import frame_times, write_elan
from partparse.dataset.exchange.labels import Clip, Frame, Labels, Part, Person
from partparse.errors import InputError
from tests.samples.exchange import CLIP

BOX = (1.0, 2.0, 30.0, 40.0)


def person(**states: str) -> Person:
    return Person(BOX, {name: Part(BOX, state) for name, state in states.items()})


def write(path: Path, seen: dict[int, dict[int, Person]], times: dict[int, float]) -> Eaf:
    frames = {number: Frame(persons) for number, persons in seen.items()}
    write_elan(path, Labels(CLIP, frames), times)
    return Eaf(str(path))


def test_a_state_lasts_as_long_as_it_is_labelled(tmp_path: Path) -> None:
    seen = {
        1: {1: person(head="none")},
        6: {1: person(head="none"), 3: person()},
        11: {1: person(head="bend"), 3: person()},
        16: {},
        21: {1: person(head="bend")},
    }
    eaf = write(tmp_path / "a.eaf", seen, {n: (n - 1) / 10 for n in range(1, 40)})
    assert sorted(eaf.get_tier_names()) == ["person 1", "person 1 head", "person 3"]
    assert sorted(eaf.get_annotation_data_for_tier("person 1 head")) == [
        (0, 1000, "none"),
        (1000, 1500, "bend"),
        (2000, 2500, "bend"),
    ]
    assert sorted(eaf.get_annotation_data_for_tier("person 3")) == [(500, 1500, "walking")]
    assert eaf.get_parameters_for_tier("person 1 head")["PARTICIPANT"] == "person 1"


def test_frames_that_are_not_labelled_are_not_spoken_of(tmp_path: Path) -> None:
    seen = {n: {1: person(head="none")} for n in (1, 2, 9)}
    eaf = write(tmp_path / "a.eaf", seen, {1: 0.0, 2: 0.04, 9: 0.5})
    assert sorted(eaf.get_annotation_data_for_tier("person 1 head")) == [
        *((0, 106, "none"), (500, 566, "none"))
    ]


def test_times_are_those_of_a_video_of_variable_rate(tmp_path: Path) -> None:
    stamps = [0, 40, 80, 300, 340]  # milliseconds
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.codec_context.time_base = Fraction(1, 1000)
        for stamp in stamps:
            frame = av.VideoFrame.from_ndarray(np.zeros((48, 64, 3), np.uint8), format="rgb24")
            frame.pts, frame.time_base = stamp, Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    clip = Clip("a", path, None, (64, 48), 5)
    labels = Labels(clip, {n: Frame({1: person(head="ab"[n > 3])}) for n in range(1, 6)})
    write_elan(tmp_path / "out/a.eaf", labels, frame_times(labels))
    eaf = Eaf(str(tmp_path / "out/a.eaf"))
    assert sorted(eaf.get_annotation_data_for_tier("person 1 head")) == [
        *((0, 300, "a"), (300, 380, "b"))
    ]
    assert sorted(eaf.get_annotation_data_for_tier("person 1")) == [(0, 380, "person")]
    (media,) = eaf.get_linked_files()
    assert media["RELATIVE_MEDIA_URL"] == "./../a.mp4"
    assert media["MEDIA_URL"] == path.as_uri()


def test_a_folder_of_pictures_has_no_times(tmp_path: Path) -> None:
    labels = Labels(Clip("a", tmp_path, None, (64, 48), 5), {2: Frame()})
    with pytest.raises(InputError, match="when frame 2 is shown is not known; expected a video"):
        frame_times(labels)
