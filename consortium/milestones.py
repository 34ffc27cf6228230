"""Milestones: the dated duties of each project, with the plan by which the coordinators are reminded of them.

Each verb locks the project's row first, so that nothing is written once the project has ended.
"""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from consortium import project_states
from consortium.models import Milestone, MilestoneKind, MilestoneReminder

ADDED = gettext_noop("added the milestone")
CHANGED = gettext_noop("changed the milestone")
DONE = gettext_noop("marked the milestone as done")
REOPENED = gettext_noop("opened the milestone again")
REMOVED = gettext_noop("removed the milestone")
COPIED = gettext_noop("copied the milestone from an earlier project")

SOON = timedelta(days=14)  # from then on it is a next step


@transaction.atomic
def keep(*, milestone, days, by):
    """Save a new or changed milestone with its plan: `days` before it is due there is a reminder.

    A reminder that was sent is sent again only when the milestone has moved and its day lies ahead once more.
    Raises Changed when somebody else has saved the milestone since it was read.
    """
    project_states.locked_open(milestone.project)
    if milestone._state.adding:
        milestone._change_reason = ADDED
    else:
        milestone.bump_version()
        milestone._change_reason = CHANGED
    milestone.save()
    _plan(milestone, set(days))
    return milestone


def _plan(milestone, days):
    today = timezone.localdate()
    there = {row.days_before: row for row in milestone.reminders.all()}
    milestone.reminders.exclude(days_before__in=days).delete()
    for number in sorted(days):
        row = there.get(number) or MilestoneReminder(milestone=milestone, days_before=number)
        if milestone.due_on - timedelta(days=number) > today:
            row.sent_at = None
        row.save()


@transaction.atomic
def mark(*, milestone, is_done, by):
    """Done today, or open again. Who marks it a second time changes nothing."""
    project_states.locked_open(milestone.project)
    milestone = Milestone.objects.select_for_update(of=("self",)).get(pk=milestone.pk)
    if milestone.is_done == is_done:
        return milestone
    milestone.bump_version()
    milestone.done_on = timezone.localdate() if is_done else None
    milestone._change_reason = DONE if is_done else REOPENED
    milestone.save(update_fields=["done_on"])
    return milestone


@transaction.atomic
def remove(*, milestone, by):
    project_states.locked_open(milestone.project)
    milestone = Milestone.objects.select_for_update(of=("self",)).filter(pk=milestone.pk).first()
    if milestone is not None:
        milestone._change_reason = REMOVED
        milestone.delete()


@transaction.atomic
def copy(from_project, to_project):
    """The milestones of an earlier project, open, with their plans, as many years later as the call is; else one year.

    What the funder asked about the earlier project is left with it.
    """
    years = 1
    if from_project.call_year and to_project.call_year:
        years = to_project.call_year - from_project.call_year
    for earlier in (
        from_project.milestones.exclude(kind=MilestoneKind.QUESTION).in_order().prefetch_related("reminders")
    ):
        milestone = Milestone(
            project=to_project,
            kind=earlier.kind,
            name_sv=earlier.name_sv,
            name_en=earlier.name_en,
            due_on=_later(earlier.due_on, years),
        )
        milestone._change_reason = COPIED
        milestone.save()
        for reminder in earlier.reminders.all():
            MilestoneReminder(milestone=milestone, days_before=reminder.days_before).save()


def _later(day, years):
    try:
        return day.replace(year=day.year + years)
    except ValueError:  # the 29th of February
        return day.replace(year=day.year + years, day=28)
