"""A running demonstration, as `manage.py demo` starts it, and readers of its pages without a browser."""

import contextlib
import json
import os
import re
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from http.cookiejar import CookieJar

from tests import services
from westum.start import ROOT

ROLES = ["anonymous", "coordinator", "contact", "participant", "staff", "auditor"]
PATIENCE = 180  # seconds for a start, a mail or a paper on a busy machine


def wait_until(condition, what, seconds=PATIENCE):
    """What `condition` returns once it is true."""
    until = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < until, f"not within {seconds} s: {what}"
        time.sleep(0.1)
    return found


class Installation:
    """Web server, worker and beat on a data folder of their own. `rows` reads the database beside them."""

    def __init__(self, folder):
        self.folder, self.port = folder, services.free_port()
        self.url = f"http://localhost:{self.port}"
        self.log = folder.with_suffix(".log")
        house = {name: value for name, value in os.environ.items() if not name.startswith(("WESTUM_", "DJANGO_"))}
        with self.log.open("wb") as log:
            self.process = services.start(
                [sys.executable, ROOT / "manage.py", "demo", "--port", str(self.port), "--data", folder],
                env=house, stdout=log, stderr=subprocess.STDOUT,
            )  # fmt: skip
        wait_until(self._says_that_it_runs, "the demonstration runs")

    def _says_that_it_runs(self):
        assert self.process.poll() is None, self.log.read_text()
        return "Ctrl-C stops it" in self.log.read_text()

    def stop(self):
        services.stop(self.process, patience=20)

    def reader(self, role="anonymous", language="en"):
        """Somebody who reads pages without a browser, logged in by the button of the role."""
        reader = Reader(self.url, language)
        if role != "anonymous":
            reader.post("/demo/sign-in/", {"role": role}, page="/accounts/login/")
        return reader

    def rows(self, query, *values):
        """The rows of a query as dicts."""
        with contextlib.closing(sqlite3.connect(f"file:{self.folder}/westum.sqlite3?mode=ro", uri=True)) as database:
            database.row_factory = sqlite3.Row
            return [dict(row) for row in database.execute(query, values)]

    def row(self, query, *values):
        (found,) = self.rows(query, *values)
        return found

    def mails(self, to):
        """The texts of the mails to that address, newest first, as they lie in the folder."""
        return re.findall(r"(?s)<article.*?</article>", self.reader().get(f"/demo/mail/?to={to}").text)


@dataclass
class Page:
    status: int
    path: str
    kind: str
    text: str


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_):
        return None


class Reader:
    def __init__(self, url, language):
        self.url, self.language = url, language
        self.cookies = CookieJar()
        self.opener = urllib.request.build_opener(_NoRedirect, urllib.request.HTTPCookieProcessor(self.cookies))

    def get(self, path):
        return self._open(urllib.request.Request(self.url + path))

    def post(self, path, data, *, page=None):
        """Send a form with the tokens that stand on `page`, by default the page at the same address."""
        source = self.get(page or path).text
        tokens = {
            name: found[1]
            for name in ("csrfmiddlewaretoken", "form_token", "version")
            if (found := re.search(rf'name="{name}" value="([^"]*)"', source))
        }
        body = urllib.parse.urlencode(tokens | data, doseq=True).encode()
        return self._open(urllib.request.Request(self.url + path, body, {"Referer": self.url + (page or path)}))

    def _open(self, request):
        request.add_header("Accept-Language", self.language)
        request.add_header("Accept", "text/html")
        try:
            answer = self.opener.open(request, timeout=PATIENCE)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            body = answer.read()
        kind = answer.headers.get_content_type()
        path = answer.headers.get("Location") or request.full_url.removeprefix(self.url)
        return Page(answer.status, path, kind, body.decode() if kind.startswith("text/") else "")

    def for_browser(self):
        """The cookies as Playwright takes them."""
        return [{"name": cookie.name, "value": cookie.value, "url": self.url} for cookie in self.cookies]


def prepare(installation):
    """What the invented past lacks: a finished report, an open invitation and their mails."""
    reader = installation.reader("staff")
    ordered = reader.post("/reports/new/", {"kind": "participants", "project": "exempel", "language": "en"})
    assert ordered.status == 302, ordered.text
    member = installation.row("SELECT id FROM consortium_organisation WHERE name = 'Lidköping'")["id"]
    invited = installation.reader("coordinator").post(
        "/people/invite/",
        {
            "name": "Nina Nyberg",
            "email": "nina@example.org",
            "language": "en",
            "role": "contact",
            "organisation": member,
        },
    )
    assert invited.status == 302, invited.text
    wait_until(lambda: installation.rows("SELECT 1 FROM reporting_report WHERE state = 'done'"), "the report is done")
    wait_until(lambda: installation.mails("nina@example.org"), "the invitation is sent")
    wait_until(lambda: is_well(installation), "worker and beat are well")


def is_well(installation):
    request = urllib.request.Request(f"{installation.url}/health/", headers={"Accept": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
            return json.loads(answer.read())["status"] == "ok"
    except urllib.error.HTTPError:
        return False


def unlinked(installation):
    """Addresses that only papers show, or nobody needs in the demonstration: the queue's share is full, say."""
    states = {"give-place": ("submitted", 0), "submit": ("draft", 0), "review": ("completed", 1)}
    (report,) = installation.rows("SELECT code FROM reporting_report WHERE state = 'done'")[:1]
    contact = installation.row(
        "SELECT m.id FROM consortium_membership m JOIN consortium_user u ON u.id = m.user_id WHERE u.email = ?",
        "contact@example.org",
    )
    paths = [f"/verify/{report['code']}/", f"/people/{contact['id']}/reset-second-factor/"]
    for verb, (state, has_place) in states.items():
        rows = installation.rows(
            "SELECT id FROM mobilities_mobility WHERE state = ? AND has_place = ? AND start_date IS NOT NULL",
            state,
            has_place,
        )
        paths += [f"/mobilities/{row['id']}/{verb}/" for row in rows]
    return paths
