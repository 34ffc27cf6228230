"""ASVS 6.3.3: of the pages with persons, none opens to somebody of the association without a second factor."""

import pytest
from django.urls import reverse

from tests import factors
from tests.access import check, table
from tests.access.table import ASSOCIATION, ROWS
from tests.access.world import FELLOW, A, B, leaks, text_of
from westum.second_factor import OPEN

pytestmark = pytest.mark.django_db
SET_UP = reverse("consortium:second_factor")
GIVING = {table.with_factors, table.factor_of_the_contact}


@pytest.fixture(autouse=True)
def required(settings):
    settings.SECOND_FACTOR_REQUIRED = True


def names_of_others(world, actor):
    return {user.name for name, user in world.users.items() if user and name != actor}


def is_refused(response, method):
    if method == "post":
        return response.status_code == 403
    return response.status_code == 302 and response["Location"].startswith(SET_UP)


def faults_of(route, actor, method):
    """What the page shows of anybody else, and whether it answered or wrote at all."""
    name, world = route.row.name, route.world
    response = route.ask(check.client_of(world, actor), actor, method)
    for word in leaks(response, actor, {A, FELLOW, B} | names_of_others(world, actor)):
        yield f"{method} {name}: shows {word}"
    if name not in OPEN and not is_refused(response, method):
        yield f"{method} {name}: {response.status_code}"
    if name not in OPEN and check.contents() != route.before:
        yield f"{method} {name}: wrote"


@pytest.mark.parametrize("actor", sorted(ASSOCIATION))
def test_no_page_opens_without_a_second_factor(actor, world):
    faults, n = [], 0
    for row in ROWS:
        if row.args in GIVING:
            continue  # there everybody has one
        with check.ready(row, world) as route:
            for method in ("get", "head", "post"):
                n += 1
                with check.undone():
                    faults += faults_of(route, actor, method)
    print(f"n = {n} requests as {actor}")
    assert faults == []


@pytest.mark.parametrize("actor", sorted(ASSOCIATION))
def test_with_a_second_factor_pages_open(actor, world):
    client = check.client_of(world, actor)
    assert client.get(reverse("mobilities:mobilities"))["Location"].startswith(SET_UP)
    factors.give_app(world.users[actor])
    assert B in client.get(reverse("mobilities:participants")).text


@pytest.mark.parametrize("actor", ["contact", "traveller", "former_contact"])
def test_the_others_are_never_asked(actor, world):
    client = check.client_of(world, actor)
    for row in ROWS:
        if row.get and actor in row.get and row.args not in GIVING:
            with check.ready(row, world) as route:
                response = client.get(route.path)
                assert response.status_code == row.got, route.path
                check.close_file_of(response)


def test_what_was_sent_is_shown_again(world):
    client = check.client_of(world, "coordinator")
    data = {"comment": "Which day is it?", "csrfmiddlewaretoken": check.token_of(client)}
    path = reverse("mobilities:send_back", args=[world.make("submitted").pk])
    response = client.post(path, data, headers={"accept-language": "en"})
    assert response.status_code == 403
    assert "Which day is it?" in text_of(response)
    assert f"{SET_UP}?next=" in text_of(response)


def test_a_new_role_asks_at_the_next_page(world):
    client = check.client_of(world, "contact")
    assert client.get(reverse("mobilities:mobilities")).status_code == 200
    membership = world.users["contact"].memberships.get()
    membership.organisation, membership.role = world.association, "staff"
    membership.save()
    assert client.get(reverse("mobilities:mobilities"))["Location"] == f"{SET_UP}?next=%2Fmobilities%2F"


def test_the_menu_leads_nowhere_before(world):
    page = check.client_of(world, "coordinator").get(SET_UP)
    assert page.status_code == 200
    assert page.context["nav"] == []
