"""A member's statement: its figures equal the project's, each leads to its rows, and nobody reads another member's."""

import io
from decimal import Decimal

import pikepdf
import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from consortium import budget_shares, share_moves
from consortium.models import Organisation, ProjectMember, Wish, WishAnswer
from mobilities.models import GrantLine
from mobilities.models.states import COMPLETED_OR_LATER, UNDER_WAY
from reporting import budget_data, codes, figures, rendering, requests, statement, statement_data, statement_report
from reporting.models import Report
from tests import factories, granted, pdf_ua
from westum.base.jobs import JobState


@pytest.fixture
def learners():
    return factories.ActivityTypeFactory()


@pytest.fixture
def travel(project):
    return factories.AwardedMoneyFactory(decision=project.decision, amount=Decimal("1000.50"))


@pytest.fixture
def kronor(project):
    return factories.AwardedMoneyFactory(
        decision=project.decision, key="course_fees", currency="SEK", amount=Decimal(900)
    )


@pytest.fixture
def member(project, member_a):
    return project.members.get(organisation=member_a)


@pytest.fixture
def fellow_member(project, member_b):
    return project.members.get(organisation=member_b)


@pytest.fixture
def order_statement(member_a, coordinator):
    """`order_statement()` is the statement of member A, in English unless said otherwise; nobody is rung for."""

    def make(**fields):
        wanted = {"kind": "statement", "organisation": member_a, "language": "en", "by": coordinator, "ring": False}
        return requests.order(**wanted | fields)

    return make


def give(member, line, amount):
    return budget_shares.give_money(member=member, line=line, amount=Decimal(amount), reason="Asked.", by=None)


def page_of(organisation):
    return reverse("reporting:statement", args=[organisation.pk])


def shown(organisation, language="en"):
    with translation.override(language):
        return statement.Statement(statement_data.snapshot(organisation))


def one(organisation):
    (project,) = shown(organisation).projects
    return project


# The figures


def test_totals_of_members_equal_those_of_the_project(
    project, member, fellow_member, member_a, member_b, learners, journeys, travel, kronor
):
    give(member, travel, "400.25")
    give(fellow_member, travel, "100")
    give(member, kronor, "70")
    share_moves.move_places(
        giver=member, receiver=fellow_member, activity_type=learners, places=2, reason="B asked.", by=None
    )
    both = [one(member_a), one(member_b)]
    budget = budget_data.snapshot(project)
    members = [member, fellow_member]
    places, taken = figures.places(members), figures.places_taken(members)
    for row, found in zip(members, both, strict=True):
        assert (found.all_places.given, found.all_places.taken) == (places[row.pk].all, taken[row.pk].all)
    assert sum(found.all_places.given for found in both) == sum(row["shared"] for row in budget["places"]) == 40
    assert sum(found.all_places.taken for found in both) == project.mobilities.holding_a_place().count() == 5
    shared = {line["currency"]: Decimal(line["shared"]) for line in budget["lines"]}
    for currency in ("EUR", "SEK"):
        parts = [part.total for found in both for part in found.parts if part.currency == currency]
        assert sum(parts) == shared[currency]
    assert shared == {"EUR": Decimal("500.25"), "SEK": 70}


def test_places_left_waiting_and_drafts_are_told_apart(member_a, journeys):
    found = one(member_a)
    assert [(row.given, row.taken, row.left, row.waiting) for row in found.places] == [(10, 3, 7, 1), (10, 1, 9, 0)]
    assert {count.state.value: count.number for count in found.mobilities} == {
        "draft": 1,
        "submitted": 2,
        "accepted": 1,
        "completed": 1,
        "closed": 1,
        "cancelled": 1,
    }
    assert [count.state.value for count in found.mobilities][0] == "draft"
    assert found.mobilities_in_all == 7


def test_what_nobody_has_stated_is_no_zero(member_b, project, association):
    factories.ProjectMemberFactory(project=project, organisation=association)
    found = one(association)
    assert found.is_empty
    assert (found.all_places.given, found.all_places.left, found.parts) == (None, None, [])


@pytest.mark.parametrize(("state", "left"), [("planned", 40), ("running", 40), ("reporting", 20), ("ended", 20)])
def test_places_of_a_project_that_is_over_are_not_among_those_left(state, left, member_a, project, association):
    factories.running_project(members=[member_a], owner=association, state=state)
    found = shown(member_a)
    assert (found.all_places.given, found.left, found.has_unused) == (40, left, left == 20)
    assert [row.all_places.left for row in found.projects] == [20, 20]


def test_page_says_that_places_of_ended_projects_cannot_be_used(sign_in, coordinator, member_a, project, association):
    sentence = "can no longer be used and are not added up"
    older = factories.running_project(members=[member_a], owner=association)
    client = sign_in(coordinator)
    assert sentence not in client.get(page_of(member_a)).text
    older.state = "ended"
    older.save()
    assert sentence in client.get(page_of(member_a)).text


def test_currencies_are_never_added_up(member, member_a, travel, kronor):
    give(member, travel, "5")
    give(member, kronor, "70")
    assert [(part.currency, part.total) for part in shown(member_a).parts] == [("EUR", 5), ("SEK", 70)]


def test_moves_of_both_ways_have_day_number_and_reason(member, fellow_member, member_a, member_b, learners):
    share_moves.move_places(
        giver=member, receiver=fellow_member, activity_type=learners, places=2, reason="B asked.", by=None
    )
    share_moves.move_places(
        giver=fellow_member, receiver=member, activity_type=learners, places=1, reason="Back.", by=None
    )
    of_a, of_b = one(member_a).moves, one(member_b).moves
    assert [(move.comes, move.number, move.other, move.reason) for move in of_a] == [
        (True, 1, "Björkby lärcentrum", "Back."),
        (False, 2, "Björkby lärcentrum", "B asked."),
    ]
    assert [(move.comes, move.number) for move in of_b] == [(False, 1), (True, 2)]


@pytest.mark.parametrize(
    ("state", "words"),
    [("open", "has not answered yet"), ("declined", "not this year"), ("answered", "Wished for")],
)
def test_wish_stands_beside_what_was_given(state, words, sign_in, coordinator, member_a, association, learners):
    planned = factories.ProjectFactory(state="planned", owner=association)
    row = factories.ProjectMemberFactory(project=planned, organisation=member_a)
    WishAnswer(member=row, state=state, answered_at=None if state == "open" else timezone.now()).save()
    if state == "answered":
        Wish(member=row, activity_type=learners, places=4, days=14, purpose="Care").save()
    found = one(member_a)
    assert [(place.wished, place.given) for place in found.places] == ([(4, None)] if state == "answered" else [])
    assert words in sign_in(coordinator).get(page_of(member_a)).text


def test_newest_project_stands_first_and_those_of_other_owners_nowhere(member_a, project, association):
    older = factories.running_project(members=[member_a], owner=association, state="ended")
    older.decision.starts_on = factories.day(-2000)
    older.decision.save()
    factories.running_project(members=[member_a], is_reference_record=True)
    assert [found.slug for found in shown(member_a).projects] == [project.slug, older.slug]
    assert shown(member_a).all_places.given == 40


def test_data_is_the_same_in_both_languages(member_a, journeys):
    with translation.override("sv"):
        swedish = statement_data.snapshot(member_a)
    with translation.override("en"):
        assert statement_data.snapshot(member_a) == swedish
    assert [project.name for project in shown(member_a, "sv").projects] == ["Exempelprojekt"]


def test_shares_are_locked_after_the_projects(member_a, project, association):
    """Whoever gives a place back locks the share alone: the statement waits for it."""
    factories.running_project(members=[member_a], owner=association)
    with transaction.atomic(), CaptureQueriesContext(connection) as asked:
        statement_data.locked(member_a)
    tables = ["consortium_project", "consortium_allocation", "consortium_organisation"]
    assert [
        query["sql"].split(" FROM ")[1].split()[0].strip('"') for query in asked if " FROM " in query["sql"]
    ] == tables


# The page


def test_numbers_lead_to_just_the_rows_that_they_count(sign_in, contact, staff, member_a, journeys):
    for who in (contact, staff):
        client = sign_in(who)
        (found,) = client.get(page_of(member_a)).context["statement"].projects
        links = [(row.taken_url, row.taken) for row in found.places]
        links += [(row.waiting_url, row.waiting) for row in found.places]
        links += [(count.url, count.number) for count in found.mobilities]
        links.append((found.mobilities_url, found.mobilities_in_all))
        links.append((found.all_places.taken_url, found.all_places.taken))
        for url, number in links:
            assert client.get(url).context["page"].paginator.count == number, url


def test_shares_lead_to_how_they_came_about(sign_in, contact, member, member_a, travel):
    give(member, travel, "400")
    client = sign_in(contact)
    (found,) = client.get(page_of(member_a)).context["statement"].projects
    for url in [*(row.share_url for row in (*found.places, found.all_places)), found.parts[0].lines[0].url]:
        assert client.get(url).status_code == 200
    assert "Asked." in client.get(found.parts[0].lines[0].url).text


def test_share_of_a_line_that_is_awarded_no_longer_leads_to_no_missing_page(
    sign_in, coordinator, project, member, member_a, travel
):
    give(member, travel, "400")
    give(member, travel, "0")
    factories.DecisionFactory(project=project, number=2, kind="amendment")
    client = sign_in(coordinator)
    (found,) = client.get(page_of(member_a)).context["statement"].projects
    assert {row.share_url for row in found.places} == {reverse("consortium:shares", args=[project.slug])}
    assert found.parts[0].lines[0].url == ""


@pytest.mark.parametrize("who", ["other_contact", "former_contact", "outsider", "participant"])
def test_who_has_no_right_finds_no_statement(who, request, sign_in, member_a, project):
    client = sign_in(request.getfixturevalue(who))
    assert client.get(page_of(member_a)).status_code == 404
    assert client.get(reverse("reporting:order_statement", args=[member_a.pk])).status_code == 404


def test_auditor_sees_the_own_project_alone_and_no_paper(
    sign_in, auditor, project, member_a, association, order_statement
):
    factories.running_project(members=[member_a], owner=association)
    report, _is_new = order_statement()
    page = sign_in(auditor).get(page_of(member_a))
    assert [found.slug for found in page.context["statement"].projects] == [project.slug]
    assert list(page.context["papers"]) == []
    assert not page.context["may_order"]
    assert sign_in(auditor).get(report.get_absolute_url()).status_code == 404
    assert sign_in(auditor).get(reverse("reporting:order_statement", args=[member_a.pk])).status_code == 404


def test_hosts_have_no_statement(sign_in, coordinator, host, project, order_statement):
    assert sign_in(coordinator).get(page_of(host)).status_code == 404
    with pytest.raises(Organisation.DoesNotExist):
        order_statement(organisation=host)


def test_member_without_a_project_is_told_so(sign_in, coordinator, project):
    newcomer = factories.OrganisationFactory()
    assert "In no project yet" in sign_in(coordinator).get(page_of(newcomer)).text


def test_contact_comes_to_the_statement_from_start_and_project(sign_in, contact, project, member_a, member_b):
    client = sign_in(contact)
    for page in (
        reverse("reporting:start"),
        reverse("reporting:desk_project", args=[project.slug]),
        reverse("consortium:members", args=[project.slug]),
        reverse("consortium:organisation", args=[member_a.pk]),
    ):
        text = client.get(page).text
        assert page_of(member_a) in text
        assert page_of(member_b) not in text


def test_contact_sees_the_own_share_of_money_and_no_others(sign_in, contact, project, member, fellow_member, travel):
    give(member, travel, "400")
    give(fellow_member, travel, "333")

    def share_page(row):
        return reverse("consortium:budget_share", args=[project.slug, row.pk, *budget_shares.address(travel)])

    page = sign_in(contact).get(share_page(member))
    assert "€400" in page.text
    assert "1,000.50" not in page.text
    assert f'href="{reverse("reporting:budget", args=[project.slug])}"' not in page.text
    assert sign_in(contact).get(share_page(fellow_member)).status_code == 404
    assert sign_in(contact).post(share_page(member), {"amount": "5", "reason": "x"}).status_code == 404


def test_contact_person_sees_what_the_own_mobilities_are_granted(sign_in, contact, project, member_a, member_b):
    factories.made_up_rates()
    rows = granted.mobilities(project, [member_a, member_b], 40)
    kept = {"accepted": Decimal(0), "actual": Decimal(0)}
    for line in GrantLine.objects.filter(mobility__in=rows, mobility__sending_organisation=member_a):
        if line.mobility.state in UNDER_WAY and line.phase == "accepted":
            kept["accepted"] += line.amount_eur
        elif line.mobility.state in COMPLETED_OR_LATER and line.phase == "actual":
            kept["actual"] += line.amount_eur
    person = factories.ParticipantFactory(organisation=member_a, email="")
    factories.MobilityFactory(project=project, participant=person, state="accepted")
    page = sign_in(contact).get(page_of(member_a))
    shown = page.context["statement"].projects[0]
    assert {grant.name: grant.amount for grant in shown.grants} == {
        "Accepted": kept["accepted"],
        "Actual": kept["actual"],
    }
    assert shown.without_grant == "1 accepted or completed mobility has no amount yet and is in no sum."
    assert all(
        client_page.status_code == 200 for client_page in map(sign_in(contact).get, [g.url for g in shown.grants])
    )
    assert "What the mobilities are granted" in page.text
    assert "Organisational support is not in it." in page.text


@pytest.mark.parametrize("rows", [1, 3, 50])
def test_page_asks_as_much_for_any_number_of_projects(
    rows, sign_in, coordinator, association, member_a, member_b, learners, django_assert_num_queries
):
    for _project in range(rows):
        project = factories.running_project(members=[member_a, member_b], owner=association)
        member, other = (project.members.get(organisation=one) for one in (member_a, member_b))
        give(member, factories.AwardedMoneyFactory(decision=project.decision), "10")
        share_moves.move_places(
            giver=member, receiver=other, activity_type=learners, places=1, reason="Asked.", by=None
        )
        factories.MobilityFactory(
            project=project,
            participant=factories.ParticipantFactory(organisation=member_a, email=""),
            state="submitted",
        )
    client = sign_in(coordinator)
    client.get(page_of(member_a))
    with django_assert_num_queries(QUERIES):
        page = client.get(page_of(member_a))
    assert len(page.context["statement"].projects) == rows


QUERIES = 18


# The paper


def test_contact_orders_the_statement_and_reads_it(sign_in, contact, other_contact, member_a, project, send):
    client = sign_in(contact)
    page = send(client, reverse("reporting:order_statement", args=[member_a.pk]), language="en")
    report = Report.objects.get()
    assert page.redirect_chain == [(report.get_absolute_url(), 302)]
    assert (report.organisation, report.project, report.requested_by) == (member_a, None, contact)
    assert page_of(member_a) in page.text
    assert report.get_absolute_url() in client.get(page_of(member_a)).text
    Report.objects.claim(report.pk).fail("There was no room on the disk.")
    assert "Try again" in client.get(report.get_absolute_url()).text
    for path in ("report", "report_progress", "report_pdf"):
        assert sign_in(other_contact).get(reverse(f"reporting:{path}", args=[report.pk])).status_code == 404
    retry = reverse("reporting:retry_report", args=[report.pk])
    assert sign_in(other_contact).post(retry).status_code == 404
    assert client.post(retry)["Location"] == report.get_absolute_url()
    report.refresh_from_db()
    assert report.state == JobState.QUEUED


def test_contact_sees_statements_and_no_report_of_a_project(sign_in, contact, project, order, order_statement):
    of_project, _is_new = order()
    of_member, _is_new = order_statement()
    assert list(Report.objects.visible_to(contact)) == [of_member]
    assert list(Report.objects.orderable_by(contact)) == [of_member]
    assert sign_in(contact).get(of_project.get_absolute_url()).status_code == 404
    assert sign_in(contact).get(reverse("reporting:reports")).status_code == 404


def test_staff_finds_statements_among_the_reports(sign_in, staff, project, order_statement):
    report, _is_new = order_statement()
    page = sign_in(staff).get(reverse("reporting:reports"))
    assert report.get_absolute_url() in page.text
    assert "Almby lärcentrum" in page.text
    assert list(sign_in(staff).get(reverse("reporting:reports"), {"project": project.slug}).context["page"]) == []


def test_one_statement_waits_for_each_member_and_language(order_statement, project, member_b):
    first, is_new = order_statement()
    assert is_new
    assert order_statement() == (first, False)
    assert order_statement(language="sv")[1]
    assert order_statement(organisation=member_b)[1]
    with pytest.raises(IntegrityError), transaction.atomic():
        factories.ReportFactory(kind="statement", project=None, organisation=first.organisation)


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "statement"},
        {"kind": "statement", "project": None},
        {"kind": "budget", "project": None},
        {"kind": "statement", "both": True},
        {"kind": "budget", "both": True},
        {"kind": "budget", "project": None, "of_member": True},
    ],
)
def test_report_is_of_what_its_kind_is_about_as_its_kind_says(fields, member_a):
    fields = dict(fields)
    if fields.pop("both", False) or fields.pop("of_member", False):
        fields["organisation"] = member_a
    with pytest.raises(IntegrityError, match="report_is_of_what_its_kind_is_about"), transaction.atomic():
        factories.ReportFactory(**fields)


def test_replaced_statement_says_what_replaced_it(sign_in, staff, order_statement, member, member_a, travel):
    def finished(**fields):
        report, _is_new = order_statement(**fields)
        Report.objects.claim(report.pk).finish(
            file=factories.files.keep(factories.PDF, name="x.pdf", content_type="application/pdf"), file_hash="0" * 64
        )
        return report

    older = finished()
    other = finished(organisation=factories.OrganisationFactory())
    give(member, travel, "400")
    newer = finished()
    client = sign_in(staff)
    assert newer.code in client.get(older.get_absolute_url()).text
    assert newer.code not in client.get(other.get_absolute_url()).text
    assert "No longer current" in client.get(older.get_absolute_url()).text
    assert "Current." in client.get(newer.get_absolute_url()).text
    public = client.get(reverse("reporting:verify_code", args=[newer.code])).text
    assert reverse("reporting:member", args=[member_a.pk]) in public
    assert "€400" not in public


def test_file_of_a_statement_is_named_by_the_member(order_statement, project):
    report, _is_new = order_statement()
    assert rendering.file_name(report) == f"almby-larcentrum-statement-{report.as_of.isoformat()}-en.pdf"
    assert str(report) == "Member statement, Almby lärcentrum"


def test_paper_is_made_of_the_data_of_its_day(order_statement, member, fellow_member, learners, journeys, travel):
    give(member, travel, "400")
    report, _is_new = order_statement()
    give(member, travel, "500")
    share_moves.move_places(
        giver=member, receiver=fellow_member, activity_type=learners, places=2, reason="B asked.", by=None
    )
    with translation.override("en"):
        context = statement_report.context(report)
    assert context["statement"].parts[0].total == 400
    assert context["cover"].lead == "Almby lärcentrum"
    again, _is_new = order_statement(language="sv")
    pdf = rendering.set_in_type(again)
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert pdf_ua.faults(opened, language="sv") == []


def test_emblem_stands_on_a_paper_whose_projects_have_one_wording(order_statement, project, member_a, association):
    with translation.override("en"):
        assert statement_report.context(order_statement()[0])["cover"].emblem.statement == (
            "Co-funded by the European Union"
        )
        factories.running_project(members=[member_a], owner=association, programme="KA102")
        assert statement_report.context(order_statement(language="sv")[0])["cover"].emblem is None


def test_snapshot_is_of_all_projects_whoever_orders(order_statement, project, member_a, association, contact):
    factories.running_project(members=[member_a], owner=association)
    report, _is_new = order_statement(by=contact)
    assert len(report.snapshot["projects"]) == 2
    assert codes.fingerprint(statement_data.snapshot(member_a)) == report.snapshot_hash
    assert ProjectMember.objects.filter(organisation=member_a).count() == 2


# The command


def test_command_writes_the_statement(project, member_a, tmp_path, monkeypatch):
    monkeypatch.setattr("westum.base.papers.to_pdf", lambda html, language: b"%PDF-1.7 " + language.encode())
    for number, name in enumerate(["almby lärcentrum", str(member_a.pk)]):
        target = tmp_path / f"{number}.pdf"
        call_command("report", "statement", member=name, language="sv", output=target, verbosity=0)
        assert target.read_bytes() == b"%PDF-1.7 sv"
    assert Report.objects.get().organisation == member_a


@pytest.mark.parametrize(
    ("kind", "asked", "sentence"),
    [
        ("statement", {"member": "Nowhere"}, "no single member 'Nowhere'. The members are: Almby lärcentrum"),
        ("statement", {"project": "exempel"}, "A statement report is of one member: give --member alone."),
        ("statement", {}, "give --member alone"),
        ("statement", {"project": "exempel", "member": "Almby lärcentrum"}, "give --member alone"),
        ("budget", {"member": "Almby lärcentrum"}, "A budget report is of one project: give --project alone."),
        ("budget", {}, "give --project alone"),
    ],
)
def test_command_says_what_it_wants(kind, asked, sentence, project, tmp_path):
    with pytest.raises(CommandError, match=sentence):
        call_command("report", kind, language="sv", output=tmp_path / "x.pdf", **asked)
    assert not Report.objects.exists()
