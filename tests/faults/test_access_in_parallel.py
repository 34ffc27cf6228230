"""Two people who let in or shut out at the same moment, on PostgreSQL."""

import pytest

from consortium import people
from consortium.models import Invitation, Membership, User
from consortium.permissions import NotAllowed, Role
from tests import factories
from tests.faults.races import race

pytestmark = [
    pytest.mark.faults,
    pytest.mark.databases("postgresql"),
    pytest.mark.django_db(transaction=True),
]
TRIALS = 60


def test_two_coordinators_who_end_each_other_leave_one(association):
    """Neither waits for the other's lock, and there is always somebody who can invite."""
    memberships = []

    def before():
        Membership.objects.all().delete()
        memberships[:] = factories.MembershipFactory.create_batch(2, organisation=association, role=Role.COORDINATOR)

    def act(contestant):
        return people.end_membership(membership=memberships[1 - contestant], by=memberships[contestant].user)

    def after(results):
        assert sorted(type(result).__name__ for result in results) == ["Membership", "NotAllowed"]
        assert Membership.objects.valid_today().filter(role=Role.COORDINATOR).count() == 1

    race(trials=TRIALS, contestants=2, act=act, before=before, after=after)
    print(f"n = {TRIALS} trials, 0 without a coordinator, 0 deadlocks")


def test_invitation_that_is_accepted_twice_at_once_gives_one_membership(coordinator, member_a):
    invitations = []

    def before():
        email = factories.UserFactory.build().email
        invitation = Invitation(name="Eva", email=email, role=Role.CONTACT, organisation=member_a, language="en")
        invitations[:] = [people.invite(invitation=invitation, by=coordinator)]

    def act(_contestant):
        return people.accept_invitation(invitation=invitations[0])

    def after(results):
        [user] = [result for result in results if isinstance(result, User)]
        [refusal] = [result for result in results if not isinstance(result, User)]
        assert isinstance(refusal, NotAllowed)
        assert user.memberships.count() == 1

    race(trials=TRIALS, contestants=2, act=act, before=before, after=after)
    print(f"n = {TRIALS} trials, 0 double")


def test_two_invitations_of_one_new_person_make_one_user(coordinator, member_a, member_b):
    invitations = []

    def before():
        email = factories.UserFactory.build().email
        invitations[:] = [
            people.invite(
                invitation=Invitation(
                    name="Eva", email=email, role=Role.CONTACT, organisation=organisation, language="en"
                ),
                by=coordinator,
            )
            for organisation in (member_a, member_b)
        ]

    def act(contestant):
        return people.accept_invitation(invitation=invitations[contestant])

    def after(results):
        one, other = results
        assert one == other
        assert {right.organisation_id for right in User.objects.get(pk=one.pk).rights} == {member_a.pk, member_b.pk}

    race(trials=TRIALS, contestants=2, act=act, before=before, after=after)
    print(f"n = {TRIALS} trials, 0 double, 0 errors")
