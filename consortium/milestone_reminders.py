"""Reminders of milestones, by the plan of each. The worker asks every hour; each reminder goes out once."""

from datetime import timedelta

import structlog
from django.db import transaction
from django.utils import timezone

from consortium import people
from consortium.models import Milestone, MilestoneReminder, ProjectState
from westum.base import letters

logger = structlog.get_logger(__name__)


def send_due(today):
    """Post what is due on that day. Returns how many milestones were reminded of.

    Several reminders of one milestone that have come due together, as after a standstill, are one mail. A milestone
    that is done, or past its day, or whose project has ended, is not reminded of.
    """
    open_ones = Milestone.objects.own().still_open().filter(due_on__gte=today, reminders__sent_at__isnull=True)
    numbers = open_ones.exclude(project__state=ProjectState.ENDED).order_by("pk").values_list("pk", flat=True)
    return sum(_tried(pk, today) for pk in numbers.distinct())


def _tried(pk, today):
    """One that fails is tried again in an hour, and does not keep back the others."""
    try:
        return _remind(pk, today)
    except Exception:
        logger.exception("a milestone could not be reminded of", milestone=pk)
        return False


@transaction.atomic
def _remind(pk, today):
    """Under the milestone's lock, so that a second worker finds the reminders sent."""
    milestone = Milestone.objects.select_for_update(of=("self",)).select_related("project").filter(pk=pk).first()
    if milestone is None or milestone.is_done:
        return False
    due = [
        row.pk
        for row in milestone.reminders.filter(sent_at__isnull=True)
        if milestone.due_on - timedelta(days=row.days_before) <= today
    ]
    if not due:
        return False
    MilestoneReminder.objects.filter(pk__in=due).update(sent_at=timezone.now())
    for user in coordinators():
        letters.post(
            to=user.email,
            template="emails/milestone_reminder",
            context={
                "milestone": milestone,
                "project": milestone.project,
                "days": (milestone.due_on - today).days,
                "address": letters.address_of(milestone),
            },
            language=user.language,
        )
    return True


def coordinators():
    """Each once, in the order of their names."""
    rows = people.coordinators().select_related("user")
    return list({row.user_id: row.user for row in rows.order_by("user__name", "pk")}.values())
