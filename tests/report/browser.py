"""A report in headless Chromium: every result opened as a reader would, and screenshots of it.

python -m tests.report.browser results/report.html --out screenshots
"""

import argparse
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.wait import WebDriverWait

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--window-size=1500,1000",
)
PROGRAMS = [shutil.which("chromium"), shutil.which("chromedriver")]
_SECONDS = 30
_ARRIVED = "return location.href !== 'about:blank' && document.readyState === 'complete'"
_LOADED = """
const all = [...arguments[0].querySelectorAll("img")];
return all.every(image => image.complete) ? [all.map(image => image.naturalWidth)] : null;
"""


@dataclass(frozen=True)
class Shown:
    """A result as the browser shows it."""

    path: str
    category: str
    widths: list[int]
    """Pixels of each picture in it; 0: one that can't be shown."""
    text: str
    caption: str


@contextmanager
def open_page(page: Path, profile: Path) -> Iterator[webdriver.Chrome]:
    """A browser that shows a page; `profile`: an empty folder for its files."""
    options = webdriver.ChromeOptions()
    options.binary_location, driver = map(str, PROGRAMS)
    for flag in (*FLAGS, f"--user-data-dir={profile}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    browser = webdriver.Chrome(options, webdriver.ChromeService(driver))
    try:
        browser.get(page.resolve().as_uri())
        yield browser
    finally:
        browser.quit()


@contextmanager
def open_report(report: Path, profile: Path) -> Iterator[webdriver.Chrome]:
    """A browser that shows a report's front page."""
    with open_page(report, profile) as browser:
        _wait(browser, lambda: browser.find_elements(By.ID, "brand"))
        yield browser


def show_results(browser: webdriver.Chrome) -> Iterator[Shown]:
    """Open the results one by one, each with a click on its eye."""
    categories = browser.execute_script("return categories")
    for category, subcategories in categories.items():
        for path in sorted(path for paths in subcategories.values() for path in paths):
            browser.execute_script("app.showResultInfo(arguments[0])", path)
            eye = browser.execute_script(
                "return [...document.querySelectorAll('a')].find(link => !link.download &&"
                " link.innerHTML.includes('M.458 10C1.732'))"
            )
            if eye is None:  # to be downloaded
                continue
            eye.click()
            yield Shown(path, category, *_content(browser), _caption(browser))


def console_errors(browser: webdriver.Chrome) -> list[str]:
    """What the console has complained of since it was last asked."""
    return [entry["message"] for entry in browser.get_log("browser") if entry["level"] == "SEVERE"]


def _content(browser: webdriver.Chrome) -> tuple[list[int], str]:
    shown = browser.find_element(By.CSS_SELECTOR, "#app > div > :last-child")
    frames = shown.find_elements(By.TAG_NAME, "iframe")
    if frames:
        browser.switch_to.frame(frames[0])
        _wait(browser, lambda: browser.execute_script(_ARRIVED))
        shown = browser.find_element(By.TAG_NAME, "body")
    try:
        (widths,) = _wait(browser, lambda: browser.execute_script(_LOADED, shown))
        return widths, shown.text
    finally:
        browser.switch_to.default_content()


def _caption(browser: webdriver.Chrome) -> str:
    text = browser.find_element(By.ID, "app").text
    return text.partition("DESCRIPTION")[2].partition("SIZE")[0].strip()


def _wait(browser: webdriver.Chrome, condition):
    return WebDriverWait(browser, _SECONDS).until(lambda _: condition())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("report", type=Path)
    parser.add_argument("--out", type=Path, required=True, help="folder for the screenshots")
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    with open_report(args.report, args.out / ".profile") as browser:
        browser.save_screenshot(args.out / "front.png")
        for shown in show_results(browser):
            name = f"{shown.category}-{Path(shown.path).stem}.png"
            browser.save_screenshot(args.out / name)
            print(name, shown.widths)
        print(console_errors(browser))
    shutil.rmtree(args.out / ".profile")


if __name__ == "__main__":
    main()
