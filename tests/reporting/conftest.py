import hashlib

import pytest
from django.test import Client

from consortium.models import Project
from reporting import rendering, requests
from tests import factories
from tests.consortium.conftest import english, send, sign_in  # noqa: F401  (the same browser, the same language)
from westum.base import papers


@pytest.fixture
def order(project, coordinator):
    """`order()` is the participant count of the project, in English unless said otherwise; nobody is rung for."""

    def make(**fields):
        wanted = {"kind": "participants", "project": project, "language": "en", "by": coordinator, "ring": False}
        return requests.order(**wanted | fields)

    return make


@pytest.fixture
def printed(order):
    """`printed()` is a finished report whose file is a real PDF."""

    def make(**fields):
        report, _is_new = order(**fields)
        return rendering.render(report.pk) or report

    return make


@pytest.fixture
def made(printed, monkeypatch):
    """`made()` is a finished report in whose file nobody looks: other pages give other bytes, and that is all."""

    def set_in_type(html, *, language):
        return b"%PDF-1.7 " + hashlib.sha256(f"{language} {html}".encode()).hexdigest().encode()

    def make(**fields):
        with monkeypatch.context() as patch:
            patch.setattr(papers, "to_pdf", set_in_type)
            return printed(**fields)

    return make


@pytest.fixture
def journeys(project, member_a, member_b, host):
    """Two members' mobilities in all states: of A three accepted (two learners), of B one, and drafts and queues besides."""

    def make(organisation, state, group="learner", **fields):
        person = factories.ParticipantFactory(organisation=organisation, group=group, email="")
        return factories.MobilityFactory(
            **{"project": project, "participant": person, "receiving_organisation": host, "state": state} | fields
        )

    spain = factories.OrganisationFactory(host=True, name="Ejemplo", country="ES", city="Vigo")
    return [
        make(member_a, "draft"),
        make(member_a, "submitted"),
        make(member_a, "submitted", has_place=False),
        make(member_a, "accepted", funder_state="draft"),
        make(member_a, "completed", funder_state="complete", receiving_organisation=spain),
        make(member_a, "closed", group="supervisor"),
        make(member_a, "cancelled"),
        make(member_b, "ongoing", group="staff", funder_state="differs"),
        make(member_b, "withdrawn"),
    ]


@pytest.fixture
def project(project):
    """Read anew: nothing is remembered from its making."""
    return Project.objects.get(pk=project.pk)


@pytest.fixture
def visitor():
    return Client(HTTP_ACCEPT_LANGUAGE="en")


@pytest.fixture
def count_queries(django_assert_max_num_queries):
    """`count_queries(client, url)` is (number of queries, the page)."""

    def count(client, url):
        with django_assert_max_num_queries(100) as captured:
            response = client.get(url)
        assert response.status_code == 200
        return len(captured), response

    return count
