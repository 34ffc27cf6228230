"""What the contact persons of a member read when its share has been changed by hand or by a key: one letter each.

The letters are posted in the transaction of the change, so that they go out with its commit or not at all.
"""

from django.conf import settings
from django.urls import reverse

from consortium import contacts
from consortium.models import Allocation, BudgetShare
from westum.base import letters


def tell_of_places(before, *, reason, by):
    """`before` has the places that each changed share had, by the share's key."""
    changed = Allocation.objects.filter(pk__in=before).select_related("activity_type")
    told = [(share, {"before": before[share.pk], "now": share.places}) for share in _with_members(changed)]
    _tell(told, template="emails/places_changed", reason=reason, by=by)


def tell_of_money(before, *, reason, by):
    """`before` has the amount that each changed share had, by the share's key."""
    changed = BudgetShare.objects.filter(pk__in=before).select_related("category", "activity_type")
    told = [(share, {"before": before[share.pk], "now": share.amount}) for share in _with_members(changed)]
    _tell(told, template="emails/money_changed", reason=reason, by=by)


def _with_members(changed):
    return changed.select_related("member__organisation", "member__project").order_by("pk")


def _tell(told, *, template, reason, by):
    users = contacts.of_members([share.member for share, _numbers in told])
    for share, numbers in told:
        member = share.member
        address = settings.SITE_URL + reverse("reporting:statement", args=[member.organisation_id])
        for user in users.get(member.organisation_id, []):
            letters.post(
                to=user.email,
                template=template,
                context={
                    "share": share,
                    "member": member,
                    "project": member.project,
                    "reason": reason,
                    "by": by,
                    "address": address,
                    **numbers,
                },
                language=user.language,
            )
