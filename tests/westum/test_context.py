"""The frame of every page: the menu by what one may see, and no query but the memberships."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import RequestFactory
from django.utils import translation

from westum import context

pytestmark = pytest.mark.django_db


def request_of(user, path="/"):
    request = RequestFactory().get(path)
    request.user = user
    return request


def labels(request):
    with translation.override("en"):
        return [str(entry["label"]) for entry in context.page(request)["nav"]]


def test_the_menu_follows_the_role(coordinator, staff, auditor, contact, participant, outsider, former_contact):
    association = ["Today", "Mobilities", "Participants", "Projects", "Calculator", "Organisations", "Hosts"]
    assert labels(request_of(AnonymousUser())) == ["Start", "Projects", "Verify a paper"]
    assert labels(request_of(coordinator)) == [*association, "People", "Rates", "Reports"]
    assert labels(request_of(staff)) == [*association, "People", "Rates", "Reports"]
    assert labels(request_of(auditor)) == [*association, "Rates", "Reports"]
    assert labels(request_of(contact)) == [*association, "People", "Rates"]
    for user in (participant, outsider, former_contact):
        assert labels(request_of(user)) == []


@pytest.mark.parametrize(
    ("path", "current"),
    [("/", "Today"), ("/mobilities/7/", "Mobilities"), ("/desk/exempel/", "Projects"), ("/elsewhere/", None)],
)
def test_the_menu_marks_where_one_is(path, current, coordinator):
    with translation.override("en"):
        marked = [str(entry["label"]) for entry in context.menu(request_of(coordinator, path)) if entry["current"]]
    assert marked == ([current] if current else [])


def test_the_frame_reads_the_memberships_alone(coordinator, django_assert_num_queries):
    request = request_of(coordinator)
    with django_assert_num_queries(1):
        context.page(request)
    with django_assert_num_queries(0):
        context.page(request)
        context.page(request_of(AnonymousUser()))


def test_a_request_that_did_not_come_as_far_as_users_gets_the_public_menu():
    assert len(context.page(RequestFactory().get("/"))["nav"]) == 3


@pytest.mark.parametrize("demo", [True, False])
def test_a_demonstration_is_told_from_the_real_thing(demo, settings):
    settings.DEMO = demo
    assert context.page(request_of(AnonymousUser()))["demo"] is demo
