import pytest
from django.utils import translation

from consortium import shares
from tests import factories


@pytest.fixture(autouse=True)
def english():
    """The sentences of rules, too, are asked in English."""
    with translation.override("en"):
        yield


@pytest.fixture
def sign_in(sign_in):
    """As everywhere, with a browser that asks for English, whose sentences stand in the tests."""

    def english(user):
        client = sign_in(user)
        client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
        return client

    return english


@pytest.fixture
def learners(db):
    return factories.ActivityTypeFactory()


@pytest.fixture
def line(project, learners):
    """Thirty places awarded, twenty of them shared out to the two members."""
    line = shares.awarded_lines(project).get(activity_type=learners)
    line.places = 30
    line.save()
    return line


def fields(form, **changes):
    """What a browser would send of the form as it stands on the page."""
    shown = {field.html_name: field.value() for field in form}
    return {name: value for name, value in shown.items() if value not in (None, "")} | changes


@pytest.fixture
def send():
    """`send(client, url, **changes)` opens the page, changes its form and sends it."""

    def open_change_and_send(client, url, follow=True, **changes):
        return client.post(url, fields(client.get(url).context["form"], **changes), follow=follow)

    return open_change_and_send
