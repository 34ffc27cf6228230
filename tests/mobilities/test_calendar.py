"""What the calendar does by itself: begin and complete, on each day of the year, as often as it is asked."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine

from mobilities import calendar, lifecycle, tasks
from mobilities.models import Mobility
from tests import factories

SWEDEN = ZoneInfo("Europe/Stockholm")


def states():
    return list(Mobility.objects.order_by("pk").values_list("state", flat=True))


@pytest.mark.parametrize(
    ("offset", "state"),
    [(-1, "accepted"), (0, "ongoing"), (13, "ongoing"), (14, "ongoing"), (15, "completed")],
)
def test_stay_begins_on_its_first_day_and_is_over_after_its_last(mobility_of, offset, state):
    mobility = mobility_of("accepted", start_date=date(2026, 6, 1), end_date=date(2026, 6, 15))
    calendar.follow_the_calendar(date.fromordinal(mobility.start_date.toordinal() + offset))
    assert states() == [state]


@pytest.mark.parametrize("state", ["draft", "submitted", "reported", "closed", "withdrawn", "cancelled"])
def test_calendar_leaves_the_rest_alone(mobility_of, state):
    mobility_of(state, start_date=factories.day(-20), end_date=factories.day(-6))
    calendar.follow_the_calendar(factories.day(0))
    assert states() == [state]


def test_second_run_finds_nothing_to_do(mobility_of):
    mobility = mobility_of("accepted", start_date=factories.day(-20), end_date=factories.day(-6))
    calendar.follow_the_calendar(factories.day(0))
    lines = mobility.history.count()
    calendar.follow_the_calendar(factories.day(0))
    assert states() == ["completed"]
    assert mobility.history.count() == lines


def test_one_that_was_just_cancelled_stops_nobody_else(mobility_of, coordinator, monkeypatch):
    """Between the reading of the list and the verb somebody cancels the first one."""
    first, second = (mobility_of("accepted", start_date=factories.day(-number)) for number in (2, 1))
    begin = lifecycle.begin

    def cancel_the_first_one(*, mobility):
        if mobility.pk == first.pk:
            lifecycle.cancel(mobility=mobility, reason="Ill.", by=coordinator)
        return begin(mobility=mobility)

    monkeypatch.setattr(lifecycle, "begin", cancel_the_first_one)
    calendar.follow_the_calendar(factories.day(0))
    assert states() == ["cancelled", "ongoing"]


def test_one_that_is_broken_stops_nobody_else_and_is_told(mobility_of, monkeypatch):
    first, _second = (mobility_of("accepted", start_date=factories.day(-number)) for number in (2, 1))
    mobility_of("ongoing", start_date=factories.day(-9), end_date=factories.day(-1))
    begin = lifecycle.begin

    def break_the_first_one(*, mobility):
        if mobility.pk == first.pk:
            raise ZeroDivisionError
        return begin(mobility=mobility)

    monkeypatch.setattr(lifecycle, "begin", break_the_first_one)
    with pytest.raises(ExceptionGroup) as told:
        calendar.follow_the_calendar(factories.day(0))
    assert [type(fault) for fault in told.value.exceptions] == [ZeroDivisionError]
    assert states() == ["accepted", "ongoing", "completed"]


# Days on which a clock would go wrong: the two changes of the clock, a leap day, the turn of the year.
AWKWARD = [date(2026, 3, 29), date(2026, 10, 25), date(2028, 2, 29), date(2027, 1, 1)]


@pytest.mark.parametrize("today", AWKWARD)
@pytest.mark.parametrize(("hour", "minute", "state"), [(0, 0, "ongoing"), (2, 30, "ongoing"), (23, 59, "ongoing")])
def test_task_goes_by_the_day_in_sweden(mobility_of, today, hour, minute, state):
    mobility_of("accepted", start_date=today, end_date=date.fromordinal(today.toordinal() + 14))
    before = datetime.combine(date.fromordinal(today.toordinal() - 1), datetime.max.time(), tzinfo=SWEDEN)
    with time_machine.travel(before, tick=False):
        tasks.follow_the_calendar()
    assert states() == ["accepted"]
    with time_machine.travel(datetime(today.year, today.month, today.day, hour, minute, tzinfo=SWEDEN), tick=False):
        tasks.follow_the_calendar()
        tasks.follow_the_calendar()
    assert states() == [state]
    assert Mobility.objects.get().history.latest("history_id").via == "worker"
