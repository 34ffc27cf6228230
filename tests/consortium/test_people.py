import re

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from consortium import people
from consortium.models import Invitation, Membership, OrganisationKind, ProjectMember, User
from consortium.permissions import NotAllowed, Role
from tests import factories
from westum.base.letters import Letter


def offer(organisation, role=Role.CONTACT, email="karin@example.org", **fields):
    return Invitation(
        name="Karin Mallqvist", email=email, role=role, organisation=organisation, language="en", **fields
    )


def invite(organisation, by, **fields):
    return people.invite(invitation=offer(organisation, **fields), by=by)


def secret_in_the_last_mail():
    return re.search(r"/invitations/([\w-]+)/", Letter.objects.latest("pk").body).group(1)


def test_invitation_goes_out_by_mail_and_its_secret_stands_there_alone(coordinator, member_a):
    invitation = invite(member_a, coordinator, email=" Karin@Example.org ")
    letter = Letter.objects.get()
    secret = secret_in_the_last_mail()
    assert (letter.to, letter.language, invitation.email) == ("karin@example.org", "en", "karin@example.org")
    assert letter.subject == "Invitation to Westum: Almby lärcentrum"
    assert "Sara Exempelsson invites you" in letter.body
    assert "Your role: contact person" in letter.body
    assert invitation.invited_by == coordinator
    assert invitation.digest == people.digest_of(secret)
    assert secret not in str(vars(Invitation.objects.get()))
    assert 13 <= (invitation.expires_at - timezone.now()).days <= 14
    assert people.find_invitation(secret) == invitation
    assert people.find_invitation("another") is None


def test_mail_is_in_the_invited_persons_language_throughout(coordinator, member_a):
    with translation.override("en"):
        people.invite(invitation=offer(member_a), by=coordinator)
        swedish = offer(member_a, email="eva@example.org")
        swedish.language = "sv"
        people.invite(invitation=swedish, by=coordinator)
    english, swedish = Letter.objects.order_by("pk")
    with translation.override("sv"):
        assert str(Role.CONTACT.label) in swedish.body
    assert (english.language, swedish.language) == ("en", "sv")


def test_auditors_mail_names_project_and_last_day(coordinator, project, association):
    last = factories.day(60)
    invite(association, coordinator, role=Role.AUDITOR, project=project, to_date=last)
    body = Letter.objects.get().body
    assert "Project: Example project" in body
    assert f"Last day: {last.day} " in body


def test_invitation_from_the_command_line_names_nobody(association):
    invite(association, None, role=Role.COORDINATOR)
    assert "You are invited to Westum" in Letter.objects.get().body


@pytest.mark.parametrize(
    ("role", "kind", "allowed"),
    [
        (Role.CONTACT, OrganisationKind.MEMBER, True),
        (Role.CONTACT, OrganisationKind.FUNDER, False),
        (Role.STAFF, OrganisationKind.MEMBER, False),
        (Role.COORDINATOR, OrganisationKind.OTHER, False),
        (Role.COORDINATOR, "own", True),
        (Role.STAFF, "own", True),
        (Role.AUDITOR, OrganisationKind.FUNDER, True),
    ],
)
def test_role_fits_its_organisation(role, kind, allowed, coordinator, association, project):
    organisation = association if kind == "own" else factories.OrganisationFactory(kind=kind)
    bound = {"project": project, "to_date": factories.day(9)} if role == Role.AUDITOR else {}
    if allowed:
        assert invite(organisation, coordinator, role=role, **bound).pk
        return
    with pytest.raises(NotAllowed) as refused:
        invite(organisation, coordinator, role=role)
    assert list(refused.value.message_dict) == ["organisation"]
    assert not Letter.objects.exists()


def test_who_is_here_already_is_not_invited(coordinator, contact, member_a, member_b):
    with pytest.raises(NotAllowed) as refused:
        invite(member_a, coordinator, email=contact.email.upper())
    assert list(refused.value.message_dict) == ["email"]
    assert invite(member_b, coordinator, email=contact.email).pk


def test_who_was_here_once_can_be_invited_again(coordinator, former_contact, member_a):
    assert invite(member_a, coordinator, email=former_contact.email).pk


@pytest.mark.parametrize(("until", "allowed"), [(29, False), (30, False), (31, True)])
def test_auditor_is_invited_again_for_longer_alone(until, allowed, auditor, coordinator, association, project):
    """The cast's auditor has access for thirty days."""
    bound = {"role": Role.AUDITOR, "project": project, "to_date": factories.day(until), "email": auditor.email}
    if not allowed:
        with pytest.raises(NotAllowed):
            invite(association, coordinator, **bound)
        return
    invitation = invite(association, coordinator, **bound)
    people.accept_invitation(invitation=invitation)
    assert max(auditor.memberships.values_list("to_date", flat=True)) == factories.day(31)


def run_out(invitation):
    invitation.expires_at = timezone.now()
    invitation.save()
    return invitation


def test_invitation_that_has_run_out_gives_way_to_a_new_one(coordinator, member_a):
    old = run_out(invite(member_a, coordinator))
    assert (old.is_open, old.has_run_out) == (False, True)
    new = invite(member_a, coordinator)
    old.refresh_from_db()
    assert old.withdrawn_at
    assert (old.has_run_out, new.is_open, new.has_run_out) == (False, True, False)
    assert list(Invitation.objects.waiting()) == [new]


def test_accepting_makes_user_and_membership(coordinator, member_a):
    invitation = invite(member_a, coordinator)
    user = people.accept_invitation(invitation=invitation)
    assert (user.email, user.name, user.language) == ("karin@example.org", "Karin Mallqvist", "en")
    assert not user.has_usable_password()
    assert [(right.role, right.organisation_id) for right in user.rights] == [(Role.CONTACT, member_a.pk)]
    invitation.refresh_from_db()
    assert invitation.accepted_at
    assert user.memberships.get().history.get().history_change_reason == "came in by an invitation"


def test_who_has_an_account_keeps_it(coordinator, contact, member_b):
    user = people.accept_invitation(invitation=invite(member_b, coordinator, email=contact.email))
    assert user == contact
    assert {right.organisation_id for right in user.rights} >= {member_b.pk}
    assert User.objects.get(pk=contact.pk).name == "Erik Skissgren"


def test_role_that_came_meanwhile_is_not_given_twice(coordinator, member_a):
    invitation = invite(member_a, coordinator)
    user = factories.UserFactory(email="karin@example.org")
    factories.MembershipFactory(user=user, organisation=member_a)
    people.accept_invitation(invitation=invitation)
    assert user.memberships.count() == 1


def accepted(invitation):
    people.accept_invitation(invitation=invitation)


def withdrawn(invitation):
    people.withdraw_invitation(invitation=invitation, by=None)


@pytest.mark.parametrize("spend", [accepted, withdrawn, run_out])
def test_spent_invitation_lets_nobody_in(spend, coordinator, member_a):
    invitation = invite(member_a, coordinator)
    spend(invitation)
    before = Membership.objects.count()
    with pytest.raises(NotAllowed, match="no longer works"):
        people.accept_invitation(invitation=invitation)
    assert Membership.objects.count() == before


def test_invitation_to_access_that_is_over_lets_nobody_in(coordinator, association, project):
    invitation = invite(association, coordinator, role=Role.AUDITOR, project=project, to_date=factories.day(0))
    Invitation.objects.unkept("a test").update(to_date=factories.day(-1))
    with pytest.raises(NotAllowed, match="no longer works"):
        people.accept_invitation(invitation=invitation)


def test_closed_account_stays_closed(coordinator, deactivated, member_b):
    invitation = invite(member_b, coordinator, email=deactivated.email)
    with pytest.raises(NotAllowed, match="account is closed"):
        people.accept_invitation(invitation=invitation)
    assert deactivated.memberships.count() == 1
    invitation.refresh_from_db()
    assert invitation.is_open


def test_withdrawing_twice_is_one_and_accepted_is_too_late(coordinator, member_a):
    invitation = invite(member_a, coordinator)
    first = people.withdraw_invitation(invitation=invitation, by=coordinator).withdrawn_at
    assert people.withdraw_invitation(invitation=invitation, by=coordinator).withdrawn_at == first
    other = invite(member_a, coordinator)
    people.accept_invitation(invitation=other)
    with pytest.raises(NotAllowed, match="End the access instead"):
        people.withdraw_invitation(invitation=other, by=coordinator)


def test_ended_access_is_gone_and_the_name_stays(coordinator, contact, member_a):
    ended = people.end_membership(membership=contact.memberships.get(), by=coordinator)
    assert (ended.ended_by, ended.is_valid) == (coordinator, False)
    assert User.objects.get(pk=contact.pk).rights == []
    assert ended.history.first().history_change_reason == "ended the access"
    again = people.end_membership(membership=ended, by=contact)
    assert (again.ended_at, again.ended_by) == (ended.ended_at, coordinator)


def test_last_coordinator_stays(coordinator, association):
    membership = coordinator.memberships.get()
    second = factories.MembershipFactory(organisation=association, role=Role.COORDINATOR)
    second.user.is_active = False
    second.user.save()
    with pytest.raises(NotAllowed, match="only coordinator"):
        people.end_membership(membership=membership, by=coordinator)
    second.user.is_active = True
    second.user.save()
    assert people.end_membership(membership=membership, by=coordinator).ended_at


def test_place_of_the_responsible_contact_becomes_empty(coordinator, contact, project, member_a, member_b):
    ProjectMember.objects.unkept("a test").update(contact=contact)
    people.end_membership(membership=contact.memberships.get(), by=coordinator)
    contacts = dict(ProjectMember.objects.values_list("organisation__name", "contact"))
    assert contacts == {"Almby lärcentrum": None, "Björkby lärcentrum": contact.pk}


def test_last_contact_of_a_member_is_known(contact, staff, member_a, member_b, deactivated, former_contact):
    membership = contact.memberships.get()
    assert people.is_last_contact(membership)
    assert not people.is_last_contact(staff.memberships.get())
    factories.MembershipFactory(organisation=member_b)
    assert people.is_last_contact(membership)
    factories.MembershipFactory(organisation=member_a)
    assert not people.is_last_contact(membership)


def test_members_without_contact_person(contact, project, member_b, host):
    assert list(people.members_without_contact()) == [member_b]


def test_address_of_an_invitation_is_the_site_and_the_page(coordinator, member_a, settings):
    settings.SITE_URL = "https://westum.example"
    invite(member_a, coordinator)
    secret = secret_in_the_last_mail()
    page = reverse("consortium:accept_invitation", args=[secret])
    assert f"https://westum.example{page}\n" in Letter.objects.get().body
