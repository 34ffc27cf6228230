"""Each promise of the database, broken once past all rules: the row is refused."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from mobilities.models import (
    CountryGroup,
    Document,
    FundedDayTier,
    GrantLine,
    Mobility,
    Participant,
    PlacementReport,
    TravelDayLimit,
    UnitCost,
)
from tests import factories

# Constraint → the state to begin with and the fields that break it.
OF_MOBILITIES = {
    "mobility_ends_on_or_after_its_start": ("draft", {"end_date": factories.day(1)}),
    "mobility_is_once_in_its_days": ("draft", {"start_date": factories.day(60), "end_date": factories.day(74)}),
    "mobility_is_complete_unless_draft": ("submitted", {"receiving_organisation": None}),
    "mobility_state_is_known": ("draft", {"state": "lost"}),
    "mobility_funder_state_is_known": ("accepted", {"funder_state": "lost"}),
    "mobility_travel_mode_is_known": ("draft", {"travel_mode": "boat"}),
    "mobility_green_declaration_is_of_green_travel": ("draft", {"green_is_declared": True}),
    "mobility_distance_is_on_earth": ("draft", {"distance_km": 20039}),
    "mobility_corrected_distance_is_stated": ("draft", {"distance_reason": "The Commission's calculator says so."}),
    "mobility_place_fits_its_state": ("accepted", {"has_place": False}),
    "mobility_submission_has_time_and_person": ("submitted", {"submitted_by": None}),
    "mobility_acceptance_has_time_and_person": ("accepted", {"accepted_by": None}),
    "mobility_is_accepted_by_somebody": ("accepted", {"accepted_by": None, "accepted_at": None}),
    "mobility_in_the_funders_system_is_accepted": ("submitted", {"funder_state": "draft"}),
}
OF_PARTICIPANTS = {
    "participant_group_is_known": {"group": "dog"},
    "participant_language_is_known": {"language": "xx"},
    "participant_is_once_in_a_member": {"email": "SAME@example.org"},
}
OF_DOCUMENTS = {
    "document_version_is_unique": {"version": 1},
    "document_kind_is_known": {"kind": "poem"},
    "document_state_is_known": {"state": "lost"},
}
OF_REPORTS = {
    "placement_report_state_is_known": {"state": "lost"},
    "placement_report_submission_has_time_and_person": {"submitted_by": None},
    "placement_report_review_has_time_and_person": {"reviewed_at": timezone.now()},
    "placement_report_sent_in_has_a_sender": {"submitted_by": None, "submitted_at": None},
}
OF_GRANT_LINES = {
    "grant_line_is_once_in_its_category": {"category_id": "travel"},
    "grant_line_phase_is_known": {"phase": "hoped for"},
    "grant_line_is_not_negative": {"amount_eur": -1},
}
# Constraint → a row of annex IV, and the fields that break it.
OF_RATES = {
    "unitcost_status_is_known": (UnitCost, {"status": "heard"}),
    "unitcost_call_year_is_of_the_programme": (UnitCost, {"call_year": 2013}),
    "unit_cost_is_stated_once": (UnitCost, {"km_from": 100}),
    "unit_cost_kind_is_known": (UnitCost, {"kind": "tips"}),
    "unit_cost_is_within_reason": (UnitCost, {"amount_eur": -5}),
    "unit_cost_cap_is_within_reason": (UnitCost, {"cap_eur": 1}),
    "unit_cost_band_ends_after_its_start": (UnitCost, {"km_to": 499}),
    "countrygroup_status_is_known": (CountryGroup, {"status": "heard"}),
    "countrygroup_call_year_is_of_the_programme": (CountryGroup, {"call_year": 2028}),
    "country_is_in_one_group": (CountryGroup, {"country_code": "PT"}),
    "country_group_is_known": (CountryGroup, {"group": "E"}),
    "fundeddaytier_status_is_known": (FundedDayTier, {"status": "heard"}),
    "fundeddaytier_call_year_is_of_the_programme": (FundedDayTier, {"call_year": 2013}),
    "tier_begins_once": (FundedDayTier, {"day_from": 1}),
    "tier_ends_after_its_start": (FundedDayTier, {"day_to": 14}),
    "tier_pays_a_share": (FundedDayTier, {"percent": 101}),
    "tier_audience_is_known": (FundedDayTier, {"audience": "dogs"}),
    "traveldaylimit_status_is_known": (TravelDayLimit, {"status": "heard"}),
    "traveldaylimit_call_year_is_of_the_programme": (TravelDayLimit, {"call_year": 2013}),
    "travel_days_are_limited_once": (TravelDayLimit, {"travel_mode": "standard"}),
    "travel_days_are_within_reason": (TravelDayLimit, {"most_days": 11}),
}
# The row that each of them breaks: not the first of its table, which the unique ones run into.
BROKEN = {
    UnitCost: {"kind": "travel", "km_from": 500, "travel_mode": "standard"},
    CountryGroup: {"country_code": "IE"},
    FundedDayTier: {"audience": "learner", "day_from": 15},
    TravelDayLimit: {"travel_mode": "green"},
}


# What breaks another promise as well; the databases differ in which they name.
ALSO = {"mobility_state_is_known": "mobility_place_fits_its_state"}


def refused(row, fields, name):
    """The database's own word for it: SQLite names a unique index by its columns, everything else by its name."""
    for field, value in fields.items():
        setattr(row, field, value)
    with pytest.raises(IntegrityError) as refusal, transaction.atomic():
        row.save()
    said = str(refusal.value)
    named = name in said or ALSO.get(name, name) in said
    assert named or said.startswith("UNIQUE constraint failed")


@pytest.mark.parametrize("name", OF_MOBILITIES)
def test_mobility(mobility_of, name):
    state, fields = OF_MOBILITIES[name]
    mobility_of(start_date=factories.day(60), end_date=factories.day(74))
    refused(mobility_of(state), fields, name)


@pytest.mark.parametrize("name", OF_PARTICIPANTS)
def test_participant(member_a, traveller, name):
    factories.ParticipantFactory(organisation=member_a, email="same@example.org")
    refused(traveller, OF_PARTICIPANTS[name], name)


@pytest.mark.parametrize("name", OF_DOCUMENTS)
def test_document(mobility_of, name):
    mobility = mobility_of("completed")
    factories.DocumentFactory(mobility=mobility, state="replaced")
    refused(factories.DocumentFactory(mobility=mobility, version=2), OF_DOCUMENTS[name], name)


@pytest.mark.parametrize("name", OF_REPORTS)
def test_placement_report(mobility_of, name):
    mobility = mobility_of("completed", placement_report="submitted")
    refused(mobility.placement_report, OF_REPORTS[name], name)


@pytest.mark.parametrize("name", OF_GRANT_LINES)
def test_grant_line(mobility_of, name):
    mobility = mobility_of("accepted")
    factories.made_up_rates()
    for category in ("travel", "individual_support"):
        line = GrantLine.objects.create(
            mobility=mobility, phase="accepted", category_id=category, amount_eur=1, steps={}, is_verified=True
        )
    refused(line, OF_GRANT_LINES[name], name)


@pytest.mark.parametrize("name", OF_RATES)
def test_row_of_annex_iv(db, name):
    factories.made_up_rates()
    model, fields = OF_RATES[name]
    refused(model.objects.get(**BROKEN[model]), fields, name)


def test_two_people_of_a_member_may_be_without_an_address(member_a):
    for _number in range(2):
        factories.ParticipantFactory(organisation=member_a, email="")
    assert Participant.objects.filter(email="").count() == 2


@pytest.mark.parametrize(
    "other",
    [
        {"state": "withdrawn"},
        {"state": "cancelled"},
        {"end_date": factories.day(75)},
        {"participant": None},
        {"project": None},
    ],
)
def test_same_days_are_free_for_what_is_off_and_for_other_persons_and_projects(mobility_of, member_a, host, other):
    others = {"participant": factories.ParticipantFactory, "project": factories.running_project}
    other = {name: others[name]() if value is None else value for name, value in other.items()}
    days = {"start_date": factories.day(60), "end_date": factories.day(74)}
    mobility_of(**days)
    mobility_of(**days | other)
    for _number in range(2):
        mobility_of(**days | {"start_date": None})
    assert Mobility.objects.count() == 4


def test_table_above_is_whole():
    models = [(Mobility, OF_MOBILITIES), (Participant, OF_PARTICIPANTS)]
    models += [(Document, OF_DOCUMENTS), (PlacementReport, OF_REPORTS), (GrantLine, OF_GRANT_LINES)]
    models += [
        (model, {name: fields for name, (broken, fields) in OF_RATES.items() if broken is model}) for model in BROKEN
    ]
    for model, table in models:
        assert {constraint.name for constraint in model._meta.constraints} == set(table)
