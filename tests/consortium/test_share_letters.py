"""Who is told, by letter, that a share has been changed by hand or by a key."""

from decimal import Decimal

import pytest
from django.db import transaction
from django.urls import reverse

from consortium import budget_shares, share_keys, share_letters, shares
from consortium.permissions import NotAllowed
from tests import factories
from westum.base.models import Letter


@pytest.fixture
def member(project, member_a):
    return project.members.get(organisation=member_a)


@pytest.fixture
def fellow_member(project, member_b):
    return project.members.get(organisation=member_b)


@pytest.fixture
def second_contact(member_a):
    """Another contact person of member A, who reads Swedish."""
    user = factories.UserFactory(email="siv@example.org", language="sv")
    factories.MembershipFactory(user=user, role="contact", organisation=member_a)
    return user


def give(member, learners, places, by=None):
    return shares.give_places(member=member, activity_type=learners, places=places, reason="They asked for it.", by=by)


def share_out(project, learners, places, *, seen, by):
    return share_keys.share_out(
        project=project,
        activity_type=learners,
        places={member.pk: number for member, number in places.items()},
        seen=seen,
        reason="By the wishes.",
        by=by,
    )


def told():
    return {letter.to: letter for letter in Letter.objects.all()}


def test_share_given_by_hand_is_told_to_each_contact_of_the_member(
    member, learners, coordinator, contact, second_contact, other_contact, former_contact
):
    contact.language = "en"
    contact.save()
    give(member, learners, 12, by=coordinator)
    assert Letter.objects.count() == 2
    letters = told()
    assert {to: letter.language for to, letter in letters.items()} == {contact.email: "en", second_contact.email: "sv"}
    assert letters[contact.email].subject == "The places of Almby lärcentrum in Example project have been changed"
    for words in (
        f"Almby lärcentrum now has 12 places for “{learners.name_en}” in Example project. Before, the number was 10.",
        "Decided by: Sara Exempelsson",
        "Reason: They asked for it.",
        reverse("reporting:statement", args=[member.organisation_id]),
    ):
        assert words in letters[contact.email].body


def test_without_a_person_nobody_has_decided(member, learners, contact):
    give(member, learners, 12)
    assert "Decided by" not in Letter.objects.get().body


def test_same_number_again_is_told_to_nobody(member, learners, contact):
    give(member, learners, 10)
    assert not Letter.objects.exists()


def test_refused_change_is_told_to_nobody(member, learners, contact):
    with pytest.raises(NotAllowed):
        give(member, learners, 5000)
    assert not Letter.objects.exists()


def test_letter_goes_out_with_the_commit_alone(member, learners, contact, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as callbacks:
        give(member, learners, 12)
    assert len(callbacks) == 1
    with django_capture_on_commit_callbacks() as callbacks, transaction.atomic():
        give(member, learners, 13)
        transaction.set_rollback(True)
    assert callbacks == []
    assert Letter.objects.count() == 1


def test_key_is_told_to_members_whose_share_changes(
    project, member, fellow_member, learners, coordinator, contact, other_contact
):
    share_out(project, learners, {member: 10, fellow_member: 7}, seen={}, by=coordinator)
    assert set(told()) == {other_contact.email}
    share_out(project, learners, {member: 4, fellow_member: 6}, seen={fellow_member.pk: 1}, by=coordinator)
    assert Letter.objects.filter(to=contact.email).count() == 1
    assert Letter.objects.filter(to=other_contact.email).count() == 2


@pytest.mark.parametrize("number", [1, 3, 50])
def test_whom_the_letters_of_a_key_go_to_is_asked_once(number, project, learners, django_assert_num_queries):
    members = [factories.ProjectMemberFactory(project=project) for _member in range(number)]
    for member in members:
        factories.MembershipFactory(role="contact", organisation=member.organisation)
    told = {factories.AllocationFactory(member=member, activity_type=learners).pk: 0 for member in members}
    with django_assert_num_queries(2 + number):
        share_letters.tell_of_places(told, reason="By the wishes.", by=None)
    assert Letter.objects.count() == number


def test_money_of_the_whole_project_is_told_in_the_currency_of_its_line(project, member, coordinator, contact):
    contact.language = "en"
    contact.save()
    line = factories.AwardedMoneyFactory(decision=project.decision, currency="SEK", amount=1000)
    given = {"member": member, "line": line, "reason": "For trains.", "by": coordinator}
    budget_shares.give_money(amount=Decimal("400.50"), **given)
    letter = Letter.objects.get()
    assert letter.subject == "The money of Almby lärcentrum in Example project has been changed"
    text = letter.body.replace("\N{NO-BREAK SPACE}", " ")
    for words in (
        f"Almby lärcentrum now has SEK 400.50 of “{line.category}” in Example project. Before, the amount was SEK 0.",
        "Decided by: Sara Exempelsson\nReason: For trains.",
    ):
        assert words in text
    budget_shares.give_money(amount=Decimal("400.50"), **given)
    assert Letter.objects.count() == 1


def test_money_for_an_activity_is_told_with_it(project, member, learners, contact):
    contact.language = "en"
    contact.save()
    line = factories.AwardedMoneyFactory(decision=project.decision, key="individual_support", activity_type=learners)
    budget_shares.give_money(member=member, line=line, amount=Decimal(400), reason="For them.", by=None)
    assert f"now has €400 of “{line.category}” for “{learners}” in Example project." in Letter.objects.get().body
