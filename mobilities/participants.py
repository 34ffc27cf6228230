"""Participants and their way in."""

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from consortium.models import User
from consortium.permissions import NotAllowed
from mobilities.models import Participant
from westum.base import letters


@transaction.atomic
def open_access(*, participant, by):
    """Let the participant log in with the own e-mail address, and tell how by mail. Safe to repeat."""
    participant = Participant.objects.select_for_update(of=("self",)).get(pk=participant.pk)
    if not participant.email:
        raise NotAllowed(_("Write an e-mail address first. Without one, the contact person uploads the papers."))
    user = User.objects.filter(email__iexact=participant.email).first()
    if user is None:
        user = User.objects.create_user(email=participant.email, name=str(participant), language=participant.language)
    participant.user = user
    participant._change_reason = "given access"
    participant.save(update_fields=["user"])
    letters.post(
        to=user.email,
        template="emails/participant_access",
        language=participant.language,
        context={"first_name": participant.first_name, "address": settings.SITE_URL + reverse("account_login")},
    )
    return participant
