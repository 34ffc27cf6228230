"""Somebody's days: the same days twice in a project are refused, days that overlap are asked about."""

import pytest
from django.urls import reverse

from consortium.permissions import NotAllowed
from mobilities import lifecycle
from mobilities.models import Mobility, MobilityState
from tests import factories
from tests.mobilities.conftest import fields
from westum.base import tokens
from westum.base.formats import day

NEW = reverse("mobilities:mobility_new")
DAYS = {"start_date": factories.day(60), "end_date": factories.day(74)}


@pytest.fixture
def contact_page(sign_in, contact, project):
    return sign_in(contact)


@pytest.fixture
def other(mobility_of):
    return mobility_of("submitted", **DAYS)


def stay(traveller, host, project, first=60, last=74, **changes):
    return {
        "participant": traveller.pk,
        "language": "sv",
        "activity_type": factories.ActivityTypeFactory().pk,
        "receiving_organisation": host.pk,
        "start_date": factories.day(first).isoformat(),
        "end_date": factories.day(last).isoformat(),
        "travel_mode": "green",
        "green_is_declared": "on",
        "goals": [project.goals.get(code="1").pk],
    } | changes


def errors_of(response):
    assert response.status_code == 200
    return {name: list(sentences) for name, sentences in response.context["form"].errors.items()}


@pytest.mark.parametrize("act", [{}, {"act": "draft"}])
def test_same_days_are_refused_at_the_date_with_a_link_to_the_other(contact_page, other, traveller, host, project, act):
    response = contact_page.post(NEW, stay(traveller, host, project) | act)
    first, last = (day(DAYS[name]) for name in ("start_date", "end_date"))
    sentence = f"Noor Provgren has a mobility from {first} to {last} in this project already."
    assert errors_of(response) == {"start_date": [sentence]}
    assert f'href="{other.get_absolute_url()}"' in response.text
    assert response.context["form"]["travel_mode"].value() == "green"
    assert Mobility.objects.count() == 1


@pytest.mark.parametrize(("first", "last"), [(74, 90), (40, 60), (65, 90), (50, 80), (60, 80)])
def test_days_that_overlap_are_asked_about(contact_page, other, traveller, host, project, first, last):
    data = stay(traveller, host, project, first, last)
    response = contact_page.post(NEW, data)
    assert set(errors_of(response)) == {"despite_overlap"}
    assert "Choose other days, or tick here." in response.text
    assert "Register anyway" in response.text
    assert f'href="{other.get_absolute_url()}"' in response.text
    form = response.context["form"]
    assert {name: form[name].value() for name in data if name != "goals"} == {
        name: True if value == "on" else str(value) for name, value in data.items() if name != "goals"
    }
    contact_page.post(NEW, data | {"despite_overlap": "on"})
    assert Mobility.objects.latest("pk").state == MobilityState.SUBMITTED
    assert Mobility.objects.count() == 2


def test_answer_stays_while_something_else_is_wrong(contact_page, other, traveller, host, project):
    data = stay(traveller, host, project, 65, 90, goals=[], despite_overlap="on")
    response = contact_page.post(NEW, data)
    assert set(errors_of(response)) == {"goals"}
    assert response.context["form"]["despite_overlap"].value() is True
    assert 'name="despite_overlap" id="id_despite_overlap" checked' in response.text


@pytest.mark.parametrize(("first", "last"), [(75, 90), (40, 59)])
def test_days_beside_one_another_raise_no_question(contact_page, other, traveller, host, project, first, last):
    contact_page.post(NEW, stay(traveller, host, project, first, last))
    assert Mobility.objects.count() == 2


@pytest.mark.parametrize("state", ["withdrawn", "cancelled"])
def test_what_is_off_stands_in_nobodys_way(contact_page, mobility_of, traveller, host, project, state):
    mobility_of(state, **DAYS)
    contact_page.post(NEW, stay(traveller, host, project))
    assert Mobility.objects.count() == 2


def test_overlap_in_another_project_is_asked_about_and_the_same_days_there_are_an_overlap(
    contact_page, mobility_of, traveller, host, project, member_a
):
    mobility_of(**DAYS, project=factories.running_project(members=[member_a], state="reporting"))
    data = stay(traveller, host, project)
    assert set(errors_of(contact_page.post(NEW, data))) == {"despite_overlap"}


def test_change_asks_only_when_the_days_change(contact_page, mobility_of, other):
    mobility = mobility_of(start_date=factories.day(65), end_date=factories.day(80))
    url = reverse("mobilities:mobility_edit", args=[mobility.pk])
    data = fields(contact_page.get(url).context["form"]) | {"act": "draft"}
    assert contact_page.post(url, data | {"travel_mode": "green", "green_is_declared": "on"}).status_code == 302
    data = fields(contact_page.get(url).context["form"]) | {"act": "draft"}
    later = data | {"end_date": factories.day(81).isoformat()}
    response = contact_page.post(url, later)
    assert set(errors_of(response)) == {"despite_overlap"}
    assert "Save anyway" in response.text
    assert contact_page.post(url, later | {"despite_overlap": "on"}).status_code == 302
    same = fields(contact_page.get(url).context["form"]) | {name: value.isoformat() for name, value in DAYS.items()}
    assert set(errors_of(contact_page.post(url, same | {"act": "draft"}))) == {"start_date"}
    mobility.refresh_from_db()
    assert (mobility.travel_mode, mobility.end_date) == ("green", factories.day(81))


def test_days_of_two_at_the_same_moment_are_refused_at_the_date(
    contact_page, mobility_of, traveller, host, project, monkeypatch
):
    """Between the look and the writing somebody else has registered the same days: the table refuses the second."""
    forget = tokens._forget

    def the_other_one_is_done(row, is_new_row):
        monkeypatch.setattr(tokens, "_forget", forget)
        mobility_of("draft", **DAYS)
        forget(row, is_new_row)

    # What is written inside the request is rolled back with it, so the other one writes once more behind it.
    monkeypatch.setattr(lifecycle, "_refuse_same_days", lambda mobility: mobility_of("draft", **DAYS))
    monkeypatch.setattr(tokens, "_forget", the_other_one_is_done)
    response = contact_page.post(NEW, stay(traveller, host, project))
    assert set(errors_of(response)) == {"start_date"}
    assert Mobility.objects.get().state == MobilityState.DRAFT


@pytest.mark.parametrize(("state", "verb"), [("draft", "amend"), ("submitted", "amend"), ("accepted", "correct")])
def test_rules_refuse_the_same_days_whoever_asks(mobility_of, other, coordinator, state, verb):
    mobility = mobility_of(state)
    mobility.start_date, mobility.end_date = DAYS["start_date"], DAYS["end_date"]
    with pytest.raises(NotAllowed) as refusal:
        getattr(lifecycle, verb)(mobility=mobility, goals=list(mobility.goals.all()), by=coordinator)
    assert refusal.value.message_dict == {
        "start_date": ["This person has a mobility of the same days in this project already. Choose other days."]
    }


def test_rule_refuses_a_second_registration_of_the_same_days(mobility_of, other, coordinator, traveller, project):
    twin = Mobility(project=project, participant=traveller, **DAYS)
    with pytest.raises(NotAllowed, match="the same days"):
        lifecycle.register(mobility=twin, goals=[], by=coordinator)


@pytest.mark.parametrize("others", [1, 3, 50])
def test_question_takes_as_many_queries_for_fifty_as_for_one(
    contact_page, mobility_of, traveller, host, project, django_assert_num_queries, others
):
    for number in range(others):
        mobility_of(start_date=factories.day(60), end_date=factories.day(75 + number))
    data = stay(traveller, host, project)
    contact_page.post(NEW, data)
    with django_assert_num_queries(70):
        contact_page.post(NEW, data)
