"""The pages: what each role sees on them, with as many queries for fifty rows as for one."""

import re
from datetime import date

import pytest
import time_machine
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from consortium.models import EsfOperation
from reporting import kinds
from reporting.models import Report
from tests import factories
from westum.base.jobs import JobState

pytestmark = pytest.mark.django_db

START = reverse("reporting:start")


def text_of(response):
    page = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", response.content.decode(), flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", page).replace("&#x27;", "'").split())


# What everybody may read


def test_public_start_names_projects_members_and_figures(visitor, journeys, project):
    factories.ProjectFactory(name_en="Somebody else's", slug="other", is_reference_record=True)
    text = text_of(visitor.get(START))
    assert "Example project" in text
    assert "Almby lärcentrum" in text
    assert "registered fewer than 5" in text
    assert "approved 2,000" in text
    assert text.index("Our projects") < text.index("Example project") < text.index("Projects of others")
    assert text.index("Projects of others") < text.index("Somebody else's")
    assert "Provgren" not in text


@pytest.mark.parametrize("name", ["start", "projects", "counted", "privacy", "accessibility", "verify"])
@pytest.mark.parametrize("language", ["sv", "en"])
def test_public_pages_stand_in_both_languages_with_and_without_rows(name, language, db):
    response = Client(HTTP_ACCEPT_LANGUAGE=language).get(reverse(f"reporting:{name}"))
    assert response.status_code == 200
    assert f'<html lang="{language}"' in response.content.decode()


def test_public_start_in_as_many_queries_for_fifty_rows(visitor, journeys, project, count_queries):
    few, _response = count_queries(visitor, START)
    factories.ProjectMemberFactory.create_batch(25, project=project)
    for _n in range(25):
        factories.AwardedLineFactory(decision=factories.DecisionFactory(project=factories.ProjectFactory()))
    many, response = count_queries(visitor, START)
    assert many == few <= 12
    assert len(response.context["projects"]) == 26
    assert len(response.context["members"]) == 27


def test_public_project_carries_the_three_numbers_of_its_paper(visitor, project):
    project.members_stated = 4
    project.save()
    member = project.members.first()
    member.times_printed = 2
    member.save()
    text = text_of(visitor.get(project.get_absolute_url()))
    assert "The paper states 4 members. It prints 3 names, of which 2 are different." in text
    assert f"{member.organisation.name} is printed more than once." in text


def test_public_project_says_what_is_not_stated(visitor, project):
    project.reference = None
    project.call_year = None
    project.save()
    text = text_of(visitor.get(project.get_absolute_url()))
    assert "Reference not stated" in text
    assert "Call year not stated" in text
    assert "Aims for staff, learners and supervisors: not stated" in text
    goal = project.goals.get(code="1")
    goal.aim_staff_en = "Learn."
    goal.save()
    text = text_of(visitor.get(project.get_absolute_url()))
    assert "Aim for staff Learn. Aim for learners not stated" in text


def test_public_project_shows_whom_a_goal_is_for(visitor, project):
    text = text_of(visitor.get(project.get_absolute_url()))
    assert "Guidance Staff only" in text
    assert "Care Learners and staff" in text
    assert text.index("Overarching goals") < text.index("Broader views") < text.index("Focus areas")
    assert "Each mobility serves at least one of them" in text


@pytest.mark.parametrize(
    ("programme", "statement"),
    [
        ("KA102", "Funded by the Erasmus+ programme of the European Union"),
        ("KA121-VET", "Co-funded by the European Union"),
    ],
)
def test_public_project_carries_emblem_and_statement_of_its_programme(programme, statement, visitor, project):
    project.programme = programme
    project.save()
    response = visitor.get(project.get_absolute_url())
    assert statement in text_of(response)
    assert "eu-emblem" in response.content.decode()


def test_public_project_of_another_owner_has_no_figures(visitor):
    foreign = factories.running_project(is_reference_record=True)
    text = text_of(visitor.get(foreign.get_absolute_url()))
    assert "kept for reference" in text
    assert "In figures" not in text


# Verifying


def test_verify_reads_a_code_as_it_is_typed(visitor):
    response = visitor.get(reverse("reporting:verify"), {"code": "wst 7k4m 92qx"})
    assert response["Location"] == "/verify/WST-7K4M-92QX/"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Write the code that stands on the paper."),
        ("abc", "A code has eight letters and digits after WST. Check it against the paper."),
    ],
)
def test_verify_tells_what_is_wrong_and_keeps_what_was_typed(typed, sentence, visitor):
    response = visitor.get(reverse("reporting:verify"), {"code": typed})
    assert response.status_code == 200
    page = response.content.decode()
    assert page.count(sentence) == 2
    assert "<title>Error:" in page
    assert not typed or f'value="{typed}"' in page


def test_verified_paper_is_current_until_the_register_changes(visitor, made, journeys):
    report = made()
    url = reverse("reporting:verify_code", args=[report.code])
    text = text_of(visitor.get(url))
    assert "The paper is genuine and current" in text
    assert report.file_hash in text
    journeys[3].funder_state = "absent"
    journeys[3].save()
    assert "The paper is genuine, but no longer current" in text_of(visitor.get(url))
    newer = made()
    assert f"A newer paper, {newer.code} , shows" in text_of(visitor.get(url))
    assert "The paper is genuine and current" in text_of(
        visitor.get(reverse("reporting:verify_code", args=[newer.code]))
    )


def test_verified_paper_names_no_person(visitor, made, coordinator):
    text = text_of(visitor.get(reverse("reporting:verify_code", args=[made().code])))
    assert coordinator.name not in text


@pytest.mark.parametrize("state", ["queued", "failed"])
def test_unfinished_and_unknown_codes_are_no_papers(state, visitor, project):
    report = factories.ReportFactory(project=project, state=state, reason="x", code="WST-7K4M-92QX")
    for code in (report.code, "WST-2222-2222", "nonsense"):
        response = visitor.get(reverse("reporting:verify_code", args=[code]))
        assert response.status_code == 404
        assert "No paper has this code" in text_of(response)


@pytest.mark.parametrize("language", ["sv", "en"])
def test_guessing_codes_is_slowed_down(language):
    cache.clear()
    visitor, url = Client(HTTP_ACCEPT_LANGUAGE=language), reverse("reporting:verify_code", args=["WST-2222-2222"])
    with time_machine.travel("2026-05-04 10:00:10+02:00", tick=False):
        answers = [visitor.get(url).status_code for _try in range(32)]
        assert visitor.get(url, REMOTE_ADDR="192.0.2.7").status_code == 404
    with time_machine.travel("2026-05-04 10:01:10+02:00", tick=False):
        answers.append(visitor.get(url).status_code)
    assert answers == [404] * 30 + [429] * 2 + [404]
    cache.clear()


def test_verifying_goes_on_without_a_cache(visitor, monkeypatch):
    def away(*args):
        raise ConnectionError

    monkeypatch.setattr(cache, "incr", away)
    assert visitor.get(reverse("reporting:verify_code", args=["WST-2222-2222"])).status_code == 404


# Start pages


def test_each_role_starts_with_its_own_steps(sign_in, coordinator, contact, other_contact, journeys):
    factories.MobilityFactory(
        project=journeys[0].project, participant=journeys[0].participant, state="draft", receiving_organisation=None
    )
    mine = {
        user: {str(step["what"]): step["detail"] for step in sign_in(user).get(START).context["mine"]}
        for user in (coordinator, contact, other_contact)
    }
    assert mine[coordinator]["Accept or send back"] == "1 mobility"
    assert "Accept or send back" not in mine[contact]
    assert mine[contact]["Complete and submit"] == "2 mobilities"
    assert "Complete and submit" not in mine[other_contact]


def test_start_page_shows_who_is_abroad_and_late_among_what_one_sees(
    sign_in, coordinator, contact, journeys, project, member_b
):
    late = factories.MobilityFactory(
        project=project,
        participant=factories.ParticipantFactory(organisation=member_b, last_name="Sen"),
        state="completed",
        start_date=factories.day(-80),
        end_date=factories.day(-60),
    )
    whole = sign_in(coordinator).get(START).context
    assert [mobility.pk for mobility in whole["abroad"]] == [journeys[7].pk]
    assert [mobility.pk for mobility in whole["late"]] == [late.pk]
    own = sign_in(contact).get(START).context
    assert (own["abroad"], own["late"]) == ([], [])


def test_participant_sees_the_journey_and_no_menu(sign_in, participant, traveller, project, host):
    factories.MobilityFactory(project=project, participant=traveller, receiving_organisation=host, state="completed")
    response = sign_in(participant).get(START)
    assert "Porto" in text_of(response)
    assert response.context["nav"] == []
    assert "Next steps" not in text_of(response)


def test_who_works_and_travels_sees_both(sign_in, contact, member_a, project, host):
    person = factories.ParticipantFactory(organisation=member_a, user=contact, group="staff")
    factories.MobilityFactory(project=project, participant=person, receiving_organisation=host, state="completed")
    text = text_of(sign_in(contact).get(START))
    assert "Porto" in text
    assert "Next steps" in text


def test_who_has_neither_is_told_whom_to_ask(sign_in, outsider):
    assert "Ask the contact person of your school" in text_of(sign_in(outsider).get(START))


def test_start_page_in_as_many_queries_for_fifty_rows(sign_in, coordinator, project, host, member_a, count_queries):
    def add(number):
        for _n in range(number):
            person = factories.ParticipantFactory(organisation=member_a, email="")
            factories.MobilityFactory(project=project, participant=person, receiving_organisation=host, state="ongoing")
            factories.MobilityFactory(
                project=project,
                participant=person,
                receiving_organisation=host,
                state="completed",
                start_date=factories.day(-80),
                end_date=factories.day(-60),
            )

    client = sign_in(coordinator)
    found = {}
    for total, more in ((1, 1), (3, 2), (25, 22)):
        add(more)
        found[total], response = count_queries(client, START)
        assert len(response.context["late"]) == min(total, 8)
    assert len(set(found.values())) == 1


def test_who_reads_and_reports_starts_with_the_figures(sign_in, staff, auditor, coordinator, journeys, project):
    text = text_of(sign_in(staff).get(START))
    assert "The projects in figures" in text
    assert "Nothing waits for you" not in text
    for user in (staff, auditor):
        context = sign_in(user).get(START).context
        [row] = context["in_figures"]
        assert (row["project"], row["approved"].all) == (project, 2000)
        assert [tally.all for _name, tally, _url in row["sets"]] == [3, 4, 2]
    assert "in_figures" not in sign_in(coordinator).get(START).context


# The desk


def test_desk_lists_the_projects_of_ones_members(sign_in, contact, coordinator, project):
    elsewhere = factories.running_project(members=[factories.OrganisationFactory()])
    factories.running_project(members=[contact.memberships.get().organisation], is_reference_record=True)
    seen = {
        user: {row["project"].slug for row in sign_in(user).get(reverse("reporting:desk")).context["rows"]}
        for user in (contact, coordinator)
    }
    assert seen == {contact: {project.slug}, coordinator: {project.slug, elsewhere.slug}}


def rows_of(response):
    return {
        row.member.organisation.name: (row.places, row.taken, row.left, row.registered, row.accepted, row.completed)
        for row in response.context["rows"]
    }


def test_desk_project_shows_each_member_with_places_and_mobilities(sign_in, coordinator, journeys, project):
    response = sign_in(coordinator).get(reverse("reporting:desk_project", args=[project.slug]))
    assert rows_of(response) == {
        "Almby lärcentrum": (20, 4, 16, 3, 3, 2),
        "Björkby lärcentrum": (20, 1, 19, 0, 1, 0),
    }
    total = response.context["total"]
    assert (total.places, total.taken, total.left, total.registered, total.accepted, total.completed) == (
        40, 5, 35, 3, 4, 2,
    )  # fmt: skip
    assert [figure.number for figure in response.context["figures"]] == [2000, 3, 4, 2, 2, 1]


def test_desk_of_an_esf_project_shows_its_own_figures(sign_in, coordinator, contact, association, member_a):
    esf = factories.ProjectFactory(slug="esf", programme="ESF+", owner=association)
    factories.ProjectMemberFactory(project=esf, organisation=member_a)
    address, record = (reverse(name, args=["esf"]) for name in ("reporting:desk_project", "consortium:operation"))
    client = sign_in(coordinator)
    empty = client.get(address)
    assert [figure.number for figure in empty.context["figures"]] == [None, None, 2, ""]
    factories.DecisionFactory(project=esf, starts_on=date(2022, 6, 1), ends_on=date(2023, 8, 31))
    EsfOperation(project=esf, period="2021-2027", participants_planned=0, union_rate=40).save()
    shown = client.get(address)
    assert [str(figure.number) for figure in shown.context["figures"]] == ["0", "40%", "2", "2022–2023"]
    assert [word in text_of(shown) for word in ("participants 0", "Almby lärcentrum", "Registered", "learners")] == [
        True, True, False, False,
    ]  # fmt: skip
    main = shown.text.partition("<main")[2]
    assert f'<p class="row t0"><a href="{record}">' in main
    theirs = sign_in(contact).get(address).text.partition("<main")[2]
    assert (record in theirs, "The record on the public page" in theirs) == (False, True)


def test_each_member_row_leads_to_as_many_mobilities(sign_in, coordinator, journeys, project):
    client = sign_in(coordinator)
    for row in client.get(reverse("reporting:desk_project", args=[project.slug])).context["rows"]:
        listed = client.get(row.url).context["page"].object_list
        assert {mobility.sending_organisation for mobility in listed} == {row.member.organisation}


def test_contact_person_sees_the_own_row_and_the_own_numbers(sign_in, contact, journeys, project):
    response = sign_in(contact).get(reverse("reporting:desk_project", args=[project.slug]))
    assert rows_of(response) == {"Almby lärcentrum": (20, 4, 16, 3, 3, 2)}
    assert [figure.number for figure in response.context["figures"]] == [20, 3, 3, 2, 2, 1]
    assert "Björkby" not in text_of(response)
    assert "Order a report" not in text_of(response)


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        ("name", ["Almby lärcentrum", "Björkby lärcentrum", "Östby"]),
        ("-name", ["Östby", "Björkby lärcentrum", "Almby lärcentrum"]),
        ("accepted", ["Östby", "Björkby lärcentrum", "Almby lärcentrum"]),
        ("-accepted", ["Almby lärcentrum", "Björkby lärcentrum", "Östby"]),
        ("left", ["Almby lärcentrum", "Björkby lärcentrum", "Östby"]),
        ("-left", ["Björkby lärcentrum", "Almby lärcentrum", "Östby"]),
        ("tallies", ["Almby lärcentrum", "Björkby lärcentrum", "Östby"]),
        ("password'--", ["Almby lärcentrum", "Björkby lärcentrum", "Östby"]),
    ],
)
def test_member_table_is_sorted_in_the_address(order, expected, sign_in, coordinator, journeys, project):
    factories.ProjectMemberFactory(project=project, organisation=factories.OrganisationFactory(name="Östby"))
    response = sign_in(coordinator).get(reverse("reporting:desk_project", args=[project.slug]), {"sort": order})
    assert list(rows_of(response)) == expected


def test_desk_in_as_many_queries_for_fifty_rows(sign_in, coordinator, project, count_queries):
    client = sign_in(coordinator)
    for url in (reverse("reporting:desk"), reverse("reporting:desk_project", args=[project.slug])):
        few, _response = count_queries(client, url)
        for _n in range(48):
            organisation = factories.OrganisationFactory()
            contact = factories.UserFactory()
            member = factories.ProjectMemberFactory(project=project, organisation=organisation, contact=contact)
            factories.AllocationFactory(member=member)
            factories.DecisionFactory(project=factories.ProjectFactory())
        many, response = count_queries(client, url)
        assert many == few <= 22
    assert len(response.context["rows"]) == 98


# Reports


def test_order_leads_to_the_page_of_the_report(sign_in, staff, project, send):
    client = sign_in(staff)
    response = send(client, reverse("reporting:order_report"), project=project.slug, language="en")
    report = Report.objects.get()
    assert response.redirect_chain == [(report.get_absolute_url(), 302)]
    text = text_of(response)
    assert "The report is being made" in text
    assert "Waiting for its turn" in text


def test_report_ordered_twice_in_a_second_says_so(sign_in, staff, project, send):
    client = sign_in(staff)
    send(client, reverse("reporting:order_report"), project=project.slug, language="en")
    response = send(client, reverse("reporting:order_report"), project=project.slug, language="en")
    assert "This report has already been ordered and is being made." in text_of(response)
    assert Report.objects.count() == 1


def test_equal_report_of_the_day_says_so(sign_in, staff, project, send, made):
    report = made()
    response = send(sign_in(staff), reverse("reporting:order_report"), project=project.slug, language="en")
    assert response.redirect_chain == [(report.get_absolute_url(), 302)]
    assert "Nothing has changed since this report was made today." in text_of(response)


def test_a_double_click_orders_once(sign_in, staff, project):
    client = sign_in(staff)
    token = client.get(reverse("reporting:order_report")).context["form"]["form_token"].value()
    data = {"kind": "participants", "project": project.slug, "language": "sv", "form_token": token}
    first, second = [client.post(reverse("reporting:order_report"), data) for _click in range(2)]
    assert first["Location"] == second["Location"] == Report.objects.get().get_absolute_url()


def test_wrong_orders_are_answered_at_their_fields(sign_in, staff, auditor, project):
    client = sign_in(staff)
    foreign = factories.running_project(is_reference_record=True)
    data = {"kind": "grants", "project": foreign.slug, "language": "de"}
    response = client.post(reverse("reporting:order_report"), data)
    assert set(response.context["form"].errors) == {"kind", "project", "language"}
    assert "Choose one of the projects in the list." in text_of(response)
    assert not Report.objects.exists()


def test_page_of_a_report_shows_where_it_stands(sign_in, staff, order, made, journeys):
    client = sign_in(staff)
    report, _is_new = order()
    progress = reverse("reporting:report_progress", args=[report.pk])
    assert client.get(progress)["Location"] == report.get_absolute_url()
    as_htmx = {"headers": {"HX-Request": "true"}}
    assert client.get(progress, {"seen": "queued-"}, **as_htmx).status_code == 204
    Report.objects.claim(report.pk).advance(1, 3, "type")
    part = client.get(progress, {"seen": "queued-"}, **as_htmx).content.decode()
    assert "Setting it in type" in part
    assert 'value="1" max="3"' in part
    assert 'hx-trigger="every 1s"' in part
    assert "<html" not in part
    Report.objects.unkept("a test").update(state=JobState.QUEUED, claim=None, claimed_until=None)
    made()
    for alone in ({}, {"alone": "1"}):
        part = client.get(progress, {"seen": "running-type"} | alone, **as_htmx).content.decode()
        assert "Download PDF" in part
        assert "hx-trigger" not in part


def test_failed_report_says_why_and_can_be_tried_again(sign_in, staff, auditor, order):
    report, _is_new = order()
    Report.objects.claim(report.pk).fail("There was no room on the disk.")
    text = text_of(sign_in(staff).get(report.get_absolute_url()))
    assert "There was no room on the disk." in text
    assert "Try again" in text
    assert "Try again" not in text_of(sign_in(auditor).get(report.get_absolute_url()))
    response = sign_in(staff).post(reverse("reporting:retry_report", args=[report.pk]))
    assert response["Location"] == report.get_absolute_url()
    report.refresh_from_db()
    assert report.state == JobState.QUEUED


def test_pdf_is_an_attachment_of_a_finished_report(sign_in, auditor, made, order):
    waiting, _is_new = order(language="sv")
    report = made()
    response = sign_in(auditor).get(reverse("reporting:report_pdf", args=[report.pk]))
    assert b"".join(response.streaming_content) == report.file.read()
    assert response["Content-Disposition"].startswith("attachment; ")
    assert "sandbox" in response["Content-Security-Policy"]
    assert sign_in(auditor).get(reverse("reporting:report_pdf", args=[waiting.pk])).status_code == 404


def test_replaced_report_says_what_replaced_it(sign_in, staff, made, journeys):
    older = made()
    journeys[3].funder_state = "absent"
    journeys[3].save()
    newer = made()
    text = text_of(sign_in(staff).get(reverse("reporting:reports")))
    assert "Replaced" in text
    assert f"{newer.code}" in text_of(sign_in(staff).get(older.get_absolute_url()))
    assert "No longer current" in text_of(sign_in(staff).get(older.get_absolute_url()))
    assert "Current." in text_of(sign_in(staff).get(newer.get_absolute_url()))


def test_auditor_sees_the_reports_of_the_own_project_alone(sign_in, auditor, made, project):
    own = made()
    factories.ReportFactory(project=factories.running_project(), done=True)
    page = sign_in(auditor).get(reverse("reporting:reports")).context["page"]
    assert [report.pk for report in page] == [own.pk]


def test_reports_of_one_project(sign_in, staff, project):
    factories.ReportFactory(project=project, done=True)
    factories.ReportFactory(project=factories.running_project(), done=True)
    client, url = sign_in(staff), reverse("reporting:reports")
    assert len(client.get(url, {"project": project.slug}).context["page"]) == 1
    assert len(client.get(url, {"project": "nowhere"}).context["page"]) == 2


def test_reports_in_as_many_queries_for_a_whole_page(sign_in, staff, project, count_queries):
    client, found = sign_in(staff), {}
    for total, more in ((1, 1), (3, 2), (20, 17)):
        for _n in range(more):
            factories.ReportFactory(project=project, done=True)
        found[total], response = count_queries(client, reverse("reporting:reports"))
        assert len(response.context["page"]) == total
    assert len(set(found.values())) == 1
    assert max(found.values()) <= 12


def test_every_kind_of_report_has_its_maker():
    from reporting.models.reports import ReportKind

    assert set(kinds.MAKERS) == set(ReportKind)
    for maker in kinds.MAKERS.values():
        assert maker.VERSION >= 1


def test_desk_names_contact_persons_to_those_who_may_know_them(sign_in, project, member_a, contact, auditor, staff):
    member = project.members.get(organisation=member_a)
    member.contact = contact
    member.save()
    page = reverse("reporting:desk_project", args=[project.slug])
    assert contact.name in sign_in(staff).get(page).content.decode()
    assert contact.name not in sign_in(auditor).get(page).content.decode()
