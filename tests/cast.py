"""The fixed cast: two members in one running project, and everybody who comes to the portal, each once.

People are `User` rows; `sign_in(user)` gives a client of theirs. Data of member B is there in each test that has the
cast's project, so that a leak would show.
"""

import pytest
from django.test import Client

from consortium.models import OrganisationKind
from consortium.permissions import Role
from tests import factories


@pytest.fixture
def sign_in(db):
    """`sign_in(user)` is a client with that user's session."""

    def client_of(user):
        client = Client()
        client.force_login(user)
        return client

    return client_of


@pytest.fixture
def association(db):
    return factories.OrganisationFactory(kind=OrganisationKind.OTHER, name="Nätverk Westum")


@pytest.fixture
def member_a(db):
    return factories.OrganisationFactory(name="Almby lärcentrum")


@pytest.fixture
def member_b(db):
    return factories.OrganisationFactory(name="Björkby lärcentrum")


@pytest.fixture
def host(db):
    return factories.OrganisationFactory(host=True, name="Lar Exemplo")


@pytest.fixture
def project(association, member_a, member_b):
    """Running, with ten places for learners and ten for staff at each of the two members."""
    return factories.running_project(
        members=[member_a, member_b],
        owner=association,
        slug="exempel",
        name_en="Example project",
        name_sv="Exempelprojekt",
    )


def _with_role(name, role, organisation, **fields):
    user = factories.UserFactory(name=name, email=f"{name.split()[0].lower()}@example.org")
    factories.MembershipFactory(user=user, role=role, organisation=organisation, **fields)
    return user


@pytest.fixture
def coordinator(association):
    return _with_role("Sara Exempelsson", Role.COORDINATOR, association)


@pytest.fixture
def staff(association):
    return _with_role("Stig Siffersson", Role.STAFF, association)


@pytest.fixture
def auditor(association, project):
    return _with_role("Rut Revisor", Role.AUDITOR, association, project=project, to_date=factories.day(30))


@pytest.fixture
def contact(member_a):
    return _with_role("Erik Skissgren", Role.CONTACT, member_a)


@pytest.fixture
def other_contact(member_b):
    return _with_role("Berit Björkberg", Role.CONTACT, member_b)


@pytest.fixture
def former_contact(member_a):
    """Contact person of member A until yesterday."""
    return _with_role("Frida Fordom", Role.CONTACT, member_a, to_date=factories.day(-1))


@pytest.fixture
def deactivated(member_a):
    user = _with_role("Dan Avstängd", Role.CONTACT, member_a)
    user.is_active = False
    user.save()
    return user


@pytest.fixture
def outsider(db):
    """A user without any membership and without a journey."""
    return factories.UserFactory(name="Olle Utanför", email="olle@example.org")


def _traveller(name, organisation):
    first, last = name.split()
    email = f"{first.lower()}@example.org"
    user = factories.UserFactory(name=name, email=email)
    return factories.ParticipantFactory(
        user=user, organisation=organisation, first_name=first, last_name=last, email=email
    )


@pytest.fixture
def traveller(member_a):
    """The `Participant` row of `participant`, a learner of member A."""
    return _traveller("Noor Provgren", member_a)


@pytest.fixture
def participant(traveller):
    return traveller.user


@pytest.fixture
def fellow(member_a):
    """Another participant of member A."""
    return _traveller("Milan Exempelhag", member_a).user


@pytest.fixture
def participant_of_b(member_b):
    return _traveller("Bo Björkman", member_b).user
