"""Places go from one member's share to another's in one step, with a reason that both are told.

Locks are taken in the one order, award before members before shares, two of a kind by their numbers.
"""

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from consortium import budget_shares, contacts, shares
from consortium.models import Allocation, ProjectMember, ShareMove
from consortium.permissions import NotAllowed
from westum.base import letters

MOVED_AWAY = gettext_noop("moved places to another member")
MOVED_HERE = gettext_noop("got places from another member")


@transaction.atomic
def move_places(*, giver, receiver, activity_type, places, reason, by):
    """Take `places` from the giver's share and add them to the receiver's; the award stays as it is.

    Both are members of one project. Their contact persons get a letter. Raises NotAllowed when the project is not
    running, or when the giver has fewer places that nobody holds.
    """
    if receiver.project_id != giver.project_id or receiver.pk == giver.pk:
        raise NotAllowed(_("Choose another member than the one that gives."), field="receiver")
    if places < 1:
        raise NotAllowed(_("Move one place or more."), field="places")
    shares.locked_award(giver.project, activity_type)
    members = ProjectMember.objects.filter(pk__in=[giver.pk, receiver.pk]).order_by("pk")
    list(members.select_for_update(of=("self",)))
    found = Allocation.objects.filter(member__in=[giver.pk, receiver.pk], activity_type=activity_type).order_by("pk")
    by_member = {share.member_id: share for share in found.select_for_update(of=("self",))}
    gives = by_member.get(giver.pk)
    _refuse_what_is_not_free(giver, gives, places)
    gets = by_member.get(receiver.pk) or Allocation(member=receiver, activity_type=activity_type)
    gives._change_reason = f"{MOVED_AWAY}\n{_told(gives, -places)} → {receiver}. {reason}"
    gets._change_reason = f"{MOVED_HERE}\n{_told(gets, places)} ← {giver}. {reason}"
    for share, change in ((gives, -places), (gets, places)):
        share.places += change
        share.version += 1
        share.save()
    move = ShareMove(
        giver=giver, receiver=receiver, activity_type=activity_type, places=places, reason=reason, moved_by=by
    )
    move.save()
    _tell(move, {giver.pk: gives, receiver.pk: gets})
    return move


def _told(share, change):
    return f"{share.places} → {share.places + change}."


def _refuse_what_is_not_free(giver, share, places):
    free = share.places_left if share else 0
    if not free:
        raise NotAllowed(_("%(member)s has no place that nobody holds.") % {"member": giver}, field="places")
    if places > free:
        raise NotAllowed(
            ngettext(
                "%(member)s has %(free)s place that nobody holds. Move that number at most.",
                "%(member)s has %(free)s places that nobody holds. Move that number at most.",
                free,
            )
            % {"member": giver, "free": free},
            field="places",
        )


def _tell(move, share_by_member):
    sums = budget_shares.sums_by_activity([move.giver, move.receiver])
    users = contacts.of_members([move.giver, move.receiver])
    address = settings.SITE_URL + reverse("consortium:shares", args=[move.giver.project.slug])
    for member in (move.giver, move.receiver):
        for user in users.get(member.organisation_id, []):
            letters.post(
                to=user.email,
                template="emails/places_moved",
                context={
                    "move": move,
                    "member": member,
                    "project": move.giver.project,
                    "now": share_by_member[member.pk].places,
                    "money": sums.get((member.pk, move.activity_type_id), []),
                    "address": address,
                },
                language=user.language,
            )
