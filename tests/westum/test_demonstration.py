"""`manage.py demo` as a user starts it: filled pages, a worker that comes back, a clean end, and the same again."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from tests import services
from westum.start import ROOT

pytestmark = [pytest.mark.faults, pytest.mark.databases("sqlite")]


class Demonstration:
    def __init__(self, folder, *options):
        self.port, self.folder = services.free_port(), folder
        house = {name: value for name, value in os.environ.items() if not name.startswith(("WESTUM_", "DJANGO_"))}
        self.process = subprocess.Popen(
            [sys.executable, ROOT / "manage.py", "demo", "--port", str(self.port), "--data", folder, *options],
            env=house, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
        )  # fmt: skip
        self.said = ""
        for line in self.process.stdout:
            self.said += line
            if "Ctrl-C stops it" in line:
                break
        assert self.process.poll() is None, self.said

    def get(self, path, accept="text/html"):
        """Status and text of a page."""
        asked = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}", headers={"Accept": accept, "Accept-Language": "en"}
        )
        try:
            with urllib.request.urlopen(asked, timeout=20) as response:
                return response.status, response.read().decode()
        except urllib.error.HTTPError as response:
            return response.code, response.read().decode()

    def is_well(self):
        return json.loads(self.get("/health/", accept="application/json")[1])["status"] == "ok"

    def processes(self):
        """pid → command line of all that runs on this folder, whoever started it."""
        found = {}
        for place in Path("/proc").glob("[0-9]*"):
            try:
                ours = f"WESTUM_DATA={self.folder}\0".encode() in (place / "environ").read_bytes()
                if ours and (command := (place / "cmdline").read_bytes().replace(b"\0", b" ").decode()):
                    found[int(place.name)] = command
            except (OSError, ProcessLookupError):
                continue
        return found

    def worker(self):
        """The pid of the worker's first process, the parent of beat and of those that do the jobs; None without one."""
        for pid, command in self.processes().items():
            try:
                parent = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
            except OSError:  # it has just ended
                continue
            if " worker " in command and parent == self.process.pid:
                return pid
        return None

    def stop(self, number=signal.SIGINT):
        self.process.send_signal(number)
        rest, _ = self.process.communicate(timeout=30)
        return self.process.returncode, rest


def wait_until(condition, seconds=60):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until, "it did not come true in time"
        time.sleep(0.2)


@pytest.fixture
def start():
    """`start(folder, *options)` is a running demonstration; it ends with the test at the latest."""
    started = []

    def started_one(*args):
        started.append(Demonstration(*args))
        return started[-1]

    yield started_one
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
            one.process.communicate()


def test_the_demonstration_from_first_start_to_second(start, tmp_path):
    first = start(tmp_path)
    assert f"Westum is running: http://localhost:{first.port}/" in first.said
    logins = re.findall(r"^  (\w+) +(\S+@\S+)$", first.said, re.M)
    assert [role for role, _ in logins] == ["coordinator", "contact", "participant", "staff", "auditor"]
    status, page = first.get("/")
    assert status == 200
    assert "This is a demonstration." in page
    wait_until(first.is_well)

    another = subprocess.run(
        [sys.executable, ROOT / "manage.py", "demo", "--port", str(services.free_port()), "--data", tmp_path],
        capture_output=True, text=True,
    )  # fmt: skip
    assert (another.returncode, another.stderr) == (
        1,
        f"A demonstration runs on {tmp_path} already. Choose another folder with --data.\n",
    )

    worker = first.worker()
    os.kill(worker, signal.SIGKILL)
    wait_until(lambda: first.worker() not in {worker, None} and first.is_well())
    assert first.get("/")[0] == 200

    status, rest = first.stop()
    assert (status, rest.splitlines()[-1]) == (0, "Westum has stopped.")
    assert "The worker has ended (-9): starting it again." in rest
    assert first.processes() == {}

    rows = count_rows(tmp_path)
    second = start(tmp_path)
    assert second.stop(signal.SIGTERM)[0] == 0
    assert second.processes() == {}
    assert count_rows(tmp_path) == rows


def count_rows(folder):
    """How many people, projects and mobilities the folder's database holds; loaded once, they stay as many."""
    import sqlite3

    with sqlite3.connect(f"file:{folder}/westum.sqlite3?mode=ro", uri=True) as database:
        names = ("consortium_user", "consortium_project", "mobilities_mobility")
        counts = [database.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in names]
    database.close()
    assert all(counts)
    return counts
