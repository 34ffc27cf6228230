"""What the grants of a project add up to: each mobility once, in its stage, and nothing that cannot be worked out."""

from collections import Counter
from decimal import Decimal

import pytest
from django.urls import reverse

from mobilities import explanations, grant_sums, mobility_grants
from mobilities.grant_sums import Cause
from mobilities.models import GrantLine, GrantPhase, Mobility, MobilityState, UnitCost
from mobilities.stages import STAGE_OF, Stage
from tests import factories, granted
from tests.cast import cast

__all__ = ["cast"]


@pytest.fixture
def rates(db):
    factories.made_up_rates()


def placed(member):
    member.latitude, member.longitude = Decimal("57.72101"), Decimal("12.94010")
    member.save()
    return member


def mobility_in(cast, state, **fields):
    person = factories.ParticipantFactory(organisation=placed(cast.member_a), email="")
    host = fields.pop("host", None) or factories.OrganisationFactory(host=True, placed=True)
    row = factories.MobilityFactory(
        state=state, project=cast.project, participant=person, receiving_organisation=host, **fields
    )
    return Mobility.objects.with_parties().get(pk=row.pk)


def sums(project):
    return grant_sums.of_project(project, mobility_grants.Books())


def by_stage(found):
    totals = Counter()
    for key, amount in found.amounts.items():
        totals[key.stage] += amount
    return totals


@pytest.mark.parametrize(
    ("state", "stage"), [("draft", "drafts"), ("submitted", "submitted"), ("withdrawn", None), ("cancelled", None)]
)
def test_planned_grant_counts_in_its_stage_and_what_is_off_nowhere(rates, cast, state, stage):
    mobility_in(cast, state)
    # 15 days at 49 euro, of which the last one at 70 per cent: 14 × 49 + 34; 2,356 km: 300.
    expected = {("travel", 300), ("individual_support", 720)} if stage else set()
    found = sums(cast.project)
    assert {(key.category, amount) for key, amount in found.amounts.items()} == expected
    assert {key[1:] for key in found.amounts} == ({("short-learning", cast.member_a.pk, stage)} if stage else set())


def test_kept_lines_count_as_they_were_kept(rates, cast):
    mobility_grants.accept(mobility_in(cast, "accepted"))
    over = mobility_in(cast, "completed")
    mobility_grants.accept(over)
    over.end_date = over.start_date
    mobility_grants.settle(over)
    for cost in UnitCost.objects.filter(amount_eur__isnull=False):
        cost.amount_eur += 7
        cost.save()
    found = sums(cast.project)
    assert by_stage(found) == {Stage.ACCEPTED: 1020, Stage.ACTUAL: 349}
    assert (found.unknown, found.unsettled) == ({}, 0)


def test_completed_mobility_without_actual_lines_counts_by_its_accepted_ones(rates, cast):
    mobility_grants.accept(mobility_in(cast, "completed"))
    found = sums(cast.project)
    assert (by_stage(found), found.unsettled) == ({Stage.ACTUAL: 1020}, 1)


def test_cancelled_mobility_with_kept_lines_counts_nowhere(rates, cast):
    mobility_grants.accept(mobility_in(cast, "cancelled"))
    assert by_stage(sums(cast.project)) == {}


def test_doubt_marks_the_sum_that_it_is_in(rates, cast):
    UnitCost.objects.unkept("a rate in doubt").filter(kind="travel").update(status="inferred")
    mobility_in(cast, "draft")
    mobility_grants.accept(mobility_in(cast, "accepted"))
    marked = {(key.category, key.stage) for key in sums(cast.project).unverified}
    assert marked == {("travel", "drafts"), ("travel", "accepted")}


def test_grant_that_cannot_be_worked_out_is_named_and_no_zero(rates, cast):
    mobility_in(cast, "draft", host=factories.OrganisationFactory(host=True))
    mobility_in(cast, "submitted", travel_days=3)
    UnitCost.objects.unkept("not entered").filter(kind="individual_support", payee="staff").update(amount_eur=None)
    mobility_in(cast, "draft", activity_type=factories.ActivityTypeFactory(staff=True))
    mobility_in(cast, "accepted")
    found = sums(cast.project)
    assert found.amounts == {}
    case = (("group", "1"), ("payee", "staff"), ("sending_country", "SE"))
    assert found.unknown == {
        Cause("drafts", "lacking", "distance_km"): 1,
        Cause("submitted", "refused", "travel_days", 2): 1,
        Cause("drafts", "missing", "day_rates", 2024, case): 1,
        Cause("accepted", "not_kept"): 1,
    }
    assert all(grant_sums.sentence(cause) for cause in found.unknown)


@pytest.mark.parametrize(
    ("counted", "state", "is_kept"),
    [
        ("without_grant", "accepted", False),
        ("under_way", "ongoing", True),
        ("unsettled", "completed", True),
        ("once_submitted", "submitted", False),
        ("called_off", "cancelled", False),
    ],
)
def test_list_shows_what_a_number_counts(counted, state, is_kept, rates, cast, sign_in):
    mobility_in(cast, "draft")
    mobility_in(cast, "withdrawn")
    wanted = mobility_in(cast, state)
    if is_kept:
        mobility_grants.accept(wanted)
    page = sign_in(cast.coordinator).get(reverse("mobilities:mobilities"), {"counted": counted})
    assert [row.pk for row in page.context["page"]] == [wanted.pk]


def test_lines_explanations_and_sums_agree_to_the_cent(rates, cast):
    agree(cast, 100)


def agree(cast, number):
    """So many generated mobilities, by member, category, activity type and stage."""
    rows = granted.mobilities(cast.project, [cast.member_a, cast.member_b], number)
    kept, explained = Counter(), Counter()
    for row in Mobility.objects.with_parties().filter(pk__in=[row.pk for row in rows]):
        stage = STAGE_OF.get(row.state)
        if stage is None:
            continue
        phase = {Stage.ACCEPTED: GrantPhase.ACCEPTED, Stage.ACTUAL: GrantPhase.ACTUAL}.get(stage)
        lines = (mobility_grants.kept(row, phase) if phase else mobility_grants.worked_out(row)).lines
        for line in explanations.explain_all(lines).lines:
            explained[line.category, row.activity_type.key, row.sending_organisation_id, stage] += line.amount_eur
        if phase:
            for line in GrantLine.objects.filter(mobility=row, phase=phase):
                kept[line.category_id, row.activity_type.key, row.sending_organisation_id, stage] += line.amount_eur
    found = sums(cast.project).amounts
    assert dict(found) == explained
    assert {key: amount for key, amount in found.items() if key.stage in (Stage.ACCEPTED, Stage.ACTUAL)} == kept
    assert len(found) > 20


@pytest.mark.parametrize("rows", [3, 50])
def test_sums_ask_the_same_number_of_queries(rows, rates, cast, django_assert_num_queries):
    granted.mobilities(cast.project, [cast.member_a], rows)
    with django_assert_num_queries(9):
        sums(cast.project)


def test_every_state_but_those_that_are_off_has_a_stage():
    assert set(MobilityState) - set(STAGE_OF) == {MobilityState.WITHDRAWN, MobilityState.CANCELLED}
