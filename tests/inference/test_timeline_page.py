"""The page of a video: what it says, that names from data never break it, and how it is used."""

from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import numpy as np
import pandas as pd
import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

from partparse.inference.annotated_video import write_video
from partparse.inference.parse import Parse
from partparse.inference.timeline import trace_states
from partparse.inference.timeline_page import timeline_page
from partparse.report.annotated_frame import COLOUR_OF
from tests.inference.test_timeline import make_parse, states
from tests.report.browser import PROGRAMS, console_errors, open_page

EVIL = """</script><script>alert(1)</script>"'><img src=x onerror=alert(2)>&amp;{{ 7 * 7 }}%20#?"""
VIDEO = "document.getElementById('video')"
VOID = {"meta", "input", "br", "img", "link"}


class Outline(HTMLParser):
    """The elements of a page, with their attributes; fails where they are not nested."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(attrs) == len(dict(attrs)), (tag, attrs)
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open[-1:] not in (["script"], ["style"]):
            self.text += data

    def all(self, tag: str, **known: str) -> list[dict[str, str | None]]:
        return [a for t, a in self.elements if t == tag and a.items() >= known.items()]


def page_of(parse: Parse, *notes: str) -> str:
    return timeline_page(parse, trace_states(parse, 0), list(notes))


@pytest.fixture
def parse() -> Parse:
    """Two persons; one of them is seen in the second half alone."""
    said = states("up", "up", "down", "down", "up", "up")
    for place in range(3, 6):
        said[place] |= {(2, "right_arm"): "bend_over"}
    return make_parse(said, times=[0, 0.1, 0.2, 0.5, 0.6, 0.7])


def test_each_span_says_what_it_is_and_jumps_to_its_start(parse: Parse) -> None:
    outline = Outline(page_of(parse))
    assert outline.open == []
    spans = outline.all("button")
    said = [str(span["aria-label"]).partition(", probability ") for span in spans]
    assert [chance for _, _, chance in said if chance] == ["0.50", "0.52", "0.55", "0.54"]
    assert [what for what, _, _ in said] == [
        "person 1, person: in the picture, 0.00 to 0.84 s",
        "person 1, head: up, 0.00 to 0.20 s",
        "person 1, head: down, 0.20 to 0.60 s",
        "person 1, head: up, 0.60 to 0.84 s",
        "person 2, person: in the picture, 0.50 to 0.84 s",
        "person 2, right arm: bend over, 0.50 to 0.84 s",
    ]
    assert [span["data-start"] for span in spans[1:4]] == ["0.0", "0.2", "0.6"]
    # states of a part differ in how strong the part's colour is, the right side in its edge
    style = [str(span["style"]) for span in spans]
    assert all(f"border-color:{COLOUR_OF['head']}" in one for one in style[1:4])
    tints = [one.partition("background:")[2][:7] for one in style[1:4]]
    assert tints[0] == tints[2] != tints[1]
    assert [span["class"] for span in spans] == ["left"] * 5 + ["right"]
    assert "bend over" in outline.text
    assert "run" in outline.text
    (video,) = outline.all("video")
    assert video["src"] == "./v.mp4"


def test_it_needs_no_other_file(parse: Parse) -> None:
    outline = Outline(page_of(parse))
    for _, attributes in outline.elements:
        assert "href" not in attributes
        assert not str(attributes.get("src", "./v.mp4")).startswith(("/", "http", "file"))
        assert not any(name.startswith("on") for name in attributes)
    assert "@import" not in page_of(parse)
    assert "url(" not in page_of(parse)


def test_names_from_data_are_text() -> None:
    parse = make_parse([{(1, "head"): EVIL}, {(1, "head"): "down"}])
    parse = replace(parse, name=EVIL, actions=parse.actions.assign(action=EVIL))
    parse = replace(parse, actions=parse.actions.rename(columns={"p_run": f"p_{EVIL}"}))
    outline = Outline(page_of(parse, EVIL))
    assert outline.open == []
    assert len(outline.all("script")) == 1
    assert not outline.all("img")
    assert EVIL in outline.text
    (video,) = outline.all("video")
    assert unquote(str(video["src"])) == f"./{EVIL}.mp4"
    assert not {"#", "?", '"', "<"} & {*str(video["src"])}
    labels = [str(span["aria-label"]) for span in outline.all("button")]
    assert any(EVIL.replace("_", " ") in label for label in labels)


def test_it_says_what_has_to_be_known(parse: Parse) -> None:
    notes = [a for a in Outline(page_of(parse)).elements if a[1].get("role") == "note"]
    assert notes == []
    noted = Outline(page_of(parse, "trained on drawn persons"))
    assert "trained on drawn persons" in noted.text
    untimed = Outline(page_of(replace(parse, times=np.full(6, np.nan))))
    assert "times count 25 frames a second" in untimed.text


def test_a_video_whose_frames_are_all_shown_at_once() -> None:
    """As of a file whose time stamps never rise."""
    outline = Outline(page_of(make_parse(states("up", "up", "down"), times=[0, 0, 0])))
    said = [span["aria-label"] for span in outline.all("button")]
    assert said[-1] == "person 1, head: down, 0.00 to 0.04 s, probability 0.52"
    assert "nan" not in outline.text


def test_nobody_and_several_windows(parse: Parse) -> None:
    nobody = Outline(page_of(make_parse([{}])))
    assert "Nobody is followed in this video." in nobody.text
    ends = {"first_frame": [1, 4], "last_frame": [3, 6], "action": ["run", "sit"]}
    windows = pd.DataFrame(ends | {"p_run": [0.9, 0.2], "p_sit": [0.1, 0.8]})
    labels = [
        a["aria-label"] for a in Outline(page_of(replace(parse, actions=windows))).all("button")
    ]
    assert labels[:2] == [
        "action: run, 0.00 to 0.50 s, probability 0.90",
        "action: sit, 0.50 to 0.84 s, probability 0.80",
    ]


@pytest.mark.skipif(None in PROGRAMS, reason="chromium and chromedriver are not installed")
def test_in_a_browser_clicks_and_keys_lead_to_the_moments(parse: Parse, tmp_path: Path) -> None:
    name = "a clip, été #2?"
    named = replace(parse, name=name)
    pictures = [np.full((64, 64, 3), 40 * n, np.uint8) for n in range(6)]
    write_video(tmp_path / f"{name}.mp4", pictures, parse.times)
    path = tmp_path / f"{name}.html"
    path.write_text(page_of(named), encoding="utf-8")
    with open_page(path, tmp_path / "profile") as browser:

        def at() -> float:
            return float(
                browser.execute_script("return document.getElementById('video').currentTime")
            )

        def wait_for(seconds: float) -> None:
            WebDriverWait(browser, 20).until(lambda _: at() == pytest.approx(seconds, abs=0.01))

        WebDriverWait(browser, 20).until(
            lambda _: browser.execute_script(f"return {VIDEO}.readyState") > 0
        )
        spans = browser.find_elements(By.CSS_SELECTOR, "#inner button")
        assert [span.get_attribute("tabindex") for span in spans] == ["0"] + ["-1"] * 5
        spans[2].click()
        wait_for(0.2)
        keys = ActionChains(browser)
        keys.send_keys(Keys.ARROW_RIGHT, Keys.ENTER).perform()
        wait_for(0.6)
        # down to the line of person 2, then into its arm
        ActionChains(browser).send_keys(Keys.ARROW_DOWN, Keys.ARROW_DOWN, Keys.ENTER).perform()
        wait_for(0.5)
        focused = browser.switch_to.active_element
        assert str(focused.get_attribute("aria-label")).startswith("person 2, right arm: bend over")
        assert [s.get_attribute("tabindex") for s in spans].count("0") == 1
        head = browser.find_element(By.ID, "head").rect["x"]
        assert head == pytest.approx(focused.rect["x"], abs=3)
        assert browser.find_element(By.ID, "now").text == "0.50 s"
        # the controls lie below the picture
        high = browser.execute_script(f"return {VIDEO}.videoHeight / {VIDEO}.videoWidth")
        shown = browser.find_element(By.ID, "video").rect
        assert shown["height"] == pytest.approx(shown["width"] * high + 72, abs=1)
        assert console_errors(browser) == []
