"""The numbers of docs/metric.md are those that its commands print, on the files beside it."""

import json
import re
import shutil

import numpy as np
import pandas as pd
import pytest

from partparse.boxes import paired_iou, pairwise_iou
from partparse.cli import main


@pytest.fixture
def page(repository):
    return (repository / "docs/metric.md").read_text()


@pytest.fixture
def files(repository):
    return repository / "docs/metric"


def blocks(page):
    """What stands in the page's code blocks, without their indentation."""
    found = re.findall(r"^( *)```\n(.*?)^ *```$", page, re.MULTILINE | re.DOTALL)
    return [text.replace("\n" + indent, "\n").removeprefix(indent) for indent, text in found]


def test_the_score_and_the_table_of_videos(page, files, tmp_path, capsys):
    table = tmp_path / "videos.csv"
    command = ["evaluate", str(files / "gt"), str(files / "pred"), "--per-video", str(table)]
    assert main(command) == 0
    assert capsys.readouterr().out + table.read_text() == blocks(page)[1]


def test_what_the_check_says(page, files, capsys):
    assert main(["check-submission", str(files / "pred"), "--gt", str(files / "gt")]) == 1
    assert capsys.readouterr().out == blocks(page)[3]


def test_the_overlaps_of_the_frame(page, files):
    true, predicted = (
        json.loads((files / kind / f"{kind}_part_result.json").read_text())["lunge_1"]
        for kind in ("gt", "pred")
    )
    rows = re.findall(r"^\| (\w[\w ]+) \| .* \| (\d\.\d{3}) \|", page, re.MULTILINE)
    expected = []
    pairs = zip(*(frames["img_00001.json"]["humans"] for frames in (true, predicted)), strict=True)
    for human, other in pairs:
        expected.append((f"person {human['number']}", human["box"], other["box"]))
        expected += [
            (name, part["box"], other["parts"][name]["box"][0])
            for name, part in human["parts"].items()
        ]
    ious = paired_iou(*(np.array([row[at] for row in expected]) for at in (1, 2)))
    assert rows == [(row[0], f"{iou:.3f}") for row, iou in zip(expected, ious, strict=True)]


def test_the_assignment_takes_the_largest_sum(page, files):
    boxes = []
    for kind in ("gt", "pred"):
        frames = json.loads((files / kind / f"{kind}_part_result.json").read_text())["duet_1"]
        boxes.append(np.array([human["box"] for human in frames["img_00001.json"]["humans"]]))
    iou = pairwise_iou(*boxes)
    assert f"(IoU {iou[0, 0]:.3f})".replace("0.", ".") in page
    assert f"{iou[0, 1] + iou[1, 0]:.3f}" in page
    assert f"{iou[0, 0] + iou[1, 1]:.3f}" in page
    assert iou[0, 1] + iou[1, 0] > iou[0, 0] + iou[1, 1]


def test_the_duplicate_cost_half_a_video(files, tmp_path):
    shutil.copytree(files / "pred", tmp_path / "pred")
    path = tmp_path / "pred/pred_part_result.json"
    frames = json.loads(path.read_text())
    frames["duet_1"]["img_00001.json"]["humans"].pop()
    path.write_text(json.dumps(frames))
    table = tmp_path / "videos.csv"
    main(["evaluate", str(files / "gt"), str(tmp_path / "pred"), "--per-video", str(table)])
    assert pd.read_csv(table).set_index("video").loc["duet_1", "psc"] == 0.5
