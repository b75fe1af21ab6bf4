"""A real browser in front of the demo."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect

from tests.chromium import FLAGS
from tests.demo import Demo

# A machine that runs two demos and two browsers on two cores is slow at times. What comes at once is not waited for.
expect.set_options(timeout=15_000)
CAMERA = ("--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream")


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    running = Demo(tmp_path_factory.mktemp("demo")).start()
    yield running
    running.stop()


@pytest.fixture(autouse=True)
def _an_android_phone_without_cards(request: pytest.FixtureRequest) -> None:
    """The demo serves many tests; a phone with a card shows that, and not its browser."""
    if "demo" in request.fixturenames:
        sandbox = request.getfixturevalue("demo").sandbox
        for card in requests.get(f"{sandbox}/state", timeout=10).json()["android"]["cards"]:
            requests.post(f"{sandbox}/android/delete", json={"id": card["id"]}, timeout=10)


@pytest.fixture(autouse=True)
def _google_takes_every_write(request: pytest.FixtureRequest) -> Iterator[None]:
    """What the demo sent to Google during a test was right by Google's schema."""
    yield
    if "demo" in request.fixturenames:
        sandbox = request.getfixturevalue("demo").sandbox
        wrong = requests.get(f"{sandbox}/google/requests", timeout=10).json()["wrong"]
        requests.post(f"{sandbox}/google/requests/forget", timeout=10)
        assert wrong == []


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-US")
    yield watched(context)
    context.close()


@pytest.fixture
def filming(playwright: Playwright, chromium: str) -> Iterator[Callable[[Path], Page]]:
    """A page in a browser whose camera plays a film."""
    open_browsers = []

    def start(film: Path) -> Page:
        started = playwright.chromium.launch(executable_path=chromium, args=[*FLAGS, *CAMERA, f"--use-file-for-fake-video-capture={film}"])
        open_browsers.append(started)
        return watched(started.new_context(viewport={"width": 1024, "height": 768}, locale="en-US"))

    yield start
    for one in open_browsers:
        one.close()


def watched(context: BrowserContext) -> Page:
    """A page on which an error in a script fails the test."""
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.on("pageerror", lambda error: pytest.fail(f"a script broke: {error}"))
    return page
