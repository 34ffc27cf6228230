"""The fixed cast: two members in one running project, and everybody who comes to the portal, each once.

People are `User` rows; `sign_in(user)` gives a client of theirs. Data of member B is there in each test that has the
cast's project, so that a leak would show.
"""

from copy import deepcopy
from functools import cached_property

import pytest
from django.db import transaction
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


def _with_role(name, role, organisation, **fields):
    user = factories.UserFactory(name=name, email=f"{name.split()[0].lower()}@example.org")
    factories.MembershipFactory(user=user, role=role, organisation=organisation, **fields)
    return user


def _traveller(name, organisation):
    first, last = name.split()
    email = f"{first.lower()}@example.org"
    user = factories.UserFactory(name=name, email=email)
    return factories.ParticipantFactory(
        user=user, organisation=organisation, first_name=first, last_name=last, email=email
    )


class Cast:
    """Each of them comes into being when asked for, with those that it needs."""

    @cached_property
    def association(self):
        return factories.OrganisationFactory(kind=OrganisationKind.OTHER, name="Nätverk Westum")

    @cached_property
    def member_a(self):
        return factories.OrganisationFactory(name="Almby lärcentrum")

    @cached_property
    def member_b(self):
        return factories.OrganisationFactory(name="Björkby lärcentrum")

    @cached_property
    def host(self):
        return factories.OrganisationFactory(host=True, name="Lar Exemplo")

    @cached_property
    def project(self):
        """Running, with ten places for learners and ten for staff at each of the two members."""
        return factories.running_project(
            members=[self.member_a, self.member_b],
            owner=self.association,
            slug="exempel",
            name_en="Example project",
            name_sv="Exempelprojekt",
        )

    @cached_property
    def coordinator(self):
        return _with_role("Sara Exempelsson", Role.COORDINATOR, self.association)

    @cached_property
    def staff(self):
        return _with_role("Stig Siffersson", Role.STAFF, self.association)

    @cached_property
    def auditor(self):
        audited = {"project": self.project, "to_date": factories.day(30)}
        return _with_role("Rut Revisor", Role.AUDITOR, self.association, **audited)

    @cached_property
    def contact(self):
        return _with_role("Erik Skissgren", Role.CONTACT, self.member_a)

    @cached_property
    def other_contact(self):
        return _with_role("Berit Björkberg", Role.CONTACT, self.member_b)

    @cached_property
    def former_contact(self):
        """Contact person of member A until yesterday."""
        return _with_role("Frida Fordom", Role.CONTACT, self.member_a, to_date=factories.day(-1))

    @cached_property
    def deactivated(self):
        user = _with_role("Dan Avstängd", Role.CONTACT, self.member_a)
        user.is_active = False
        user.save()
        return user

    @cached_property
    def outsider(self):
        """A user without any membership and without a journey."""
        return factories.UserFactory(name="Olle Utanför", email="olle@example.org")

    @cached_property
    def traveller(self):
        """The `Participant` row of `participant`, a learner of member A."""
        return _traveller("Noor Provgren", self.member_a)

    @cached_property
    def participant(self):
        return self.traveller.user

    @cached_property
    def fellow(self):
        """Another participant of member A."""
        return _traveller("Milan Exempelhag", self.member_a).user

    @cached_property
    def participant_of_b(self):
        return _traveller("Bo Björkman", self.member_b).user


NAMES = [name for name, value in vars(Cast).items() if isinstance(value, cached_property)]


@pytest.fixture
def cast(db):
    return Cast()


@pytest.fixture(scope="module")
def lasting_cast(django_db_setup, django_db_blocker):
    """All of them, made once for a module and undone after it; no test of the module may commit."""
    with django_db_blocker.unblock(), transaction.atomic():
        cast = Cast()
        for name in NAMES:
            getattr(cast, name)
        yield cast
        transaction.set_rollback(True)


@pytest.fixture
def copied_cast(lasting_cast, db):
    """The test's own copy of the lasting cast: what the test does to it and to its rows is undone."""
    return deepcopy(lasting_cast)


def _fixture(name):
    return pytest.fixture(name=name)(lambda cast: getattr(cast, name))


association = _fixture("association")
member_a = _fixture("member_a")
member_b = _fixture("member_b")
host = _fixture("host")
project = _fixture("project")
coordinator = _fixture("coordinator")
staff = _fixture("staff")
auditor = _fixture("auditor")
contact = _fixture("contact")
other_contact = _fixture("other_contact")
former_contact = _fixture("former_contact")
deactivated = _fixture("deactivated")
outsider = _fixture("outsider")
traveller = _fixture("traveller")
participant = _fixture("participant")
fellow = _fixture("fellow")
participant_of_b = _fixture("participant_of_b")
