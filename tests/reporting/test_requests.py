"""Ordering: one paper for one set of data, and one that waits, whoever orders and how often."""

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from reporting import requests
from reporting.models import Report
from tests import factories
from tests.faults.races import race
from westum.base.jobs import JobState

pytestmark = pytest.mark.django_db


def test_an_order_keeps_the_data_of_its_moment(order, journeys, coordinator):
    report, is_new = order()
    assert is_new
    assert (report.state, report.requested_by, report.as_of) == (JobState.QUEUED, coordinator, timezone.localdate())
    journeys[3].delete()
    report.refresh_from_db()
    assert report.snapshot["totals"]["registered"] == {"learners": 2, "staff": 1}
    assert report.address == f"http://localhost:8000/verify/{report.code}/"
    assert report.history.get().history_change_reason == "ordered"


def test_ordered_twice_leads_to_the_one_that_waits(order):
    first, _is_new = order()
    second, is_new = order()
    assert (second.pk, is_new) == (first.pk, False)
    Report.objects.claim(first.pk)
    third, is_new = order()
    assert (third.pk, is_new) == (first.pk, False)
    assert Report.objects.count() == 1


def test_the_one_that_waits_is_meant_even_when_the_data_has_changed(order, journeys):
    first, _is_new = order()
    journeys[3].delete()
    assert order()[0].pk == first.pk


def test_equal_data_of_a_day_is_one_report(made, order):
    first = made()
    again, is_new = order()
    assert (again.pk, again.state, is_new) == (first.pk, JobState.DONE, False)


def test_other_data_another_language_and_another_day_are_other_reports(made, journeys):
    reports = [made(), made(language="sv")]
    journeys[3].delete()
    reports.append(made())
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        reports.append(made())
    assert len({report.code for report in reports}) == 4
    assert len({report.pk for report in reports}) == 4


def test_a_failed_report_is_tried_again_when_it_is_ordered_again(order, coordinator):
    report, _is_new = order()
    Report.objects.claim(report.pk).fail("There was no room on the disk.")
    again, is_new = order()
    assert (again.pk, again.state, is_new) == (report.pk, JobState.QUEUED, False)
    line = again.history.first()
    assert (line.history_change_reason, line.history_user) == ("tried again", coordinator)


def test_trying_again_leads_to_the_one_that_waits(order, journeys, coordinator):
    failed, _is_new = order()
    Report.objects.claim(failed.pk).fail("There was no room on the disk.")
    journeys[3].delete()
    waiting, _is_new = order()
    failed.refresh_from_db()
    assert requests.try_again(report=failed, by=coordinator) == waiting
    failed.refresh_from_db()
    assert failed.state == JobState.FAILED


def test_trying_again_what_is_ready_changes_nothing(made, coordinator):
    report = made()
    assert requests.try_again(report=report, by=coordinator) == report
    report.refresh_from_db()
    assert report.state == JobState.DONE


def test_no_report_is_made_of_another_owners_project(order):
    foreign = factories.running_project(is_reference_record=True)
    with pytest.raises(type(foreign).DoesNotExist):
        order(project=foreign)


def test_a_worker_is_called_once_the_order_is_committed(order, monkeypatch, django_capture_on_commit_callbacks):
    rung = []
    monkeypatch.setattr("westum.base.jobs._ring_now", lambda task, pk: rung.append((task, pk)))
    with django_capture_on_commit_callbacks(execute=True):
        report, _is_new = order(ring=True)
        order(ring=True)
    assert rung == [(requests.TASK, report.pk)]


@pytest.mark.databases("postgresql")
@pytest.mark.django_db(transaction=True)
def test_orders_at_the_same_moment_make_one_report(project, coordinator):
    """n = 40 trials of 4 orders each."""

    def after(results):
        assert sorted(is_new for _report, is_new in results) == [False, False, False, True]
        assert len({report.pk for report, _is_new in results}) == 1
        assert Report.objects.count() == 1

    race(
        trials=40,
        contestants=4,
        before=lambda: Report.objects.all().delete(),
        act=lambda contestant: requests.order(
            kind="participants", project=project, language="en", by=coordinator, ring=False
        ),
        after=after,
    )
