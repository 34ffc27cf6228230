import subprocess
import sys
from datetime import timedelta

import pytest
from django.utils import timezone

from tests import services
from westum import health
from westum.base import heartbeats
from westum.base.heartbeats import Heartbeat, HeartbeatKind
from westum.start import ROOT

WELL = {
    "status": "ok",
    "checks": dict.fromkeys(("database", "broker", "worker", "beat", "disk", "pdf_libraries"), "ok"),
}
BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@pytest.fixture
def all_alive(db):
    for kind in HeartbeatKind:
        heartbeats.touch(kind)


def failing(*keys, status="failing"):
    return {"status": status, "checks": WELL["checks"] | dict.fromkeys(keys, "failing")}


def test_health_of_a_whole_installation_needs_no_log_in(client, all_alive):
    response = client.get("/health/")
    assert (response.status_code, response.json()) == (200, WELL)
    assert "no-store" in response["Cache-Control"]


@pytest.mark.parametrize("kind", HeartbeatKind)
def test_health_tells_a_silent_beat_from_a_silent_worker(client, all_alive, kind):
    Heartbeat.objects.filter(kind=kind).update(at=timezone.now() - timedelta(minutes=3))
    response = client.get("/health/")
    assert (response.status_code, response.json()) == (503, failing(kind.value))


def test_sending_the_beat_task_is_the_sign_of_life_of_beat(db):
    from celery.signals import after_task_publish

    after_task_publish.send(sender="westum.base.tasks.beat")
    assert list(Heartbeat.objects.values_list("kind", flat=True)) == [HeartbeatKind.BEAT]


def test_health_sees_a_broker_that_does_not_answer(client, all_alive, settings, tmp_path):
    settings.REDIS_URL = f"redis://127.0.0.1:{services.free_port()}/0"
    assert client.get("/health/").json() == failing("broker")
    settings.REDIS_URL, settings.QUEUE = "", tmp_path / "missing"
    assert client.get("/health/").json() == failing("broker")


def test_health_sees_a_full_disk(client, all_alive, monkeypatch):
    monkeypatch.setattr(health, "FREE_BYTES", 2**60)
    response = client.get("/health/")
    assert (response.status_code, response.json()) == (503, failing("disk"))


def test_missing_pdf_libraries_are_said_but_do_not_take_the_portal_down(client, all_alive, monkeypatch):
    monkeypatch.setattr(health, "PDF_LIBRARIES", [("libnothing.so",)])
    response = client.get("/health/")
    assert (response.status_code, response.json()) == (200, failing("pdf_libraries", status="ok"))


def test_health_as_a_page(client, all_alive):
    page = client.get("/health/", headers=BROWSER | {"accept-language": "en"})
    assert page.status_code == 200
    assert "Everything that the portal needs is working." in page.text
    assert client.get("/health/?format=json", headers=BROWSER).json() == WELL
    Heartbeat.objects.all().delete()
    page = client.get("/health/", headers=BROWSER | {"accept-language": "en"})
    assert page.status_code == 503
    assert "No worker has answered for two minutes." in page.text


def test_health_tells_no_secrets(client, all_alive, settings):
    for headers in ({}, BROWSER):
        text = client.get("/health/", headers=headers).text
        told = (str(settings.DATA), settings.SECRET_KEY, settings.REDIS_URL or "redis://", "postgresql", "sqlite")
        assert [word for word in told if word in text] == []


def test_health_only_reads(client, db):
    assert client.head("/health/").status_code == 503
    assert client.post("/health/").status_code == 405


@pytest.mark.parametrize("accept", ["*/*", "text/html"])
def test_health_answers_when_the_database_does_not(accept, db):
    """In a process of its own, on a database address where nobody listens."""
    code = (
        "import django, sys; django.setup(); from django.test import Client;"
        "found = Client(headers={'host': 'localhost', 'accept': sys.argv[1]}).get('/health/');"
        "print(found.status_code, found['Content-Type'])"
    )
    nowhere = f"postgresql://nobody@127.0.0.1:{services.free_port()}/nothing"
    done = subprocess.run(
        [sys.executable, "-c", code, accept],
        env=services.environment(WESTUM_DATABASE_URL=nowhere), cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    kind = "text/html; charset=utf-8" if accept == "text/html" else "application/json"
    assert (done.stdout, done.returncode) == (f"503 {kind}\n", 0), done.stderr
