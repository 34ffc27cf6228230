import random
from fractions import Fraction

import pytest
from django.urls import reverse

from consortium import share_keys, shares
from consortium.models import Allocation, ProjectState, Wish
from consortium.permissions import NotAllowed
from consortium.share_keys import Key, divide
from tests import factories
from tests.consortium.conftest import fields
from westum.base.forms import Changed
from westum.base.history import lines_of

# Award, numbers of the key, places taken → places.
CASES = [
    (10, [1, 1], [0, 0], [5, 5]),
    (10, [1, 1, 1], [0, 0, 0], [4, 3, 3]),
    (10, [3, 2, 1], [0, 0, 0], [5, 3, 2]),  # quotas 5, 3⅓, 1⅔
    (7, [5, 3, 1], [0, 0, 0], [4, 2, 1]),  # quotas 3 8/9, 2⅓, 7/9
    (3, [1, 2, 1], [0, 0, 0], [1, 1, 1]),  # quotas ¾, 1½, ¾
    (5, [0, 1], [0, 0], [0, 5]),
    (10, [0, 1], [4, 0], [4, 6]),  # the first keeps what is taken
    (10, [1, 1, 8], [3, 0, 0], [3, 1, 6]),  # the rest of 7 over 1 and 8: 7/9 and 6 2/9
    (10, [1, 1, 1, 1], [9, 1, 0, 0], [9, 1, 0, 0]),
    (0, [1, 2], [0, 0], [0, 0]),
]


@pytest.mark.parametrize(("award", "numbers", "taken", "places"), CASES)
def test_largest_remainder(award, numbers, taken, places):
    assert [portion.places for portion in divide(award, numbers, taken)] == places


def test_sum_is_the_award_and_nobody_loses_what_is_taken():
    """n = 200 random cases; each share is also within one place of its quota or is what is taken."""
    chance = random.Random("keys")
    for _case in range(200):
        members = chance.randint(1, 20)
        award = chance.randint(0, 400)
        numbers = [chance.choice([0, 1, chance.randint(0, 50)]) for _member in range(members)]
        numbers[chance.randrange(members)] += 1
        left, taken = award, []
        for _member in range(members):
            taken.append(chance.randint(0, left) if chance.random() < 0.3 else 0)
            left -= taken[-1]
        portions = divide(award, numbers, taken)
        assert sum(portion.places for portion in portions) == award, (award, numbers, taken)
        for portion, least in zip(portions, taken, strict=True):
            assert portion.places >= least
            assert portion.added in {0, 1}
            assert portion.kept or abs(portion.places - portion.quota) < 1


@pytest.mark.parametrize(
    ("award", "wishes", "taken", "places"),
    [
        (24, [8, 6], [0, 0], [8, 6]),  # 10 stay unshared
        (14, [8, 6], [0, 0], [8, 6]),
        (13, [8, 6], [0, 0], [7, 6]),  # quotas 7 3/7 and 5 4/7
        (24, [8, 0, 6], [0, 3, 0], [8, 3, 6]),  # what is taken stays, though nobody wished for it
        (15, [8, 2, 6], [0, 9, 0], [3, 9, 3]),  # 6 are left for wishes of 14
        (24, [8, 6], [9, 7], [9, 7]),
    ],
)
def test_wish_is_also_the_most_that_a_member_gets(award, wishes, taken, places):
    assert [portion.places for portion in divide(award, wishes, taken, is_ceiling=True)] == places


def test_only_wishes_are_a_ceiling():
    assert [key for key in Key if key.is_ceiling] == [Key.WISHES]


def test_steps_are_shown_as_they_were_reckoned():
    first, second, third = divide(10, [1, 1, 8], [3, 0, 0])
    assert (first.kept, first.places) == (True, 3)
    assert (second.quota, second.whole, second.added, str(second.quota_shown)) == (Fraction(7, 9), 0, 1, "0.78")
    assert (third.quota, third.whole, third.added) == (Fraction(56, 9), 6, 0)


def test_key_without_numbers_or_with_too_much_taken_is_refused():
    with pytest.raises(NotAllowed, match="No member has wished"):
        divide(10, [0, 0], [0, 0])
    with pytest.raises(NotAllowed, match="More places are taken"):
        divide(10, [1, 1], [6, 5])


# The rule


@pytest.fixture
def members(project):
    return list(project.members.select_related("organisation").in_order())


def share_out(project, learners, members, places, seen=None):
    return share_keys.share_out(
        project=project,
        activity_type=learners,
        places={member.pk: number for member, number in zip(members, places, strict=True)},
        seen={} if seen is None else seen,
        reason="By wishes.",
        by=None,
    )


def places_now(members, learners):
    return [shares.share_of(member, learners).places for member in members]


@pytest.mark.parametrize(("places", "shared"), [([12, 18], 30), ([25, 0], 25), ([0, 30], 30), ([10, 10], 20)])
def test_all_rows_and_the_award_change_together(places, shared, project, learners, members, line):
    changed = share_out(project, learners, members, places)
    line.refresh_from_db()
    assert places_now(members, learners) == places
    assert line.places_shared == shared
    assert len(changed) == sum(number != 10 for number in places)
    for share in changed:
        assert lines_of(share)[0].detail.startswith(f"10 → {share.places}. By wishes.")


def test_more_than_awarded_changes_nothing(project, learners, members, line):
    with pytest.raises(NotAllowed, match="adds up to 31 places, and 30 were awarded"):
        share_out(project, learners, members, [16, 15])
    assert places_now(members, learners) == [10, 10]


def test_less_than_taken_changes_nothing(project, learners, members, line, member_b):
    shares.take_place(project=project, organisation=member_b, activity_type=learners)
    with pytest.raises(NotAllowed) as refused:
        share_out(project, learners, members, [20, 0])
    assert refused.value.message_dict == {
        f"places-{members[1].pk}": ["1 place is already taken. Write at least that number."]
    }
    assert places_now(members, learners) == [10, 10]


def test_share_that_has_moved_since_is_not_overwritten(project, learners, members, line):
    shares.give_places(member=members[0], activity_type=learners, places=11, reason="x", by=None)
    with pytest.raises(Changed):
        share_out(project, learners, members, [15, 15], seen={members[0].pk: 0})
    assert places_now(members, learners) == [11, 10]


@pytest.mark.parametrize("state", [ProjectState.PLANNED, ProjectState.ENDED])
def test_project_that_does_not_run_refuses(state, project, learners, members, line):
    project.state = state
    project.save()
    with pytest.raises(NotAllowed, match="while the project is running"):
        share_out(project, learners, members, [1, 1])


def test_activity_without_an_award_refuses(project, members):
    with pytest.raises(NotAllowed, match="awards no places"):
        share_out(project, factories.ActivityTypeFactory(key="courses"), members, [1, 1])


# The page


def page_of(project, key="hand"):
    return f"{reverse('consortium:share_out', args=[project.slug])}?activity=short-learning&key={key}"


def proposed(page):
    return [field.value() for _member, _share, field, _portion in page.context["form"].rows]


@pytest.mark.parametrize(
    ("key", "expected"), [("equal", [15, 15]), ("wishes", [4, 2]), ("hand", [10, 10]), ("x", [10, 10])]
)
def test_key_proposes_and_saves_nothing(key, expected, sign_in, coordinator, project, learners, members, line):
    for member, places in zip(members, (4, 2), strict=True):
        Wish(member=member, activity_type=learners, places=places, days=14, purpose="Care").save()
    page = sign_in(coordinator).get(page_of(project, key))
    assert proposed(page) == expected
    what = {"equal": "The proposal", "wishes": "The proposal"}.get(key, "The shares of today")
    assert f"{what}: {sum(expected)} of 30 awarded</output>" in page.text
    assert '<output data-sum="As typed: {sum} of 30 awarded">' in page.text
    unshared = "<b>24</b> places of the award stay unshared: no member gets more than it wished for."
    assert (unshared in page.text, "each quota is the wish" in page.text) == (key == "wishes", key == "wishes")
    assert places_now(members, learners) == [10, 10]


def test_proposal_is_saved_whole(sign_in, coordinator, project, learners, members, line, send):
    page = send(sign_in(coordinator), page_of(project, Key.EQUAL), reason="Fair.")
    assert "Short placement: 2 shares were changed." in page.text
    assert places_now(members, learners) == [15, 15]


def test_key_without_wishes_says_so_and_starts_from_today(sign_in, coordinator, project, members, line):
    page = sign_in(coordinator).get(page_of(project, Key.WISHES))
    assert "No member has wished for places of this activity" in page.text
    assert proposed(page) == [10, 10]


def test_wrong_input_is_kept_and_said_at_its_field(sign_in, coordinator, project, learners, members, line, send):
    name = f"places-{members[0].pk}"
    client = sign_in(coordinator)
    for value in ("", "-1", "many"):
        page = send(client, page_of(project), **{name: value, "reason": "Kept words."})
        assert list(page.context["form"].errors) == [name]
        assert "Kept words." in page.text
    page = send(client, page_of(project), **{name: "21", "reason": "x"})
    assert "As last sent: 31 of 30 awarded" in page.text
    assert page.context["form"].non_field_errors() == [
        "This adds up to 31 places, and 30 were awarded. Make some shares smaller."
    ]


def test_change_in_between_is_shown_before_it_is_overwritten(sign_in, coordinator, project, learners, members, line):
    client = sign_in(coordinator)
    sent = fields(client.get(page_of(project, Key.EQUAL)).context["form"], reason="Mine.")
    shares.give_places(member=members[0], activity_type=learners, places=11, reason="Theirs.", by=None)
    page = client.post(page_of(project, Key.EQUAL), sent)
    assert "Somebody else has changed this meanwhile" in page.text
    assert [share.places for _member, share, _field, _portion in page.context["form"].rows] == [11, 10]
    assert places_now(members, learners) == [11, 10]
    client.post(page_of(project, Key.EQUAL), fields(page.context["form"]))
    assert places_now(members, learners) == [15, 15]
    assert Allocation.objects.filter(activity_type=learners).count() == 2


def test_nonsense_in_the_hidden_field_is_refused(sign_in, coordinator, project, learners, members, line, send):
    page = send(sign_in(coordinator), page_of(project), seen="a:b", reason="x")
    assert page.context["form"].errors["seen"] == ["Open the page again and send the form from there."]


@pytest.mark.parametrize("number", [1, 3, 50])
def test_page_asks_as_much_for_any_number_of_members(
    number, sign_in, coordinator, association, django_assert_num_queries
):
    organisations = [factories.OrganisationFactory() for _member in range(number)]
    project = factories.running_project(members=organisations, owner=association)
    client = sign_in(coordinator)
    with django_assert_num_queries(QUERIES):
        page = client.get(page_of(project, Key.EQUAL))
    assert len(page.context["form"].rows) == number


QUERIES = 7
