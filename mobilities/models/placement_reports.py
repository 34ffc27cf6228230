from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from consortium.permissions import ScopedQuerySet
from mobilities.models.mobilities import Mobility
from westum.base.forms import Versioned
from westum.base.history import History


class PlacementReportState(models.TextChoices):
    STARTED = "started", _("started")
    SUBMITTED = "submitted", _("waiting for review")
    RETURNED = "returned", _("sent back")
    ACCEPTED = "accepted", _("accepted")


class PlacementReportQuerySet(ScopedQuerySet):
    owner = "mobility__sending_organisation"
    project = "mobility__project"


class PlacementReport(Versioned):
    """What the participant tells after the stay: praktikrapport for learners, reserapport for staff."""

    mobility = models.OneToOneField(
        Mobility, verbose_name=_("mobility"), on_delete=models.PROTECT, related_name="placement_report"
    )
    tasks = models.TextField(_("what you did"), blank=True)
    learned = models.TextField(_("what you learned"), blank=True)
    state = models.CharField(
        _("state"), max_length=12, choices=PlacementReportState, default=PlacementReportState.STARTED
    )
    comment = models.TextField(_("comment from the reviewer"), blank=True, editable=False)
    submitted_at = models.DateTimeField(_("sent in at"), null=True, blank=True, editable=False)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    reviewed_at = models.DateTimeField(_("reviewed at"), null=True, blank=True, editable=False)
    reviewed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )

    objects = PlacementReportQuerySet.as_manager()
    history = History()

    class Meta:
        verbose_name = _("placement report")
        verbose_name_plural = _("placement reports")
        constraints = [
            models.CheckConstraint(
                name="placement_report_state_is_known", condition=Q(state__in=PlacementReportState.values)
            ),
            models.CheckConstraint(
                name="placement_report_submission_has_time_and_person",
                condition=Q(submitted_at__isnull=True, submitted_by__isnull=True)
                | Q(submitted_at__isnull=False, submitted_by__isnull=False),
            ),
            models.CheckConstraint(
                name="placement_report_review_has_time_and_person",
                condition=Q(reviewed_at__isnull=True, reviewed_by__isnull=True)
                | Q(reviewed_at__isnull=False, reviewed_by__isnull=False),
            ),
            models.CheckConstraint(
                name="placement_report_sent_in_has_a_sender",
                condition=Q(state=PlacementReportState.STARTED) | Q(submitted_at__isnull=False),
            ),
        ]

    def __str__(self):
        return str(self.mobility)
