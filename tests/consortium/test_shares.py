import pytest
from django.db import IntegrityError, transaction

from consortium import shares
from consortium.models import Allocation, AwardedLine, BudgetCategory, ProjectState
from consortium.permissions import NotAllowed
from tests import factories
from westum.base.forms import Changed
from westum.base.history import lines_of


@pytest.fixture
def member(project, member_a):
    return project.members.get(organisation=member_a)


def give(member, learners, places, **more):
    return shares.give_places(
        member=member, activity_type=learners, places=places, reason="They asked for it.", by=None, **more
    )


@pytest.mark.parametrize(("places", "shared"), [(12, 22), (20, 30), (3, 13), (0, 10)])
def test_share_and_award_change_together(places, shared, member, learners, line):
    share = give(member, learners, places)
    line.refresh_from_db()
    assert (share.places, share.version, line.places_shared) == (places, 1, shared)
    assert sum(Allocation.objects.filter(activity_type=learners).values_list("places", flat=True)) == shared


def test_change_stands_in_the_history_with_its_reason(member, learners, line):
    share = give(member, learners, 12)
    assert lines_of(share)[0].detail.startswith("10 → 12. They asked for it.")
    assert line.history.first().history_change_reason == "gave places\n10 → 12. They asked for it."


def test_places_come_from_the_decision_that_counts_now(member, learners, line):
    project = member.project
    assert project.decision == line.decision  # the project in hand remembers what it has read
    newer = factories.DecisionFactory(project=project, number=2, kind="amendment")
    factories.AwardedLineFactory(decision=newer, activity_type=learners, places=40, places_shared=20)
    give(member, learners, 12)
    line.refresh_from_db()
    assert (newer.lines.get().places_shared, line.places_shared) == (22, 20)


def test_first_share_of_a_member_is_made(project, learners, line, association):
    member = factories.ProjectMemberFactory(project=project, organisation=association)
    assert shares.share_of(member, learners).pk is None
    assert give(member, learners, 4, version=0).places == 4
    assert shares.share_of(member, learners).places == 4


@pytest.mark.parametrize(
    ("left", "sentence"),
    [
        (1, "The member can have at most 11: it has 10, and of the award 1 are left."),
        (-9, "The member can have at most 1: it has 1, and of the award 0 are left."),
    ],
)
def test_award_is_never_exceeded(left, sentence, member, learners, line):
    line.places = line.places_shared + max(left, 0)
    line.save()
    if left < 0:
        give(member, learners, 1)
        line.refresh_from_db()
        line.places = line.places_shared
        line.save()
    with pytest.raises(NotAllowed) as refused:
        give(member, learners, 12)
    assert refused.value.message_dict == {"places": [sentence]}
    assert AwardedLine.objects.get(pk=line.pk).places_shared == line.places_shared


@pytest.mark.parametrize(
    ("taken", "sentence"),
    [
        (1, "1 place is already taken. Write at least that number, or withdraw a mobility first."),
        (7, "7 places are already taken. Write at least that number, or withdraw a mobility first."),
    ],
)
def test_share_never_falls_below_what_is_taken(taken, sentence, member, learners, line):
    Allocation.objects.unkept("a test").filter(member=member, activity_type=learners).update(places_taken=taken)
    with pytest.raises(NotAllowed) as refused:
        give(member, learners, taken - 1)
    assert refused.value.message_dict == {"places": [sentence]}
    assert give(member, learners, taken).places == taken


def test_share_that_somebody_else_has_moved_is_not_overwritten(member, learners, line):
    seen = shares.share_of(member, learners).version
    give(member, learners, 12, version=seen)
    with pytest.raises(Changed):
        give(member, learners, 15, version=seen)
    assert shares.share_of(member, learners).places == 12


def test_places_are_given_in_a_running_project_alone(member, learners, line):
    member.project.state = ProjectState.REPORTING
    member.project.save()
    with pytest.raises(NotAllowed, match="while the project is running"):
        give(member, learners, 12)


def test_places_need_an_award(member, line):
    other = factories.ActivityTypeFactory(key="long-learning")
    with pytest.raises(NotAllowed, match="awards no places"):
        give(member, other, 1)


def test_project_without_a_decision_awards_nothing(db):
    assert list(shares.awarded_lines(factories.ProjectFactory())) == []


def test_amount_is_no_award_of_places(project, learners):
    factories.AwardedLineFactory(decision=project.decision, activity_type=None, places=None, amount="100.00",
                                 category=BudgetCategory.objects.create(key="travel", name_sv="Resor", name_en="Travel", status="verified"))  # fmt: skip
    assert {line.activity_type.key for line in shares.awarded_lines(project)} == {"short-learning", "job-shadowing"}


def take(project, member_a, learners):
    return shares.take_place(project=project, organisation=member_a, activity_type=learners)


def test_place_is_taken_until_the_share_is_full_and_can_be_freed(project, member, member_a, learners):
    give(member, learners, 2)
    assert [take(project, member_a, learners) for _ in range(3)] == [True, True, False]
    shares.free_place(project=project, organisation=member_a, activity_type=learners)
    assert shares.share_of(member, learners).places_taken == 1
    assert take(project, member_a, learners)
    assert [line.what for line in lines_of(shares.share_of(member, learners))][:4] == [
        "took a place",
        "freed a place",
        "took a place",
        "took a place",
    ]


def test_no_place_is_taken_without_a_share(project, learners, association):
    assert not take(project, association, learners)


def test_database_refuses_more_places_than_there_are(project, member, learners):
    share = shares.share_of(member, learners)
    share.places_taken = share.places + 1
    with pytest.raises(IntegrityError), transaction.atomic():
        share.save()


def test_place_that_nobody_took_is_not_freed(project, member_a, learners):
    with pytest.raises(IntegrityError), transaction.atomic():
        shares.free_place(project=project, organisation=member_a, activity_type=learners)


def test_table_has_a_cell_for_each_member_and_activity(project, learners, association):
    factories.ProjectMemberFactory(project=project, organisation=association)
    lines = list(shares.awarded_lines(project).order_by("pk"))
    table = shares.Table(lines, project.members.with_shares().in_order())
    assert [str(kind) for kind in table.activity_types] == [str(line.activity_type) for line in lines]
    assert [(str(member), [cell.share and cell.share.places for cell in cells]) for member, cells in table.rows] == [
        ("Almby lärcentrum", [10, 10]),
        ("Björkby lärcentrum", [10, 10]),
        ("Nätverk Westum", [None, None]),
    ]
    assert table.sums == [shares.Sum(line.activity_type, 20, 0) for line in lines]
    assert table.rows[0][1][0].parts == [{"value": 0}]


def test_line_without_places_shares_none(project, learners):
    line = shares.awarded_lines(project).get(activity_type=learners)
    line.places, line.days, line.places_shared = None, 10, 5
    with pytest.raises(IntegrityError), transaction.atomic():
        line.save()
