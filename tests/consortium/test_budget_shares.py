from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from consortium import budget_shares, decisions
from consortium.models import AwardedLine, BudgetShare, Decision, ProjectState
from consortium.permissions import NotAllowed
from tests import factories
from tests.faults.races import race
from westum.base.forms import Changed
from westum.base.history import lines_of


@pytest.fixture
def line(project):
    """Travel: 1,000.50 € awarded."""
    return factories.AwardedMoneyFactory(decision=project.decision, amount=Decimal("1000.50"))


@pytest.fixture
def member(project, member_a):
    return project.members.get(organisation=member_a)


@pytest.fixture
def fellow_member(project, member_b):
    return project.members.get(organisation=member_b)


def give(member, line, amount, **more):
    return budget_shares.give_money(
        member=member, line=line, amount=Decimal(amount), reason="They asked for it.", by=None, **more
    )


@pytest.mark.parametrize("amount", ["0.01", "400", "1000.50"])
def test_share_and_award_change_together(amount, member, line):
    share = give(member, line, amount)
    line.refresh_from_db()
    assert (share.amount, share.version, line.amount_shared) == (Decimal(amount), 1, Decimal(amount))
    assert BudgetShare.objects.get().amount == line.amount_shared


def test_change_stands_in_the_history_with_its_reason(member, line):
    give(member, line, "400")
    share = give(member, line, "300.5")
    assert lines_of(share)[0].detail.startswith("400.00 → 300.50 EUR. They asked for it.")
    assert line.history.first().history_change_reason.endswith("\n400.00 → 300.50 EUR. They asked for it.")


def test_award_is_never_exceeded(member, fellow_member, line):
    give(fellow_member, line, "600")
    give(member, line, "100")
    with pytest.raises(NotAllowed) as refused:
        give(member, line, "400.51")
    assert refused.value.message_dict == {
        "amount": ["The award has €400.50 left for this member. Write at most that amount."]
    }
    assert give(member, line, "400.50").amount == Decimal("400.50")
    line.refresh_from_db()
    assert line.amount_left == 0


def test_amount_below_zero_is_refused(member, line):
    with pytest.raises(NotAllowed) as refused:
        give(member, line, "-0.01")
    assert refused.value.message_dict == {"amount": ["A share is zero or more. Write the amount without a minus."]}
    assert not BudgetShare.objects.exists()


@pytest.mark.parametrize("state", [ProjectState.PLANNED, ProjectState.ENDED])
def test_project_that_is_not_open_refuses(state, member, line):
    member.project.state = state
    member.project.save()
    with pytest.raises(NotAllowed, match="while the project is running or reporting"):
        give(member, line, "1")


def test_another_owners_project_refuses(member, line):
    member.project.is_reference_record = True
    member.project.save()
    with pytest.raises(NotAllowed):
        give(member, line, "1")


def test_share_that_somebody_else_has_moved_is_not_overwritten(member, line):
    seen = budget_shares.share_of(member, line).version
    give(member, line, "12", version=seen)
    with pytest.raises(Changed):
        give(member, line, "15", version=seen)
    assert budget_shares.share_of(member, line).amount == 12


def test_line_of_an_earlier_decision_refuses(member, line, project):
    factories.DecisionFactory(project=project, number=2)
    with pytest.raises(NotAllowed, match="A newer decision has replaced this award"):
        give(member, line, "1")


def test_currencies_are_lines_and_shares_of_their_own(project, member, line):
    kronor = factories.AwardedMoneyFactory(decision=project.decision, key="course_fees", currency="SEK", amount=700)
    give(member, line, "1000.50")
    assert give(member, kronor, "700").currency == "SEK"
    with pytest.raises(NotAllowed) as refused:
        give(member, kronor, "701")
    assert refused.value.message_dict["amount"][0].startswith("The award has SEK\xa0700 left for this member.")
    line.refresh_from_db()
    assert line.amount_shared == Decimal("1000.50")


@pytest.mark.parametrize(
    "wrong",
    [
        {"amount_shared": Decimal("1000.51")},
        {"amount_shared": Decimal("-1")},
        {"amount": None, "amount_shared": 1, "days": 1},
    ],
)
def test_database_refuses_a_counter_outside_the_award(wrong, line):
    for name, value in wrong.items():
        setattr(line, name, value)
    with pytest.raises(IntegrityError, match="awarded_line_shares_at_most_its_amount"), transaction.atomic():
        line.save()


def test_database_refuses_a_negative_share_and_a_second_one(member, line):
    share = give(member, line, "1")
    share.amount = Decimal("-1")
    with pytest.raises(IntegrityError, match="budget_share_is_not_negative"), transaction.atomic():
        share.save()
    with pytest.raises(IntegrityError), transaction.atomic():
        BudgetShare(member=member, category=line.category, currency="EUR").save()


# A new decision


def enter(project, *lines):
    """An amendment with those lines of money, and the places as they are."""
    newest = decisions.newest(project)
    places = [
        AwardedLine(activity_type=line.activity_type, places=line.places)
        for line in decisions.lines_of(newest)
        if line.places
    ]
    decision = Decision(starts_on=factories.day(-180), ends_on=factories.day(900))
    return decisions.enter(project=project, decision=decision, lines=[*places, *lines], follows=newest.pk, by=None)


def test_new_decision_counts_the_shares_that_there_are(project, member, fellow_member, line):
    give(member, line, "400")
    give(fellow_member, line, "100.25")
    enter(project, AwardedLine(category=line.category, amount=Decimal("500.25")))
    new = budget_shares.awarded_lines(project).get()
    assert new.amount_shared == Decimal("500.25")
    with pytest.raises(NotAllowed, match="A newer decision has replaced this award"):
        give(member, line, "1")
    assert give(member, new, "399").amount == 399


@pytest.mark.parametrize("fields", [None, {"amount": Decimal("399.99")}, {"amount": 5000, "currency": "SEK"}])
def test_new_decision_that_does_not_cover_the_shares_is_refused(fields, project, member, line):
    give(member, line, "400")
    with pytest.raises(ValidationError) as refused:
        enter(project, *([AwardedLine(category=line.category, **fields)] if fields else []))
    if "currency" in (fields or {}):
        said = {"currency": ["Money is shared out in EUR. Keep that currency, or take the shares back first."]}
    else:
        sentence = "€400 are shared out. Award at least that amount, or make the shares smaller first."
        said = {"amount-all--travel": [f"{line}: {sentence}"]}
    assert refused.value.message_dict == said


@pytest.mark.databases("postgresql")
@pytest.mark.django_db(transaction=True)
def test_gifts_at_the_same_moment_never_oversell(project, member, fellow_member, line):
    """n = 60 trials: two members are each given seven tenths of one line; one gets it, the counter equals the rows."""

    def reset():
        BudgetShare.objects.all().delete()
        AwardedLine.objects.filter(pk=line.pk).update(amount_shared=0)

    def act(contestant):
        try:
            give([member, fellow_member][contestant], line, "700")
        except NotAllowed:
            return False
        return True

    def after(results):
        assert sorted(results) == [False, True]
        found = AwardedLine.objects.get(pk=line.pk)
        assert found.amount_shared == sum(BudgetShare.objects.values_list("amount", flat=True)) == 700

    race(trials=60, contestants=2, before=reset, act=act, after=after)
