"""A real demonstration, a real browser, and a watch on both: no page may break its own policy, ask elsewhere or fail."""

import os
import re
import shutil
import tempfile
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from tests.browser import installation as installations
from tests.browser.crawl import Crawl
from tests.browser.installation import ROLES, Installation

CHROMIUM = next(filter(None, map(shutil.which, ["chromium", "chromium-browser", "google-chrome"])), None)
OPTIONS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--disable-background-networking"]
OPTIONS += [
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost",
]
DESK, PHONE = (1280, 900), (320, 640)
# Chromium's own word for an answer of 4xx, which the test that provokes it has asked for.
REFUSED = re.compile(r"Failed to load resource: the server responded with a status of (403|404|413)")
# And of a preloaded font, by the clock: it also comes when axe keeps the longest page from being drawn for some seconds.
# Whether the fonts are used is asked of a page itself (test_watch.py).
PRELOADED = re.compile(r"The resource \S+\.woff2 was preloaded using link preload but not used")


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.when == "call" and report.failed and "visit" in item.funcargs:
        for place in item.funcargs["visit"].keep(item.name):
            report.sections.append(("picture of the page", place))
    return report


@pytest.fixture(scope="session")
def installation(tmp_path_factory):
    """One for all tests of a process; each story works on people and rows of its own."""
    running = Installation(tmp_path_factory.mktemp("demonstration") / "data")
    try:
        installations.prepare(running)
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="session")
def crawled(installation):
    """`crawled(role)` is what the role finds, crawled once."""
    known = {}

    def crawl_as(role):
        if role not in known:
            known[role] = Crawl(installation.reader(role), installations.unlinked(installation)).found
        return known[role]

    return crawl_as


@pytest.fixture(scope="session")
def chromium():
    assert CHROMIUM, "Chromium is not installed. On Debian: apt-get install chromium"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        yield browser
        browser.close()


class Visit:
    """Opens browser windows on the demonstration and watches them."""

    def __init__(self, browser, installation):
        self.browser, self.installation = browser, installation
        self.windows, self.faults = [], []

    def window(self, role="anonymous", *, language="en", size=DESK, dark=False, script=True, **options):
        """A page of a new window, without cookies but for the role's session and the language."""
        context = self.browser.new_context(
            base_url=self.installation.url,
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if dark else "light",
            locale={"sv": "sv-SE", "en": "en-GB"}[language],
            java_script_enabled=script,
            **options,
        )
        context.set_default_timeout(30_000)
        if role != "anonymous":
            context.add_cookies(self.installation.reader(role, language).for_browser())
        speak(context, self.installation.url, language)
        self.windows.append(context)
        context.on("request", self._requested)
        context.on("console", self._said)
        context.on("weberror", lambda error: self.faults.append(f"{error.page.url}: {error.error}"))
        return context.new_page()

    def _requested(self, request):
        if not request.url.startswith((self.installation.url + "/", "data:", "blob:")):
            self.faults.append(f"asks elsewhere: {request.url}")

    def _said(self, message):
        is_expected = REFUSED.match(message.text) or PRELOADED.match(message.text)
        if message.type in {"error", "warning"} and not is_expected:
            self.faults.append(f"{message.page.url if message.page else ''}: {message.type}: {message.text}")

    def keep(self, name):
        """A picture of each open page; returns where they are."""
        folder = Path(os.environ.get("WESTUM_TEST_PICTURES") or tempfile.mkdtemp(prefix="westum-pictures-"))
        folder.mkdir(parents=True, exist_ok=True)
        name = re.sub(r"[^\w-]+", "-", name)
        for number, page in enumerate(page for window in self.windows for page in window.pages):
            path = folder / f"{name}-{number}.png"
            page.screenshot(path=path, full_page=True)
            yield f"{path} {page.url}"

    def close(self):
        for window in self.windows:
            window.close()


def speak(context, url, language):
    context.add_cookies([{"name": "django_language", "value": language, "url": url}])


@pytest.fixture
def visit(chromium, installation):
    visit = Visit(chromium, installation)
    yield visit
    visit.close()
    assert visit.faults == []


@pytest.fixture(params=ROLES)
def role(request):
    """Each role in turn; the tests of one share a process (see tests/conftest.py), and so what was found by its links."""
    return request.param
