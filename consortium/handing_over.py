"""A contact person hands over to another one of the same member: what changes hands, and the step itself."""

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from consortium import people, responsible_contacts
from consortium.models import Membership
from consortium.permissions import NotAllowed, Role
from westum.base import letters

HANDED_OVER = gettext_noop("handed over to another contact person")


def successors(membership):
    """Contact persons of today in the same organisation, without the one who hands over."""
    return (
        Membership.objects.valid_today()
        .contacts()
        .filter(organisation=membership.organisation_id, user__is_active=True)
        .exclude(user=membership.user_id)
    )


@transaction.atomic
def hand_over(*, membership, successor, ends_access, by):
    """Put `successor` (a Membership) wherever `membership` is responsible contact or deputy, and tell both by mail.

    With `ends_access` the former's access ends in the same transaction, so nothing is without a responsible person in
    between. Raises NotAllowed when either of them is no contact person of the member any more.
    """
    people.lock_coordinators()
    pks = [membership.pk, successor.pk]
    rows = Membership.objects.filter(pk__in=pks).select_related("user", "organisation").order_by("pk")
    found = {row.pk: row for row in rows.select_for_update(of=("self",))}
    former, successor = found[membership.pk], found[successor.pk]
    if former.role != Role.CONTACT or not former.is_valid:
        raise NotAllowed(_("This access has ended, so there is nothing to hand over."))
    if not successors(former).filter(pk=successor.pk).exists():
        raise NotAllowed(_("Choose somebody who is contact person of this member today."), field="successor")
    found = responsible_contacts.answered_for_by(former).select_related("project").order_by("pk")
    members = list(found.select_for_update(of=("self",)))
    for member in members:
        responsible_contacts.give(member, former=former.user_id, successor=successor.user, verb=HANDED_OVER)
    if ends_access:
        people.end_membership(membership=former, by=by, tells=False)
    _tell(former, successor, members, ends_access)
    return members


def _tell(former, successor, members, ends_access):
    for reader in (former.user, successor.user):
        letters.post(
            to=reader.email,
            template="emails/handed_over",
            context={
                "former": former.user,
                "successor": successor.user,
                "organisation": former.organisation,
                "responsible": [member.project for member in members if member.contact_id == successor.user_id],
                "deputy": [member.project for member in members if member.deputy_id == successor.user_id],
                "is_successor": reader == successor.user,
                "ends_access": ends_access,
                "address": settings.SITE_URL + reverse("reporting:start"),
            },
            language=reader.language,
        )
