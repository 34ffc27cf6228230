"""Milestones of the sample projects: some done, one soon, the others ahead."""

from datetime import timedelta

from consortium.milestones import ADDED, DONE
from consortium.models import Milestone, MilestoneKind, MilestoneReminder, Project
from westum.demo_data import tales
from westum.demo_data.moments import at

# Project; due so many days after the demonstration's first; kind; names; done so many days after it; reminders before.
MILESTONES = [
    ("exempel", -130, MilestoneKind.MEETING, "Uppstartsmöte", "Kick-off meeting", -130, []),
    ("exempel", -34, MilestoneKind.QUESTION, "Frågor om månad 5", "Questions about month 5", -36, [14]),
    ("exempel", 3, MilestoneKind.OTHER, "Avstämning av registreringar", "Check of the registrations", None, [7, 1]),
    ("exempel", 9, MilestoneKind.MEETING, "Partnerskapsmöte", "Partnership meeting", None, [7, 1]),
    ("exempel", 47, MilestoneKind.INTERIM_REPORT, "Lägesrapport", "Interim report", None, [30, 7]),
    ("exempel", 610, MilestoneKind.FINAL_REPORT, "Slutrapport", "Final report", None, [60, 30, 7]),
    ("exempel-nasta", 68, MilestoneKind.OTHER, "Ansökan skickas", "Application is sent", None, [30, 14]),
]


def create(*, people, started_on):
    projects = {row.slug: row for row in Project.objects.filter(slug__in={row[0] for row in MILESTONES})}
    found = []
    for slug, days, kind, name_sv, name_en, done, _reminders in MILESTONES:
        row = Milestone(
            project=projects[slug],
            kind=kind,
            name_sv=name_sv,
            name_en=name_en,
            due_on=started_on + timedelta(days),
        )
        tale = tales.Tale(row, ADDED, at(started_on - timedelta(140), 11), people.coordinator)
        if done is not None:
            day = started_on + timedelta(done)
            tale.happens(DONE, at(day, 15), people.coordinator, done_on=day)
        found.append(tale)
    tales.save(found)
    for tale, (*_facts, done, reminders) in zip(found, MILESTONES, strict=True):
        for number in reminders:
            day = tale.row.due_on - timedelta(number)
            sent_at = at(day, 6) if done is not None or day < started_on else None
            MilestoneReminder.objects.create(milestone=tale.row, days_before=number, sent_at=sent_at)
