import re

import pytest
from django.contrib.auth import get_user
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from consortium import people
from consortium.models import Invitation, Membership, OrganisationKind, User
from consortium.permissions import Role
from tests import factories
from tests.consortium.conftest import fields
from westum.base.letters import Letter

PEOPLE = reverse("consortium:people")
INVITE = reverse("consortium:invite")


def names(page):
    return [membership.user.name for membership in page.context["page"].object_list]


def address_in_the_last_mail():
    return re.search(r"(/invitations/[\w-]+/)", Letter.objects.latest("pk").body).group(1)


@pytest.fixture
def invitation(coordinator, member_a):
    return people.invite(
        invitation=Invitation(
            name="Karin Mallqvist",
            email="karin@example.org",
            role=Role.CONTACT,
            organisation=member_a,
            language="en",
        ),
        by=coordinator,
    )


@pytest.fixture
def address(invitation):
    return address_in_the_last_mail()


# The list


@pytest.mark.parametrize("who", ["outsider", "participant", "auditor"])
def test_list_of_people_is_for_those_who_may_see_people(who, request, sign_in):
    assert sign_in(request.getfixturevalue(who)).get(PEOPLE).status_code == 404


def test_coordinator_sees_all_by_organisation_in_swedish_order(
    sign_in, coordinator, staff, auditor, contact, other_contact, former_contact, invitation
):
    page = sign_in(coordinator).get(PEOPLE)
    assert names(page) == [
        "Erik Skissgren",
        "Berit Björkberg",
        "Rut Revisor",
        "Sara Exempelsson",
        "Stig Siffersson",
    ]
    assert list(page.context["invitations"]) == [invitation]
    assert reverse("consortium:end_membership", args=[contact.memberships.get().pk]) in page.text
    assert reverse("consortium:withdraw_invitation", args=[invitation.pk]) in page.text


def test_contact_person_sees_the_own_organisation_and_no_buttons(
    sign_in, contact, other_contact, coordinator, invitation, member_b
):
    other = people.invite(
        invitation=Invitation(
            name="Nils Nylund", email="nils@example.org", role=Role.CONTACT, organisation=member_b, language="en"
        ),
        by=coordinator,
    )
    page = sign_in(contact).get(PEOPLE)
    assert names(page) == ["Erik Skissgren"]
    assert list(page.context["invitations"]) == [invitation]
    assert other.name not in page.text
    assert "Berit" not in page.text
    assert INVITE not in page.text
    assert "/end/" not in page.text
    assert "/withdraw/" not in page.text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("q=bjork", ["Berit Björkberg"]),
        ("q=ERIK", ["Erik Skissgren"]),
        ("q=lärcentrum+berit", ["Berit Björkberg"]),
        ("q=stig@example", ["Stig Siffersson"]),
        ("q=%25", []),
        ("role=staff", ["Stig Siffersson"]),
        ("show=ended", ["Frida Fordom"]),
        ("role=king&show=now", ["Erik Skissgren", "Berit Björkberg", "Sara Exempelsson", "Stig Siffersson"]),
        ("page=99", ["Erik Skissgren", "Berit Björkberg", "Sara Exempelsson", "Stig Siffersson"]),
    ],
)
def test_search_stands_in_the_address(
    query, found, sign_in, coordinator, staff, contact, other_contact, former_contact
):
    page = sign_in(coordinator).get(f"{PEOPLE}?{query}")
    assert names(page) == found
    assert ("Nobody found" in page.text) == (not found)


def test_members_without_a_contact_person_are_named(sign_in, coordinator, contact, project, member_b, staff):
    page = sign_in(coordinator).get(PEOPLE)
    assert list(page.context["without_contact"]) == [member_b]
    assert f"{INVITE}?organisation={member_b.pk}&amp;role=contact" in page.text
    assert "Members without a contact person" not in sign_in(staff).get(PEOPLE).text


def test_list_takes_the_same_queries_for_any_number_of_people(
    sign_in, coordinator, invitation, django_assert_max_num_queries
):
    client, counted = sign_in(coordinator), []
    for n in (1, 3, 50):
        for membership in factories.MembershipFactory.create_batch(n - Membership.objects.count()):
            assert membership.pk
        with django_assert_max_num_queries(20) as queries:
            page = client.get(PEOPLE)
        assert len(names(page)) == n
        counted.append(len(queries))
    assert len(set(counted)) == 1


# Inviting


@pytest.mark.parametrize("who", ["contact", "staff", "auditor", "participant", "outsider"])
def test_only_the_coordinator_invites(who, request, sign_in, member_a, project):
    client = sign_in(request.getfixturevalue(who))
    assert client.get(INVITE).status_code == 404
    sent = {"name": "Eve", "email": "eve@example.org", "language": "sv", "role": "contact", "organisation": member_a.pk}
    assert client.post(INVITE, sent).status_code == 404
    assert not Invitation.objects.exists()


WANTED = {"name": "Karin Mallqvist", "email": "Karin@Example.org", "language": "en", "role": "contact"}


def test_invitation_is_sent_and_said(sign_in, send, coordinator, member_a):
    page = send(sign_in(coordinator), INVITE, organisation=member_a.pk, **WANTED)
    assert page.redirect_chain == [(PEOPLE, 302)]
    assert "The invitation is on its way to karin@example.org. It works until" in page.text
    assert Letter.objects.get().to == "karin@example.org"


def test_form_starts_with_what_the_address_says(sign_in, coordinator, member_a, host):
    page = sign_in(coordinator).get(f"{INVITE}?organisation={member_a.pk}&role=contact&name=Eve")
    form = page.context["form"]
    assert (form["organisation"].value(), form["role"].value(), form["name"].value()) == (
        str(member_a.pk),
        "contact",
        None,
    )
    assert host not in form.fields["organisation"].queryset
    assert sign_in(coordinator).get(f"{INVITE}?organisation=x&role=king").status_code == 200


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"email": "karin"}, ["email"]),
        ({"name": ""}, ["name"]),
        ({"role": "king"}, ["role"]),
        ({"organisation": 99999}, ["organisation"]),
        ({"role": "staff"}, ["organisation"]),
        ({"role": "auditor"}, ["project", "to_date"]),
        ({"role": "auditor", "project": "own"}, ["to_date"]),
        ({"role": "auditor", "to_date": factories.day(-1)}, ["project", "to_date"]),
        ({"project": "own"}, ["project"]),
        ({"to_date": factories.day(-1)}, ["to_date"]),
        ({"email": "erik@example.org"}, ["email"]),
    ],
)
def test_wrong_invitation_is_said_at_its_fields(changes, wrong, sign_in, send, coordinator, contact, member_a, project):
    if changes.get("project") == "own":
        changes = changes | {"project": project.pk}
    page = send(sign_in(coordinator), INVITE, **{"organisation": member_a.pk} | WANTED | changes)
    assert sorted(page.context["form"].errors) == wrong
    assert not Invitation.objects.exists()
    assert all(len(str(said).split()) <= 20 for field in page.context["form"] for said in field.errors)


def test_auditor_is_invited_with_project_and_last_day(sign_in, send, coordinator, project):
    funder = factories.OrganisationFactory(kind=OrganisationKind.FUNDER, name="UHR")
    send(
        sign_in(coordinator),
        INVITE,
        **WANTED | {"role": "auditor", "organisation": funder.pk, "project": project.pk, "to_date": factories.day(30)},
    )
    assert Invitation.objects.get().project == project


def test_open_invitation_is_not_sent_twice_and_one_that_has_run_out_is(
    sign_in, send, coordinator, invitation, member_a
):
    client = sign_in(coordinator)
    page = send(client, INVITE, organisation=member_a.pk, **WANTED)
    assert page.context["form"].errors["email"] == [
        "This person has already been invited. Withdraw that invitation first."
    ]
    invitation.expires_at = timezone.now()
    invitation.save()
    assert "Ran out on" in client.get(PEOPLE).text
    page = send(client, INVITE, organisation=member_a.pk, **WANTED)
    assert [found.is_open for found in page.context["invitations"]] == [True]


def test_double_click_invites_once(sign_in, coordinator, member_a):
    client = sign_in(coordinator)
    sent = fields(client.get(INVITE).context["form"], organisation=member_a.pk, **WANTED)
    assert [client.post(INVITE, sent).status_code for _ in range(2)] == [302, 302]
    assert Letter.objects.count() == 1


# Withdrawing and ending


def test_invitation_is_withdrawn_by_a_button(sign_in, coordinator, contact, invitation):
    url = reverse("consortium:withdraw_invitation", args=[invitation.pk])
    assert sign_in(contact).post(url).status_code == 404
    client = sign_in(coordinator)
    assert client.get(url).status_code == 405
    page = client.post(url, follow=True)
    assert "The invitation of Karin Mallqvist no longer works." in page.text
    assert list(page.context["invitations"]) == []


def test_accepted_invitation_is_not_withdrawn(sign_in, coordinator, invitation):
    people.accept_invitation(invitation=invitation)
    page = sign_in(coordinator).post(reverse("consortium:withdraw_invitation", args=[invitation.pk]), follow=True)
    assert "has already been accepted. End the access instead." in page.text


def ending(user):
    return reverse("consortium:end_membership", args=[user.memberships.get().pk])


def test_ending_asks_first_and_works_at_once(sign_in, send, coordinator, contact, member_a):
    factories.MembershipFactory(organisation=member_a)
    client, theirs = sign_in(coordinator), sign_in(contact)
    page = client.get(ending(contact))
    assert "It works at once" in page.text
    assert "only contact person" not in page.text
    assert contact.memberships.get().ended_at is None
    page = send(client, ending(contact))
    assert "Erik Skissgren no longer has access for Almby lärcentrum." in page.text
    assert theirs.get(PEOPLE).status_code == 404
    assert "Erik Skissgren" in client.get(f"{PEOPLE}?show=ended").text


def test_ending_the_last_contact_warns(sign_in, coordinator, contact, member_a):
    page = sign_in(coordinator).get(ending(contact))
    assert "Afterwards nobody registers mobilities for Almby lärcentrum" in page.text
    assert f"{INVITE}?organisation={member_a.pk}&amp;role=contact" in page.text


@pytest.mark.parametrize("who", ["contact", "staff", "auditor"])
def test_only_the_coordinator_ends_access(who, request, sign_in, contact, project):
    client = sign_in(request.getfixturevalue(who))
    assert client.get(ending(contact)).status_code == 404
    assert client.post(ending(contact)).status_code == 404
    assert contact.memberships.get().ended_at is None


def test_last_coordinator_is_refused_with_a_sentence(sign_in, send, coordinator):
    page = send(sign_in(coordinator), ending(coordinator))
    assert page.context["form"].non_field_errors() == ["This is the only coordinator. Invite another one first."]
    assert "This is your own access." in page.text


def test_coordinator_who_leaves_lands_on_the_start_page(sign_in, coordinator, association):
    factories.MembershipFactory(organisation=association, role=Role.COORDINATOR)
    client = sign_in(coordinator)
    answer = client.post(ending(coordinator), fields(client.get(ending(coordinator)).context["form"]))
    assert (answer.status_code, answer["Location"]) == (302, "/")


def test_access_that_has_ended_is_not_ended_again(sign_in, coordinator, former_contact):
    assert sign_in(coordinator).get(ending(former_contact)).status_code == 404


# Coming in


@pytest.fixture
def anybody():
    return Client(headers={"accept-language": "en"})


def test_page_of_the_invitation_says_who_invites_to_what_and_accepts_nothing(anybody, address, invitation):
    for method in (anybody.head, anybody.get):
        page = method(address)
        assert page.status_code == 200
    assert "Sara Exempelsson invites you to Westum, for Almby lärcentrum." in page.text
    assert "karin@example.org" in page.text
    invitation.refresh_from_db()
    assert invitation.is_open
    assert page["Referrer-Policy"] == "strict-origin"
    assert page["Cache-Control"] == "no-store"
    assert 'content="noindex"' in page.text


def test_accepting_logs_in_who_is_new(anybody, address, invitation):
    answer = anybody.post(address)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert answer["Referrer-Policy"] == "strict-origin"
    user = get_user(anybody)
    assert (user.email, user.rights[0].role) == ("karin@example.org", Role.CONTACT)
    assert anybody.cookies["django_language"].value == "en"
    assert anybody.get(PEOPLE).status_code == 200
    # The second of two quick clicks
    answer = anybody.post(address)
    assert (answer.status_code, answer["Location"]) == (302, "/")


def test_who_has_an_account_logs_in_as_always(anybody, coordinator, contact, member_b):
    """A mail that was passed on gives nobody another person's session."""
    people.invite(
        invitation=Invitation(
            name="Erik", email=contact.email, role=Role.CONTACT, organisation=member_b, language="en"
        ),
        by=coordinator,
    )
    page = anybody.post(address_in_the_last_mail(), follow=True)
    assert page.redirect_chain == [(reverse("account_login"), 302)]
    assert "You have accepted the invitation. Log in with your address as always." in page.text
    assert not get_user(anybody).is_authenticated
    assert contact.memberships.count() == 2


def test_who_is_logged_in_with_that_address_accepts_at_once(sign_in, address):
    user = factories.UserFactory(email="karin@example.org")
    client = sign_in(user)
    answer = client.post(address)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert User.objects.get(pk=user.pk).has_role(Role.CONTACT)


def test_somebody_else_is_asked_to_log_out_first(sign_in, other_contact, address, invitation):
    client = sign_in(other_contact)
    for page in (client.get(address), client.post(address)):
        assert page.status_code == 200
        assert "You are logged in as berit@example.org" in page.text
        assert "Accept the invitation" not in page.text
    invitation.refresh_from_db()
    assert invitation.is_open
    answer = client.post(reverse("account_logout"), {"next": address})
    assert answer["Location"] == address


def accepted(invitation):
    people.accept_invitation(invitation=invitation)


def withdrawn(invitation):
    people.withdraw_invitation(invitation=invitation, by=None)


def run_out(invitation):
    invitation.expires_at = timezone.now()
    invitation.save()


@pytest.mark.parametrize(
    ("spend", "sentence"),
    [
        (accepted, "This invitation has been used"),
        (withdrawn, "This invitation has been withdrawn"),
        (run_out, "This invitation is too old"),
    ],
)
def test_spent_invitation_says_what_to_do(spend, sentence, anybody, address, invitation):
    spend(invitation)
    users = User.objects.count()
    for page in (anybody.get(address), anybody.post(address)):
        assert page.status_code == 410
        assert f"<h1>{sentence}</h1>" in page.text
        assert page["Referrer-Policy"] == "strict-origin"
    assert User.objects.count() == users
    assert not get_user(anybody).is_authenticated


def test_unknown_secret_says_what_to_do(anybody, db):
    page = anybody.get(reverse("consortium:accept_invitation", args=["nonsense"]))
    assert page.status_code == 404
    assert "copy the whole address" in page.text


def test_closed_account_gets_a_sentence(anybody, coordinator, deactivated, member_b):
    people.invite(
        invitation=Invitation(
            name="Dan", email=deactivated.email, role=Role.CONTACT, organisation=member_b, language="en"
        ),
        by=coordinator,
    )
    page = anybody.post(address_in_the_last_mail())
    assert "This account is closed. Ask the coordinator to open it." in page.text


def test_secret_is_in_no_log(anybody, address, invitation, caplog, settings):
    settings.DEBUG_PROPAGATE_EXCEPTIONS = False
    anybody.raise_request_exception = False
    with caplog.at_level("DEBUG"):
        anybody.get(address)
        anybody.post(address)
        anybody.get(address)
    assert address.split("/")[2] not in caplog.text
