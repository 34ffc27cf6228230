"""The page of a person, and the coordinator's change of a role and its days."""

import pytest
from django.urls import reverse

from consortium import people, responsible_contacts
from consortium.models import Invitation, Membership
from consortium.permissions import NotAllowed, Role
from tests import factories
from westum.base.forms import Changed
from westum.base.letters import Letter


def change(membership, by, **changes):
    now = {
        "role": membership.role,
        "project": membership.project,
        "from_date": membership.from_date,
        "to_date": membership.to_date,
        "reason": "Agreed.",
        "version": membership.version,
    }
    return people.change_membership(membership=membership, by=by, **now | changes)


def page_of(user):
    return user.memberships.get().get_absolute_url()


def changing(user):
    return reverse("consortium:change_membership", args=[user.memberships.get().pk])


# The page


def test_person_is_shown_with_ways_to_reach_roles_and_history(sign_in, coordinator, contact, project, member_a):
    contact.phone = "+46 70 123 45 67"
    contact.save()
    change(contact.memberships.get(), coordinator, to_date=factories.day(40))
    people.end_membership(
        membership=factories.MembershipFactory(user=contact, role=Role.STAFF, organisation=project.owner),
        by=coordinator,
    )
    page = sign_in(coordinator).get(page_of_first(contact))
    for shown in (
        "mailto:erik@example.org",
        "tel:+46701234567",
        "never logged in",
        "Project staff",
        "ended by Sara Exempelsson",
        "changed the access",
        "Contact person, Almby lärcentrum. Agreed. Changed: to.",
    ):
        assert shown in page.text


def page_of_first(user):
    return user.memberships.order_by("pk").first().get_absolute_url()


def test_log_in_is_shown_by_its_moment_and_leaves_no_line(sign_in, coordinator, contact):
    sign_in(contact)
    page = sign_in(coordinator).get(page_of(contact))
    assert "never logged in" not in page.text
    assert [line.what for line in page.context["lines"]] == ["gave the access", "opened the account"]


def test_colleague_sees_the_page_and_no_buttons(sign_in, contact, other_contact, member_a, staff):
    colleague = factories.MembershipFactory(organisation=member_a)
    elsewhere = factories.MembershipFactory(
        user=colleague.user, organisation=other_contact.memberships.get().organisation
    )
    page = sign_in(contact).get(colleague.get_absolute_url())
    assert page.context["memberships"] == [colleague]
    assert elsewhere.organisation.name not in page.text
    assert "/change/" not in page.text
    assert "/end/" not in page.text
    assert sign_in(contact).get(elsewhere.get_absolute_url()).status_code == 404
    assert set(sign_in(staff).get(colleague.get_absolute_url()).context["memberships"]) == {colleague, elsewhere}


@pytest.mark.parametrize("who", ["other_contact", "auditor", "participant", "outsider"])
def test_page_is_not_there_for_others(who, request, sign_in, contact):
    assert sign_in(request.getfixturevalue(who)).get(page_of(contact)).status_code == 404


def test_list_and_organisation_lead_to_the_person(sign_in, coordinator, contact, member_a):
    client, link = sign_in(coordinator), f'href="{page_of(contact)}"'
    assert link in client.get(reverse("consortium:people")).text
    assert link in client.get(member_a.get_absolute_url()).text


def test_page_takes_the_same_queries_for_any_number_of_roles(
    sign_in, coordinator, contact, django_assert_max_num_queries
):
    client, counted = sign_in(coordinator), []
    for n in (1, 3, 50):
        for membership in factories.MembershipFactory.create_batch(n - contact.memberships.count(), user=contact):
            people.end_membership(membership=membership, by=coordinator)
        with django_assert_max_num_queries(20) as queries:
            page = client.get(page_of_first(contact))
        assert len(page.context["memberships"]) == n
        counted.append(len(queries))
    assert len(set(counted)) == 1


# The rule


def test_role_and_days_are_changed_told_and_kept_in_the_history(coordinator, contact, association):
    staff = factories.MembershipFactory(role=Role.STAFF, organisation=association)
    changed = change(staff, coordinator, role=Role.COORDINATOR, to_date=factories.day(40), reason="Sara is on leave.")
    assert (changed.role, changed.to_date, changed.version) == (Role.COORDINATOR, factories.day(40), 1)
    assert changed.history.first().history_change_reason == "changed the access\nSara is on leave."
    letter = Letter.objects.get()
    assert letter.to == staff.user.email
    assert "Sara is on leave." in letter.body


def test_own_change_sends_no_letter(coordinator, association):
    factories.MembershipFactory(role=Role.COORDINATOR, organisation=association)
    change(coordinator.memberships.get(), coordinator, role=Role.STAFF)
    assert not Letter.objects.exists()
    assert coordinator.memberships.get().role == Role.STAFF


@pytest.mark.parametrize(
    "changes",
    [{"role": Role.STAFF}, {"from_date": factories.day(1)}, {"to_date": factories.day(100)}],
)
@pytest.mark.parametrize("other_until", [None, factories.day(200), "nobody"])
def test_network_keeps_a_coordinator_without_a_last_day(changes, other_until, coordinator, association):
    if other_until != "nobody":
        factories.MembershipFactory(role=Role.COORDINATOR, organisation=association, to_date=other_until)
    own = coordinator.memberships.get()
    if other_until is None:
        assert change(own, coordinator, **changes).pk == own.pk
        return
    with pytest.raises(NotAllowed):
        change(own, coordinator, **changes)
    own.refresh_from_db()
    assert own.is_valid
    assert own.role == Role.COORDINATOR


def test_coordinator_with_a_last_day_may_get_a_later_one(coordinator, association):
    other = factories.MembershipFactory(role=Role.COORDINATOR, organisation=association, to_date=factories.day(5))
    assert change(other, coordinator, to_date=factories.day(9)).to_date == factories.day(9)
    assert change(other, coordinator, to_date=None, version=1).to_date is None


@pytest.mark.parametrize(("role", "kind"), [(Role.STAFF, "member"), (Role.COORDINATOR, "member")])
def test_role_of_the_association_is_not_given_at_a_member(role, kind, coordinator, contact):
    with pytest.raises(NotAllowed):
        change(contact.memberships.get(), coordinator, role=role)


def test_responsible_place_becomes_empty_with_the_role(coordinator, contact, project, member_a):
    member = project.members.get(organisation=member_a)
    member.contact = contact
    member.save()
    membership = change(contact.memberships.get(), coordinator, to_date=factories.day(10))
    member.refresh_from_db()
    assert member.contact == contact
    change(membership, coordinator, from_date=factories.day(5))
    member.refresh_from_db()
    assert member.contact is None
    assert member.history.first().history_change_reason == responsible_contacts.CONTACT_GONE


def test_access_that_has_ended_is_not_changed(coordinator, former_contact, contact):
    for over in (
        former_contact.memberships.get(),
        people.end_membership(membership=contact.memberships.get(), by=coordinator),
    ):
        with pytest.raises(NotAllowed):
            change(over, coordinator, to_date=None)


def test_day_that_has_passed_is_refused(coordinator, contact):
    with pytest.raises(NotAllowed):
        change(contact.memberships.get(), coordinator, to_date=factories.day(-1))


def test_change_of_what_somebody_else_has_changed_is_refused(coordinator, contact):
    seen = contact.memberships.get()
    change(contact.memberships.get(), coordinator, to_date=factories.day(10))
    with pytest.raises(Changed):
        change(seen, coordinator, to_date=factories.day(20))
    seen.refresh_from_db()
    assert seen.to_date == factories.day(10)


# The form


def test_coordinator_changes_the_days_and_sees_the_person_again(sign_in, send, coordinator, contact):
    page = send(sign_in(coordinator), changing(contact), to_date=factories.day(40), reason="Parental leave.")
    assert page.redirect_chain == [(page_of(contact), 302)]
    assert "Erik Skissgren is now contact person for Almby lärcentrum." in page.text
    assert contact.memberships.get().to_date == factories.day(40)


@pytest.mark.parametrize("who", ["contact", "staff", "auditor", "participant"])
def test_only_the_coordinator_changes(who, request, sign_in, contact, project):
    client = sign_in(request.getfixturevalue(who))
    sent = {"role": "coordinator", "from_date": factories.day(0), "reason": "Me."}
    url = reverse("consortium:change_membership", args=[contact.memberships.get().pk])
    assert [client.get(url).status_code, client.post(url, sent).status_code] == [404, 404]
    assert contact.memberships.get().role == Role.CONTACT


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"role": "staff"}, ["organisation"]),
        ({"role": "auditor"}, ["project", "to_date"]),
        ({"role": "king"}, ["role"]),
        ({"project": "own"}, ["project"]),
        ({"to_date": factories.day(-1)}, ["to_date"]),
        ({"from_date": factories.day(9), "to_date": factories.day(8)}, ["to_date"]),
        ({"from_date": ""}, ["from_date"]),
        ({"reason": ""}, ["reason"]),
    ],
)
def test_wrong_change_is_said_at_its_fields(changes, wrong, sign_in, send, coordinator, contact, project):
    if changes.get("project") == "own":
        changes = {"project": project.pk}
    page = send(sign_in(coordinator), changing(contact), **{"reason": "Agreed."} | changes)
    errors = page.context["form"].errors
    assert sorted(errors) == (["__all__"] if wrong == ["organisation"] else wrong)
    assert contact.memberships.get().version == 0


def test_two_who_change_at_once_see_each_others_values(sign_in, send, coordinator, contact):
    client = sign_in(coordinator)
    form = client.get(changing(contact)).context["form"]
    sent = {name: form[name].value() for name in ("role", "from_date", "version", "form_token")}
    change(contact.memberships.get(), coordinator, to_date=factories.day(10))
    page = client.post(changing(contact), sent | {"to_date": factories.day(20), "reason": "Agreed."})
    assert [found["name"] for found in page.context["form"].conflict] == ["to_date"]
    assert contact.memberships.get().to_date == factories.day(10)


def test_last_contact_and_own_access_are_warned_of(sign_in, coordinator, contact, member_a):
    client = sign_in(coordinator)
    assert "This is the only contact person of Almby lärcentrum." in client.get(changing(contact)).text
    assert "This is your own access." in client.get(changing(coordinator)).text


# Invitations with days


def test_invited_person_gets_in_from_the_first_day(coordinator, member_a, sign_in, send):
    page = send(
        sign_in(coordinator),
        reverse("consortium:invite"),
        name="Karin Ny",
        email="karin@example.org",
        language="en",
        role="contact",
        organisation=member_a.pk,
        from_date=factories.day(3),
        to_date=factories.day(90),
    )
    assert page.status_code == 200
    assert "First day:" in Letter.objects.get().body
    user = people.accept_invitation(invitation=Invitation.objects.get())
    membership = Membership.objects.get(user=user)
    assert (membership.from_date, membership.to_date) == (factories.day(3), factories.day(90))
    assert user.rights == []


def test_invitation_that_is_accepted_later_begins_that_day(coordinator, member_a):
    invitation = people.invite(
        invitation=Invitation(
            name="Karin", email="karin@example.org", role=Role.CONTACT, organisation=member_a, language="en"
        ),
        by=coordinator,
    )
    invitation.from_date = factories.day(-3)
    invitation.save()
    assert people.accept_invitation(invitation=invitation).memberships.get().from_date == factories.day(0)


@pytest.mark.parametrize(
    ("days", "wrong"),
    [
        ({"from_date": factories.day(-1)}, ["from_date"]),
        ({"from_date": factories.day(5), "to_date": factories.day(4)}, ["to_date"]),
    ],
)
def test_wrong_days_of_an_invitation_are_said(days, wrong, sign_in, send, coordinator, member_a):
    page = send(
        sign_in(coordinator),
        reverse("consortium:invite"),
        name="Karin",
        email="karin@example.org",
        language="en",
        role="contact",
        organisation=member_a.pk,
        **days,
    )
    assert sorted(page.context["form"].errors) == wrong
