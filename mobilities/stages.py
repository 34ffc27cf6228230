"""As what a mobility counts in a budget: planned as a draft or submitted, accepted, or over. What is off counts nowhere."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from mobilities.models import MobilityState
from mobilities.models.states import COMPLETED_OR_LATER, UNDER_WAY


class Stage(models.TextChoices):
    DRAFTS = "drafts", _("drafts")
    SUBMITTED = "submitted", _("submitted")
    ACCEPTED = "accepted", pgettext_lazy("stage of money", "accepted")
    ACTUAL = "actual", pgettext_lazy("stage of money", "actual")


STAGE_OF = {
    MobilityState.DRAFT: Stage.DRAFTS,
    MobilityState.SUBMITTED: Stage.SUBMITTED,
    **dict.fromkeys(UNDER_WAY, Stage.ACCEPTED),
    **dict.fromkeys(COMPLETED_OR_LATER, Stage.ACTUAL),
}
# What the list of mobilities is asked for the rows of a stage: filters of `mobilities.filters`.
ROWS = {
    Stage.DRAFTS: {"state": MobilityState.DRAFT},
    Stage.SUBMITTED: {"state": MobilityState.SUBMITTED},
    Stage.ACCEPTED: {"counted": "under_way"},
    Stage.ACTUAL: {"counted": "completed"},
}
