"""Participants and their way in."""

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from consortium.models import User
from consortium.permissions import NotAllowed, Permission
from mobilities.models import MobilityState, Participant
from westum.base import letters


def is_same_person(participant, user):
    """Is the traveller this user, by log-in or by address? Nobody decides about the own journey."""
    return participant.user_id == user.pk or bool(participant.email) and participant.email.lower() == user.email.lower()


@transaction.atomic
def register(*, participant, by):
    """Save somebody new. The database refuses an address that the member has already."""
    participant._change_reason = "registered"
    participant.save()
    return participant


@transaction.atomic
def change(*, participant, by):
    """Save the changed facts; the caller has edited the instance. Raises Changed when somebody else was faster.

    The group decides what a mobility may be, so it stays once a mobility has been handed in. Whose log-in the address
    is, the coordinator alone may change: the former address is locked out, and access is given anew.
    """
    before = Participant.objects.select_for_update(of=("self",)).get(pk=participant.pk)
    if before.group != participant.group and participant.mobilities.exclude(state=MobilityState.DRAFT).exists():
        raise NotAllowed(_("The group stays, because a mobility has been handed in with it."), field="group")
    if before.user_id and before.email.lower() != participant.email.lower():
        if not by.holds(Permission.PEOPLE_EDIT):
            raise NotAllowed(
                _("This person logs in with the address. Ask the coordinator to change it."), field="email"
            )
        participant.user = None
    participant.bump_version()
    participant._change_reason = "changed"
    participant.save()
    return participant


@transaction.atomic
def invite(*, participant, by):
    """Open access for whoever has an address and no log-in yet; for everybody else nothing happens."""
    participant = Participant.objects.select_for_update(of=("self",)).get(pk=participant.pk)
    if participant.email and participant.user_id is None:
        open_access(participant=participant, by=by)


@transaction.atomic
def open_access(*, participant, by):
    """Let the participant log in with the own e-mail address, and tell how by mail. Safe to repeat."""
    participant = Participant.objects.select_for_update(of=("self",)).get(pk=participant.pk)
    if not participant.email:
        raise NotAllowed(_("Write an e-mail address first. Without one, the contact person uploads the papers."))
    user = User.objects.filter(email__iexact=participant.email).first()
    if user is None:
        user = User.objects.create_user(email=participant.email, name=str(participant), language=participant.language)
    if not user.is_active:
        raise NotAllowed(_("This account is closed. Ask the coordinator."))
    if participant.user_id != user.pk:
        participant.user = user
        participant.version += 1
        participant._change_reason = "gave access"
        participant.save(update_fields=["user", "version"])
    letters.post(
        to=user.email,
        template="emails/participant_access",
        language=participant.language,
        context={"first_name": participant.first_name, "address": settings.SITE_URL + reverse("account_login")},
    )
    return participant
