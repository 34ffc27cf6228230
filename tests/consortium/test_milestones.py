"""Milestones: what a project owes when, who is reminded, and what a calendar programme reads."""

import re
from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from consortium import calendar_feeds, decisions, milestone_reminders, milestones, objections, steps
from consortium.models import CalendarAddress, Decision, Milestone, Project
from consortium.permissions import NotAllowed
from tests import factories
from westum.base import calendars
from westum.base.formats import day
from westum.base.forms import Changed
from westum.base.models import Letter

pytestmark = pytest.mark.django_db
ALL = reverse("consortium:all_milestones")
ADDRESS = reverse("consortium:calendar_address")


@pytest.fixture
def milestone(project):
    return factories.MilestoneFactory(project=project, name_en="Interim report", days=[30, 7])


def page_of(project, name="milestones", *more):
    return reverse(f"consortium:{name}", args=[project.slug, *more])


def text_of(response):
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


# Keeping them


def test_coordinator_adds_changes_marks_and_removes(sign_in, send, coordinator, project):
    client = sign_in(coordinator)
    page = send(
        client,
        page_of(project, "milestone_new"),
        name_sv="Slutrapport",
        name_en="Final report",
        kind="final_report",
        due_on=factories.day(60).isoformat(),
    )
    row = Milestone.objects.get()
    assert "Final report is saved." in text_of(page)
    assert "Reminder by mail: 30 days before , 7 days before" in text_of(page).replace("before,", "before ,")
    send(client, page_of(project, "milestone_edit", row.pk), name_en="The final report", days=[1])
    row.refresh_from_db()
    assert (row.name_en, row.version) == ("The final report", 1)
    assert [reminder.days_before for reminder in row.reminders.all()] == [1]
    client.post(page_of(project, "milestone_mark", row.pk), {"done": "yes"})
    row.refresh_from_db()
    assert row.done_on == factories.day(0)
    client.post(page_of(project, "milestone_mark", row.pk), {"done": "no"})
    row.refresh_from_db()
    assert row.done_on is None
    send(client, page_of(project, "milestone_delete", row.pk))
    assert not Milestone.objects.exists()
    reasons = list(Milestone.history.order_by("history_id").values_list("history_change_reason", flat=True))
    assert reasons == [milestones.ADDED, milestones.CHANGED, milestones.DONE, milestones.REOPENED, milestones.REMOVED]


def test_who_was_faster_is_not_overwritten(milestone, coordinator):
    mine, theirs = Milestone.objects.get(), Milestone.objects.get()
    milestones.keep(milestone=theirs, days=[], by=coordinator)
    with pytest.raises(Changed):
        milestones.keep(milestone=mine, days=[], by=coordinator)


def test_marking_twice_changes_nothing(milestone, coordinator):
    for _time in range(2):
        milestones.mark(milestone=milestone, is_done=True, by=coordinator)
    milestone.refresh_from_db()
    assert (milestone.version, milestone.history.count()) == (1, 2)


def test_ended_project_is_read_only(milestone, coordinator, project):
    project.state = "ended"
    project.save()
    for act in (
        lambda: milestones.keep(milestone=milestone, days=[], by=coordinator),
        lambda: milestones.mark(milestone=milestone, is_done=True, by=coordinator),
        lambda: milestones.remove(milestone=milestone, by=coordinator),
    ):
        with pytest.raises(NotAllowed):
            act()
    milestone.refresh_from_db()
    assert not milestone.is_done


def test_same_milestone_twice_is_said_at_the_day(sign_in, send, coordinator, milestone, project):
    page = send(
        sign_in(coordinator),
        page_of(project, "milestone_new"),
        name_sv=milestone.name_sv,
        name_en="Other",
        due_on=milestone.due_on.isoformat(),
    )
    assert page.context["form"].errors["due_on"] == ["The project has this milestone on this day already."]


# Who sees which


def test_each_sees_the_milestones_of_the_own_projects(
    milestone, project, coordinator, staff, auditor, contact, other_contact, outsider, association, member_a
):
    elsewhere = factories.MilestoneFactory(project=factories.running_project(members=[member_a], owner=association))
    factories.MilestoneFactory(project=factories.running_project(members=[member_a], is_reference_record=True))
    seen = {
        user: set(Milestone.objects.visible_to(user))
        for user in (coordinator, staff, auditor, contact, other_contact, outsider)
    }
    assert seen == {
        coordinator: {milestone, elsewhere},
        staff: {milestone, elsewhere},
        auditor: {milestone},
        contact: {milestone, elsewhere},
        other_contact: {milestone},
        outsider: set(),
    }
    assert [set(Milestone.objects.editable_by(user)) for user in (staff, auditor, contact)] == [set()] * 3


def test_list_filters_in_the_address_and_ignores_what_it_does_not_know(sign_in, coordinator, milestone, project):
    factories.MilestoneFactory(project=factories.ProjectFactory(name_en="Other one"), name_en="Claim")
    factories.MilestoneFactory(project=project, name_en="Meeting", done_on=factories.day(-1))
    client = sign_in(coordinator)

    def found(**query):
        page = client.get(ALL, query).context["page"]
        return {row.name_en for row in page}

    assert found() == {"Interim report", "Claim"}
    assert found(state="done") == {"Meeting"}
    assert found(state="all", project=project.slug) == {"Interim report", "Meeting"}
    assert found(state="x", project="nowhere", month="99", page="x") == {"Interim report", "Claim"}


def test_month_shows_its_days(sign_in, coordinator, project):
    for number in (1, 30):
        factories.MilestoneFactory(project=project, due_on=date(2026, 11, number), name_en=f"On {number}")
    factories.MilestoneFactory(project=project, due_on=date(2026, 12, 1))
    page = sign_in(coordinator).get(ALL, {"month": "2026-11"})
    assert [row.name_en for row in page.context["due"]] == ["On 1", "On 30"]
    first = page.context["weeks"][0]
    assert [day and day.day for day, _rows in first] == [None] * 6 + [1]
    assert (page.context["earlier"], page.context["later"]) == (date(2026, 10, 1), date(2026, 12, 1))


@pytest.mark.parametrize("month", ["0001-01", "9999-12", "2026-13", "", "x"])
def test_any_month_has_a_page(month, sign_in, coordinator):
    assert sign_in(coordinator).get(ALL, {"month": month}).status_code == 200


@pytest.mark.parametrize("url", [ALL, "/desk/exempel/milestones/"])
def test_as_many_queries_for_fifty(url, sign_in, coordinator, project, django_assert_max_num_queries):
    client, counts = sign_in(coordinator), set()
    client.get(url)
    for more in (1, 2, 47):
        factories.MilestoneFactory.create_batch(more, project=project, days=[7])
        with django_assert_max_num_queries(30) as captured:
            page = client.get(url)
        counts.add(len(captured))
    assert len(page.context["page" if url == ALL else "waiting"]) == 50
    assert len(counts) == 1


# Reminders and steps


def test_reminder_goes_out_once_on_its_day(milestone, coordinator, contact):
    due = milestone.due_on
    assert milestone_reminders.send_due(due - timedelta(31)) == 0
    assert [milestone_reminders.send_due(due - timedelta(30)) for _time in range(2)] == [1, 0]
    assert [milestone_reminders.send_due(due - timedelta(7)) for _time in range(2)] == [1, 0]
    letters = Letter.objects.order_by("pk")
    assert [letter.to for letter in letters] == [coordinator.email] * 2
    assert letters[0].subject == "Interim report, Example project"
    assert "In 30 days" in letters[0].body
    assert f"/desk/exempel/milestones/#milestone-{milestone.pk}" in letters[0].body


def test_reminders_that_come_due_together_are_one_letter(milestone, coordinator):
    assert milestone_reminders.send_due(milestone.due_on) == 1
    assert "Today this is due in Example project" in Letter.objects.get().body
    assert milestone_reminders.send_due(milestone.due_on) == 0


@pytest.mark.parametrize("why", ["done", "late", "ended", "foreign"])
def test_nobody_is_reminded_of_what_needs_nothing(why, milestone, coordinator, project):
    today = milestone.due_on + timedelta(why == "late")
    if why == "done":
        milestones.mark(milestone=milestone, is_done=True, by=coordinator)
    elif why != "late":
        project.state, project.is_reference_record = ("ended" if why == "ended" else "running"), why == "foreign"
        project.save()
    assert milestone_reminders.send_due(today) == 0
    assert not Letter.objects.exists()


def test_moved_milestone_is_reminded_of_again(milestone, coordinator):
    milestone_reminders.send_due(milestone.due_on - timedelta(30))
    milestone.due_on += timedelta(60)
    milestones.keep(milestone=milestone, days=[30, 7], by=coordinator)
    assert milestone_reminders.send_due(milestone.due_on - timedelta(30)) == 1


def test_coordinator_with_two_memberships_gets_one_letter(coordinator):
    second = factories.OrganisationFactory(kind="other")
    factories.MembershipFactory(user=coordinator, role="coordinator", organisation=second)
    assert milestone_reminders.coordinators() == [coordinator]


@pytest.mark.parametrize(("days", "is_there"), [(-3, True), (14, True), (15, False)])
def test_milestone_is_a_step_from_two_weeks_before(days, is_there, project, coordinator, staff, contact):
    row = factories.MilestoneFactory(project=project, due_on=factories.day(days), name_en="Claim")
    found = [step for step in steps.waiting(coordinator) if step.what == "Claim"]
    assert [(step.due_date, step.url, step.mine) for step in found] == (
        [(row.due_on, row.get_absolute_url(), True)] if is_there else []
    )
    assert [step for user in (staff, contact) for step in steps.waiting(user) if step.what == "Claim"] == []


# Copying


def test_copy_is_open_and_as_many_years_later_as_the_call(milestone, coordinator, project):
    milestones.mark(milestone=milestone, is_done=True, by=coordinator)
    factories.MilestoneFactory(project=project, due_on=date(2024, 2, 29))
    to = factories.ProjectFactory(call_year=project.call_year + 2)
    milestones.copy(project, to)
    leap, copied = to.milestones.in_order()
    assert copied.due_on == milestone.due_on.replace(year=milestone.due_on.year + 2)
    assert (copied.done_on, [row.days_before for row in copied.reminders.all()]) == (None, [30, 7])
    assert leap.due_on == date(2026, 2, 28)
    assert copied.history.get().history_change_reason == milestones.COPIED


@pytest.fixture
def earlier():
    """A project whose period begins in the year after its call, with an interim and a final report."""
    project = factories.ProjectFactory(slug="earlier", call_year=2024)
    factories.DecisionFactory(project=project, starts_on=date(2025, 6, 1), ends_on=date(2026, 5, 31))
    factories.MilestoneFactory(project=project, name_sv="Lägesrapport", due_on=date(2025, 12, 1), days=[7])
    factories.MilestoneFactory(project=project, name_sv="Slutrapport", due_on=date(2026, 7, 30))
    return project


@pytest.fixture
def copied(earlier):
    to = factories.ProjectFactory(slug="copied", call_year=2026, state="planned")
    milestones.copy(earlier, to)
    return to


def days_of(project):
    return [(row.due_on, row.is_unchecked) for row in project.milestones.in_order()]


def agree(project, starts_on, follows=None):
    decision = Decision(starts_on=starts_on, ends_on=starts_on + timedelta(400))
    return decisions.enter(project=project, decision=decision, lines=[], follows=follows, by=None)


def test_copy_follows_the_period_when_it_is_known(copied):
    """The report in between by the first day, the final one, 60 days after the end, by the last."""
    assert days_of(copied) == [(date(2027, 12, 1), True), (date(2028, 7, 30), True)]
    agreement = agree(copied, date(2026, 9, 15))
    assert agreement.ends_on == date(2027, 10, 20)
    assert days_of(copied) == [(date(2027, 3, 15), True), (date(2027, 12, 19), True)]
    told = [row.history.first().history_change_reason for row in copied.milestones.in_order()]
    assert told == ["moved with the first day of the period", "moved with the last day of the period"]
    agreement.ends_on = date(2028, 8, 31)
    decisions.change(decision=agreement, lines=[], by=None)
    assert days_of(copied) == [(date(2027, 3, 15), True), (date(2028, 10, 30), True)]
    agreement.starts_on = date(2026, 9, 1)
    decisions.change(decision=agreement, lines=[], by=None)
    assert days_of(copied) == [(date(2027, 3, 1), True), (date(2028, 10, 30), True)]


@pytest.mark.parametrize(
    ("before_the_end", "moved"), [(90, date(2028, 8, 31) - timedelta(90)), (91, date(2027, 6, 1))], ids=["end", "start"]
)
def test_what_stood_within_ninety_days_of_the_end_belongs_to_it(earlier, before_the_end, moved):
    earlier.milestones.update_or_create(
        name_sv="Lägesrapport", defaults={"due_on": date(2026, 5, 31) - timedelta(before_the_end)}
    )
    to = factories.ProjectFactory(call_year=2026)
    factories.DecisionFactory(project=to, starts_on=date(2026, 9, 1), ends_on=date(2028, 8, 31))
    milestones.copy(earlier, to)
    assert to.milestones.get(name_sv="Lägesrapport").due_on == moved


def test_without_a_last_day_all_follow_the_first(copied):
    factories.DecisionFactory(project=copied, starts_on=date(2026, 9, 1), ends_on=None)
    milestones.follow(copied, date(2026, 9, 1), None)
    assert [day for day, _unchecked in days_of(copied)] == [date(2027, 3, 1), date(2027, 10, 30)]


def test_copy_into_a_project_with_a_period_follows_it_at_once(earlier):
    to = factories.ProjectFactory(call_year=2026)
    factories.DecisionFactory(project=to, starts_on=date(2027, 1, 1), ends_on=date(2028, 1, 1))
    milestones.copy(earlier, to)
    assert [day for day, _unchecked in days_of(to)] == [date(2027, 7, 1), date(2028, 3, 1)]


def test_copy_of_a_project_without_a_period_stands_by_the_call_year(project):
    earlier = factories.ProjectFactory(call_year=None)
    factories.MilestoneFactory(project=earlier, due_on=date(2025, 3, 1))
    to = factories.ProjectFactory(state="planned")
    milestones.copy(earlier, to)
    agree(to, date(2030, 1, 1))
    assert days_of(to) == [(date(2026, 3, 1), True)]


def test_who_has_looked_at_a_day_finds_it_there_again(sign_in, coordinator, copied):
    first, second = copied.milestones.in_order()
    client = sign_in(coordinator)
    assert "copied from 1 December 2025, to be checked" in text_of(client.get(page_of(copied)))
    for _time in (1, 2):
        page = client.post(page_of(copied, "milestone_mark", first.pk), {"day": "right"}, follow=True)
    assert f"The day of {first.name} is right." in text_of(page)
    first.refresh_from_db()
    assert (first.version, first.history.first().history_change_reason) == (1, milestones.CONFIRMED)
    second.due_on = date(2028, 8, 1)
    milestones.keep(milestone=second, days=[], by=coordinator)
    agree(copied, date(2026, 9, 1))
    assert days_of(copied) == [(date(2027, 12, 1), False), (date(2028, 8, 1), False)]


def test_milestone_that_was_removed_meanwhile_is_neither_marked_nor_confirmed(
    sign_in, coordinator, copied, monkeypatch
):
    row = copied.milestones.first()
    real = milestones.project_states.locked_open

    def removed_while_waiting(project):
        Milestone.objects.filter(pk=row.pk).first().delete()
        return real(project)

    with monkeypatch.context() as patched:
        patched.setattr(milestones.project_states, "locked_open", removed_while_waiting)
        shown = sign_in(coordinator).post(page_of(copied, "milestone_mark", row.pk), {"done": "yes"}, follow=True)
    assert (shown.status_code, "Somebody else has removed this milestone." in text_of(shown)) == (200, True)
    milestones.remove(milestone=row, by=coordinator)
    for act in (milestones.confirm, partial(milestones.mark, is_done=True)):
        with pytest.raises(NotAllowed, match="Somebody else has removed this milestone"):
            act(milestone=row, by=coordinator)


def test_marked_as_done_is_looked_at(copied, coordinator):
    for row in copied.milestones.all():
        milestones.mark(milestone=row, is_done=True, by=coordinator)
    assert [unchecked for _day, unchecked in days_of(copied)] == [False, False]


def test_page_says_by_what_copied_milestones_stand(sign_in, coordinator, copied):
    of_no_period = factories.ProjectFactory(call_year=None)
    factories.MilestoneFactory(project=of_no_period, due_on=date(2025, 3, 1))
    milestones.copy(of_no_period, copied)  # this one moves with nothing
    client = sign_in(coordinator)
    before = text_of(client.get(page_of(copied)))
    assert (
        "2 milestones were copied from an earlier project. The period is not known yet, so they stand by the call year"
        in before
    )
    assert "1 milestone was copied from an earlier project. Look whether its day is right." in before
    agree(copied, date(2026, 9, 1))
    after = text_of(client.get(page_of(copied)))
    assert "3 milestones were copied from an earlier project. Look whether their days are right." in after
    assert "not known yet" not in after


def test_milestones_of_one_name_do_not_meet_while_they_move(earlier):
    decision = earlier.decisions.get()
    decision.ends_on = date(2027, 12, 31)
    decision.save()
    earlier.milestones.filter(name_sv="Slutrapport").delete()
    factories.MilestoneFactory(project=earlier, name_sv="Lägesrapport", due_on=date(2026, 12, 1))
    to = factories.ProjectFactory(call_year=2024, state="planned")
    milestones.copy(earlier, to)
    first = agree(to, date(2026, 6, 1))
    assert [day for day, _unchecked in days_of(to)] == [date(2026, 12, 1), date(2027, 12, 1)]
    agree(to, date(2025, 6, 1), follows=first.pk)
    assert [day for day, _unchecked in days_of(to)] == [date(2025, 12, 1), date(2026, 12, 1)]


def test_milestone_that_would_meet_its_like_or_leave_the_calendar_stays(copied):
    factories.MilestoneFactory(project=copied, name_sv="Lägesrapport", due_on=date(2027, 3, 1))
    agree(copied, date(2026, 9, 1))
    assert days_of(copied) == [(date(2027, 3, 1), False), (date(2027, 12, 1), True), (date(2027, 12, 5), True)]
    for far in (date(2150, 1, 1), date(9998, 12, 1)):
        milestones.follow(copied, far, far + timedelta(20))
        assert days_of(copied)[1:] == [(date(2027, 12, 1), True), (date(2027, 12, 5), True)]


@pytest.mark.parametrize("field", ["earlier_starts_on", "earlier_ends_on"])
def test_day_of_an_earlier_period_is_that_of_a_copy_alone(field, milestone):
    with pytest.raises(IntegrityError), transaction.atomic():
        Milestone.objects.filter(pk=milestone.pk).unkept("the constraint is asked").update(**{field: date(2025, 1, 1)})


def test_start_remarks_on_copied_milestones(copied):
    sentence = "2 milestones were copied, and nobody has looked whether their days are right."
    found = [one for one in objections.to("start", copied) if one.sentence == sentence]
    assert [(one.stops, one.url) for one in found] == [(False, page_of(copied))]


def test_end_remarks_on_open_milestones_and_on_a_period_that_goes_on(project, milestone, coordinator):
    ends_on = project.decision.ends_on
    assert [(one.sentence, one.stops) for one in objections.to("end", project)] == [
        (f"By the latest decision the period goes on until {day(ends_on)}.", False),
        ("1 milestone is still open. Afterwards it can no longer be marked as done.", False),
    ]
    milestones.mark(milestone=milestone, is_done=True, by=coordinator)
    Decision.objects.filter(project=project).update(ends_on=factories.day(0))
    assert objections.to("end", Project.objects.get(pk=project.pk)) == []


def test_day_is_picked_as_in_all_other_forms(sign_in, coordinator, milestone):
    page = sign_in(coordinator).get(page_of(milestone.project, "milestone_edit", milestone.pk)).text
    assert re.search(rf'<input type="date" name="due_on" value="{milestone.due_on.isoformat()}"', page)


# In a calendar programme


def feed_of(address):
    return Client().get(re.sub(r"^https?://[^/]+", "", address))


def make_address(client):
    return re.search(r'class="secret">([^<]+)<', client.post(ADDRESS, {"act": "make"}).content.decode())[1]


def test_address_is_shown_once_and_kept_as_a_digest(sign_in, contact, milestone):
    client = sign_in(contact)
    address = make_address(client)
    secret = address.split("/")[-2]
    assert secret not in str(CalendarAddress.objects.values().get())
    assert secret not in client.get(ADDRESS).content.decode()
    response = feed_of(address)
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert response["Cache-Control"] == "private, no-store"
    assert "SUMMARY:Example project: Interim report" in response.content.decode()


def test_new_address_ends_the_one_before_and_revoking_ends_all(sign_in, contact):
    client = sign_in(contact)
    first, second = make_address(client), make_address(client)
    assert [feed_of(address).status_code for address in (first, second)] == [404, 200]
    client.post(ADDRESS, {"act": "revoke"})
    assert feed_of(second).status_code == 404
    assert feed_of(second.replace(second.split("/")[-2], "guessed")).status_code == 404


def test_feed_shows_what_its_owner_sees(auditor, milestone, association, member_a):
    factories.MilestoneFactory(
        project=factories.running_project(members=[member_a], owner=association), name_en="Hidden"
    )
    text = calendar_feeds.feed(auditor, datetime(2026, 1, 1, tzinfo=UTC))
    assert text.count("BEGIN:VEVENT") == 1
    assert "Hidden" not in text


@pytest.mark.parametrize("how", ["ended", "deactivated"])
def test_ended_access_kills_the_feed(how, contact, milestone):
    secret = calendar_feeds.make(user=contact)
    url = reverse("consortium:calendar_feed", args=[secret])
    assert Client().get(url).status_code == 200
    if how == "ended":
        membership = contact.memberships.get()
        membership.to_date = factories.day(-1)
        membership.save()
    else:
        contact.is_active = False
        contact.save()
    assert Client().get(url).status_code == 404


def test_calendar_file_is_escaped_and_folded():
    event = calendars.Day(uid="1@x", on=date(2026, 12, 31), title="Å, b; c\\d " + "é" * 60, text="one\ntwo")
    text = calendars.written(name="N", events=[event], now=datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC))
    lines = text.split("\r\n")
    assert lines[-1] == ""
    assert max(len(line.encode()) for line in lines) <= 75
    whole = text.replace("\r\n ", "")
    assert "SUMMARY:Å\\, b\\; c\\\\d " + "é" * 60 + "\r\n" in whole
    assert "DESCRIPTION:one\\ntwo\r\n" in whole
    assert "DTSTART;VALUE=DATE:20261231\r\nDTEND;VALUE=DATE:20270101\r\n" in whole
    assert "DTSTAMP:20260102T030405Z" in whole
