"""A contact person hands over: what changes hands, who is told, and what happens when nobody is left."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from consortium import handing_over, people
from consortium.models import Invitation, Membership, ProjectMember
from consortium.permissions import NotAllowed, Role
from mobilities.journey import journey_of
from tests import factories
from tests.cast import cast  # noqa: F401  (its own: the tests count people)
from tests.consortium.conftest import fields
from westum.base.letters import Letter

PEOPLE = reverse("consortium:people")
START = reverse("reporting:start")


def english(client):
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


def page_of(membership):
    return reverse("mobilities:hand_over", args=[membership.pk])


def duties(client):
    return [step for step in client.get(START).context["mine"] if step["url"] == f"{PEOPLE}#without"]


@pytest.fixture
def former(contact, project, member_a):
    """The membership of the responsible contact person of member A."""
    ProjectMember.objects.filter(project=project, organisation=member_a).unkept("test data").update(contact=contact)
    return contact.memberships.get()


@pytest.fixture
def successor(member_a):
    user = factories.UserFactory(name="Siv Efterträdare", email="siv@example.org", language="en")
    return factories.MembershipFactory(user=user, role=Role.CONTACT, organisation=member_a)


def responsible(project, member_a):
    return project.members.get(organisation=member_a).contact


def test_member_is_handed_over_then_left_then_found_again(
    sign_in, coordinator, other_contact, former, successor, contact, project, member_a, traveller
):
    mobility = factories.MobilityFactory(project=project, participant=traveller)
    office, leaving, coming = english(sign_in(coordinator)), english(sign_in(contact)), english(sign_in(successor.user))
    assert leaving.get(mobility.get_absolute_url()).status_code == 200

    page = office.get(page_of(former))
    assert [member.project for member in page.context["members"]] == [project]
    assert [(step.kind.key, step.count) for step in page.context["steps"]] == [("complete", 1)]
    answer = office.post(page_of(former), fields(page.context["form"], successor=successor.pk, ends_access="on"))
    assert answer.url == PEOPLE

    assert leaving.get(mobility.get_absolute_url()).status_code == 404
    assert responsible(project, member_a) == successor.user
    assert [step["what"] for step in coming.get(START).context["mine"]] == ["Complete and submit"]
    assert coming.get(mobility.get_absolute_url()).status_code == 200
    assert {letter.to for letter in Letter.objects.all()} == {contact.email, successor.user.email}
    assert journey_of(mobility).helper == successor.user
    assert duties(office) == []

    people.end_membership(membership=successor, by=coordinator)
    assert [(str(step["what"]), step["detail"]) for step in duties(office)] == [
        ("Find a contact person: you act for 1 member", "Almby lärcentrum")
    ]
    assert journey_of(mobility).helper == coordinator
    assert office.get(member_a.get_absolute_url()).context["acting"] == coordinator
    assert "Sara Exempelsson acts as contact person" in office.get(member_a.get_absolute_url()).text
    assert office.get(reverse("mobilities:mobility_edit", args=[mobility.pk])).status_code == 200
    assert coming.get(mobility.get_absolute_url()).status_code == 404

    invitation = Invitation(
        name="Nina Ny", email="nina@example.org", language="en", organisation=member_a, role=Role.CONTACT
    )
    people.invite(invitation=invitation, by=coordinator)
    assert len(duties(office)) == 1  # who is invited is not here yet
    newcomer = people.accept_invitation(invitation=invitation)
    assert duties(office) == []
    assert journey_of(mobility).helper == newcomer


def test_both_keep_access_unless_it_is_ended(coordinator, former, successor, project, member_a):
    handing_over.hand_over(membership=former, successor=successor, ends_access=False, by=coordinator)
    assert responsible(project, member_a) == successor.user
    assert Membership.objects.get(pk=former.pk).is_valid
    line = ProjectMember.history.filter(id=project.members.get(organisation=member_a).pk).latest()
    assert line.history_change_reason == handing_over.HANDED_OVER


def test_letters_say_to_each_what_changed(coordinator, former, successor, project, contact):
    contact.language = "en"
    contact.save()
    handing_over.hand_over(membership=former, successor=successor, ends_access=True, by=coordinator)
    to_former, to_successor = (Letter.objects.get(to=user.email) for user in (contact, successor.user))
    assert to_former.subject == to_successor.subject == "New contact person for Almby lärcentrum"
    assert "Siv Efterträdare has taken over from you" in to_former.body
    assert "Your access for this organisation has ended." in to_former.body
    assert "You have taken over from Erik Skissgren" in to_successor.body
    assert "- Example project" in to_successor.body


def test_only_a_contact_person_of_today_at_the_same_member_takes_over(
    coordinator, former, successor, other_contact, former_contact, deactivated, project, member_a
):
    strangers = [user.memberships.get() for user in (other_contact, former_contact, deactivated, coordinator)]
    for stranger in [*strangers, former]:
        with pytest.raises(NotAllowed):
            handing_over.hand_over(membership=former, successor=stranger, ends_access=True, by=coordinator)
    assert responsible(project, member_a) == former.user
    assert Membership.objects.get(pk=former.pk).is_valid
    assert not Letter.objects.exists()
    assert list(handing_over.successors(former)) == [successor]


def test_ended_access_hands_nothing_over(coordinator, former, successor):
    people.end_membership(membership=former, by=coordinator)
    with pytest.raises(NotAllowed, match="access has ended"):
        handing_over.hand_over(membership=former, successor=successor, ends_access=False, by=coordinator)


def test_coordinator_hands_over_no_access_of_the_association(sign_in, coordinator, former):
    assert sign_in(coordinator).get(page_of(coordinator.memberships.get())).status_code == 404


def test_other_members_places_stay(coordinator, former, successor, other_contact, project, member_b):
    ProjectMember.objects.filter(project=project, organisation=member_b).unkept("test data").update(contact=former.user)
    handing_over.hand_over(membership=former, successor=successor, ends_access=False, by=coordinator)
    assert responsible(project, member_b) == former.user


def test_without_a_successor_the_page_leads_to_an_invitation(sign_in, coordinator, former, member_a):
    page = english(sign_in(coordinator)).get(page_of(former))
    assert "Nobody can take over yet" in page.text
    assert f"{reverse('consortium:invite')}?organisation={member_a.pk}&amp;role=contact" in page.text


def test_nobody_chosen_is_said_at_the_field(sign_in, coordinator, former, successor, project, member_a):
    page = english(sign_in(coordinator)).post(page_of(former), {})
    assert list(page.context["form"].errors) == ["successor"]
    assert responsible(project, member_a) == former.user


def test_page_takes_the_same_queries_for_any_number_of_projects(
    sign_in,
    coordinator,
    former,
    successor,
    member_a,
    association,
):
    office = sign_in(coordinator)
    office.get(page_of(former))  # what is cached for good
    numbers, rows = [], []
    for more in (0, 2, 47):
        for _ in range(more):
            other = factories.running_project(members=[member_a], owner=association)
            other.members.filter(organisation=member_a).unkept("test data").update(contact=former.user)
        with CaptureQueriesContext(connection) as asked:
            rows.append(len(office.get(page_of(former)).context["members"]))
        numbers.append(len(asked))
    assert rows == [1, 3, 50]
    assert len(set(numbers)) == 1


def test_many_members_without_a_contact_person_are_counted(sign_in, coordinator, project):
    for name in ("Cedarby", "Dalby", "Ekby"):
        factories.ProjectMemberFactory(project=project, organisation=factories.OrganisationFactory(name=name))
    (duty,) = duties(english(sign_in(coordinator)))
    assert str(duty["what"]) == "Find contact persons: you act for 5 members"
    assert duty["detail"] == "Almby lärcentrum, Björkby lärcentrum, Cedarby and 2 more"


def test_duty_is_the_coordinators_alone(sign_in, coordinator, other_contact, project):
    assert duties(sign_in(coordinator))
    assert not duties(sign_in(other_contact))
    assert Client().get(START).status_code == 200
