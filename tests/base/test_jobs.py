"""The ledger: one worker wins, a lost worker loses nothing, a lost bell is rung again."""

import socket
import threading
import time
from datetime import timedelta

import pytest
from celery import Celery
from django.core.exceptions import ValidationError
from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils import timezone, translation

from reporting.models import Report
from tests.factories import ReportFactory
from westum.base import jobs
from westum.base.jobs import JobState
from westum.base.letters import Letter

pytestmark = pytest.mark.django_db

PAST = timedelta(hours=-1)


@pytest.fixture
def bells(monkeypatch):
    """The rows that were rung for, in order; no message leaves the process."""

    class Bells(list):
        def apply_async(self, args, **options):
            self.extend(args)

    rung = Bells()
    for model in jobs.registered():
        monkeypatch.setitem(jobs._tasks, model, rung)
    monkeypatch.setattr(jobs, "_quiet_until", 0.0)
    return rung


def letter(**fields):
    return Letter.objects.create(to="a@example.org", subject="Hello", body="Hello\n", language="en", **fields)


def stored(row, *names):
    return type(row).objects.values_list(*names).get(pk=row.pk)


def put_claim_in_the_past(row):
    Letter.objects.filter(pk=row.pk).update(claimed_until=timezone.now() + PAST)


def test_claim_takes_the_row_once():
    row = letter()
    mine = Letter.objects.claim(row.pk)
    assert (mine.pk, mine.state, mine.attempts) == (row.pk, JobState.RUNNING, 1)
    assert Letter.objects.claim(row.pk) is None


def test_claim_lasts_as_long_as_a_job_may(settings):
    settings.HARD_LIMIT = 40
    mine = Letter.objects.claim(letter().pk)
    assert mine.claimed_until - mine.started_at == timedelta(seconds=40)
    assert Letter.objects.claim(letter().pk, seconds=5).claimed_until < timezone.now() + timedelta(seconds=6)


@pytest.mark.parametrize("state", [JobState.DONE, JobState.FAILED])
def test_claim_leaves_what_is_over(state):
    assert Letter.objects.claim(letter(state=state, reason="over").pk) is None


def test_claim_of_no_row_is_none():
    assert Letter.objects.claim(0) is None


def test_claim_takes_over_from_a_worker_whose_time_is_up():
    row = letter()
    lost = Letter.objects.claim(row.pk)
    put_claim_in_the_past(row)
    heir = Letter.objects.claim(row.pk)
    assert heir.claim != lost.claim
    assert (lost.advance(1, 2), lost.finish(subject="Twice"), lost.fail("no"), lost.put_back("no", seconds=1)) == (
        (False,) * 4
    )
    assert stored(row, "state", "claim", "subject") == (JobState.RUNNING, heir.claim, "Hello")
    assert heir.finish()
    assert stored(row, "state", "claim", "claimed_until", "reason") == (JobState.DONE, None, None, "")


@pytest.mark.django_db(transaction=True)
def test_claim_has_one_winner_among_eight():
    """100 rows, 8 claimants each at a barrier, every one with a connection of its own."""
    rows = [letter().pk for _ in range(100)]
    won, barrier = [], threading.Barrier(8)

    def contend():
        try:
            for pk in rows:
                barrier.wait()
                if Letter.objects.claim(pk):
                    won.append(pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=contend) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == sorted(rows)
    assert set(Letter.objects.values_list("attempts", flat=True)) == {1}


def test_finish_and_fail_are_for_running_rows_alone():
    row = letter()
    assert not row.finish()
    assert not row.fail("no")
    assert stored(row, "state") == (JobState.QUEUED,)


def test_advance_writes_five_times_a_second_at_most(django_assert_num_queries):
    mine = Letter.objects.claim(letter().pk)
    with django_assert_num_queries(3):  # the first, the new stage, the last
        for step in range(1, 1001):
            assert mine.advance(step, 1000, "drawing" if step > 500 else "counting" if step == 1 else None)
    assert stored(mine, "done", "total", "stage") == (1000, 1000, "drawing")
    assert mine.percent == 100


def test_percent_is_unknown_until_both_numbers_are():
    assert Letter(done=None, total=10).percent is None
    assert Letter(done=3, total=None).percent is None
    assert Letter(done=1, total=3).percent == 33


def test_progress_of_an_earlier_attempt_is_forgotten():
    row = letter()
    Letter.objects.claim(row.pk).advance(9, 10, "drawing")
    put_claim_in_the_past(row)
    heir = Letter.objects.claim(row.pk)
    assert (heir.done, heir.total, heir.stage) == (None, None, "")


@pytest.mark.parametrize(
    ("reason", "sentence"),
    [
        ("The rate is missing.", "The rate is missing."),
        (ValidationError(["One.", "Two."]), "One. Two."),
        (
            KeyError("/srv/secret"),
            "This could not be finished because of a fault in the portal (KeyError). Try again.",
        ),
    ],
)
def test_fail_tells_the_reader_why_without_technical_words(reason, sentence):
    mine = Letter.objects.claim(letter().pk)
    with translation.override("en"):
        assert mine.fail(reason)
    assert stored(mine, "state", "reason") == (JobState.FAILED, sentence)


def test_put_back_waits_and_fails_at_the_last_attempt():
    row = letter(attempts=Letter.ATTEMPTS - 2)
    assert Letter.objects.claim(row.pk).put_back("later", seconds=60)
    state, ring_at = stored(row, "state", "ring_at")
    assert state == JobState.QUEUED
    assert timedelta(seconds=58) < ring_at - timezone.now() < timedelta(seconds=61)
    assert Letter.objects.claim(row.pk).put_back("later", seconds=60)
    assert stored(row, "state", "reason") == (JobState.FAILED, "later")


def test_try_again_queues_a_failed_row_and_nothing_else(bells, django_capture_on_commit_callbacks):
    row = letter(state=JobState.FAILED, reason="no", attempts=3)
    with django_capture_on_commit_callbacks(execute=True):
        assert row.try_again()
    assert (bells, stored(row, "state", "attempts", "reason")) == ([row.pk], (JobState.QUEUED, 0, ""))
    assert not row.try_again()


def test_sweep_rings_for_what_waits_too_long_and_not_for_the_rest(bells):
    now = timezone.now()
    young, old, future = letter(), letter(ring_at=now + PAST), letter(ring_at=now - PAST)
    assert jobs.sweep(now) == 1
    assert bells == [old.pk]
    assert jobs.sweep(now + timedelta(seconds=10)) == 0
    assert jobs.sweep(now + timedelta(seconds=31)) == 2
    assert bells == [old.pk, young.pk, old.pk]
    assert stored(future, "state") == (JobState.QUEUED,)


def test_sweep_rings_at_twenty_seconds(bells):
    row = letter()
    jobs.sweep(row.requested_at + timedelta(seconds=19))
    assert bells == []
    jobs.sweep(row.requested_at + timedelta(seconds=21))
    assert bells == [row.pk]


def test_sweep_saves_the_row_of_a_killed_worker(bells):
    row = letter()
    Letter.objects.claim(row.pk, seconds=30)
    jobs.sweep()
    assert (bells, stored(row, "state")) == ([], (JobState.RUNNING,))
    jobs.sweep(timezone.now() + timedelta(seconds=31))
    assert (bells, stored(row, "state", "claim")) == ([row.pk], (JobState.QUEUED, None))


def test_sweep_gives_up_after_the_last_attempt(bells):
    row = letter()
    Letter.objects.filter(pk=row.pk).update(attempts=Letter.ATTEMPTS - 1)
    Letter.objects.claim(row.pk)
    with translation.override("en"):
        jobs.sweep(timezone.now() - PAST)
    assert bells == []
    assert stored(row, "state", "reason") == (
        JobState.FAILED,
        "The work was started several times and never came to its end. Try again, or ask for help.",
    )


def test_sweep_rings_for_a_bounded_number(bells, monkeypatch):
    monkeypatch.setattr(jobs, "RINGS_A_SWEEP", 3)
    rows = [letter(ring_at=timezone.now() + PAST).pk for _ in range(5)]
    assert (jobs.sweep(), jobs.sweep(), jobs.sweep()) == (3, 2, 0)
    assert bells == rows


def test_sweep_reaches_the_other_ledgers_when_one_does_not_answer(bells, monkeypatch):
    row = letter(ring_at=timezone.now() + PAST)
    swept = jobs._sweep

    def silent_reports(model, *rest):
        if model is Report:
            raise OperationalError("no such table")
        return swept(model, *rest)

    monkeypatch.setattr(jobs, "_sweep", silent_reports)
    with pytest.raises(ExceptionGroup) as raised:
        jobs.sweep()
    assert [type(fault) for fault in raised.value.exceptions] == [OperationalError]
    assert bells == [row.pk]


def test_recover_takes_back_what_a_stopped_installation_left(bells):
    running, queued, done = letter(), letter(), letter(state=JobState.DONE)
    worn = letter(attempts=Letter.ATTEMPTS - 1)
    Letter.objects.claim(running.pk)
    Letter.objects.claim(worn.pk)
    assert jobs.recover() == 2
    assert bells == [running.pk, queued.pk]
    assert [stored(row, "state")[0] for row in (running, queued, done, worn)] == [
        JobState.QUEUED, JobState.QUEUED, JobState.DONE, JobState.FAILED,
    ]  # fmt: skip


def test_ring_waits_for_the_commit(bells, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        jobs.ring(bells, 7)
        assert bells == []
    assert bells == [7]


def test_ring_of_a_rolled_back_transaction_never_comes(bells, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True) as callbacks, transaction.atomic():
        jobs.ring(bells, 7)
        transaction.set_rollback(True)
    assert (bells, callbacks) == ([], [])


def broker_task(url):
    """A task on a broker of its own, with the settings of the house for Redis."""
    app = Celery("broken", broker=url, set_as_current=False)
    app.conf.broker_transport_options = {"socket_timeout": 2, "socket_connect_timeout": 2, "max_retries": 0}
    app.conf.task_publish_retry = False

    @app.task(name="broken", shared=False)
    def task(pk):
        raise AssertionError("nobody works here")

    return task


@pytest.fixture
def frozen():
    """Somebody who takes the call and never says a word, as a stopped Redis does."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"


@pytest.fixture
def away():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    return f"redis://127.0.0.1:{port}/0"


@pytest.mark.parametrize("broker", ["frozen", "away"])
def test_ring_never_raises_and_holds_a_page_for_two_seconds_at_most(
    broker, request, bells, caplog, django_capture_on_commit_callbacks
):
    """Five letters of one page wait once together, not five times."""
    task = broker_task(request.getfixturevalue(broker))
    start = time.monotonic()
    with django_capture_on_commit_callbacks(execute=True):
        for pk in range(5):
            jobs.ring(task, pk)
    assert time.monotonic() - start < 3
    assert [record.message[:26] for record in caplog.records if record.name == jobs.__name__] == [
        "The broker did not take <@"
    ]


def test_ring_is_tried_again_after_a_while(bells, monkeypatch):
    monkeypatch.setattr(jobs, "_quiet_until", time.monotonic() + 60)
    assert not jobs._ring_now(bells, 1)
    monkeypatch.setattr(jobs, "_quiet_until", time.monotonic() - 1)
    assert jobs._ring_now(bells, 2)
    assert bells == [2]


@pytest.mark.parametrize(
    ("fields", "constraint"),
    [
        ({"state": "lost"}, "letter_state_is_known"),
        ({"state": "running"}, "letter_running_has_claim"),
        ({"done": 3, "total": 2}, "letter_done_within_total"),
        ({"state": "failed", "reason": ""}, "letter_failed_says_why"),
    ],
)
def test_database_keeps_the_promises_of_the_ledger(fields, constraint):
    row = letter()
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Letter.objects.filter(pk=row.pk).update(**fields)


def test_row_with_history_is_worked_on_and_leaves_a_line_at_its_end():
    report = ReportFactory()
    before = report.history.count()
    mine = type(report).objects.claim(report.pk)
    mine.advance(1, 2, "drawing")
    assert mine.fail("The rate is missing.")
    lines = report.history.values_list("history_change_reason", "state", "reason")[: report.history.count() - before]
    assert list(lines) == [("failed", "failed", "The rate is missing.")]


def test_every_ledger_has_its_task():
    from django.apps import apps

    ledgers = {model for model in apps.get_models() if issubclass(model, jobs.LedgerRow)}
    assert set(jobs.registered()) == ledgers
