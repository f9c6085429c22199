"""A parse as labels: persons by their tracks."""

import json
from pathlib import Path
from typing import Any

import pytest

from partparse.cli import main
from partparse.dataset.exchange.labels import Part
from partparse.errors import InputError
from partparse.inference.labels import read_parse
from partparse.vocabulary import KEYPOINTS

HEAD = {"head": {"box": [12.0, 10.0, 20.5, 18.0], "score": 0.9, "state": "bend"}}


def person(number: int, **more: Any) -> dict[str, Any]:
    own = {"person": number, "box": [10.0, 8.0, 30.0, 40.0], "score": 0.8, "keypoints": None}
    return own | {"parts": HEAD} | more


def record(*frames: dict[str, Any]) -> dict[str, Any]:
    action = {"name": "run", "probability": 1.0, "top": []}
    said = {
        "video": "v",
        "file": "../videos/v.avi",
        "width": 64,
        "height": 48,
        "length": 30,
        "action": action,
    }
    return said | {"frames": list(frames)}


def write(path: Path, document: Any) -> Path:
    path.write_text(json.dumps(document))
    return path


def test_persons_have_the_numbers_of_their_tracks(tmp_path: Path) -> None:
    points = {name: [1.0, 2.0, 0.5] for name in KEYPOINTS}
    first = [person(1, track=4, keypoints=points), person(2, track=None)]
    frames = [
        {"frame": 1, "seconds": 0.0, "persons": first},
        {"frame": 6, "seconds": 0.21, "persons": [person(1, track=None), person(2, track=4)]},
        {"frame": 11, "seconds": 0.4, "persons": []},
    ]
    labels, times = read_parse(write(tmp_path / "v.json", record(*frames)))
    assert {n: sorted(frame.persons) for n, frame in labels.frames.items()} == {
        1: [4, 5],
        6: [4, 6],
        11: [],
    }
    assert times == {1: 0.0, 6: 0.21, 11: 0.4}
    assert labels.frames[1].persons[4].parts == {"head": Part((12, 10, 20.5, 18), "bend")}
    assert labels.frames[1].persons[4].keypoints == ((1.0, 2.0, 0.5),) * 17
    assert (labels.clip.video, labels.clip.action, labels.clip.frames) == ("v", "run", 30)
    assert labels.clip.path == tmp_path / "../videos/v.avi"  # and not the annotated one


def test_parts_outside_the_picture_are_left_out(tmp_path: Path) -> None:
    """The picture has 64 x 48 pixels: it ends at 63 and 47."""
    boxes = {"head": [63, 0, 70, 9], "hip": [63.5, 0, 70, 9], "left_leg": [10, -9, 20, -1]}
    parts = {name: {"box": box, "score": 0.5, "state": "bend"} for name, box in boxes.items()}
    frame = {"frame": 1, "seconds": 0.0, "persons": [person(1, track=1, parts=parts)]}
    labels, _ = read_parse(write(tmp_path / "v.json", record(frame)))
    assert list(labels.frames[1].persons[1].parts) == ["head"]


def test_a_parse_goes_to_each_tool(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    frames = [
        {"frame": n, "seconds": (n - 1) / 10, "persons": [person(1, track=2)]} for n in (1, 6)
    ]
    path = write(tmp_path / "v.json", record(*frames))
    for kind, name in (("cvat", "v.xml"), ("coco", "parses.json"), ("elan", "v.eaf")):
        assert main(["export", kind, str(path), "--out", str(tmp_path / "out")]) == 0
        assert capsys.readouterr().out == f"{tmp_path / 'out'}: 1 videos\n"
        assert "bend" in (tmp_path / "out" / name).read_text()


@pytest.mark.parametrize("document", [[], {}, {"video": "v"}, record({"frame": 1}), "v"])
def test_other_files_are_refused(tmp_path: Path, document: Any) -> None:
    with pytest.raises(InputError, match="not a parse of a video; expected what `partparse parse`"):
        read_parse(write(tmp_path / "v.json", document))
