"""Grants of 1,000 generated stays equal those of `recomputed`, to the cent; so do those that are kept, and their sums."""

import random
from collections import Counter
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.db import transaction

from consortium.models import ActivityType
from mobilities import lifecycle
from mobilities.grants import GrantFacts, RateBook, calculate
from mobilities.models import GrantLine
from tests import factories
from tests.mobilities import recomputed
from westum.base.money import Total

pytestmark = pytest.mark.django_db
STAYS = 1000
KEPT = 60
# Code → least and most days, with more where the funder has no limit.
OF_2020 = {
    "traineeship-2014": (14, 365),
    "erasmuspro-2018": (90, 365),
    "planning-visit-2018": (1, 5),
    "teaching-2014": (2, 60),
    "staff-training-2014": (2, 60),
}
OF_2021 = {
    "LM-SKILL-VET": (1, 10),
    "LM-SHORT-VET": (10, 89),
    "LM-LONG-VET": (90, 365),
    "SM-JOB-SHDW": (2, 60),
    "SM-TTA": (2, 365),
    "SM-COUR-TRAIN": (2, 10),
    "preparatory-visit": (1, 5),
}
AT_EDGES = [0, 9, 10, 99, 100, 499, 500, 1999, 2000, 2999, 3000, 3999, 4000, 7999, 8000, 20038]


def generated(chance, year, codes, sending="ES"):
    code = chance.choice(sorted(codes))
    days, mode = chance.randint(*codes[code]), chance.choice(["standard", "green"])
    return {
        "call_year": year,
        "sending_country": sending,
        "activity_code": code,
        "receiving_country": chance.choice([one for one in recomputed.countries(year) if one != sending]),
        "distance_km": chance.choice([*AT_EDGES, *(chance.randint(0, 20038) for _ in AT_EDGES)]),
        "activity_days": days,
        "travel_days": chance.randint(0, recomputed.most_travel_days(year, mode)),
        "travel_mode": mode,
        "fewer_opportunities": chance.random() < 0.3,
        "accompanying": chance.random() < 0.1,
        "course_fee_days": chance.randint(0, days) if code == "SM-COUR-TRAIN" else 0,
        "linguistic_support": chance.random() < 0.4,
    }


@pytest.fixture(scope="module")
def tables(django_db_setup, django_db_blocker):
    """The fixtures' tables; no test of the module commits."""
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_fixtures", verbosity=0)
        yield
        transaction.set_rollback(True)


@pytest.mark.usefixtures("tables")
def test_thousand_generated_grants_are_those_of_the_tables():
    chance = random.Random(20211127)
    books = {year: RateBook.load(call_year=year, sending_country="ES") for year in (2020, 2021)}
    seen = Counter()
    for _number in range(STAYS):
        year, codes = chance.choice([(2020, OF_2020), (2021, OF_2021)])
        stay = generated(chance, year, codes)
        lines = calculate(GrantFacts(**stay), books[year])
        assert {str(line.category): line.amount_eur for line in lines} == recomputed.grant(stay), stay
        assert all(line.amount_eur == sum(step.amount_eur for step in line.steps) for line in lines)
        seen.update(str(line.category) for line in lines)
    assert set(seen) == {
        "travel", "individual_support", "linguistic_support", "course_fees", "inclusion_organisation",
        "preparatory_visit",
    }  # fmt: skip


@pytest.mark.usefixtures("tables")
def test_kept_lines_and_their_sums_are_those_of_the_tables():
    chance, coordinator = random.Random(2021), factories.UserFactory()
    members = [factories.OrganisationFactory(placed=True) for _number in range(3)]
    project = factories.running_project(members=members, call_year=2021, rates_of="ES")
    expected, by_member = Counter(), Counter()
    for _number in range(KEPT):
        stay, member = generated(chance, 2021, OF_2021, sending="SE"), chance.choice(members)
        stay["accompanying"] = False
        mobility = lifecycle.accept(mobility=_submitted(stay, project, member), by=coordinator)
        amounts = recomputed.grant(stay)
        assert dict(mobility.grant_lines.accepted().values_list("category_id", "amount_eur")) == amounts, stay
        expected.update(amounts)
        by_member[member.pk] += sum(amounts.values())
    kept = GrantLine.objects.accepted()
    by_category = kept.values("category_id").annotate(total=Total("amount_eur")).order_by()
    of_members = kept.values("mobility__sending_organisation").annotate(total=Total("amount_eur")).order_by()
    assert {row["category_id"]: row["total"] for row in by_category} == dict(expected)
    assert {row["mobility__sending_organisation"]: row["total"] for row in of_members} == dict(by_member)
    assert kept.aggregate(total=Total("amount_eur"))["total"] == sum(expected.values(), Decimal(0))


def _submitted(stay, project, member):
    code, days = stay["activity_code"], stay["activity_days"]
    activity = ActivityType.objects.in_call(2021).filter(ec_code=code).first() or ActivityType.objects.get(key=code)
    group = "learner" if code in recomputed.LEARNERS else "staff"
    return factories.MobilityFactory(
        state="submitted",
        project=project,
        participant=factories.ParticipantFactory(organisation=member, group=group, email=""),
        receiving_organisation=factories.OrganisationFactory(host=True, country=stay["receiving_country"]),
        activity_type=activity,
        start_date=factories.day(30),
        end_date=factories.day(29 + days),
        travel_mode=stay["travel_mode"],
        travel_days=stay["travel_days"],
        distance_km=stay["distance_km"],
        distance_reason="The Commission's calculator",
        fewer_opportunities=stay["fewer_opportunities"],
        linguistic_support=stay["linguistic_support"],
        course_fee_days=stay["course_fee_days"],
    )
