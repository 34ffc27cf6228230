import threading

import pytest
from django.test import RequestFactory
from django.utils import translation
from simple_history.models import HistoricalRecords

from consortium.models import Organisation, User
from westum.base import history
from westum.base.history import HistoryMissed, Via

pytestmark = pytest.mark.django_db


@pytest.fixture
def organisation():
    return Organisation.objects.create(name="Åsa Lärcenter", city="Göteborg")


@pytest.fixture
def coordinator():
    return User.objects.create_user(email="karin@example.org", name="Karin Ek")


def newest(row):
    line = row.history.first()
    return line.history_type, line.history_user, line.via, line.history_change_reason


def test_line_outside_any_page_comes_by_a_command(organisation):
    assert newest(organisation) == ("+", None, "command", None)


def test_acting_says_who_and_by_which_way(organisation, coordinator):
    with history.acting(user=coordinator, via="import"):
        organisation._change_reason = "imported"
        organisation.save()
    assert newest(organisation) == ("~", coordinator, "import", "imported")
    organisation.save()
    assert newest(organisation) == ("~", None, "command", "imported")


def test_acting_inside_acting_keeps_what_it_does_not_say(organisation, coordinator):
    with history.acting(user=coordinator), history.acting(via="worker"):
        organisation.save()
    assert newest(organisation)[1:3] == (coordinator, "worker")


def test_acting_refuses_a_way_that_is_not_known():
    with pytest.raises(ValueError, match="telegraph"), history.acting(via="telegraph"):
        pass


def test_line_of_a_page_carries_its_user(organisation, coordinator):
    request = RequestFactory().get("/")
    request.user = coordinator
    HistoricalRecords.context.request = request
    try:
        organisation.save()
    finally:
        del HistoricalRecords.context.request
    assert newest(organisation)[1:3] == (coordinator, "form")


def test_acting_stays_in_its_thread(coordinator):
    seen = []
    with history.acting(user=coordinator, via="import"):
        thread = threading.Thread(target=lambda: seen.append((history.actor_of(), history.current_via())))
        thread.start()
        thread.join()
    assert seen == [(None, Via.COMMAND)]


@pytest.mark.parametrize(
    "write",
    [
        lambda rows: rows.update(city="Borås"),
        lambda rows: rows.filter(city="Göteborg").update(city="Borås"),
        lambda rows: rows.bulk_create([Organisation(name="Ny")]),
        lambda rows: rows.bulk_update(rows.all(), ["city"]),
    ],
)
def test_bulk_write_without_a_line_is_refused(organisation, write):
    with pytest.raises(HistoryMissed):
        write(Organisation.objects.all())
    organisation.refresh_from_db()
    assert (organisation.city, Organisation.objects.count()) == ("Göteborg", 1)


def test_bulk_write_goes_through_when_it_says_why(organisation):
    assert Organisation.objects.unkept("a test").filter(pk=organisation.pk).update(city="Borås") == 1
    with pytest.raises(ValueError, match="why"):
        Organisation.objects.unkept("")


def test_unkept_does_not_open_the_rows_it_came_from(organisation):
    rows = Organisation.objects.all()
    rows.unkept("a test")
    with pytest.raises(HistoryMissed):
        rows.update(city="Borås")


def test_delete_leaves_a_line(organisation):
    pk = organisation.pk
    Organisation.objects.filter(pk=pk).delete()
    assert list(Organisation.history.filter(id=pk).values_list("history_type", flat=True)) == ["-", "+"]


def test_many_rows_leave_a_line_each(coordinator):
    with history.acting(user=coordinator, via="import"):
        rows = history.create_many(Organisation, [Organisation(name=name) for name in ("A", "B")], reason="imported")
        rows[0].city = rows[1].city = "Vara"
        history.update_many(Organisation, rows, ["city"], reason="moved")
    for row in rows:
        lines = row.history.values_list("history_type", "history_change_reason", "via", "history_user")
        assert list(lines) == [("~", "moved", "import", coordinator.pk), ("+", "imported", "import", coordinator.pk)]
    assert list(Organisation.objects.order_by("name").values_list("city", "search")) == [("Vara", "a"), ("Vara", "b")]


def test_lines_say_who_what_and_which_fields(organisation, coordinator):
    with history.acting(user=coordinator, via="form"):
        organisation.name, organisation.city = "Ärla", "Borås"
        organisation.version += 1
        organisation._change_reason = "moved\nThe school has a new house."
        organisation.save()
    with translation.override("en"):
        changed, created = history.lines_of(organisation)
    assert (changed.who, changed.what) == ("Karin Ek", "moved")
    assert changed.detail == "The school has a new house. Changed: name, town."
    assert (created.who, created.what, created.detail) == ("The operator", "created this", "")


def test_lines_take_as_many_queries_however_many_they_are(organisation, coordinator, django_assert_num_queries):
    for number in range(60):
        with history.acting(user=coordinator):
            organisation.city = f"Town {number}"
            organisation.save()
    with django_assert_num_queries(3):  # the lines, and what was in each of the two kept sets
        lines = history.lines_of(organisation, limit=50)
    assert (len(lines), lines[0].who) == (50, "Karin Ek")
    assert all(line.detail for line in lines)
