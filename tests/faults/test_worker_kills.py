"""R1: a worker that is killed, child or whole, at any moment loses no report, makes none twice and leaves no file behind.

On SQLite with the queue in a folder nothing is ever delivered again, so there the sweep alone brings the work back; on
PostgreSQL Redis may also deliver again what was not acknowledged. The control is a worker without the claim.
"""

import hashlib
import os
import random
import signal
import sys
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.db import connection

from reporting import requests
from reporting.models import Report
from tests import factories, services
from westum.base import files, jobs
from westum.base.files import StoredFile
from westum.base.jobs import JobState

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

REPORTS, KILLS = 20, 20
HARD_LIMIT = 12  # seconds of a claim; what a killed worker held is free after it
PATIENCE = 240  # seconds until a report that is not made counts as lost


@pytest.fixture
def orders(monkeypatch):
    """`orders(n)` are n waiting reports, of half as many projects. The sweep rings sooner than in earnest."""
    monkeypatch.setattr(jobs, "FIRST_RING_AFTER", timedelta(seconds=4))
    monkeypatch.setattr(jobs, "RING_AGAIN_AFTER", timedelta(seconds=8))
    monkeypatch.setattr(jobs, "_quiet_until", 0.0)
    files.sweep_orphans(older_than=timedelta(0))  # of the tests before

    def order(number):
        projects = [factories.running_project() for _n in range(number // 2)]
        return [
            requests.order(kind="participants", project=project, language=language, by=None)[0]
            for project in projects
            for language in ("sv", "en")
        ]

    return order


class Worker:
    """A real prefork worker on this test's database and queue."""

    def __init__(self, folder, *, app="westum", children=1):
        self.command = [
            *(sys.executable, "-m", "celery", "-A", app, "worker", "--pool", "prefork", "--concurrency", str(children)),
            *("--loglevel", "ERROR", "--without-gossip", "--without-mingle"),
        ]
        self.log = (folder / "worker.log").open("ab")
        self.environment = services.environment(WESTUM_HARD_LIMIT=str(HARD_LIMIT))
        self.start()

    def start(self):
        self.process = services.start(self.command, stdout=self.log, stderr=self.log, env=self.environment)

    def watch(self):
        """Start it again when it has ended, as the supervisor of an installation does.

        Celery gives up when a child is killed while the pool is being started.
        """
        if self.process.poll() is not None:
            self.start()

    def children(self):
        pid = self.process.pid
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def kill_child(self, chance):
        """Kill a child as the kernel does when memory runs out. False when there is none at the moment."""
        children = self.children()
        if children:
            os.kill(chance.choice(children), signal.SIGKILL)
        return bool(children)

    def kill_all(self):
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        self.start()
        return True

    def stop(self):
        services.stop(self.process)
        self.log.close()


@pytest.fixture
def worker(tmp_path):
    started = []

    def start(**options):
        started.append(Worker(tmp_path, **options))
        return started[-1]

    yield start
    for one in started:
        one.stop()


def faults_of(reports):
    """What has gone wrong with the reports and their files, as a list of words; empty when nothing has."""
    found = []
    for report in Report.objects.filter(pk__in=[one.pk for one in reports]).select_related("file"):
        made = report.history.filter(history_change_reason="made").count()
        if made > 1:
            found.append(f"double: {report.code} was made {made} times")
        if report.state != JobState.DONE or made == 0:
            found.append(f"lost: {report.code} is {report.state} ({report.reason})")
        elif hashlib.sha256(report.file.read()).hexdigest() != report.file_hash:
            found.append(f"torn: the file of {report.code}")
    rows = StoredFile.objects.count()
    if rows != Report.objects.filter(file__isnull=False).values("file").distinct().count():
        found.append(f"orphan: {rows} rows of files")
    on_disk = {path.name for path in Path(default_storage.location).glob("??/*")}
    known = set(StoredFile.objects.values_list("sha256", flat=True))
    if known - on_disk:
        found.append(f"lost: {len(known - on_disk)} files")
    if on_disk - known:
        found.append(f"orphan: {on_disk - known}")
    return found


def is_last_attempt():
    """A report that is killed at each of its attempts is given up with a reason, rightly; here each may live."""
    return Report.objects.filter(state=JobState.RUNNING, attempts__gte=Report.ATTEMPTS).exists()


def wait_until_made(reports, *, patience):
    until = time.monotonic() + patience
    while Report.objects.unfinished().exists() and time.monotonic() < until:
        jobs.sweep()
        time.sleep(0.5)


def wait_for_work():
    """Until a worker has a report in its hands, so that kills hit work more often than rest; not for long."""
    until = time.monotonic() + 6
    while not Report.objects.filter(state=JobState.RUNNING).exists() and time.monotonic() < until:
        jobs.sweep()
        time.sleep(0.05)


def test_kills_lose_nothing_and_double_nothing(orders, worker, capsys):
    seed = int(os.environ.get("WESTUM_TEST_SEED") or random.randrange(1_000_000))
    chance = random.Random(seed)
    reports = orders(REPORTS)
    running = worker(children=2 if connection.vendor == "postgresql" else 1)
    killed = {"child": 0, "group": 0}
    until = time.monotonic() + PATIENCE
    while sum(killed.values()) < KILLS and time.monotonic() < until:
        if not Report.objects.unfinished().exists():
            reports += orders(2)
        running.watch()
        wait_for_work()
        time.sleep(chance.uniform(0, 1.8))
        if is_last_attempt():
            continue
        if chance.random() < 0.75:
            killed["child"] += running.kill_child(chance)
        else:
            killed["group"] += running.kill_all()
    running.watch()
    wait_until_made(reports, patience=PATIENCE)
    running.stop()
    attempts = sum(Report.objects.values_list("attempts", flat=True))
    files.sweep_orphans(older_than=timedelta(0))  # what a kill has left of a file that was being written
    with capsys.disabled():
        print(f"\nseed {seed}: {killed} kills, {len(reports)} reports in {attempts} attempts")
    assert faults_of(reports) == []
    assert sum(killed.values()) == KILLS
    assert attempts >= len(reports) + KILLS // 4  # the kills have met work, not idle processes


def test_without_the_claim_reports_are_made_twice(orders, worker):
    """The control: the same audit finds what the claim prevents."""
    reports = orders(4)
    for report in reports:  # a second bell, as the sweep or a broker may ring it
        jobs._ring_now(requests.TASK, report.pk)
    running = worker(app="tests.faults.careless", children=2)
    until = time.monotonic() + 60
    while not any(fault.startswith("double") for fault in faults_of(reports)) and time.monotonic() < until:
        time.sleep(0.5)
    running.stop()
    assert [fault for fault in faults_of(reports) if fault.startswith("double")]


def test_the_audit_finds_what_is_left_behind(orders):
    reports = orders(2)
    assert {fault.partition(":")[0] for fault in faults_of(reports)} == {"lost"}
    files.keep(b"%PDF-1.4 nobody's", name="x.pdf", content_type="application/pdf")
    assert {fault.partition(":")[0] for fault in faults_of(reports)} == {"lost", "orphan"}
    StoredFile.objects.all().delete()
    assert any("orphan: {" in fault for fault in faults_of(reports))
    assert files.sweep_orphans(older_than=timedelta(0)) == 1
