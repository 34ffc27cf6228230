"""The demonstration's invented people and journeys keep the rules and show what there is to see."""

from collections import Counter
from datetime import timedelta
from io import BytesIO

import pikepdf
import pytest
from django.core.management import call_command
from django.db import transaction
from django.test import override_settings
from django.utils import timezone

from consortium.models import Allocation, AwardedLine, BudgetShare, Membership, Project, User
from consortium.permissions import Role
from mobilities import eligibility, mobility_grants
from mobilities.models import (
    Document,
    GrantLine,
    GrantPhase,
    Mobility,
    MobilityState,
    Participant,
    PlacementReport,
    PlacementReportState,
)
from mobilities.models.states import FunderState
from westum.base import uploads
from westum.base.models import Installation
from westum.demo import ROLES
from westum.demo_data.tales import MADE_UP


@pytest.fixture(scope="module")
def demo_rows(django_db_setup, django_db_blocker):
    """Loaded once for this module, which only reads."""
    with django_db_blocker.unblock(), override_settings(DEMO=True), transaction.atomic():
        installation = Installation.objects.create(is_demo=True)
        call_command("load_demo", verbosity=0)
        yield installation
        transaction.set_rollback(True)


@pytest.fixture
def demo(demo_rows, db):
    return demo_rows


@pytest.fixture
def exempel(demo):
    return Mobility.objects.filter(project__slug="exempel")


def test_nobody_has_an_address_of_this_world(demo):
    addresses = [
        *User.objects.values_list("email", flat=True),
        *Participant.objects.exclude(email="").values_list("email", flat=True),
    ]
    assert [address for address in addresses if not address.endswith("@example.org")] == []
    assert not any(user.has_usable_password() for user in User.objects.all())


def test_log_ins_have_their_roles(demo):
    roles = {
        role: set(Membership.objects.valid_today().filter(user__email=email).values_list("role", flat=True))
        for role, email in ROLES.items()
    }
    assert roles == {role.value: {role.value} for role in Role} | {"participant": set()}
    auditor = Membership.objects.get(role=Role.AUDITOR)
    assert (auditor.project.slug, auditor.to_date) == ("exempel", demo.started_on + timedelta(180))
    contact = User.objects.get(email="contact@example.org")
    participant = Participant.objects.get(user__email="participant@example.org")
    assert {contact.memberships.get().organisation.name, participant.organisation.name} == {"Lidköping"}
    assert Membership.objects.filter(role=Role.CONTACT).values("organisation").distinct().count() == 12


def test_participant_is_home_and_owes_the_report(demo):
    user = User.objects.get(email="participant@example.org")
    mobility = Mobility.objects.travelled_by(user).get()
    assert Mobility.objects.to_report().filter(pk=mobility.pk).exists()
    assert mobility.report_due_on > timezone.localdate()


def test_counters_equal_the_rows(demo):
    for share in Allocation.objects.select_related("member"):
        holding = Mobility.objects.holding_a_place().filter(
            project=share.member.project_id,
            sending_organisation=share.member.organisation_id,
            activity_type=share.activity_type_id,
        )
        assert share.places_taken == holding.count()
        assert share.history.latest().places_taken == share.places_taken
    for line in AwardedLine.objects.in_force().filter(amount__isnull=False):
        shares = BudgetShare.objects.filter(
            member__project=line.decision.project_id, category=line.category, activity_type=line.activity_type
        )
        assert line.amount_shared == sum(shares.values_list("amount", flat=True)) > 0
        assert line.history.latest().amount_shared == line.amount_shared
    for line in AwardedLine.objects.in_force().filter(places__isnull=False).select_related("decision"):
        shares = Allocation.objects.filter(member__project=line.decision.project_id, activity_type=line.activity_type)
        assert line.places_shared == sum(shares.values_list("places", flat=True))
        assert line.history.latest().places_shared == line.places_shared
    assert Mobility.objects.holding_a_place().count() == sum(Allocation.objects.values_list("places_taken", flat=True))


def test_all_journeys_keep_the_rules(demo):
    for mobility in Mobility.objects.select_related("project__goal_rule", "participant", "activity_type"):
        goals = list(mobility.goals.all())
        assert eligibility.wrong(mobility, goals) == []
        if mobility.state not in {MobilityState.DRAFT, MobilityState.WITHDRAWN}:
            assert eligibility.missing(mobility, goals) == []
        assert mobility.sending_organisation_id == mobility.participant.organisation_id
        assert mobility.history.latest().state == mobility.state
        if report := getattr(mobility, "placement_report", None):
            assert report.submitted_by_id != report.reviewed_by_id


def test_yearly_project_has_the_goals_of_its_accreditation(demo):
    yearly = Project.objects.get(slug="exempel-nasta")
    told = [
        [(goal.kind, goal.code, goal.title_sv) for goal in project.goals.order_by("position")]
        for project in (yearly, yearly.accreditation)
    ]
    assert told[0] == told[1] != []
    assert (yearly.accreditation.programme, yearly.accreditation.takes_registrations) == ("KA120-VET", False)
    assert yearly.goals.first().history.get().history_change_reason == "copied this from an earlier project"


def test_the_project_of_2015_has_180_mobilities(demo):
    found = Mobility.objects.filter(project__slug="ka1-2015")
    states = Counter(found.values_list("state", flat=True))
    assert (found.count(), found.learners().count(), found.staff().count()) == (180, 81, 99)
    assert states == {"closed": 138, "reported": 14, "completed": 8, "cancelled": 12, "withdrawn": 8}
    assert found.filter(funder_state=FunderState.DIFFERS).count() == 3
    assert found.values("receiving_organisation__country").distinct().count() > 10
    assert set(Allocation.history.filter(history_type="+").values_list("history_change_reason", flat=True)) == {MADE_UP}


def test_exempel_shows_every_state(exempel):
    today = timezone.localdate()
    assert exempel.count() == 40
    assert set(exempel.values_list("state", flat=True)) == set(MobilityState.values)
    assert exempel.abroad_on(today).count() == 5
    assert exempel.late_reports(today).count() == 4
    assert exempel.to_review().count() == 2
    assert exempel.exclude(returned_comment="").count() == 1
    assert set(exempel.values_list("funder_state", flat=True)) == set(FunderState.values)
    reports = PlacementReport.objects.filter(mobility__project__slug="exempel").values_list("state", flat=True)
    assert set(reports) == {
        PlacementReportState.SUBMITTED,
        PlacementReportState.RETURNED,
        PlacementReportState.ACCEPTED,
    }


def test_exempel_has_a_full_share_with_a_queue(exempel):
    waiting = exempel.in_queue()
    assert waiting.count() == 3
    (member,) = set(waiting.values_list("sending_organisation__name", flat=True))
    share = Allocation.objects.get(
        member__project__slug="exempel",
        member__organisation__name=member,
        activity_type__key="short-term-mobility",
    )
    assert share.is_full


def test_exempel_has_places_left_to_give(demo):
    lines = Project.objects.get(slug="exempel").decision.lines.of_places()
    assert all(line.places_left > 0 for line in lines)


def test_files_are_pdfs_that_an_upload_would_pass(exempel):
    documents = Document.objects.filter(mobility__in=exempel)
    assert documents.count() == PlacementReport.objects.filter(mobility__in=exempel).count()
    for document in documents:
        content = document.file.read()
        assert uploads.inspect(content, document.file.name)[0].content_type == "application/pdf"
        with pikepdf.open(BytesIO(content)) as pdf:
            assert len(pdf.pages) == 1


def test_kept_grants_are_what_the_rules_work_out(exempel):
    books = mobility_grants.Books()
    differing = 0
    for mobility in exempel.with_parties().prefetch_related("grant_lines"):
        accepted = mobility_grants.kept(mobility, GrantPhase.ACCEPTED)
        actual = mobility_grants.kept(mobility, GrantPhase.ACTUAL)
        assert accepted.is_known == (mobility.accepted_at is not None)
        assert actual.is_known == (mobility.state in {"completed", "reported", "closed"})
        newest = actual if actual.is_known else accepted
        if newest.is_known:
            assert newest == mobility_grants.worked_out(mobility, books)
        differing += actual.is_known and actual.amount_eur != accepted.amount_eur
    assert differing == 3


def test_lines_of_history_lead_to_the_kept_grants(demo):
    for line in GrantLine.objects.all():
        newest = line.history.latest()
        assert (newest.amount_eur, newest.steps) == (line.amount_eur, line.steps)
    reasons = set(GrantLine.history.values_list("history_change_reason", flat=True))
    assert reasons == {"accepted", mobility_grants.SETTLED}


def test_grants_of_exempel_show_what_there_is(exempel):
    lines = GrantLine.objects.filter(mobility__in=exempel)
    assert set(lines.values_list("category", flat=True)) == {
        "travel", "individual_support", "linguistic_support", "course_fees", "inclusion_organisation",
    }  # fmt: skip
    assert all(project.has_example_rates for project in Project.objects.filter(slug="exempel"))
    assert not lines.filter(is_verified=False).exists()
    undeclared = Mobility.objects.filter(travel_mode="green", green_is_declared=False)
    assert undeclared.get() in exempel.filter(state="draft")
    assert exempel.exclude(distance_reason="").count() == 1


def test_the_project_of_2015_lacks_the_swedish_day_rates(demo):
    mobilities = Mobility.objects.filter(project__slug="ka1-2015")
    assert not GrantLine.objects.filter(mobility__in=mobilities).exists()
    grant = mobility_grants.worked_out(mobilities.with_parties().filter(state="closed").first())
    assert (grant.missing.table, grant.missing.call_year) == ("day_rates", 2015)
