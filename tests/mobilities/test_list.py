"""The list of mobilities: filters and order in the address, the same rows in the export, as few questions for fifty as for one."""

import csv
import io
import zipfile
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from mobilities import exports, mobility_grants, places
from mobilities.models import Mobility, MobilityState
from tests import factories
from westum.base import sheets

LIST = reverse("mobilities:mobilities")


@pytest.fixture
def named(project, member_a, host):
    """`named("Åsa Ek")` is a mobility of a learner of that name."""

    def make(name, state="accepted", organisation=member_a, **fields):
        first, last = name.split()
        group = fields.pop("group", "learner")
        person = factories.ParticipantFactory(
            organisation=organisation, first_name=first, last_name=last, email="", group=group
        )
        defaults = {"project": project, "receiving_organisation": host}
        return factories.MobilityFactory(participant=person, state=state, **defaults | fields)

    return make


def names_of(response):
    assert response.status_code == 200
    return [str(mobility) for mobility in response.context["page"].object_list]


def test_everybody_sees_the_own_rows(
    sign_in, coordinator, staff, auditor, contact, outsider, named, mobility_of, member_b
):
    named("Åsa Ek")
    named("Bo Björk", organisation=member_b)

    for user in (coordinator, staff, auditor):
        assert sorted(names_of(sign_in(user).get(LIST))) == ["Bo Björk", "Åsa Ek"]
    assert names_of(sign_in(contact).get(LIST)) == ["Åsa Ek"]
    assert names_of(sign_in(outsider).get(LIST)) == []
    own = mobility_of("accepted")
    assert names_of(sign_in(own.participant.user).get(LIST)) == ["Noor Provgren"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"q": "åsa"}, ["Åsa Ek"]),
        ({"q": "ASA"}, ["Åsa Ek"]),
        ({"q": "exemplo ek"}, ["Åsa Ek"]),
        ({"q": "nobody"}, []),
        ({"state": "accepted"}, ["Åsa Ek"]),
        ({"state": "queued"}, ["Dag Ö"]),
        ({"state": "submitted"}, ["Cia Z", "Dag Ö"]),
        ({"group": "learner"}, ["Bo Björk", "Cia Z", "Dag Ö", "Åsa Ek"]),
        ({"group": "staff"}, ["Eva Å", "Fia Ä"]),
        ({"group": "supervisor"}, ["Fia Ä"]),
        ({"when": "abroad"}, ["Bo Björk"]),
        ({"when": "late"}, ["Eva Å"]),
        ({"funder": "complete"}, ["Fia Ä"]),
        ({"counted": "registered"}, ["Fia Ä"]),
        ({"counted": "completed"}, ["Eva Å", "Fia Ä"]),
        ({"step": "accept"}, ["Cia Z"]),
        ({"step": "place"}, ["Dag Ö"]),
        ({"step": "close"}, []),
        ({"country": "pt"}, ["Cia Z", "Dag Ö", "Eva Å", "Fia Ä", "Åsa Ek"]),
        ({"country": "SI"}, ["Bo Björk"]),
        ({"project": "exempel", "state": "closed"}, ["Fia Ä"]),
        ({"project": "another"}, ["Bo Björk", "Cia Z", "Dag Ö", "Eva Å", "Fia Ä", "Åsa Ek"]),
        ({"state": "unknown", "colour": "red"}, ["Bo Björk", "Cia Z", "Dag Ö", "Eva Å", "Fia Ä", "Åsa Ek"]),
    ],
)
def test_filters_narrow_and_what_nobody_knows_is_left_out(sign_in, coordinator, named, member_b, query, expected):
    named("Åsa Ek")
    slovene = factories.OrganisationFactory(host=True, name="Nova", country="SI")
    named("Bo Björk", "ongoing", organisation=member_b, receiving_organisation=slovene)
    named("Cia Z", "submitted")
    named("Dag Ö", "submitted", has_place=False)
    named("Eva Å", "completed", group="staff", start_date=factories.day(-60), end_date=factories.day(-46))
    named("Fia Ä", "closed", group="supervisor")

    found = names_of(sign_in(coordinator).get(LIST, query | {"sort": "name"}))
    assert sorted(found) == sorted(expected)


def test_filter_by_member_and_focus_area(sign_in, coordinator, named, project, member_a, member_b):
    named("Åsa Ek")
    other = factories.GoalFactory(project=project, code="9")
    named("Bo Björk", organisation=member_b, goals=[other])
    client = sign_in(coordinator)

    assert names_of(client.get(LIST, {"member": member_b.pk})) == ["Bo Björk"]
    assert names_of(client.get(LIST, {"goal": other.pk})) == ["Bo Björk"]


def test_member_of_others_is_no_filter(sign_in, contact, named, member_b):
    named("Åsa Ek")
    response = sign_in(contact).get(LIST, {"member": member_b.pk})

    assert names_of(response) == ["Åsa Ek"]
    assert "Björkby" not in response.content.decode()


def test_names_are_in_swedish_order_both_ways(sign_in, coordinator, named):
    for name in ["Ö Östlund", "A Ek", "Z Zander", "Å Åberg", "Ä Ärlig"]:
        named(name)
    expected = ["A Ek", "Z Zander", "Å Åberg", "Ä Ärlig", "Ö Östlund"]

    assert names_of(sign_in(coordinator).get(LIST, {"sort": "name"})) == expected
    assert names_of(sign_in(coordinator).get(LIST, {"sort": "-name"})) == expected[::-1]


@pytest.mark.parametrize(
    "sort", ["name", "-name", "member", "-member", "host", "-host", "start", "-start", "state", "-state"]
)
def test_each_heading_sorts_and_says_which_way(sign_in, coordinator, named, sort):
    named("Åsa Ek")
    named("Bo Björk", "draft", start_date=None, end_date=None, receiving_organisation=None)
    response = sign_in(coordinator).get(LIST, {"sort": sort, "q": ""})

    assert len(names_of(response)) == 2
    order = "descending" if sort.startswith("-") else "ascending"
    assert response.content.decode().count(f'aria-sort="{order}"') == 1


@pytest.mark.parametrize("query", [{"step": "place"}, {"state": "queued"}])
def test_queue_is_in_the_order_of_waiting_and_says_the_numbers(sign_in, coordinator, named, member_b, query):
    waiting = [("Dag Ö", 1, {}), ("Åsa Ek", 3, {}), ("Bo Björk", 2, {}), ("Eva A", 0, {"organisation": member_b})]
    for name, hours, more in waiting:
        at = timezone.now() - timedelta(hours=10 - hours)
        named(name, "submitted", has_place=False, submitted_at=at, **more)
    named("Cia Ek", "submitted")
    response = sign_in(coordinator).get(LIST, query)
    found = [(str(row), row.queue_number) for row in response.context["page"]]
    assert found == [("Dag Ö", 1), ("Bo Björk", 2), ("Åsa Ek", 3), ("Eva A", 1)]
    assert [number for _name, number in found] == [places.queue_number(row) for row in response.context["page"]]
    assert response.text.count("Number 2 in the queue") == 1
    by_name = sign_in(coordinator).get(LIST, query | {"sort": "name"})
    assert names_of(by_name) == ["Eva A", "Bo Björk", "Åsa Ek", "Dag Ö"]
    assert "sort=name" in by_name.text


def test_who_waited_when_the_project_ended_has_a_page_without_a_queue(sign_in, coordinator, named, project):
    mobility = named("Dag Ö", "submitted", has_place=False)
    project.state = "ended"
    project.save()
    assert sign_in(coordinator).get(mobility.get_absolute_url()).context["queue"] is None
    assert "in the queue</span>" not in sign_in(coordinator).get(LIST).text


def test_state_is_in_the_order_of_life(sign_in, coordinator, named):
    for state in ["closed", "draft", "submitted", "cancelled"]:
        named(f"X {state}", state)

    found = names_of(sign_in(coordinator).get(LIST, {"sort": "state"}))
    assert found == ["X draft", "X submitted", "X closed", "X cancelled"]


def test_htmx_gets_the_results_alone(sign_in, coordinator, named):
    named("Åsa Ek")
    part = sign_in(coordinator).get(LIST, headers={"hx-request": "true"})

    assert "Åsa Ek" in part.content.decode()
    assert "<html" not in part.content.decode()
    assert "HX-Request" in part["Vary"]


def test_pages_of_fifty_repeat_and_lose_nobody(sign_in, coordinator, named):
    for number in range(103):
        named(f"X Y{number % 3}", "draft")
    client = sign_in(coordinator)

    pages = [client.get(LIST, {"page": page}).context["page"] for page in (1, 2, 3)]
    assert [len(page) for page in pages] == [50, 50, 3]
    assert len({mobility.pk for page in pages for mobility in page}) == 103


def test_empty_lists_say_what_to_do(sign_in, coordinator, contact, staff, named):
    assert "Register the first one." in sign_in(contact).get(LIST).content.decode()
    assert "when the contact persons have registered them" in sign_in(staff).get(LIST).content.decode()
    named("Åsa Ek")
    assert "No mobility found" in sign_in(coordinator).get(LIST, {"q": "xyz"}).content.decode()


@pytest.mark.parametrize(("who", "queries"), [("coordinator", 9), ("contact", 8)])
@pytest.mark.parametrize("count", [1, 3, 50])
def test_list_asks_as_many_questions_for_fifty_as_for_one(
    sign_in, request, named, django_assert_num_queries, who, queries, count
):
    for number in range(count):
        named(f"X Y{number}", MobilityState.values[number % len(MobilityState.values)])
    client = sign_in(request.getfixturevalue(who))
    client.get(LIST)
    with django_assert_num_queries(queries):
        response = client.get(LIST)
    assert response.content.decode().count('<tr role="row">') == count + 1


@pytest.mark.parametrize("count", [1, 3, 50])
def test_list_with_amounts_asks_as_many_questions_for_fifty_as_for_one(
    sign_in, coordinator, named, django_assert_num_queries, count
):
    factories.made_up_rates()
    for number in range(count):
        row = named(f"X Y{number}", ["draft", "submitted", "accepted"][number % 3])
        row.distance_km = 600
        row.save()
        if row.state == "accepted":
            mobility_grants.accept(row)
    client = sign_in(coordinator)
    client.get(LIST, {"category": "travel"})
    with django_assert_num_queries(16):
        page = client.get(LIST, {"category": "travel"})
    assert page.text.count("#grant") == len(page.context["filters"].amounts) == count


def test_traveller_is_shown_no_amounts_in_the_list(sign_in, mobility_of):
    factories.made_up_rates()
    own = mobility_of("draft", distance_km=600)
    page = sign_in(own.participant.user).get(LIST, {"category": "grant"})
    assert (page.context["filters"].amounts, names_of(page)) == ({}, [])


# What is in view, as a sheet


def rows_of_csv(response, delimiter=","):
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text), delimiter=delimiter))


def test_export_has_the_rows_in_view_in_their_order(sign_in, coordinator, named, member_b):
    named("Åsa Ek")
    named("Bo Björk", organisation=member_b)
    named("Cia Z", "draft", start_date=None, end_date=None, receiving_organisation=None, activity_type=None)
    client = sign_in(coordinator)

    for query in ({}, {"q": "åsa"}, {"sort": "-name"}, {"sort": "name", "state": "accepted"}):
        in_view = names_of(client.get(LIST, query))
        found = rows_of_csv(client.get(reverse("mobilities:export", args=["csv"]), query))
        people = [row for row in found if row[0] not in ("Last name",) and len(row) > 5]
        assert [f"{row[1]} {row[0]}" for row in people] == in_view


def test_export_link_of_the_list_carries_its_filters(sign_in, coordinator, named):
    named("Åsa Ek")
    body = sign_in(coordinator).get(LIST, {"q": "åsa", "sort": "name"}).content.decode()

    for name in sheets.FORMATS:
        assert f"{reverse('mobilities:export', args=[name])}?q=%C3%A5sa&amp;sort=name" in body


def test_workbook_keeps_days_as_days_and_formulas_dead(sign_in, coordinator, named):
    mobility = named("Åsa =1+1")
    response = sign_in(coordinator).get(reverse("mobilities:export", args=["xlsx"]))
    content = b"".join(response.streaming_content)
    rows = list(load_workbook(io.BytesIO(content)).active.values)
    headers = next(row for row in rows if row[0] == "Last name")
    found = dict(zip(headers, rows[rows.index(headers) + 1], strict=True))

    assert found["Last name"] == "'=1+1"
    assert found["First day"].date() == mobility.start_date
    assert found["Days"] == 15
    assert (found["Member"], found["Host"], found["Country"]) == ("Almby lärcentrum", "Lar Exemplo", "Portugal")
    assert (found["Group"], found["State"], found["Holds a place"]) == ("Learner", "Accepted by Westum", "yes")
    assert found["Focus areas"] == "1 Care"
    assert b"<f>" not in zipfile.ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml")


def test_csv_for_swedish_excel_has_semicolons(sign_in, coordinator, named):
    named("Åsa Ek")
    found = rows_of_csv(sign_in(coordinator).get(reverse("mobilities:export", args=["csv-sv"])), delimiter=";")

    assert any(row[:2] == ["Ek", "Åsa"] for row in found)


def test_export_is_for_who_may_take_persons_out_and_never_of_others(
    sign_in, contact, auditor, participant, staff, named, member_b
):
    named("Åsa Ek")
    named("Bo Björk", organisation=member_b)
    url = reverse("mobilities:export", args=["csv"])

    assert b"Bo" in b"".join(sign_in(staff).get(url).streaming_content)
    assert b"Bo" not in b"".join(sign_in(contact).get(url).streaming_content)
    for user in (auditor, participant):
        assert sign_in(user).get(url).status_code == 404
        assert url not in sign_in(user).get(LIST).content.decode()
    assert sign_in(staff).get(reverse("mobilities:export", args=["pdf"])).status_code == 404


def test_export_holds_no_address_and_no_phone(named):
    person = named("Åsa Ek").participant
    person.email, person.phone = "asa@example.org", "070-1234567"
    person.save()
    stream = io.BytesIO()
    sheets.write(exports.table_of(Mobility.objects.all()), format="csv", stream=stream)

    assert b"asa@example.org" not in stream.getvalue()
    assert b"070-1234567" not in stream.getvalue()


@pytest.mark.parametrize("count", [1, 3, 50])
def test_export_asks_as_many_questions_for_fifty_as_for_one(named, django_assert_num_queries, count):
    for number in range(count):
        named(f"X Y{number}", "closed")
    with django_assert_num_queries(4):
        sheets.write(exports.table_of(Mobility.objects.order_by("pk")), format="csv", stream=io.BytesIO())
