"""The words of a mobility's life: its states, how it stands with the funder, and what the countable sets have in common."""

from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from mobilities.models.participants import ParticipantGroup


class MobilityState(models.TextChoices):
    DRAFT = "draft", _("draft")
    SUBMITTED = "submitted", _("submitted")
    ACCEPTED = "accepted", _("accepted by Westum")
    ONGOING = "ongoing", _("ongoing")
    COMPLETED = "completed", _("completed")
    REPORTED = "reported", _("reported")
    CLOSED = "closed", _("closed")
    WITHDRAWN = "withdrawn", _("withdrawn")
    CANCELLED = "cancelled", _("cancelled")


# In the order of a life; each of them presupposes those before it.
ACCEPTED_OR_LATER = [
    MobilityState.ACCEPTED,
    MobilityState.ONGOING,
    MobilityState.COMPLETED,
    MobilityState.REPORTED,
    MobilityState.CLOSED,
]
UNDER_WAY = [MobilityState.ACCEPTED, MobilityState.ONGOING]
COMPLETED_OR_LATER = [MobilityState.COMPLETED, MobilityState.REPORTED, MobilityState.CLOSED]
OFF = [MobilityState.WITHDRAWN, MobilityState.CANCELLED]
ROUTE = [MobilityState.DRAFT, MobilityState.SUBMITTED, *ACCEPTED_OR_LATER]


class FunderState(models.TextChoices):
    """The mobility in the funder's own system."""

    ABSENT = "absent", _("not entered")
    DRAFT = "draft", _("entered as a draft")
    COMPLETE = "complete", _("entered and complete")
    DIFFERS = "differs", _("entered, but different")


REGISTERED = [FunderState.DRAFT, FunderState.COMPLETE]

# What the countable sets have in common; the queryset's methods filter by these, and figures count many sets at once.
IS_REGISTERED = Q(funder_state__in=REGISTERED)
# Submitted, while no place of the member's share is free.
IS_WAITING_FOR_A_PLACE = Q(state=MobilityState.SUBMITTED, has_place=False)
IS_ACCEPTED = Q(state__in=ACCEPTED_OR_LATER)
IS_UNDER_WAY = Q(state__in=UNDER_WAY)
IS_COMPLETED = Q(state__in=COMPLETED_OR_LATER)
# Submitted, and then withdrawn or cancelled. What is sent back to its draft has not been submitted.
IS_ONCE_SUBMITTED = Q(submitted_at__isnull=False)
IS_CALLED_OFF = Q(state__in=OFF) & IS_ONCE_SUBMITTED
IS_LEARNERS = Q(participant__group=ParticipantGroup.LEARNER)

# The consortium's own rule: a placement report is due this long after the last day abroad.
REPORT_WITHIN = timedelta(days=30)
