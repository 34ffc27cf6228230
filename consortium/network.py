"""Who belongs to the network, since when and until when. Memberships are ended by a day, never deleted."""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from consortium.models import NetworkMembership, Organisation, OrganisationKind
from consortium.permissions import NotAllowed

JOINED = gettext_noop("entered the membership of the network")
CHANGED = gettext_noop("changed the membership of the network")


@transaction.atomic
def keep(*, membership, by):
    """Save a new or changed membership that the caller holds in memory.

    Raises NotAllowed when its days meet those of another membership of the organisation, and Changed when somebody
    else has saved it meanwhile.
    """
    organisation = Organisation.objects.select_for_update(of=("self",)).get(pk=membership.organisation_id)
    if organisation.kind != OrganisationKind.MEMBER:
        raise NotAllowed(_("Only a member can belong to the network. Change the kind of organisation first."))
    is_new = membership._state.adding
    if not is_new:
        membership.bump_version()
    for other in NetworkMembership.objects.filter(organisation=organisation).exclude(pk=membership.pk):
        if _meet(membership, other):
            raise NotAllowed(
                _("These days meet another membership of the organisation. Choose days outside it."),
                field="joined_on" if _first(other) <= _first(membership) else "left_on",
            )
    membership._change_reason = JOINED if is_new else CHANGED
    membership.save()
    return membership


def _meet(one, other):
    return _first(one) <= _last(other) and _first(other) <= _last(one)


def _first(membership):
    return membership.joined_on or date.min


def _last(membership):
    return membership.left_on or date.max
