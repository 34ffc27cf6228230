"""What beat rings for."""

import re
from datetime import timedelta

import pytest
from celery import current_app
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone

from tests.test_personal_data import read_register
from westum.base import heartbeats, tasks
from westum.base.heartbeats import HeartbeatKind
from westum.base.models import FormToken, Heartbeat, Letter

pytestmark = pytest.mark.django_db


def test_every_bell_of_beat_has_its_task():
    current_app.loader.import_default_modules()
    rung = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert rung <= set(current_app.tasks)


def test_bell_that_was_missed_for_long_is_not_answered():
    assert [task.expires for task in (tasks.sweep, tasks.beat, tasks.tidy)] == [60, 60, 600]


def test_worker_that_answers_is_alive_and_says_nothing_of_beat():
    tasks.beat()
    assert heartbeats.is_alive(HeartbeatKind.WORKER)
    assert not heartbeats.is_alive(HeartbeatKind.BEAT)


def test_worker_that_was_silent_for_two_minutes_is_not_alive():
    tasks.beat()
    Heartbeat.objects.update(at=timezone.now() - timedelta(minutes=2, seconds=1))
    assert not heartbeats.is_alive(HeartbeatKind.WORKER)


def test_heartbeats_of_a_kind_are_one_row():
    tasks.beat()
    tasks.beat()
    assert Heartbeat.objects.get().kind == HeartbeatKind.WORKER


def test_tidy_throws_away_old_tokens_and_files_without_a_row(monkeypatch):
    FormToken.objects.create(token="0" * 32, user_id=1, fingerprint="f", made_at=timezone.now() - timedelta(days=2))
    path = default_storage.save("ab/" + "ab" * 32, ContentFile(b"orphan"))
    later = timezone.now() + timedelta(hours=2)
    monkeypatch.setattr(timezone, "now", lambda: later)
    tasks.tidy()
    assert (FormToken.objects.count(), default_storage.exists(path)) == (0, False)


def test_tidy_forgets_letters_after_the_days_that_the_register_promises():
    promised = {row["retention"] for row in read_register() if re.search(r"\d+ days", row["retention"])}
    assert promised == {"30 days after it was sent"}  # another promise needs another remover
    now = timezone.now()
    for state, days in (("done", 31), ("failed", 31), ("done", 29), ("queued", 31)):
        moments = {"requested_at": now - timedelta(days=days), "reason": state}
        Letter.objects.create(to="a@example.org", subject=f"{state} {days}", body="Code: 1", state=state, **moments)
    tasks.tidy()
    assert sorted(Letter.objects.values_list("subject", "body")) == [("done 29", ""), ("queued 31", "Code: 1")]


def test_tidy_ends_what_is_left_of_old_sessions():
    for number, days in enumerate((-1, 1)):
        Session.objects.create(session_key=str(number), session_data="", expire_date=timezone.now() + timedelta(days))
    tasks.tidy()
    assert Session.objects.get().session_key == "1"
