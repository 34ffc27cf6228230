import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from consortium import share_moves, shares
from consortium.models import Allocation, AwardedLine, BudgetShare, ProjectState, ShareMove
from consortium.permissions import NotAllowed
from tests import factories
from westum.base.history import lines_of
from westum.base.models import Letter


@pytest.fixture
def giver(project, member_a):
    return project.members.get(organisation=member_a)


@pytest.fixture
def receiver(project, member_b):
    return project.members.get(organisation=member_b)


def move(giver, receiver, learners, places=3, **more):
    return share_moves.move_places(
        giver=giver,
        receiver=receiver,
        activity_type=learners,
        places=places,
        reason="B asked for them.",
        by=None,
        **more,
    )


def places_of(*members):
    return [shares.share_of(member, factories.ActivityTypeFactory()).places for member in members]


def test_both_shares_change_and_the_award_does_not(giver, receiver, learners, project):
    before = shares.awarded_lines(project).get(activity_type=learners).places_shared
    made = move(giver, receiver, learners)
    assert places_of(giver, receiver) == [7, 13]
    assert shares.awarded_lines(project).get(activity_type=learners).places_shared == before == 20
    assert (made.places, made.reason) == (3, "B asked for them.")
    assert [share.version for share in Allocation.objects.filter(activity_type=learners)] == [1, 1]


def test_both_histories_name_the_other_member_and_the_reason(giver, receiver, learners):
    move(giver, receiver, learners)
    gave, got = [lines_of(shares.share_of(member, learners))[0] for member in (giver, receiver)]
    assert gave.what == "moved places to another member"
    assert gave.detail.startswith("10 → 7. → Björkby lärcentrum. B asked for them.")
    assert got.detail.startswith("10 → 13. ← Almby lärcentrum. B asked for them.")


def test_letters_go_to_the_contacts_of_both(giver, receiver, learners, contact, other_contact, former_contact, staff):
    move(giver, receiver, learners)
    told = {letter.to: letter for letter in Letter.objects.all()}
    assert set(told) == {contact.email, other_contact.email}
    assert told[contact.email].subject == "Places have been moved in Example project"
    assert "Almby lärcentrum now has 7 places for this activity." in told[contact.email].body
    assert "Björkby lärcentrum now has 13 places for this activity." in told[other_contact.email].body
    assert all("Reason: B asked for them." in letter.body for letter in told.values())


def test_letters_say_that_the_money_stays_and_how_much_it_is(
    giver, receiver, learners, contact, other_contact, project
):
    share = {"member": giver, "activity_type": learners, "currency": "EUR"}
    for key, amount in (("travel", 1000), ("individual", 250)):
        BudgetShare.objects.create(category=factories.BudgetCategoryFactory(key=key), amount=amount, **share)
    move(giver, receiver, learners)
    told = {letter.to: letter.body for letter in Letter.objects.all()}
    assert "What Almby lärcentrum keeps of it for this activity: €1,250." in told[contact.email]
    assert "For this activity no money has been shared out to Björkby lärcentrum." in told[other_contact.email]


def test_page_says_what_of_the_money_stays(sign_in, coordinator, giver, learners, project):
    BudgetShare.objects.create(
        member=giver, activity_type=learners, category=factories.BudgetCategoryFactory(), amount=1250, currency="EUR"
    )
    page = sign_in(coordinator).get(reverse("consortium:move_places", args=[project.slug])).text
    assert "The money does not move with the places." in page
    assert page.count('<span class="more">€1,250</span>') == 1
    assert reverse("reporting:budget", args=[project.slug]) in page


def test_letter_is_in_the_language_of_its_reader(giver, receiver, learners, contact):
    contact.language = "sv"
    contact.save()
    move(giver, receiver, learners)
    assert Letter.objects.get(to=contact.email).language == "sv"


def test_first_share_of_the_receiver_comes_into_being(giver, project, association, learners):
    newcomer = factories.ProjectMemberFactory(project=project, organisation=association)
    move(giver, newcomer, learners, places=10)
    assert places_of(giver, newcomer) == [0, 10]


def test_taken_places_stay(giver, receiver, learners, project, member_a):
    for _place in range(8):
        shares.take_place(project=project, organisation=member_a, activity_type=learners)
    with pytest.raises(NotAllowed) as refused:
        move(giver, receiver, learners)
    assert refused.value.message_dict == {
        "places": ["Almby lärcentrum has 2 places that nobody holds. Move that number at most."]
    }
    assert places_of(giver, receiver) == [10, 10]
    assert not Letter.objects.exists()
    move(giver, receiver, learners, places=2)
    assert places_of(giver, receiver) == [8, 12]


def test_who_has_no_share_gives_nothing(project, association, receiver, learners):
    newcomer = factories.ProjectMemberFactory(project=project, organisation=association)
    with pytest.raises(NotAllowed, match="has no place that nobody holds"):
        move(newcomer, receiver, learners)


@pytest.mark.parametrize("state", [ProjectState.PLANNED, ProjectState.REPORTING, ProjectState.ENDED])
def test_project_that_does_not_run_refuses(state, giver, receiver, learners):
    giver.project.state = state
    giver.project.save()
    with pytest.raises(NotAllowed, match="while the project is running"):
        move(giver, receiver, learners)


def test_wrong_pairs_and_numbers_are_refused(giver, receiver, learners, association):
    elsewhere = factories.running_project(members=[association]).members.get()
    for other, places, sentence in [
        (giver, 1, "Choose another member"),
        (elsewhere, 1, "Choose another member"),
        (receiver, 0, "one place or more"),
    ]:
        with pytest.raises(NotAllowed, match=sentence):
            move(giver, other, learners, places=places)
    with pytest.raises(NotAllowed, match="awards no places"):
        move(giver, receiver, factories.ActivityTypeFactory(key="courses"))


@pytest.mark.parametrize(
    ("name", "wrong"), [("share_move_is_of_a_place_or_more", 0), ("share_move_has_two_members", 1)]
)
def test_database_refuses_a_move_that_is_none(name, wrong, giver, receiver, learners):
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        ShareMove(
            giver=giver, receiver=receiver if wrong == 0 else giver, activity_type=learners, places=wrong, reason="x"
        ).save()


# The page


def move_page(project):
    return reverse("consortium:move_places", args=[project.slug])


def test_coordinator_moves_on_the_page(sign_in, coordinator, project, giver, receiver, send):
    page = send(
        sign_in(coordinator),
        f"{move_page(project)}?from={giver.pk}&activity=short-learning",
        receiver=receiver.pk,
        places=2,
        reason="B asked.",
    )
    assert "2 places moved from Almby lärcentrum to Björkby lärcentrum. Both are told by mail." in page.text
    assert "2 places from Almby lärcentrum to Björkby lärcentrum, Short placement" in page.text
    assert "B asked." in page.text
    assert places_of(giver, receiver) == [8, 12]
    assert ShareMove.objects.get().moved_by == coordinator


def test_double_click_moves_once(sign_in, coordinator, project, giver, receiver):
    from tests.consortium.conftest import fields

    client = sign_in(coordinator)
    sent = fields(
        client.get(move_page(project)).context["form"],
        activity_type="short-learning",
        giver=giver.pk,
        receiver=receiver.pk,
        places=2,
        reason="Once.",
    )
    assert [client.post(move_page(project), sent).status_code for _click in range(2)] == [302, 302]
    assert places_of(giver, receiver) == [8, 12]
    assert ShareMove.objects.count() == 1


def test_contacts_see_the_moves_of_their_own_member(
    sign_in, project, giver, receiver, learners, contact, other_contact, association
):
    third = factories.ProjectMemberFactory(project=project, organisation=association)
    move(receiver, third, learners)
    page = reverse("consortium:shares", args=[project.slug])
    assert "B asked for them." not in sign_in(contact).get(page).text
    assert "B asked for them." in sign_in(other_contact).get(page).text


def test_wrong_input_is_said_at_its_field(sign_in, coordinator, project, giver, receiver, send):
    client = sign_in(coordinator)
    wanted = {"activity_type": "short-learning", "giver": giver.pk, "receiver": giver.pk, "places": 1, "reason": "x"}
    for changes, field in [
        ({}, "receiver"),
        ({"receiver": receiver.pk, "places": 11}, "places"),
        ({"giver": 0}, "giver"),
    ]:
        page = send(client, move_page(project), **wanted | changes)
        assert list(page.context["form"].errors) == [field]
    assert AwardedLine.objects.filter(places_shared=20).count() == 2
    assert not ShareMove.objects.exists()


@pytest.mark.parametrize("others", [0, 2, 49])
def test_list_of_moves_asks_as_much_for_any_number(
    others, sign_in, coordinator, project, giver, receiver, learners, django_assert_num_queries
):
    for _move in range(1 + others):
        ShareMove(
            giver=giver, receiver=receiver, activity_type=learners, places=1, reason="x", moved_by=coordinator
        ).save()
    client = sign_in(coordinator)
    with django_assert_num_queries(QUERIES):
        page = client.get(reverse("consortium:shares", args=[project.slug]))
    assert len(page.context["moves"].object_list) == min(1 + others, 20)


QUERIES = 9
