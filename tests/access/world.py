"""The world in which access is tried: twelve people, and persons' data of three owners with a word each that may leak."""

import re
import zipfile
from copy import deepcopy
from dataclasses import dataclass
from io import BytesIO

import pytest
from django.db import transaction
from django.test import Client

from consortium.models import User
from tests import factories
from tests.cast import Cast

# The word in every text about a person, by whose person it is.
A, FELLOW, B = "Akanarie", "Fkanarie", "Bkanarie"

ACTORS = [
    "anonymous",
    "coordinator",
    "staff",
    "auditor",
    "contact",
    "contact_of_b",
    "former_contact",
    "deactivated",
    "outsider",
    "traveller",
    "fellow",
    "traveller_of_b",
]
# What may never stand in a body that the actor gets.
FORBIDDEN = {
    "anonymous": {A, FELLOW, B},
    "coordinator": set(),
    "staff": set(),
    "auditor": set(),
    "contact": {B},
    "contact_of_b": {A, FELLOW},
    "former_contact": {A, FELLOW, B},
    "deactivated": {A, FELLOW, B},
    "outsider": {A, FELLOW, B},
    "traveller": {FELLOW, B},
    "fellow": {A, B},
    "traveller_of_b": {A, FELLOW},
}


@dataclass
class World:
    """`make("submitted")` adds a mobility of the traveller in that state; the same for `make_of_b`."""

    users: dict[str, User | None]
    project: object
    member_a: object
    member_b: object
    host: object
    traveller: object
    traveller_of_b: object
    association: object
    sessions: dict[str, str]  # person → key of a session of theirs

    def make(self, state="draft", **fields):
        return self._make(self.traveller, A, state, fields)

    def make_of_b(self, state="draft", **fields):
        return self._make(self.traveller_of_b, B, state, fields)

    def _make(self, participant, word, state, fields):
        texts = {"funder_id": f"{word}-funder", "returned_comment": f"{word} comment", "ended_reason": f"{word} reason"}
        if state in {"draft", "withdrawn", "submitted"}:
            texts.pop("funder_id")
        mobility = factories.MobilityFactory(
            project=self.project,
            participant=participant,
            receiving_organisation=self.host,
            state=state,
            **texts | fields,
        )
        factories.DocumentFactory(
            mobility=mobility,
            kind="learning_agreement",
            file=factories.files.keep(factories.PDF, name=f"{word}.pdf", content_type="application/pdf"),
            uploaded_by=participant.user,
        )
        return mobility


def traveller_of(organisation, word, email):
    user = factories.UserFactory(name=f"Noor {word}", email=email)
    return factories.ParticipantFactory(
        organisation=organisation,
        user=user,
        first_name="Noor",
        last_name=word,
        email=email,
        phone=f"+46 70 {word}",
    )


def build():
    cast = Cast()
    traveller = traveller_of(cast.member_a, A, "a@example.org")
    fellow = traveller_of(cast.member_a, FELLOW, "f@example.org")
    traveller_of_b = traveller_of(cast.member_b, B, "b@example.org")
    users = {
        "coordinator": cast.coordinator,
        "staff": cast.staff,
        "auditor": cast.auditor,
        "contact": cast.contact,
        "contact_of_b": cast.other_contact,
        "former_contact": cast.former_contact,
        "deactivated": cast.deactivated,
        "outsider": cast.outsider,
        "traveller": traveller.user,
        "fellow": fellow.user,
        "traveller_of_b": traveller_of_b.user,
    }
    made = World(
        users={"anonymous": None, **users},
        project=cast.project,
        member_a=cast.member_a,
        member_b=cast.member_b,
        host=cast.host,
        traveller=traveller,
        traveller_of_b=traveller_of_b,
        association=cast.association,
        sessions={actor: session_of(user) for actor, user in users.items()},
    )
    # A life of B's and of the fellow's in every state that a list, a count or a start page could show.
    for state in [
        "draft",
        "submitted",
        "accepted",
        "ongoing",
        "completed",
        "reported",
        "closed",
        "withdrawn",
        "cancelled",
    ]:
        made.make_of_b(state)
    made.make_of_b("completed", placement_report="submitted")
    made._make(fellow, FELLOW, "completed", {})
    return made


def session_of(user):
    client = Client()
    client.force_login(user)
    return client.session.session_key


@pytest.fixture(scope="module")
def lasting_world(django_db_setup, django_db_blocker):
    """One for the tests of a module, which each undo what they wrote."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield build()
        transaction.set_rollback(True)


@pytest.fixture
def world(lasting_world, db):
    return deepcopy(lasting_world)


def text_of(response):
    """The body as text, a workbook unpacked."""
    body = b"".join(response.streaming_content) if response.streaming else response.content
    if body.startswith(b"PK"):
        with zipfile.ZipFile(BytesIO(body)) as archive:
            body = b"".join(archive.read(name) for name in archive.namelist())
    return body.decode("utf-8", "replace")


def leaks(response, actor, hidden=()):
    """Words of others that stand in the answer; `hidden` are words that only this page must keep from the actor."""
    text = text_of(response) + " ".join(f"{name}: {value}" for name, value in response.headers.items())
    return {word for word in FORBIDDEN[actor] | set(hidden) if word in text}


def without_secrets(response):
    """The body without what differs from request to request."""
    return re.sub(r'(csrfmiddlewaretoken|form_token)"[^>]*value="[^"]*"', r"\1", text_of(response))
