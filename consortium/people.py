"""Invitations and memberships: who gets in, and how access ends."""

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from consortium import responsible_contacts
from consortium.models import (
    CalendarAddress,
    Invitation,
    Membership,
    Organisation,
    OrganisationKind,
    Project,
    ProjectMember,
    ProjectState,
    User,
)
from consortium.permissions import NotAllowed, Role
from westum.base import letters
from westum.base.forms import Changed

INVITATION_WORKS_FOR = timedelta(days=14)
INVITED = gettext_noop("invited the person")
ACCEPTED = gettext_noop("accepted the invitation")
WITHDRAWN = gettext_noop("withdrew the invitation")
CAME_IN = gettext_noop("came in by an invitation")
CHANGED = gettext_noop("changed the access")
ENDED = gettext_noop("ended the access")
CHANGED_OWN_DETAILS = gettext_noop("changed the own details")


def digest_of(secret):
    return hashlib.sha256(secret.encode()).hexdigest()


@transaction.atomic
def invite(*, invitation, by):
    """Save the invitation and post its mail. The secret stands in the mail alone; the row keeps its digest.

    `by` is None on the command line, where the first coordinator is invited. An invitation of the same person to the
    same role that has run out gives way. Raises NotAllowed when the role does not fit the organisation, or when the
    person has it already.
    """
    invitation.email = invitation.email.strip().lower()
    _refuse_misplaced_role(invitation, by)
    _refuse_who_is_here_already(invitation)
    for former in same_as(invitation).run_out().select_for_update(of=("self",)):
        _withdraw(former)
    secret = secrets.token_urlsafe(24)
    invitation.digest = digest_of(secret)
    invitation.invited_by = by
    invitation.expires_at = timezone.now() + INVITATION_WORKS_FOR
    invitation._change_reason = INVITED
    invitation.save()
    letters.post(
        to=invitation.email,
        template="emails/invitation",
        language=invitation.language,
        context={
            "invitation": invitation,
            "address": settings.SITE_URL + reverse("consortium:accept_invitation", args=[secret]),
        },
    )
    return invitation


def same_as(invitation):
    """Invitations of the same person to the same role in the same organisation."""
    return Invitation.objects.filter(
        email=invitation.email, organisation_id=invitation.organisation_id, role=invitation.role
    )


def _refuse_misplaced_role(invitation, by):
    """A role of the association reaches every member, so nobody gets it by a slip in the list of organisations."""
    if invitation.role == Role.CONTACT:
        if invitation.organisation.kind != OrganisationKind.MEMBER:
            raise NotAllowed(_("A contact person belongs to a member. Choose a member."), field="organisation")
    elif invitation.role in {Role.COORDINATOR, Role.STAFF} and by is not None:
        own = {right.organisation_id for right in by.rights if right.role == Role.COORDINATOR}
        if invitation.organisation_id not in own:
            raise NotAllowed(
                _("This role sees all members. Choose your own organisation, or the role of contact person."),
                field="organisation",
            )


def _refuse_who_is_here_already(invitation):
    if _standing_memberships(invitation).exists():
        raise NotAllowed(
            _("This person already has this role here. Look for the name in the list of people."), field="email"
        )


def _standing_memberships(invitation):
    """Memberships that give the invited person all that the invitation offers."""
    standing = Membership.objects.not_over().filter(
        user__email__iexact=invitation.email,
        organisation=invitation.organisation,
        role=invitation.role,
        project=invitation.project,
    )
    if invitation.to_date:
        return standing.exclude(to_date__lt=invitation.to_date)
    return standing.filter(to_date__isnull=True)


def find_invitation(secret):
    """The invitation that the secret of a mail belongs to, whatever has become of it, or None."""
    return (
        Invitation.objects.select_related("organisation", "project", "invited_by")
        .filter(digest=digest_of(secret))
        .first()
    )


@transaction.atomic
def accept_invitation(*, invitation):
    """Turn an invitation into a membership. The secret came by mail, so the address is its reader's own.

    Returns the user; raises NotAllowed when the invitation was used, withdrawn or has run out.
    """
    invitation = Invitation.objects.select_for_update(of=("self",)).get(pk=invitation.pk)
    access_is_over = invitation.to_date is not None and invitation.to_date < timezone.localdate()
    if not invitation.is_open or access_is_over:
        raise NotAllowed(_("This invitation no longer works. Ask for a new one."))
    user, _is_new = User.objects.get_or_create(
        email__iexact=invitation.email,
        defaults={
            "email": invitation.email,
            "name": invitation.name,
            "language": invitation.language,
            "password": make_password(None),
        },
    )
    if not user.is_active:
        raise NotAllowed(_("This account is closed. Ask the coordinator to open it."))
    if not _standing_memberships(invitation).exists():
        membership = Membership(
            user=user,
            organisation=invitation.organisation,
            project=invitation.project,
            role=invitation.role,
            from_date=max(invitation.from_date or timezone.localdate(), timezone.localdate()),
            to_date=invitation.to_date,
        )
        membership._change_reason = CAME_IN
        membership.save()
    invitation.accepted_at = timezone.now()
    invitation._change_reason = ACCEPTED
    invitation.save(update_fields=["accepted_at"])
    return user


@transaction.atomic
def withdraw_invitation(*, invitation, by):
    invitation = Invitation.objects.select_for_update(of=("self",)).get(pk=invitation.pk)
    if invitation.accepted_at:
        raise NotAllowed(_("This invitation has already been accepted. End the access instead."))
    if invitation.withdrawn_at is None:
        _withdraw(invitation)
    return invitation


def _withdraw(invitation):
    invitation.withdrawn_at = timezone.now()
    invitation._change_reason = WITHDRAWN
    invitation.save(update_fields=["withdrawn_at"])


@transaction.atomic
def change_membership(*, membership, version, role, project, from_date, to_date, reason, by):
    """Another role in the same organisation, or other days. It works at the next request, and the person is told.

    Raises NotAllowed when access has ended, when the role does not fit the organisation, and when the network would be
    left without a coordinator; Changed when the membership has no longer the `version` that `by` saw.
    """
    coordinators = lock_coordinators()
    membership = Membership.objects.with_people().select_for_update(of=("self",)).get(pk=membership.pk)
    today = timezone.localdate()
    if membership.is_over:
        raise NotAllowed(_("This access has ended. Invite the person again instead."))
    if membership.version != version:
        raise Changed
    if to_date and to_date < today:
        raise NotAllowed(_("This day has passed. To end the access at once, choose End access."), field="to_date")
    was = {"role": membership.role, "to_date": membership.to_date, "is_valid": membership.is_valid}
    membership.role, membership.project = role, project
    membership.from_date, membership.to_date = from_date, to_date
    if role != was["role"]:
        _refuse_misplaced_role(membership, by)
    goes_earlier = to_date is not None and (was["to_date"] is None or to_date < was["to_date"])
    if was["role"] == Role.COORDINATOR and (role != Role.COORDINATOR or from_date > today or goes_earlier):
        _refuse_to_lose_coordinator(membership, coordinators)
    membership._change_reason = f"{CHANGED}\n{reason}"
    membership.bump_version()
    membership.save(update_fields=["role", "project", "from_date", "to_date"])
    if was["role"] == Role.CONTACT and was["is_valid"] and not (role == Role.CONTACT and membership.is_valid):
        responsible_contacts.leave(membership)
    if membership.user != by:
        letters.post(
            to=membership.user.email,
            template="emails/membership_changed",
            context={"membership": membership, "by": by, "reason": reason},
            language=membership.user.language,
        )
    return membership


def _refuse_to_lose_coordinator(membership, coordinators):
    """Somebody must stay who can let people in: a coordinator without a last day."""
    others = [other for other in coordinators if other.pk != membership.pk]
    if not others:
        raise NotAllowed(_("This is the only coordinator. Invite another one first."))
    if all(other.to_date for other in others):
        raise NotAllowed(_("Every other coordinator has a last day. Take one of those days away first."))


@transaction.atomic
def end_membership(*, membership, by, tells=True):
    """End access now. It works at the next request of the person, who gets a letter; the name stays in the history.

    The last coordinator cannot go, or nobody could invite the next one. Where the person was the responsible contact
    of a member in its projects, the deputy takes that place. Without `tells` the caller writes to the person.
    """
    coordinators = lock_coordinators()
    membership = Membership.objects.select_for_update(of=("self",)).get(pk=membership.pk)
    if membership.ended_at:
        return membership
    if membership.role == Role.COORDINATOR:
        _refuse_to_lose_coordinator(membership, coordinators)
    membership.ended_at, membership.ended_by = timezone.now(), by
    membership._change_reason = ENDED
    membership.bump_version()
    membership.save(update_fields=["ended_at", "ended_by"])
    if not Membership.objects.valid_today().filter(user=membership.user_id).exists():
        CalendarAddress.objects.filter(user=membership.user_id).delete()
    if membership.role == Role.CONTACT:
        responsible_contacts.leave(membership)
    if tells and membership.user != by:
        letters.post(
            to=membership.user.email,
            template="emails/access_ended",
            context={"membership": membership, "by": by},
            language=membership.user.language,
        )
    return membership


def lock_coordinators():
    """The first lock of whatever ends or hands over access, so that two who do it never wait for each other."""
    return list(coordinators().select_for_update(of=("self",)).order_by("pk"))


def coordinators():
    return Membership.objects.valid_today().filter(role=Role.COORDINATOR, user__is_active=True)


def acting_contact():
    """The coordinator who acts for members without a contact person: the one of longest standing, or None."""
    first = coordinators().select_related("user").order_by("from_date", "pk").first()
    return first.user if first else None


def is_last_contact(membership):
    """Would the member have nobody who registers its mobilities if this membership ended?"""
    if membership.role != Role.CONTACT:
        return False
    others = Membership.objects.valid_today().contacts().filter(user__is_active=True)
    return not others.filter(organisation=membership.organisation_id).exclude(user=membership.user_id).exists()


def members_without_contact():
    """Members of planned and running projects of ours for which nobody registers mobilities today."""
    contacts = Membership.objects.valid_today().contacts().filter(user__is_active=True)
    current = Project.objects.own().filter(state__in=[ProjectState.PLANNED, ProjectState.RUNNING])
    members = ProjectMember.objects.filter(project__in=current)
    found = Organisation.objects.members().filter(pk__in=members.values("organisation"))
    return found.exclude(pk__in=contacts.values("organisation")).in_order()
