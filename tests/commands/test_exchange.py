"""`partparse export` and `import`, from a data set to another that is the same."""

import json
from pathlib import Path

import pytest
from pympi.Elan import Eaf

from partparse.cli import main
from partparse.dataset.exchange.labels import read_data_set
from partparse.errors import refuse
from tests.samples.tiny import human, write_annotation, write_data_set


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The tiny data set, with an object, a hole, and a person who leaves and returns."""
    root = write_data_set(tmp_path / "data")
    folder = root / "train_annotations/run/r1"
    other = human(5, box=[40, 8, 60, 40], parts={})
    bar = {"name": "bar", "box": [0, 0, 63, 2]}
    write_annotation(folder, 2, {"humans": [human(), other], "objects": [bar]})
    write_annotation(folder, 4, {"humans": [other]})
    write_annotation(folder, 5, {"humans": []})
    return root


def labels_of(root: Path) -> dict[str, object]:
    return {labels.clip.video: labels.frames for _, labels in read_data_set(root, refuse)}


@pytest.mark.parametrize("kind", ["cvat", "coco"])
def test_a_data_set_is_made_again(
    data: Path, tmp_path: Path, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    out, again = tmp_path / "out", tmp_path / "again"
    assert main(["export", kind, str(data), "--out", str(out)]) == 0
    assert capsys.readouterr().out == f"{out}: 5 videos\n"
    tests = [out / "t1.xml"] if kind == "cvat" else [out / "test.json"]
    trains = sorted(out.glob("[jr]?.xml")) if kind == "cvat" else [out / "train.json"]
    for split, files in (("train", trains), ("test", tests)):
        words = ["--root", str(again), "--split", split, "--videos", str(data / f"{split}_videos")]
        assert main(["import", kind, *map(str, files), *words]) == 0
    said = capsys.readouterr()
    assert f"{again / 'train_annotations/run/r1'}: 8 frames" in said.out.splitlines()
    assert labels_of(again) == labels_of(data)
    assert main(["check-dataset", str(again)]) == 0
    states = (again / "list/part_stat.txt").read_text().split()
    assert states == (["none", "bend"] if kind == "cvat" else ["none"])


def test_a_correction_replaces_what_was_there(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    main(["export", "cvat", str(data), "--out", str(out)])
    path = out / "j1.xml"
    before = labels_of(data)
    path.write_text(path.read_text().replace(">none</attribute>", ">bend</attribute>"))
    assert main(["import", "cvat", str(path), "--root", str(data)]) == 0
    after = labels_of(data)
    assert {video for video in after if after[video] != before[video]} == {"j1"}
    document = json.loads((data / "train_annotations/jump/j1/img_00003.json").read_text())
    assert document["humans"][0]["parts"]["head"]["verb"] == "bend"
    path.write_text(path.read_text().replace(">bend</attribute>", ">bent</attribute>"))
    capsys.readouterr()
    assert main(["import", "cvat", str(path), "--root", str(data)]) == 1
    assert labels_of(data) == after
    assert capsys.readouterr().err == (
        f"error: {path}: frame 1, person 1, head: unknown state 'bent' (is 'bend' meant?); "
        f"expected one of the 2 names in {data / 'list/part_stat.txt'}\n"
    )


def test_what_is_in_the_way_is_told(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, again = tmp_path / "out", tmp_path / "again"
    main(["export", "cvat", str(data), "--out", str(out)])
    path = out / "j1.xml"
    given = ["import", "cvat", str(path), "--root", str(again)]
    capsys.readouterr()
    for words, message in (
        ([], f"{path}: 'j1.mp4': no such video in {again}; expected j1.mp4 or the like"),
        (
            ["--videos", str(data / "train_videos/jump/j1.mp4")],
            f"{path}: {data / 'train_videos/jump/j1.mp4'}: its action is not known; expected "
            "--action, or a folder of videos with ACTION/j1.mp4",
        ),
        (["--action", "../x"], "--action '../x': expected a name that is no path"),
    ):
        assert main([*given, *words]) == 1
        assert capsys.readouterr().err == f"error: {message}\n"
        assert not again.exists()
    words = ["--videos", str(data / "train_videos/jump/j1.mp4"), "--action", "hop"]
    assert main([*given, *words]) == 0
    assert (again / "train_videos/hop/j1.mp4").is_file()
    assert (again / "list/video_train_flist.csv").read_text() == "video,frames\nj1,8\n"


def test_a_data_set_for_elan(data: Path, tmp_path: Path) -> None:
    assert main(["export", "elan", str(data), "--out", str(tmp_path / "out")]) == 0
    eaf = Eaf(str(tmp_path / "out/r1.eaf"))
    assert sorted(eaf.get_annotation_data_for_tier("person 1 head")) == [
        *((0, 300, "none"), (500, 800, "none"))
    ]
    assert sorted(eaf.get_annotation_data_for_tier("person 5")) == [
        *((100, 200, "run"), (300, 400, "run"))
    ]
