"""Invitations and memberships: who gets in, and how access ends."""

import hashlib
import secrets
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from consortium.models import Invitation, Membership, User
from consortium.permissions import NotAllowed, Role
from westum.base import letters

INVITATION_WORKS_FOR = timedelta(days=14)


def digest_of(secret):
    return hashlib.sha256(secret.encode()).hexdigest()


@transaction.atomic
def invite(*, invitation, by):
    """Save the invitation and post its mail. The secret stands in the mail alone; the row keeps its digest."""
    secret = secrets.token_urlsafe(24)
    invitation.email = invitation.email.strip().lower()
    invitation.digest = digest_of(secret)
    invitation.invited_by = by
    invitation.expires_at = timezone.now() + INVITATION_WORKS_FOR
    invitation._change_reason = "invited"
    invitation.save()
    letters.post(
        to=invitation.email,
        template="emails/invitation",
        language=invitation.language,
        context={
            "name": invitation.name,
            "role": invitation.get_role_display(),
            "organisation": invitation.organisation.name,
            "invited_by": str(by) if by else "",
            "address": settings.SITE_URL + reverse("consortium:accept_invitation", args=[secret]),
            "expires_on": timezone.localdate(invitation.expires_at),
        },
    )
    return invitation


def find_invitation(secret):
    """The open invitation that the secret of a mail belongs to, or None."""
    return (
        Invitation.objects.open()
        .select_related("organisation", "project", "invited_by")
        .filter(digest=digest_of(secret))
        .first()
    )


@transaction.atomic
def accept_invitation(*, invitation):
    """Turn an invitation into a membership. The secret came by mail, so the address is its reader's own.

    Returns the user; raises NotAllowed when the invitation was used, withdrawn or is too old.
    """
    invitation = Invitation.objects.select_for_update(of=("self",)).get(pk=invitation.pk)
    if not invitation.is_open:
        raise NotAllowed(_("This invitation no longer works. Ask for a new one."))
    user = User.objects.filter(email__iexact=invitation.email).first()
    if user is None:
        user = User.objects.create_user(email=invitation.email, name=invitation.name, language=invitation.language)
    if not user.is_active:
        raise NotAllowed(_("This account is closed. Ask the coordinator."))
    open_already = Membership.objects.valid_today().filter(
        user=user, organisation=invitation.organisation, role=invitation.role, project=invitation.project
    )
    if not open_already.exists():
        Membership.objects.create(
            user=user,
            organisation=invitation.organisation,
            project=invitation.project,
            role=invitation.role,
            to_date=invitation.to_date,
        )
    invitation.accepted_at = timezone.now()
    invitation._change_reason = "accepted"
    invitation.save(update_fields=["accepted_at"])
    return user


@transaction.atomic
def withdraw_invitation(*, invitation, by):
    invitation = Invitation.objects.select_for_update(of=("self",)).get(pk=invitation.pk)
    if invitation.accepted_at:
        raise NotAllowed(_("This invitation has already been accepted. End the access instead."))
    if invitation.withdrawn_at is None:
        invitation.withdrawn_at = timezone.now()
        invitation._change_reason = "withdrawn"
        invitation.save(update_fields=["withdrawn_at"])
    return invitation


@transaction.atomic
def end_membership(*, membership, by):
    """End access now. It works at the next request of the person; the name stays in the history.

    The last coordinator cannot go, or nobody could invite the next one.
    """
    membership = Membership.objects.select_for_update(of=("self",)).get(pk=membership.pk)
    if membership.ended_at:
        return membership
    if membership.role == Role.COORDINATOR:
        coordinators = Membership.objects.select_for_update(of=("self",)).valid_today().filter(role=Role.COORDINATOR)
        if {found.pk for found in coordinators} <= {membership.pk}:
            raise NotAllowed(_("This is the only coordinator. Invite another one first."))
    membership.ended_at, membership.ended_by = timezone.now(), by
    membership._change_reason = "ended"
    membership.save(update_fields=["ended_at", "ended_by"])
    return membership
