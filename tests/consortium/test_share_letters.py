"""Who is told, by letter, that a share has been changed by hand or by a key."""

from decimal import Decimal

import pytest
from django.db import transaction
from django.urls import reverse

from consortium import budget_shares, share_keys, shares
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


def share_out(project, learners, places, by=None):
    return share_keys.share_out(
        project=project,
        activity_type=learners,
        places={member.pk: number for member, number in places.items()},
        seen=dict.fromkeys((member.pk for member in places), 0),
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
    share_out(project, learners, {member: 10, fellow_member: 7}, by=coordinator)
    assert set(told()) == {other_contact.email}
    share_out_again = dict.fromkeys([member.pk], 0) | {fellow_member.pk: 1}
    share_keys.share_out(
        project=project,
        activity_type=learners,
        places={member.pk: 4, fellow_member.pk: 6},
        seen=share_out_again,
        reason="By the wishes.",
        by=coordinator,
    )
    assert sorted(Letter.objects.values_list("to", flat=True)) == sorted(
        [contact.email, other_contact.email, other_contact.email]
    )


@pytest.mark.parametrize("number", [1, 3, 50])
def test_letters_of_a_key_ask_for_people_once(
    number, project, member, learners, contact, django_assert_max_num_queries
):
    """Each letter is a row; whom they go to is one question for all."""
    places = {}
    for _member in range(number):
        row = factories.ProjectMemberFactory(project=project, organisation=factories.OrganisationFactory())
        places[row] = 1
    with django_assert_max_num_queries(16 + 3 * number):
        share_out(project, learners, places)


@pytest.mark.parametrize(
    ("line_of", "words"),
    [
        ({}, "Almby lärcentrum now has €400 of “Travel support” in Example project. Before, the amount was €0."),
        (
            {"key": "individual_support", "activity": True},
            "Almby lärcentrum now has €400 of “Individual support” for “Short placement” in Example project. Before, the amount was €0.",
        ),
    ],
)
def test_money_is_told_in_the_currency_of_its_line(line_of, words, project, member, learners, coordinator, contact):
    contact.language = "en"
    contact.save()
    more = {"activity_type": learners} if line_of.get("activity") else {}
    key = {"key": line_of["key"]} if "key" in line_of else {}
    line = factories.AwardedMoneyFactory(decision=project.decision, amount=Decimal(1000), **key, **more)
    words = words.replace("Travel support", line.category.name_en).replace("Individual support", line.category.name_en)
    words = words.replace("Short placement", learners.name_en)
    given = {"member": member, "line": line, "reason": "For trains.", "by": coordinator}
    budget_shares.give_money(amount=Decimal(400), **given)
    letter = Letter.objects.get()
    assert letter.subject == "The money of Almby lärcentrum in Example project has been changed"
    assert words in letter.body
    assert "Decided by: Sara Exempelsson\nReason: For trains." in letter.body
    budget_shares.give_money(amount=Decimal(400), **given)
    assert Letter.objects.count() == 1
