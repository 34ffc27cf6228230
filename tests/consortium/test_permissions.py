"""Role × permission × organisation, for every scoped noun; what is bound to a project; what has ended."""

import pytest
from django.http import Http404, HttpResponse
from django.test import RequestFactory
from django.urls import reverse

from consortium.models import Allocation, Invitation, Membership, Organisation, Project, ProjectMember, User
from consortium.permissions import CONSORTIUM_WIDE, PERMISSIONS, NotAllowed, Permission, Role, ScopedQuerySet, requires
from tests import factories

P = Permission
READING = {P.PROJECT_VIEW, P.ORGANISATION_VIEW, P.PARTICIPANT_VIEW, P.MOBILITY_VIEW, P.REPORT_VIEW, P.STATEMENT_VIEW}
# Written out once more, so that a right is never given by a slip in one place.
TABLE = {
    Role.COORDINATOR: set(Permission),
    Role.STAFF: READING
    | {P.PARTNERSHIP_VIEW, P.PEOPLE_VIEW, P.REPORT_ORDER, P.STATEMENT_ORDER, P.EXPORT_PERSONS, P.FUNDER_STATE_EDIT},
    Role.AUDITOR: READING,
    Role.CONTACT: {
        P.PROJECT_VIEW,
        P.ORGANISATION_VIEW,
        P.HOST_EDIT,
        P.PARTNERSHIP_VIEW,
        P.PARTNERSHIP_EDIT,
        P.PEOPLE_VIEW,
        P.PARTICIPANT_VIEW,
        P.PARTICIPANT_EDIT,
        P.MOBILITY_VIEW,
        P.MOBILITY_EDIT,
        P.DOCUMENT_REVIEW,
        P.EXPORT_PERSONS,
        P.WISH_EDIT,
        P.STATEMENT_VIEW,
        P.STATEMENT_ORDER,
    },
}


def test_each_role_has_just_these_permissions():
    assert PERMISSIONS == TABLE
    assert set(PERMISSIONS) == set(Role)
    assert {Role.COORDINATOR, Role.STAFF, Role.AUDITOR} == CONSORTIUM_WIDE


def user_with(role, organisation, **fields):
    user = factories.UserFactory()
    factories.MembershipFactory(user=user, role=role, organisation=organisation, **fields)
    return user


@pytest.mark.parametrize("permission", list(Permission))
@pytest.mark.parametrize("role", [Role.COORDINATOR, Role.STAFF, Role.CONTACT])
def test_right_reaches_own_organisation_or_all(role, permission, association, member_a, member_b):
    """Each cell of the table with rows of the own and of another organisation."""
    home = member_a if role == Role.CONTACT else association
    user = user_with(role, home)
    found = set(Organisation.objects.permitting(user, permission))
    if permission not in TABLE[role]:
        assert found == set()
    elif role == Role.CONTACT:
        assert found == {member_a}
    else:
        assert found == {association, member_a, member_b}
    assert user.holds(permission) == (permission in TABLE[role])


@pytest.mark.parametrize("permission", list(Permission))
def test_auditor_reads_the_own_project_alone(permission, auditor, project, association, member_a):
    other = factories.running_project(members=[member_a], owner=association)
    allowed = permission in TABLE[Role.AUDITOR]
    assert set(Project.objects.permitting(auditor, permission)) == ({project} if allowed else set())
    assert {member.project for member in ProjectMember.objects.permitting(auditor, permission)} == (
        {project} if allowed else set()
    )
    assert {share.member.project for share in Allocation.objects.permitting(auditor, permission)} == (
        {project} if allowed else set()
    )
    assert other not in Project.objects.visible_to(auditor)


def test_auditor_sees_the_organisations_of_the_project_and_no_people(auditor, project, member_a, member_b, contact):
    stranger = factories.OrganisationFactory()
    found = list(Organisation.objects.visible_to(auditor))
    assert set(found) == {member_a, member_b}
    assert len(found) == 2
    assert stranger not in found
    assert list(Membership.objects.visible_to(auditor)) == []
    assert list(Invitation.objects.visible_to(auditor)) == []


def test_noun_that_belongs_to_no_project_is_none_of_the_auditors(auditor, coordinator):
    rows = ScopedQuerySet(Membership)
    assert rows.project is None
    assert list(rows.permitting(auditor, P.PROJECT_VIEW)) == []
    assert set(rows.permitting(coordinator, P.PROJECT_VIEW)) == set(Membership.objects.all())


def test_auditor_has_nothing_after_the_last_day(auditor, project):
    membership = auditor.memberships.get()
    membership.to_date = factories.day(-1)
    membership.save()
    again = User.objects.get(pk=auditor.pk)
    assert again.rights == []
    assert list(Project.objects.visible_to(again)) == []
    assert list(Organisation.objects.visible_to(again)) == []


def test_rows_add_up_and_rights_do_not(member_a, member_b, project):
    """Contact person of A, auditor of a project with B: in B nothing is written."""
    user = user_with(Role.CONTACT, member_a)
    factories.MembershipFactory(
        user=user, role=Role.AUDITOR, organisation=member_b, project=project, to_date=factories.day(9)
    )
    assert set(Organisation.objects.permitting(user, P.MOBILITY_VIEW)) == {member_a, member_b}
    assert set(Organisation.objects.permitting(user, P.MOBILITY_EDIT)) == {member_a}
    assert set(Organisation.objects.registering(user)) == {member_a}


def test_contact_of_two_members_has_both(member_a, member_b):
    user = user_with(Role.CONTACT, member_a)
    factories.MembershipFactory(user=user, organisation=member_b)
    assert set(Organisation.objects.registering(user)) == {member_a, member_b}


@pytest.mark.parametrize(("field", "offset"), [("from_date", 1), ("to_date", -1)])
def test_membership_counts_on_its_days_alone(field, offset, member_a, outsider):
    factories.MembershipFactory(user=outsider, organisation=member_a, **{field: factories.day(offset)})
    assert outsider.rights == []


def test_membership_counts_on_its_first_and_last_day(member_a, outsider):
    factories.MembershipFactory(
        user=outsider, organisation=member_a, from_date=factories.day(0), to_date=factories.day(0)
    )
    assert [right.role for right in outsider.rights] == [Role.CONTACT]


def test_deactivated_user_has_no_rights(deactivated):
    assert deactivated.rights == []
    assert not deactivated.has_role(Role.CONTACT)


def test_rights_are_read_once(contact, django_assert_num_queries):
    user = User.objects.get(pk=contact.pk)
    with django_assert_num_queries(1):
        assert user.holds(P.MOBILITY_VIEW)
        assert not user.holds(P.SHARES_EDIT)
        assert user.has_role(Role.CONTACT)
        str(Organisation.objects.visible_to(user).query)


def test_access_that_ends_is_gone_at_the_next_request_of_the_session(sign_in, contact, coordinator):
    client = sign_in(contact)
    assert client.get(reverse("consortium:people")).status_code == 200
    membership = contact.memberships.get()
    membership.ended_at, membership.ended_by = "2026-01-01T12:00Z", coordinator
    membership.save()
    assert client.get(reverse("consortium:people")).status_code == 404
    assert client.get(reverse("consortium:organisations")).status_code == 404


def test_user_who_is_deactivated_is_logged_out_at_the_next_request(sign_in, contact):
    client = sign_in(contact)
    assert client.get(reverse("consortium:people")).status_code == 200
    contact.is_active = False
    contact.save()
    answer = client.get(reverse("consortium:people"))
    assert (answer.status_code, answer["Location"]) == (302, reverse("account_login") + "?next=/people/")


def test_page_for_a_permission_is_not_there_without_it(contact, coordinator):
    @requires(P.SHARES_EDIT)
    def view(request):
        return HttpResponse("in")

    request = RequestFactory().get("/")
    request.user = coordinator
    assert view(request).content == b"in"
    request.user = contact
    with pytest.raises(Http404):
        view(request)


def test_refusal_carries_its_sentence_and_its_field():
    assert NotAllowed("No.").messages == ["No."]
    at_field = NotAllowed("No.", field="places")
    assert (at_field.sentence, at_field.message_dict) == ("No.", {"places": ["No."]})


def test_nobody_is_invited_to_a_host(coordinator, association, member_a, host):
    assert set(Organisation.objects.inviting(coordinator)) == {association, member_a}
