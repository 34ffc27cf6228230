"""The statement of one mobility's grant: what is kept is what it says, and nobody reads another member's participant."""

import io
from datetime import timedelta
from decimal import Decimal

import pikepdf
import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.urls import reverse
from django.utils import translation

from consortium.permissions import NotAllowed
from mobilities import lifecycle, mobility_grants
from mobilities.models import Mobility, UnitCost
from reporting import grant_statement, rendering, requests, verification
from reporting.models import Report
from tests import factories, pdf_ua
from westum.base.jobs import JobState


@pytest.fixture
def rates(project):
    factories.made_up_rates(call_year=project.call_year)


@pytest.fixture
def accepted(rates, project, member_a, coordinator):
    return a_mobility(project, member_a, by=coordinator)


def a_mobility(project, organisation, *, by, **fields):
    """An accepted mobility with its grant: 15 days in Portugal, 2,356 km, 300 + 720 euro."""
    return lifecycle.accept(mobility=submitted(project, organisation, **fields), by=by)


def submitted(project, organisation, **fields):
    organisation.latitude, organisation.longitude = Decimal("58.5"), Decimal("13.2")
    organisation.save()
    person = fields.pop("participant", None) or factories.ParticipantFactory(organisation=organisation, language="en")
    host = factories.OrganisationFactory(host=True, placed=True)
    return factories.MobilityFactory(
        project=project, participant=person, receiving_organisation=host, state="submitted", **fields
    )


def came_home(mobility, days_earlier=0):
    """The stay is over, so many days earlier than it was accepted for."""
    mobility = lifecycle.complete(mobility=lifecycle.begin(mobility=mobility))
    end = mobility.end_date - timedelta(days_earlier)
    Mobility.objects.unkept("moved into the past").filter(pk=mobility.pk).update(end_date=end)
    mobility.refresh_from_db()
    mobility_grants.settle(Mobility.objects.with_parties().get(pk=mobility.pk))
    return mobility


@pytest.fixture
def order_grant(coordinator):
    def make(mobility, **fields):
        wanted = {"kind": "grant_statement", "mobility": mobility, "language": "en", "by": coordinator, "ring": False}
        return requests.order(**wanted | fields)

    return make


@pytest.fixture
def finished(order_grant):
    def make(mobility, **fields):
        report, _is_new = order_grant(mobility, **fields)
        Report.objects.claim(report.pk).finish(
            file=factories.files.keep(factories.PDF, name="x.pdf", content_type="application/pdf"), file_hash="0" * 64
        )
        report.refresh_from_db()
        return report

    return make


def page_of(mobility):
    return reverse("reporting:grant_statement", args=[mobility.pk])


def printed(report):
    with translation.override(report.language):
        return grant_statement.context(report)


# What it says


def test_accepted_grant_with_its_steps_and_rates(accepted, order_grant):
    report, is_new = order_grant(accepted)
    said = printed(report)
    assert is_new
    assert [(line.name, line.amount_eur) for line in said["grant"].lines] == [
        ("Travel support", 300),
        ("Individual support", 720),
    ]
    assert said["grant"].amount_eur == 1020
    assert (said["is_settled"], said["changes"], said["earlier"]) == (False, [], [])
    assert [(rate.name, rate.amount_eur, rate.detail) for rate in said["rates"]] == [
        ("Travel support", 300, ""),
        ("Individual support", 49, "a day; days 1–14: 100 per cent"),
        ("Individual support", 49, "a day; days 15–15: 70 per cent"),
    ]
    assert {rate.status_name for rate in said["rates"]} == {"verified"}
    assert said["cover"].lead == str(accepted.participant)


def test_real_days_stand_beside_the_accepted_ones_with_the_reason(accepted, order_grant):
    report, _is_new = order_grant(came_home(accepted, days_earlier=2))
    said = printed(report)
    assert [(row.name, row.before_eur, row.after_eur, row.difference, row.reasons) for row in said["changes"]] == [
        ("Travel support", 300, 300, "€0", []),
        ("Individual support", 720, 637, "−€83", ["2 days fewer"]),
    ]
    assert (said["before"].amount_eur, said["grant"].amount_eur, said["difference"]) == (1020, 937, "−€83")
    assert [line.name for line in said["earlier"]] == ["Individual support"]


def test_inclusion_support_is_the_organisations_and_stands_apart(rates, project, member_a, coordinator, finished):
    mobility = a_mobility(project, member_a, by=coordinator, fewer_opportunities=True)
    said = printed(finished(mobility))
    assert [line.category for line in said["grant"].lines] == ["travel", "individual_support"]
    assert (said["grant"].amount_eur, said["organisation"].amount_eur, said["whole"].amount_eur) == (1020, 110, 1130)
    settled = printed(finished(came_home(mobility)))
    assert [row.name for row in settled["changes"]] == ["Travel support", "Individual support"]
    assert (settled["difference"], settled["earlier"]) == ("€0", [])


def test_grant_that_became_known_after_the_acceptance_stands_alone(rates, project, member_a, coordinator, order_grant):
    UnitCost.objects.unkept("not entered yet").filter(kind="individual_support").update(amount_eur=None)
    mobility = a_mobility(project, member_a, by=coordinator)
    UnitCost.objects.unkept("entered").filter(kind="individual_support").update(amount_eur=10)
    said = printed(order_grant(came_home(mobility))[0])
    assert (said["is_settled"], said["changes"], said["earlier"]) == (True, [], [])
    assert said["grant"].amount_eur == 300 + 14 * 10 + 7


def test_rates_that_are_not_verified_and_those_of_another_country_are_marked(accepted, project, order_grant):
    assert printed(order_grant(accepted)[0])["example_of"] == ""
    UnitCost.objects.unkept("nobody has compared it").filter(kind="travel").update(status="unverified")
    project.rates_of = "ES"
    project.save()
    later = submitted(project, accepted.sending_organisation)
    UnitCost.objects.unkept("as if Spain's").filter(kind="individual_support").update(sending_country="ES")
    said = printed(order_grant(lifecycle.accept(mobility=later, by=factories.UserFactory()))[0])
    assert (said["example_of"], said["grant"].is_verified) == ("ES", False)
    assert [rate.is_verified for rate in said["rates"]] == [False, True, True]


def test_paper_says_what_was_kept_whatever_the_tables_say_now(accepted, order_grant):
    report, _is_new = order_grant(accepted)
    UnitCost.objects.unkept("a later rate").filter(amount_eur__isnull=False).update(amount_eur=7)
    assert printed(report)["grant"].amount_eur == 1020
    assert order_grant(accepted) == (report, False)


# When there is nothing to state


def test_refused_before_the_acceptance_and_when_the_trip_is_off(rates, project, member_a, coordinator, order_grant):
    mobility = submitted(project, member_a)
    with pytest.raises(NotAllowed, match="kept when the mobility is accepted"):
        order_grant(mobility)
    mobility = lifecycle.accept(mobility=mobility, by=coordinator)
    mobility = lifecycle.cancel(mobility=mobility, reason="Ill.", by=coordinator)
    with pytest.raises(NotAllowed, match="will not take place"):
        order_grant(mobility)
    assert not Report.objects.exists()


def test_refused_with_the_rate_that_is_missing(
    rates, project, member_a, coordinator, contact, order_grant, sign_in, send
):
    UnitCost.objects.unkept("not entered yet").filter(kind="individual_support").update(amount_eur=None)
    mobility = a_mobility(project, member_a, by=coordinator)
    with translation.override("en"), pytest.raises(NotAllowed, match="has no amounts: Call 2024") as refused:
        order_grant(mobility)
    client = sign_in(contact)
    page = client.get(page_of(mobility))
    assert refused.value.sentence in page.text
    assert "<form" not in page.text.split("<main")[1]
    UnitCost.objects.unkept("entered").filter(kind="individual_support").update(amount_eur=10)
    assert "calculates its grant anew first" in client.get(page_of(mobility)).text
    project.state = "ended"
    project.save()
    assert "and the project has ended" in client.get(page_of(mobility)).text


# Who reads it


def test_contact_orders_it_in_the_language_of_the_participant(accepted, contact, sign_in, send):
    client = sign_in(contact)
    form = client.get(page_of(accepted)).context["form"]
    assert form["language"].value() == "en"
    page = send(client, page_of(accepted), language="en")
    report = Report.objects.get()
    assert page.redirect_chain == [(report.get_absolute_url(), 302)]
    assert (report.mobility, report.project, report.organisation, report.language) == (accepted, None, None, "en")
    assert accepted.get_absolute_url() in page.text
    assert report.get_absolute_url() in client.get(page_of(accepted)).text


@pytest.mark.parametrize(
    ("who", "reads", "orders"),
    [
        ("coordinator", True, True),
        ("staff", True, True),
        ("auditor", True, False),
        ("contact", True, True),
        ("participant", True, False),
        ("other_contact", False, False),
        ("outsider", False, False),
        ("former_contact", False, False),
    ],
)
def test_who_sees_the_mobility_reads_its_statement(
    who, reads, orders, request, rates, project, member_a, participant, coordinator, finished, sign_in
):
    person = participant.participants.get()
    mobility = a_mobility(project, person.organisation, by=coordinator, participant=person)
    report = finished(mobility)
    user = request.getfixturevalue(who)
    client = sign_in(user)
    got = 200 if reads else 404
    assert client.get(page_of(mobility)).status_code == got
    for name in ("report", "report_pdf"):
        answer = client.get(reverse(f"reporting:{name}", args=[report.pk]))
        assert answer.getvalue()
        assert answer.status_code == got
    assert Report.objects.visible_to(user).filter(pk=report.pk).exists() == reads
    assert Report.objects.orderable_by(user).filter(pk=report.pk).exists() == orders
    assert client.post(page_of(mobility), {"language": "xx"}).status_code == (200 if orders else 404)


def test_participant_reads_the_own_statement_alone(rates, project, participant, coordinator, finished, sign_in):
    person = participant.participants.get()
    own = a_mobility(project, person.organisation, by=coordinator, participant=person)
    fellow = a_mobility(project, person.organisation, by=coordinator)
    reports = [finished(own), finished(fellow)]
    client = sign_in(participant)
    assert list(Report.objects.visible_to(participant)) == reports[:1]
    assert client.get(reports[0].get_absolute_url()).status_code == 200
    assert client.get(reports[1].get_absolute_url()).status_code == 404
    assert client.get(page_of(fellow)).status_code == 404


def test_pages_of_the_journey_lead_to_it_from_the_acceptance_on(
    rates, project, participant, contact, coordinator, sign_in
):
    person = participant.participants.get()
    mobility = submitted(project, person.organisation, participant=person)
    places = [(contact, mobility.get_absolute_url()), (participant, "/"), (participant, mobility.get_absolute_url())]
    link = f'href="{page_of(mobility)}"'
    assert [link in sign_in(user).get(url).text for user, url in places] == [False] * 3
    lifecycle.accept(mobility=mobility, by=coordinator)
    assert [link in sign_in(user).get(url).text for user, url in places] == [True] * 3


def test_auditor_of_another_project_reads_none(rates, project, member_a, association, coordinator, auditor, finished):
    other = factories.running_project(members=[member_a], owner=association)
    factories.share_out(project=other, organisation=member_a, activity_type=factories.ActivityTypeFactory(), places=10)
    reports = [finished(a_mobility(one, member_a, by=coordinator)) for one in (project, other)]
    assert list(Report.objects.visible_to(auditor)) == reports[:1]


def test_lists_of_reports_name_no_participant(accepted, staff, finished, sign_in):
    finished(accepted)
    client = sign_in(staff)
    for page in (reverse("reporting:reports"), reverse("reporting:start")):
        assert accepted.participant.last_name not in client.get(page).text


def test_public_page_names_nobody(accepted, finished, visitor):
    page = visitor.get(reverse("reporting:verify_code", args=[finished(accepted).code])).text
    assert "genuine and current" in page
    assert accepted.participant.last_name not in page
    assert accepted.sending_organisation.name not in page
    assert "1,020" not in page
    assert accepted.project.get_absolute_url() in page


def test_paper_of_what_has_changed_is_no_longer_current(accepted, coordinator, finished):
    report = finished(accepted)
    assert verification.find(report.code).is_current
    lifecycle.cancel(mobility=accepted, reason="Ill.", by=coordinator)
    assert not verification.find(report.code).is_current


def test_newer_statement_of_the_same_mobility_replaces_it(accepted, finished, project, coordinator, staff, sign_in):
    older = finished(accepted)
    finished(a_mobility(project, accepted.sending_organisation, by=coordinator))
    client = sign_in(staff)
    assert "Replaced by" not in client.get(older.get_absolute_url()).text
    newer = finished(came_home(accepted, days_earlier=2))
    assert newer.code in client.get(older.get_absolute_url()).text
    assert "No longer current" in client.get(older.get_absolute_url()).text


@pytest.mark.parametrize("rows", [1, 3, 50])
def test_page_asks_as_much_for_any_number_of_papers(rows, accepted, contact, sign_in, django_assert_num_queries):
    for _paper in range(rows):
        factories.ReportFactory(kind="grant_statement", project=None, mobility=accepted, done=True)
    client = sign_in(contact)
    client.get(page_of(accepted))
    with django_assert_num_queries(QUERIES):
        assert len(client.get(page_of(accepted)).context["papers"]) == min(rows, 10)


QUERIES = 7


# The row and the file


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "grant_statement"},
        {"kind": "grant_statement", "project": None},
        {"kind": "grant_statement", "of_mobility": True},
        {"kind": "budget", "of_mobility": True},
        {"kind": "statement", "project": None, "of_mobility": True},
    ],
)
def test_report_has_a_mobility_just_when_its_kind_is_about_one(fields, accepted):
    fields = dict(fields)
    if fields.pop("of_mobility", False):
        fields["mobility"] = accepted
    with pytest.raises(IntegrityError, match="report_is_of_what_its_kind_is_about"), transaction.atomic():
        factories.ReportFactory(**fields)


def test_one_statement_waits_for_each_mobility_and_language(accepted, order_grant):
    first, _is_new = order_grant(accepted)
    assert order_grant(accepted) == (first, False)
    assert order_grant(accepted, language="sv")[1]
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.ReportFactory(kind="grant_statement", project=None, mobility=accepted)


def test_statement_keeps_its_mobility(accepted, order_grant):
    order_grant(accepted)
    accepted.grant_lines.all().delete()
    with pytest.raises(ProtectedError):
        accepted.delete()


def test_failed_statement_is_tried_again(accepted, contact, order_grant, sign_in):
    report, _is_new = order_grant(accepted)
    Report.objects.claim(report.pk).fail("There was no room on the disk.")
    assert sign_in(contact).post(reverse("reporting:retry_report", args=[report.pk])).status_code == 302
    report.refresh_from_db()
    assert report.state == JobState.QUEUED


def test_file_is_named_by_no_person(accepted, order_grant):
    report, _is_new = order_grant(accepted)
    assert rendering.file_name(report) == f"mobility-{accepted.pk}-grant_statement-{report.as_of.isoformat()}-en.pdf"


@pytest.mark.parametrize("language", ["sv", "en"])
def test_the_paper_passes_every_rule_of_pdf_ua(language, accepted, order_grant):
    report, _is_new = order_grant(came_home(accepted, days_earlier=2), language=language)
    pdf = rendering.set_in_type(report)
    assert pdf == rendering.set_in_type(report)
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert pdf_ua.faults(opened, language=language) == []


# The command


def test_command_writes_the_statement(accepted, tmp_path, monkeypatch):
    monkeypatch.setattr("westum.base.papers.to_pdf", lambda html, language: b"%PDF-1.7 " + language.encode())
    target = tmp_path / "grant.pdf"
    call_command("report", "grant_statement", mobility=accepted.pk, language="sv", output=target, verbosity=0)
    assert target.read_bytes() == b"%PDF-1.7 sv"
    assert Report.objects.get().mobility == accepted


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"mobility": 999_999}, "There is no mobility 999999."),
        ({"project": "exempel"}, "A grant_statement report is of one mobility: give --mobility alone."),
        ({}, "give --mobility alone"),
    ],
)
def test_command_says_what_it_wants(asked, sentence, project, tmp_path):
    with pytest.raises(CommandError, match=sentence):
        call_command("report", "grant_statement", language="sv", output=tmp_path / "x.pdf", **asked)


def test_command_says_why_there_is_none(rates, project, member_a, tmp_path):
    mobility = submitted(project, member_a)
    with translation.override("en"), pytest.raises(CommandError, match="kept when the mobility is accepted"):
        call_command("report", "grant_statement", mobility=mobility.pk, language="sv", output=tmp_path / "x.pdf")
