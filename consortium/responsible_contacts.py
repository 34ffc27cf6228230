"""Who answers for a member in its projects, the responsible contact person and the deputy, when one of them goes."""

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_noop

from consortium.models import Membership, ProjectMember, ProjectState
from westum.base import letters

CONTACT_GONE = gettext_noop("ended the access of the contact person who stood here")


def answered_for_by(membership):
    """The member's places in projects in which this contact person is the responsible one, or the deputy.

    A project that has ended keeps who answered for it then.
    """
    members = ProjectMember.objects.filter(organisation=membership.organisation_id)
    members = members.exclude(project__state=ProjectState.ENDED)
    return members.filter(Q(contact=membership.user_id) | Q(deputy=membership.user_id))


def to_move_up(membership):
    """Who becomes the responsible one when this contact person goes: deputy → projects, None → those without a deputy.

    A deputy who has no access does not become it.
    """
    members = answered_for_by(membership).select_related("project", "deputy").order_by("pk")
    return _moving_up(members, membership, _others_with_access(membership))


def _moving_up(members, membership, with_access):
    found = {}
    for member in members:
        if member.contact_id == membership.user_id:
            deputy = member.deputy if member.deputy_id in with_access else None
            found.setdefault(deputy, []).append(member.project)
    return found


def _others_with_access(membership):
    contacts = Membership.objects.valid_today().contacts().filter(organisation=membership.organisation_id)
    return set(contacts.filter(user__is_active=True).values_list("user", flat=True)) - {membership.user_id}


def leave(membership):
    """The contact person goes: a deputy who has access becomes the responsible one and is told; else nobody is.

    The caller holds the lock of the coordinators, under which all access ends.
    """
    with_access = _others_with_access(membership)
    members = answered_for_by(membership).select_related("project", "deputy").order_by("pk")
    members = list(members.select_for_update(of=("self",)))
    moved_up = _moving_up(members, membership, with_access)
    for member in members:
        successor = member.deputy if member.deputy_id in with_access else None
        give(member, former=membership.user_id, successor=successor, verb=CONTACT_GONE)
    for deputy, projects in moved_up.items():
        if deputy is None:
            continue
        letters.post(
            to=deputy.email,
            template="emails/deputy_is_responsible",
            context={
                "former": membership.user,
                "organisation": membership.organisation,
                "projects": projects,
                "address": settings.SITE_URL + reverse("reporting:start"),
            },
            language=deputy.language,
        )


def give(member, *, former, successor, verb):
    """Put `successor` (a User, or None) where `former` (the number of a user) stood. The caller holds the row's lock.

    Nobody stands there twice: a deputy who becomes the responsible one leaves the place of deputy empty.
    """
    if member.contact_id == former:
        member.contact = successor
    if member.deputy_id == former:
        member.deputy = successor
    if member.deputy_id and member.deputy_id == member.contact_id:
        member.deputy = None
    member.version += 1
    member._change_reason = verb
    member.save(update_fields=["contact", "deputy", "version"])
