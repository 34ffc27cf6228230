"""Organisational support: the live count of participants by the tiers of the call, and how it is shared."""

from collections import Counter
from decimal import Decimal

import pytest

from mobilities import lifecycle, organisational
from mobilities.models import UnitCost
from mobilities.organisational import Participants
from mobilities.rate_books import RateBook
from mobilities.stages import Stage
from tests import factories
from tests.cast import cast

__all__ = ["cast"]


@pytest.fixture
def rates(db):
    factories.made_up_rates()


def make(cast, state, *, country="PT", **fields):
    person = factories.ParticipantFactory(organisation=cast.member_a, email="")
    host = factories.OrganisationFactory(host=True, country=country)
    defaults = {"receiving_organisation": host}
    return factories.MobilityFactory(project=cast.project, state=state, participant=person, **defaults | fields)


def book():
    return RateBook.load(call_year=2024, sending_country="SE")


def counted(cast, stage):
    return organisational.participants(cast.project, book())[stage]


def due(cast, awarded=None):
    completed = organisational.by_code(counted(cast, Stage.ACTUAL))
    return organisational.due(completed, book(), awarded).amount_eur


def test_participants_count_by_stage_and_third_countries_apart(rates, cast):
    preparing = factories.ActivityTypeFactory(key="preparatory-visit", ec_code="PREP-VISIT-VET")
    for state in ("draft", "submitted", "accepted", "ongoing", "completed", "withdrawn", "cancelled"):
        make(cast, state)
    make(cast, "completed", country="CH")
    make(cast, "completed", activity_type=preparing)
    make(cast, "draft", activity_type=None)
    make(cast, "draft", receiving_organisation=None)
    make(cast, "draft", distance_km=None)  # no grant, and a participant all the same
    member, found = cast.member_a.pk, organisational.participants(cast.project, book())
    assert found == {
        Stage.DRAFTS: {Participants(member, "LM-SHORT-VET"): 2},
        Stage.SUBMITTED: {Participants(member, "LM-SHORT-VET"): 1},
        Stage.ACCEPTED: {Participants(member, "LM-SHORT-VET"): 2},
        Stage.ACTUAL: {Participants(member, "LM-SHORT-VET"): 1, Participants(member, "X-INTERNATIONAL"): 1},
    }
    assert organisational.by_organisation(found[Stage.ACTUAL]) == {member: 2}


def test_support_follows_the_live_count(rates, cast):
    """Tiers of 2 at 350 and then 200: it falls by the last tier's rate, not by the mean."""
    first = UnitCost.objects.get(activity_code="LM-SHORT-VET", first_participant=1)
    then = UnitCost.objects.get(activity_code="LM-SHORT-VET", first_participant=101)
    first.last_participant, then.first_participant = 2, 3
    then.save()
    first.save()
    for _n in range(3):
        make(cast, "completed")
    ongoing = make(cast, "ongoing")
    certain = organisational.by_code(counted(cast, Stage.ACTUAL), counted(cast, Stage.ACCEPTED))
    assert (due(cast), organisational.due(certain, book(), None).amount_eur) == (900, 1100)
    lifecycle.cancel(mobility=ongoing, reason="Ill.", by=cast.coordinator)
    certain = organisational.by_code(counted(cast, Stage.ACTUAL), counted(cast, Stage.ACCEPTED))
    assert organisational.due(certain, book(), None).amount_eur == 900


def test_support_is_capped_at_the_award(rates, cast):
    make(cast, "completed")
    assert (due(cast, Decimal(349)), due(cast, Decimal(351))) == (349, 350)


def test_rate_that_is_missing_is_named(db, cast):
    make(cast, "completed")
    support = organisational.due(Counter({"LM-SHORT-VET": 1}), book(), None)
    assert (support.amount_eur, support.missing.table) == (None, "organisational")


@pytest.mark.parametrize(
    ("amount", "percent", "completed", "coordinator", "members"),
    [
        ("100", 40, {1: 1, 2: 1, 3: 1}, "40.00", {1: "20.00", 2: "20.00", 3: "20.00"}),
        ("100", 0, {1: 1, 2: 1, 3: 1}, "0.00", {1: "33.34", 2: "33.33", 3: "33.33"}),
        ("100", 100, {1: 1}, "100.00", {1: "0.00"}),
        ("0.05", 50, {1: 1, 2: 3}, "0.03", {1: "0.00", 2: "0.02"}),
        ("100", 40, {1: 0}, "100", {}),
    ],
)
def test_support_is_shared_to_the_cent(amount, percent, completed, coordinator, members):
    found = organisational.shared(Decimal(amount), percent, completed)
    assert found == (Decimal(coordinator), {key: Decimal(part) for key, part in members.items()})
    assert found[0] + sum(found[1].values()) == Decimal(amount)
