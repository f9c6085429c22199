"""The report of a run in a browser: it opens, every figure loads, and the console is silent."""

import re

import pytest
from selenium.webdriver.common.by import By

from tests.report.browser import PROGRAMS, console_errors, open_report, show_results
from tests.samples.tiny_runs import BROKEN, snakemake

pytestmark = [
    pytest.mark.workflow,
    pytest.mark.skipif(
        None in PROGRAMS, reason="chromium and chromedriver are not installed: no browser"
    ),
]
FIGURES = {
    "Actions": 1,
    "Decision": 3,
    "Detection": 1,
    "Scores": 4,
    "States": 3,
    "Training": 1,
}


@pytest.fixture(scope="module")
def report(repository, tiny_run, tiny_overlay):
    path = tiny_run / "results" / "report.html"
    made = snakemake(repository, tiny_run, "--configfile", str(tiny_overlay), "--report", str(path))
    assert made.returncode == 0, made.stdout + made.stderr
    return path


def test_the_report_opens_and_shows_everything(report, tmp_path):
    with open_report(report, tmp_path) as browser:
        front = browser.find_element(By.CSS_SELECTOR, ".prose")
        heading = front.find_element(By.TAG_NAME, "h1")
        assert 0 <= float(heading.text) < 1
        assert heading.rect["y"] >= 0  # not cut off above
        assert "is the score of decide" in front.text
        assert f"{len(BROKEN)} videos did not decode whole" in front.text
        shown = list(show_results(browser))
        assert console_errors(browser) == []
    assert min(width for result in shown for width in result.widths) > 0
    for category, count in FIGURES.items():
        own = [result for result in shown if result.category == category]
        figures = [result for result in own if result.path.endswith(".svg")]
        assert [len(result.widths) for result in figures] == [1] * count, category
    for result in shown:
        assert len(re.findall(r"\.(?=\s|$)", result.caption)) >= 2, result.path
    by_name = {result.path: result for result in shown}
    problems = by_name["results/report/problems.html"].text
    assert all(path.rpartition("/")[2].partition(".")[0] in problems for path in BROKEN.values())
    assert "Stacking" in by_name["results/report/decision.html"].text
    assert "fingerprint" in by_name["results/report/provenance.html"].text
    gallery = by_name["results/report/gallery.html"]
    assert len(gallery.widths) > 3
    assert "PSC" in gallery.text
