"""One Chromium for all journeys, and the desks that they visit, each in a process of its own."""

import shutil
from pathlib import Path

import pytest

from tests.browser.screen import Screen
from tests.browser.serving import Serving
from tests.kraken_house import KrakenHouse
from tests.unit.replay.samples import random_day
from tests.waiting import PATIENCE_S

BROWSER = next((found for name in ("chromium", "google-chrome", "chrome") if (found := shutil.which(name))), None)
ROWS = 1_500
DRIVER = shutil.which("chromedriver")
FLAGS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--force-color-profile=srgb",
)


def pytest_collection_modifyitems(items):
    missing = [name for name, found in (("chromium", BROWSER), ("chromedriver", DRIVER)) if not found]
    for item in items:
        if Path(__file__).parent not in item.path.parents:
            continue
        item.add_marker(pytest.mark.browser)
        if missing:
            item.add_marker(pytest.mark.skip(reason=f"{' and '.join(missing)} not found on this machine"))


def pytest_setup_options():
    from selenium.webdriver.chrome.options import Options

    class EveryLevel(Options):
        """Keeps warnings of the console too; dash.testing asks for errors alone."""

        def set_capability(self, name, value):
            super().set_capability(name, {"browser": "ALL"} if name == "goog:loggingPrefs" else value)

    options = EveryLevel()
    options.binary_location = BROWSER
    for flag in FLAGS:
        options.add_argument(flag)
    return options


@pytest.fixture(scope="session")
def dash_br(request, tmp_path_factory):
    """dash.testing's browser, started once."""
    from dash.testing.browser import Browser

    with Browser(
        browser="Chrome",
        options=request.config.hook.pytest_setup_options(),
        download_path=str(tmp_path_factory.mktemp("download")),
        percy_run=False,
        wait_timeout=PATIENCE_S,
    ) as browser:
        browser.driver.implicitly_wait(0)
        browser.driver.set_script_timeout(PATIENCE_S)
        yield browser


@pytest.fixture(scope="session")
def desk(tmp_path_factory):
    """`python app.py` on a fresh data folder: the simulated market."""
    with Serving(tmp_path_factory.mktemp("data")) as serving:
        yield serving


@pytest.fixture(scope="module")
def kraken():
    """A Kraken on this machine."""
    with KrakenHouse() as house:
        yield house


@pytest.fixture(scope="session")
def recording(tmp_path_factory):
    """A LOBSTER pair of our own: some minutes of a made-up symbol, ACME."""
    return random_day(seed=5, levels=5, rows=ROWS).write_pair(tmp_path_factory.mktemp("recording"))


@pytest.fixture(scope="session")
def replaying(tmp_path_factory, recording):
    with Serving(tmp_path_factory.mktemp("data"), "replay", *recording) as serving:
        yield serving


@pytest.fixture
def replay(replaying, recording):
    """`python app.py replay` on our own recording; opened again when a journey has left it."""
    if "ACME" not in [each["symbol"] for each in replaying.get("instruments")]:
        replaying.post("replay", paths=[str(path) for path in recording])
    return replaying


@pytest.fixture
def screen(dash_br):
    """The page of a desk, as new; afterwards its console must be clean."""
    screen = Screen(dash_br)
    yield screen
    screen.leave()
