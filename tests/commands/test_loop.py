"""The commands of docs/own-data.md, on files as CVAT exports them; not training and parsing."""

import json
import shlex
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest

from partparse.cli import main
from tests.samples.tiny import write_video

# as CVAT's documentation gives it: docs.cvat.ai, "XML annotation format", Interpolation
TASK = """<?xml version="1.0" encoding="utf-8"?>
<annotations><version>1.1</version><meta><task>
<id>5</id><name>task of {video}</name><size>8</size><mode>interpolation</mode>
<start_frame>0</start_frame><stop_frame>7</stop_frame><frame_filter></frame_filter>
<labels>{labels}</labels>
<original_size><width>64</width><height>48</height></original_size><source>{video}.mp4</source>
</task><dumped>2018-09-25 16:05:07.134046+03:00</dumped></meta>
<track id="0" label="person" source="manual"><box frame="0" outside="0" occluded="0" keyframe="1"
 xtl="10.00" ytl="8.00" xbr="31.00" ybr="41.00" z_order="0">
<attribute name="person">1</attribute></box>
</track>
<track id="1" label="head" source="manual">
<box frame="0" outside="0" occluded="0" keyframe="1" xtl="12.00" ytl="10.00" xbr="21.00" ybr="19.00"
 z_order="0"><attribute name="person">1</attribute><attribute name="state">none</attribute></box>
<box frame="4" outside="0" occluded="0" keyframe="1" xtl="12.00" ytl="14.00" xbr="21.00" ybr="23.00"
 z_order="0"><attribute name="person">1</attribute><attribute name="state">bend</attribute></box>
<box frame="6" outside="1" occluded="0" keyframe="1" xtl="12.00" ytl="14.00" xbr="21.00" ybr="23.00"
 z_order="0"><attribute name="person">1</attribute><attribute name="state">bend</attribute></box>
</track>
</annotations>
"""
STEPS = ("export", "import", "check-dataset", "parse")
"""The page's commands that the loop consists of."""


def commands(page: Path) -> Iterator[list[str]]:
    """The words of each command of `STEPS` on a page, in their order."""
    block = False
    for line in page.read_text().splitlines():
        block ^= line.startswith("```")
        if block and line.startswith(tuple(f"partparse {name} " for name in STEPS)):
            yield [
                word
                for given in shlex.split(line)[1:]
                for word in (sorted(map(str, Path().glob(given))) if "*" in given else [given])
            ]


def export_of_cvat(folder: Path, video: str, labels: str) -> None:
    folder.mkdir(exist_ok=True)
    with zipfile.ZipFile(folder / f"task_{video}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("annotations.xml", TASK.format(video=video, labels=labels))


def labels_in_xml(path: Path) -> str:
    """The labels of a project as CVAT repeats them in each export."""
    tag = ElementTree.SubElement
    root = ElementTree.Element("labels")
    for label in json.loads(path.read_text()):
        entry = tag(root, "label")
        tag(entry, "name").text = label["name"]
        attributes = tag(entry, "attributes")
        for attribute in label["attributes"]:
            own = tag(attributes, "attribute")
            for key in ("name", "input_type", "default_value"):
                tag(own, key).text = attribute[key]
            tag(own, "mutable").text = str(attribute["mutable"])
            tag(own, "values").text = "\n".join(attribute["values"])
    return "".join(ElementTree.tostring(entry, "unicode") for entry in root)


def parse_of(video: Path) -> None:
    """What `partparse parse` writes beside others, of one person with a track."""
    head = {"head": {"box": [12, 10, 20, 18], "score": 0.9, "state": "none"}}
    person = {"person": 1, "track": 3, "box": [10, 8, 30, 40], "score": 0.8, "keypoints": None}
    frames = [
        {"frame": n, "seconds": (n - 1) / 10, "persons": [person | {"parts": head}]}
        for n in range(1, 9)
    ]
    said = {
        "video": video.stem,
        "width": 64,
        "height": 48,
        "length": 8,
        "action": {"name": "squat"},
    }
    path = Path("parses") / f"{video.stem}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(said | {"frames": frames}))


def correct(path: Path) -> None:
    """The file of a parse as CVAT exports it after the head's state was set to bend."""
    text = path.read_text().replace(">none</attribute>", ">bend</attribute>")
    Path("corrected").mkdir(exist_ok=True)
    with zipfile.ZipFile(f"corrected/{path.stem}.zip", "w") as archive:
        archive.writestr(
            "annotations.xml", text.replace(f"<source>{path.stem}.mp4", "<source>n1.mp4")
        )


def annotation(video: str, number: int) -> dict[str, dict[str, object]]:
    path = Path(f"my-set/train_annotations/squat/{video}/img_{number:05d}.json")
    (human,) = json.loads(path.read_text())["humans"]
    return human["parts"]


def test_the_loop(
    repository: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("squat/a", "squat/b", "squat/t"):
        write_video(Path("videos") / f"{name}.mp4")
    write_video(Path("new/n1.mp4"))
    Path("my-set/list").mkdir(parents=True)
    Path("my-set/list/part_stat.txt").write_text("none\nbend\n")
    done = []
    page = list(commands(repository / "docs/own-data.md"))
    for place in range(len(page)):
        # globs are of what the commands before have written
        words = list(commands(repository / "docs/own-data.md"))[place]
        if words[0] == "parse":
            parse_of(Path(words[1]))
            continue
        status = main(words)
        said = capsys.readouterr()
        assert status == 0, (words, said)
        done.append((words[0], said.out.splitlines()))
        if place == 0:
            labels = labels_in_xml(Path("cvat/labels.json"))
            for folder, videos in (("exports", "ab"), ("exports_test", "t")):
                for video in videos:
                    export_of_cvat(Path(folder), video, labels)
        if words[-1] == "corrections":
            correct(Path("corrections/n1.xml"))
    assert [name for name, _ in done] == [
        *("export", "import", "import", "check-dataset"),
        *("export", "import", "check-dataset"),
    ]
    assert done[1][1] == [f"my-set/train_annotations/squat/{video}: 8 frames" for video in "ab"]
    assert done[-1][1] == ["my-set: no faults"]
    assert annotation("a", 3)["head"] == {
        **{"name": "head", "number": 1, "box": [12, 12, 20, 20], "verb": "none"}
    }
    assert annotation("a", 5)["head"]["verb"] == "bend"
    assert annotation("a", 7) == {}
    assert annotation("n1", 4)["head"] == {
        **{"name": "head", "number": 3, "box": [12, 10, 20, 18], "verb": "bend"}
    }
    assert Path("my-set/list/video_train_flist.csv").read_text().split() == [
        *("video,frames", "a,8", "b,8", "n1,8")
    ]
