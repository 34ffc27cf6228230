"""Milestones: the dated duties of each project, with the plan by which the coordinators are reminded of them.

Each verb locks the project's row first, so that nothing is written once the project has ended.
"""

from datetime import timedelta

from dateutil.relativedelta import relativedelta
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from consortium import objections, project_states
from consortium.models import Milestone, MilestoneKind, MilestoneReminder
from consortium.models.milestones import FIRST_DAY, LAST_DAY
from consortium.objections import remark
from consortium.permissions import NotAllowed

ADDED = gettext_noop("added the milestone")
CHANGED = gettext_noop("changed the milestone")
DONE = gettext_noop("marked the milestone as done")
REOPENED = gettext_noop("opened the milestone again")
REMOVED = gettext_noop("removed the milestone")
CONFIRMED = gettext_noop("found the day right")
FOLLOWED = gettext_noop("moved with the first day of the period")
FOLLOWED_THE_END = gettext_noop("moved with the last day of the period")
COPIED = gettext_noop("copied the milestone from an earlier project")

NEAR_THE_END = timedelta(days=90)  # from so long before the last day on, a milestone belongs to the end of its project
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
    _forget_the_earlier(milestone)
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
    milestone = _locked(milestone)
    if milestone.is_done == is_done:
        return milestone
    milestone.bump_version()
    milestone.done_on = timezone.localdate() if is_done else None
    _forget_the_earlier(milestone)
    milestone._change_reason = DONE if is_done else REOPENED
    milestone.save(update_fields=["done_on", "earlier_due_on", "earlier_starts_on", "earlier_ends_on"])
    return milestone


@transaction.atomic
def remove(*, milestone, by):
    project_states.locked_open(milestone.project)
    milestone = Milestone.objects.select_for_update(of=("self",)).filter(pk=milestone.pk).first()
    if milestone is not None:
        milestone._change_reason = REMOVED
        milestone.delete()


@transaction.atomic
def confirm(*, milestone, by):
    """The day of a copied milestone is right as it is. Said twice it is said once."""
    milestone = _locked(milestone)
    if milestone.is_unchecked:
        milestone.bump_version()
        _forget_the_earlier(milestone)
        milestone._change_reason = CONFIRMED
        milestone.save()
    return milestone


def _locked(milestone):
    """The row as it is now. Raises NotAllowed when it is there no longer, or when the project has ended."""
    project_states.locked_open(milestone.project)
    found = Milestone.objects.select_for_update(of=("self",)).filter(pk=milestone.pk).first()
    if found is None:
        raise NotAllowed(_("Somebody else has removed this milestone."))
    return found


def _forget_the_earlier(milestone):
    milestone.earlier_due_on = milestone.earlier_starts_on = milestone.earlier_ends_on = None


# A copy has the days of another project


@transaction.atomic
def copy(from_project, to_project):
    """The milestones of an earlier project, open, with their plans, each to be looked at.

    They stand as far from the first day of the period as they did, those of the end from the last day. While the new
    period is not known they stand as many years later as the call is, else one year, and `follow` moves them. What the
    funder asked about the earlier project is left with it.
    """
    started_on, ended_on = from_project.period
    for earlier in (
        from_project.milestones.exclude(kind=MilestoneKind.QUESTION).in_order().prefetch_related("reminders")
    ):
        milestone = Milestone(
            project=to_project,
            kind=earlier.kind,
            name_sv=earlier.name_sv,
            name_en=earlier.name_en,
            due_on=_by_call_year(earlier.due_on, from_project, to_project),
            earlier_due_on=earlier.due_on,
            earlier_starts_on=started_on,
            earlier_ends_on=ended_on,
        )
        milestone._change_reason = COPIED
        milestone.save()
        for reminder in earlier.reminders.all():
            MilestoneReminder(milestone=milestone, days_before=reminder.days_before).save()
    if to_project.period[0]:
        follow(to_project, *to_project.period)


def _by_call_year(day, from_project, to_project):
    years = 1
    if from_project.call_year and to_project.call_year:
        years = to_project.call_year - from_project.call_year
    return day + relativedelta(years=years)


def follow(project, starts_on, ends_on):
    """Move the copied milestones that nobody has looked at: as far from the period as they once were.

    Those that belonged to the end keep their days from the last day, all others their months and days from the first.
    The project's row is locked. One that would meet its like, or leave the calendar, stays where it is and is looked at
    as all the others.
    """
    rows = project.milestones.unchecked().still_open().that_follow()
    moves = [(_moved(row, starts_on, ends_on), row) for row in rows.select_for_update(of=("self",)).in_order()]
    later = [pair for pair in moves if pair[0] > pair[1].due_on]
    sooner = [pair for pair in moves if pair[0] < pair[1].due_on]
    for day, row in [*reversed(later), *sooner]:  # so that none of a name stands where the next one goes
        if not FIRST_DAY <= day <= LAST_DAY:
            continue
        if project.milestones.filter(name_sv=row.name_sv, due_on=day).exists():
            continue
        row.bump_version()
        row.due_on = day
        row._change_reason = FOLLOWED_THE_END if _is_of_the_end(row, ends_on) else FOLLOWED
        row.save()
        _plan(row, {reminder.days_before for reminder in row.reminders.all()})


def _is_of_the_end(row, ends_on):
    """After the last day of the earlier project, or shortly before it. Without a new last day there is none to follow."""
    return bool(row.earlier_ends_on and ends_on) and row.earlier_due_on >= row.earlier_ends_on - NEAR_THE_END


def _moved(row, starts_on, ends_on):
    try:
        if _is_of_the_end(row, ends_on):
            return ends_on + (row.earlier_due_on - row.earlier_ends_on)
        return starts_on + relativedelta(row.earlier_due_on, row.earlier_starts_on)
    except (ValueError, OverflowError):  # a year that no calendar has
        return row.due_on


# What is said when a project takes a step


def _to_starting(project):
    unchecked = project.milestones.unchecked().still_open().count()
    if unchecked:
        yield remark(
            ngettext(
                "%(n)s milestone was copied, and nobody has looked whether its day is right.",
                "%(n)s milestones were copied, and nobody has looked whether their days are right.",
                unchecked,
            )
            % {"n": unchecked},
            reverse("consortium:milestones", args=[project.slug]),
        )


def _to_ending(project):
    waiting = project.milestones.still_open().count()
    if waiting:
        yield remark(
            ngettext(
                "%(n)s milestone is still open. Afterwards it can no longer be marked as done.",
                "%(n)s milestones are still open. Afterwards they can no longer be marked as done.",
                waiting,
            )
            % {"n": waiting},
            reverse("consortium:milestones", args=[project.slug]),
        )


objections.register("start", _to_starting)
objections.register("end", _to_ending)
