"""Milestones in a calendar programme: a secret address for each user, kept as a digest, revoked by its owner.

The feed shows what the user may see at the moment of asking. When the access has ended there is no feed.
"""

import secrets
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from consortium.models import CalendarAddress, Milestone
from consortium.people import digest_of
from consortium.permissions import Permission
from westum.base import calendars, letters

KEPT_FOR = timedelta(days=366)  # how far back a feed goes


@transaction.atomic
def make(*, user):
    """A new secret; the one before stops working. It is returned here and kept nowhere."""
    secret = secrets.token_urlsafe(24)
    CalendarAddress.objects.update_or_create(
        user=user, defaults={"digest": digest_of(secret), "made_at": timezone.now()}
    )
    return secret


def revoke(*, user):
    CalendarAddress.objects.filter(user=user).delete()


def reader_of(secret):
    """Whose calendar it is; None when the address is unknown or revoked, or its owner sees no project any more."""
    row = CalendarAddress.objects.select_related("user").filter(digest=digest_of(secret)).first()
    if row is None or not row.user.is_active or not row.user.holds(Permission.PROJECT_VIEW):
        return None
    return row.user


def feed(user, now):
    """The calendar as text, in the user's language."""
    rows = Milestone.objects.visible_to(user).filter(due_on__gte=now.date() - KEPT_FOR)
    with translation.override(user.language):
        events = [_event(milestone) for milestone in rows.select_related("project").in_order()]
        return calendars.written(name=_("Milestones, Westum"), events=events, now=now)


def _event(milestone):
    name = f"{milestone.project.name}: {milestone.name}"
    return calendars.Day(
        uid=f"milestone-{milestone.pk}@{settings.SITE_URL.partition('//')[2]}",
        on=milestone.due_on,
        title=_("Done: %(name)s") % {"name": name} if milestone.is_done else name,
        text=capfirst(milestone.get_kind_display()),
        url=letters.address_of(milestone),
        version=milestone.version,
    )
