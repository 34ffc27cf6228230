"""Each promise of the database, broken once past all rules: the row is refused."""

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from mobilities.models import Document, Mobility, Participant, PlacementReport
from tests import factories

# Constraint → the state to begin with and the fields that break it.
OF_MOBILITIES = {
    "mobility_ends_on_or_after_its_start": ("draft", {"end_date": factories.day(1)}),
    "mobility_is_once_in_its_days": ("draft", {"start_date": factories.day(60), "end_date": factories.day(74)}),
    "mobility_is_complete_unless_draft": ("submitted", {"receiving_organisation": None}),
    "mobility_state_is_known": ("draft", {"state": "lost"}),
    "mobility_funder_state_is_known": ("accepted", {"funder_state": "lost"}),
    "mobility_travel_mode_is_known": ("draft", {"travel_mode": "boat"}),
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
    models += [(Document, OF_DOCUMENTS), (PlacementReport, OF_REPORTS)]
    for model, table in models:
        assert {constraint.name for constraint in model._meta.constraints} == set(table)
