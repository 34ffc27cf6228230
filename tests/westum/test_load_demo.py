"""The demonstration is filled once, the same each time, and nowhere else."""

from datetime import date

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import transaction
from django.utils import timezone

from consortium.models import Allocation, Organisation, Project, User
from mobilities import eligibility
from mobilities.models import Document, GrantLine, Mobility, Participant, PlacementReport
from westum.base.models import Installation
from westum.demo_data import demonstration


@pytest.fixture
def is_demo(db, settings):
    settings.DEMO = True
    return Installation.objects.create(is_demo=True)


def picture():
    """What a run has made, without primary keys."""
    return {
        "people": sorted(User.objects.values_list("email", "name", "language", "joined_at")),
        "participants": sorted(
            Participant.objects.values_list("organisation__name", "first_name", "last_name", "email", "phone", "group")
        ),
        "mobilities": sorted(
            map(
                str,
                Mobility.objects.values_list(
                    "participant__search", "state", "start_date", "end_date", "receiving_organisation__name",
                    "funder_state", "funder_id", "has_place", "submitted_at", "accepted_at", "goals__code", "travel_mode",
                ),
            )
        ),
        "lines": sorted(map(str, Mobility.history.values_list("history_date", "history_change_reason", "state"))),
        "grants": sorted(
            map(
                str,
                GrantLine.objects.values_list(
                    "mobility__participant__search", "mobility__start_date", "phase", "category", "amount_eur"
                ),
            )
        ),
        "shares": sorted(Allocation.objects.values_list("member__organisation__name", "activity_type__key", "places")),
        "files": sorted(Document.objects.values_list("file__sha256", flat=True)),
    }  # fmt: skip


def test_two_runs_are_equal(is_demo):
    pictures = []
    for _run in range(2):
        run = transaction.atomic()
        run.__enter__()
        call_command("load_demo", verbosity=0)
        pictures.append(picture())
        transaction.set_rollback(True)
        run.__exit__(None, None, None)
    assert pictures[0] == pictures[1]
    assert len(pictures[0]["participants"]) == 220


def test_loading_again_changes_nothing(is_demo):
    call_command("load_demo", verbosity=0)
    before = picture()
    call_command("load_demo", verbosity=0)
    assert picture() == before


@pytest.mark.parametrize("mark", [True, False])
def test_refuses_where_it_is_no_demonstration(db, settings, mark):
    settings.DEMO = mark
    Installation.objects.create(is_demo=not mark)
    with pytest.raises(CommandError, match="Invented people have no place here"):
        call_command("load_demo", verbosity=0)
    assert not Organisation.objects.exists()


@pytest.mark.parametrize("started_on", [date(2026, 8, 31), date(2028, 2, 29), date(2027, 1, 1)])
def test_any_day_is_good_to_start(db, started_on):
    call_command("load_fixtures", verbosity=0)
    demonstration.create(started_on=started_on)
    project = Project.objects.get(slug="exempel")
    first, last = project.period
    assert (first.year * 12 + first.month, last.year * 12 + last.month) == (
        started_on.year * 12 + started_on.month - 6,
        started_on.year * 12 + started_on.month + 18,
    )
    for mobility in project.mobilities.select_related("project", "participant", "activity_type"):
        assert eligibility.wrong(mobility, list(mobility.goals.all())) == []
        assert timezone.localdate(mobility.created_at) > first
    for model in (Participant, Mobility, GrantLine, PlacementReport, Document):
        assert timezone.localdate(model.history.latest("history_date").history_date) <= started_on
