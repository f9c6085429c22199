"""The front page, the gallery and the page of problems: what they say, and names come out whole."""

import base64
import re
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from docutils.core import publish_parts
from jinja2 import Environment

from partparse import tables
from partparse.decision.pooling import LogPool
from partparse.report.decision_page import decision_page, pool_weights
from partparse.report.front_page import escape, front_page
from partparse.report.gallery import embed, gallery_page, pick_videos
from partparse.report.page import problems_page
from partparse.report.provenance import provenance_page
from partparse.report.scores import summarise
from partparse.sampling import spread
from partparse.vocabulary import PARTS

ODD = ["{{ 7 * 7 }} {% raw %}", '.. raw:: html <b> "x", `y`_ *z* |w| \\ :q:', "{# gone #}"]


def rendered(text):
    """HTML as Snakemake makes it of a description: by Jinja2, then docutils."""
    links = "".join(
        f"\n.. _{name}: javascript:x\n"
        for name in [
            "Scores",
            "States",
            "Actions",
            "Decision",
            "Videos",
            "Training",
            "Detection",
            "Data",
        ]
    )
    source = Environment().from_string(text + "\n" + links).render()
    settings = {"halt_level": 2, "report_level": 2}
    return publish_parts(source, writer="html", settings_overrides=settings)["html_body"]


@pytest.fixture
def videos():
    rows = [
        (split, method, f"v{number}", "run", "run", value, 1, value)
        for split in ("val", "test")
        for method, value in (("vote", 0.25), ("decide", 0.5))
        for number in range(4)
    ]
    columns = ["split", "method", "video", "action", "predicted", "psc", "correct", "value"]
    return pd.DataFrame(rows, columns=columns)


def page_of(videos, **changes):
    oracles = pd.DataFrame(
        {"split": "test", "row": ["ours", "gt_action", "gt_states"], "score": [0.5, 0.5, 0.75]}
    )
    choice = pd.DataFrame(
        {"fold": "all", "action": ["run", "*"], "method": "vote", "videos": 4, "psc": 0.25}
    ).assign(rank=1)
    given = {
        "scores": summarise(videos),
        "videos": videos,
        "oracles": oracles,
        "choice": choice,
        "problems": 0,
        "final": "decide",
    }
    return front_page("a set", **(given | changes))


def test_the_front_page_gives_the_answer_first(videos):
    page = rendered(page_of(videos))
    text = re.sub(r"<[^>]+>", " ", page)
    assert re.search(r"0\.5000\s+is the score of\s+decide", text)
    assert "4 test videos of a set" in " ".join(text.split())
    assert text.index("decide (submitted)") < text.index("vote")
    assert text.index("the true states") < text.index("the true action")
    assert "+0.2500" in text
    assert "-0.2500 [-0.2500, -0.2500]" in text  # vote, to what is submitted
    assert text.index("Not comparable") < text.index(".7389")
    assert '<img alt="Two drawn persons' in page and 'src="data:image/jpeg;base64,/9j/' in page
    assert "javascript:x" in page
    assert "Every video decoded whole" in text
    assert "3 videos did not" in " ".join(
        re.sub(r"<[^>]+>", "", rendered(page_of(videos, problems=3))).split()
    )


def test_without_a_scored_video_the_front_page_says_so(videos):
    assert "No video was scored" in rendered(page_of(videos, scores=summarise(videos.iloc[:0])))


@pytest.mark.parametrize("name", ODD)
def test_names_are_neither_templates_nor_markup(name):
    html = rendered(f"Before {escape(name)} after")
    text = re.sub(r"<[^>]+>", "", html).replace("&lt;", "<").replace("&gt;", ">")
    assert f"Before {name} after" in text.replace("&quot;", '"').replace("&amp;", "&")


def test_odd_actions_stay_in_their_cells(videos):
    choice = pd.DataFrame({"fold": "all", "action": ODD, "method": "vote", "videos": 4, "psc": 0.5})
    html = rendered(page_of(videos, choice=choice.assign(rank=1)))
    assert "{{ 7 * 7 }}" in html
    assert "49" not in re.sub(r"<[^>]+>", " ", html).split()  # the picture has any digits


@pytest.mark.parametrize(
    ("count", "picked"),
    [
        (0, {}),
        (1, {"Best": [0]}),
        (2, {"Best": [0], "Median": [1]}),
        (3, {"Best": [0], "Median": [1], "Worst": [2]}),
        (11, {"Best": [0, 1], "Median": [4, 5], "Worst": [9, 10]}),
    ],
)
def test_no_video_is_picked_twice(count, picked):
    videos = pd.DataFrame({"video": [f"v{n:02d}" for n in range(count)], "psc": 1.0})
    videos["psc"] -= np.arange(count) / 20
    groups = pick_videos(videos.sample(frac=1, random_state=0), 2)
    assert {title: rows.index.tolist() for title, rows in groups.items()} == picked


def test_frames_are_spread():
    assert spread(range(1, 32, 5), 3) == [6, 16, 26]
    assert spread([1, 6], 3) == [1, 6]
    assert spread([], 3) == []


def test_pictures_fit_the_page():
    noise = np.random.default_rng(0).integers(0, 256, (200, 300, 3)).astype(np.uint8)
    large, small = embed(noise, 1_000_000), embed(noise, 20_000)
    assert len(base64.b64decode(small.partition(",")[2])) <= 20_000 < len(large)
    assert small.startswith("data:image/webp;base64,")


def test_the_gallery_says_what_was_predicted():
    entry = {"action": "run", "frames": {6: "data:,"}}
    entries = [
        entry | {"video": "<v>", "predicted": "run", "psc": 0.5},
        entry | {"video": "w", "predicted": "jump", "psc": 0.25},
    ]
    page = gallery_page("test", "decide", {"Best": entries})
    assert "&lt;v&gt;: PSC 0.500" in page
    assert "run, as predicted" in page
    assert "predicted: jump" in page
    assert page.count("<img") == 2
    assert "No video was scored" in gallery_page("test", "decide", {})


def test_problems_name_the_stage_and_the_reason():
    rows = [("v", "frames", "cut <short>"), ("v", "parts/dots", "IndexError"), ("w", "flow", "x")]
    page = problems_page(pd.DataFrame(rows, columns=list(tables.PROBLEMS.columns)), 9)
    assert "2 of 9 videos" in page
    assert "cut &lt;short&gt;" in page
    assert "<td>v</td><td>parts/dots</td><td>IndexError</td>" in page
    assert "All 9 videos" in problems_page(tables.empty(tables.PROBLEMS), 9)


def test_the_provenance_is_read_without_a_program():
    record = {
        "code": {"commit": "abc123", "changed": False},
        "data_set": {"fingerprint": "0f", "videos": {"train": 3}},
        "submission": {"submission.zip": "9e"},
        "scores": {"test": {"vote": 0.5}},
        "seeds": {"demo.seed": 0},
        "versions": {"torch": "2"},
        "config": {"states": {"a": {"depth": [1, 2]}, "b": {}}},
    }
    page = provenance_page(record)
    text = " ".join(re.sub(r"<[^>]+>", " ", page).split())
    assert "commit abc123 files changed since no" in text
    assert "train videos 3" in text
    assert "test.vote 0.5" in text
    assert "states.a.depth [1, 2] states.b {}" in text
    unknown = provenance_page(record | {"code": {"commit": None, "changed": None}})
    assert "not known" in unknown


def test_what_the_decision_chose_is_that_of_all_folds(tmp_path):
    rows = "pool,1.0,0.5,True,all\npool,10.0,0.75,False,all\npool,1.0,0.8125,True,0\n"
    (tmp_path / "stacking.csv").write_text(f"model,strength,log_loss,chosen,fold\n{rows}")
    (tmp_path / "time.csv").write_text("trust,temperature,log_loss,chosen,fold\n,1,2,True,all\n")
    head = "step,candidate,score,gain,standard_error,luck,better,fold"
    choices = "states,category,0.5,,,,True,all\nstates,mean,0.625,0.125,0.0625,0.03125,False,all\n"
    (tmp_path / "choices.csv").write_text(f"{head}\n{choices}")
    text = " ".join(re.sub(r"<[^>]+>", " ", decision_page(tmp_path)).split())
    assert "states mean 0.625 0.125 0.0625 0.03125 False" in text
    assert "pool 1 0.5 True pool 10 0.75 False" in text
    assert "0.8125" not in text
    assert "none 1 2 True" in text
    assert "Boxes" not in text  # was not fitted


def test_a_method_counts_by_part():
    by_part = np.zeros((len(PARTS), 3))
    by_part[PARTS.index("hip"), 1] = 0.25
    pool = LogPool(np.array([0.5, 0.5, 0.0]), by_part, np.zeros((0, 3)), [])
    told: Any = SimpleNamespace(methods=("a", "b"))
    model: Any = SimpleNamespace(stack=SimpleNamespace(pool=pool))
    weights = pool_weights(model, told)
    assert weights.loc["b", "hip"] == 0.75
    assert weights.loc["b", "head"] == 0.5
    assert weights.loc["the action"].eq(0).all()
    averaged: Any = SimpleNamespace(stack=SimpleNamespace(pool=None))
    assert pool_weights(averaged, told).empty
