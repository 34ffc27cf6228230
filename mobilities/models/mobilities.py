from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from consortium.models import ActivityType, Goal, Organisation, Project
from mobilities.grants import FARTHEST_KM
from mobilities.models.mobility_sets import MobilityQuerySet
from mobilities.models.participants import Participant
from mobilities.models.states import (
    ACCEPTED_OR_LATER,
    OFF,
    REPORT_WITHIN,
    FunderState,
    MobilityState,
)
from westum.base.forms import Versioned
from westum.base.history import History


class TravelMode(models.TextChoices):
    STANDARD = "standard", _("plane or car")
    GREEN = "green", _("train, bus or shared car (green travel)")


class Mobility(Versioned):
    """One participant's stay abroad, from draft to closed.

    `has_place` is written together with the share's counter, under its lock: a submitted mobility without a place
    stands in the queue. The state moves through `mobilities.lifecycle` alone.
    """

    project = models.ForeignKey(Project, verbose_name=_("project"), on_delete=models.PROTECT, related_name="mobilities")
    participant = models.ForeignKey(
        Participant, verbose_name=_("participant"), on_delete=models.PROTECT, related_name="mobilities"
    )
    sending_organisation = models.ForeignKey(
        Organisation,
        verbose_name=_("sending organisation"),
        on_delete=models.PROTECT,
        related_name="outgoing_mobilities",
    )
    receiving_organisation = models.ForeignKey(
        Organisation,
        verbose_name=_("receiving organisation"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="incoming_mobilities",
    )
    activity_type = models.ForeignKey(
        ActivityType,
        verbose_name=_("activity"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="mobilities",
    )
    start_date = models.DateField(_("first day"), null=True, blank=True)
    end_date = models.DateField(_("last day"), null=True, blank=True)
    travel_mode = models.CharField(
        _("way of travelling"), max_length=10, choices=TravelMode, default=TravelMode.STANDARD
    )
    travel_days = models.PositiveSmallIntegerField(
        _("days of travel"),
        default=0,
        help_text=_("Days before the first and after the last day of the stay on which the person travels."),
    )
    green_is_declared = models.BooleanField(_("the traveller has declared to travel green"), default=False)
    # Empty: as far as the places of the two organisations lie apart. When it is accepted, the distance is kept.
    distance_km = models.PositiveIntegerField(_("distance one way, km"), null=True, blank=True)
    distance_reason = models.CharField(_("why the distance was corrected"), max_length=300, blank=True)
    fewer_opportunities = models.BooleanField(_("participant with fewer opportunities"), default=False)
    linguistic_support = models.BooleanField(_("gets linguistic support"), default=False)
    course_fee_days = models.PositiveSmallIntegerField(_("days of a course with a fee"), default=0)
    goals = models.ManyToManyField(Goal, verbose_name=_("focus areas"), blank=True, related_name="mobilities")
    state = models.CharField(_("state"), max_length=12, choices=MobilityState, default=MobilityState.DRAFT)
    has_place = models.BooleanField(_("holds a place"), default=False, editable=False)
    funder_state = models.CharField(
        _("in the funder's system"), max_length=10, choices=FunderState, default=FunderState.ABSENT
    )
    funder_id = models.CharField(_("the funder's number"), max_length=60, blank=True)
    returned_comment = models.TextField(_("comment from the coordinator"), blank=True, editable=False)
    ended_reason = models.TextField(_("why it was withdrawn or cancelled"), blank=True, editable=False)
    created_at = models.DateTimeField(_("registered at"), default=timezone.now, editable=False)
    submitted_at = models.DateTimeField(_("submitted at"), null=True, blank=True, editable=False)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    accepted_at = models.DateTimeField(_("accepted at"), null=True, blank=True, editable=False)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )

    objects = MobilityQuerySet.as_manager()
    history = History(m2m_fields=[goals])
    told_values = (
        *("start_date", "end_date", "travel_days", "travel_mode", "distance_km", "course_fee_days", "funder_state"),
    )

    class Meta:
        verbose_name = _("mobility")
        verbose_name_plural = _("mobilities")
        constraints = [
            models.CheckConstraint(
                name="mobility_ends_on_or_after_its_start",
                condition=Q(end_date__gte=F("start_date")),
                violation_error_message=_("A mobility cannot end before it starts."),
                violation_error_code="end_date",
            ),
            models.UniqueConstraint(
                name="mobility_is_once_in_its_days",
                fields=["participant", "project", "start_date", "end_date"],
                condition=Q(start_date__isnull=False, end_date__isnull=False) & ~Q(state__in=OFF),
                violation_error_message=_(
                    "This person has a mobility of the same days in this project already. Choose other days."
                ),
                violation_error_code="start_date",
            ),
            models.CheckConstraint(
                name="mobility_is_complete_unless_draft",
                condition=Q(state__in=[MobilityState.DRAFT, MobilityState.WITHDRAWN])
                | Q(
                    start_date__isnull=False,
                    end_date__isnull=False,
                    activity_type__isnull=False,
                    receiving_organisation__isnull=False,
                ),
                violation_error_message=_("Give the activity, the receiving organisation, the first and the last day."),
                violation_error_code="start_date",
            ),
            models.CheckConstraint(name="mobility_state_is_known", condition=Q(state__in=MobilityState.values)),
            models.CheckConstraint(
                name="mobility_funder_state_is_known", condition=Q(funder_state__in=FunderState.values)
            ),
            models.CheckConstraint(
                name="mobility_travel_mode_is_known", condition=Q(travel_mode__in=TravelMode.values)
            ),
            models.CheckConstraint(
                name="mobility_green_declaration_is_of_green_travel",
                condition=Q(green_is_declared=False) | Q(travel_mode=TravelMode.GREEN),
                violation_error_message=_("Only green travel is declared. Choose it above, or remove the tick."),
                violation_error_code="green_is_declared",
            ),
            models.CheckConstraint(
                name="mobility_distance_is_on_earth",
                condition=Q(distance_km__isnull=True) | Q(distance_km__lte=FARTHEST_KM),
                violation_error_message=_("No two places lie more than 20,038 km apart. Write a shorter distance."),
                violation_error_code="distance_km",
            ),
            models.CheckConstraint(
                name="mobility_corrected_distance_is_stated",
                condition=Q(distance_reason="") | Q(distance_km__isnull=False),
                violation_error_message=_("Write the corrected distance in kilometres."),
                violation_error_code="distance_km",
            ),
            models.CheckConstraint(
                name="mobility_place_fits_its_state",
                condition=Q(state=MobilityState.SUBMITTED)
                | Q(state__in=ACCEPTED_OR_LATER, has_place=True)
                | Q(state__in=[MobilityState.DRAFT, MobilityState.WITHDRAWN, MobilityState.CANCELLED], has_place=False),
            ),
            models.CheckConstraint(
                name="mobility_submission_has_time_and_person",
                condition=Q(submitted_at__isnull=True, submitted_by__isnull=True)
                | Q(submitted_at__isnull=False, submitted_by__isnull=False),
            ),
            models.CheckConstraint(
                name="mobility_acceptance_has_time_and_person",
                condition=Q(accepted_at__isnull=True, accepted_by__isnull=True)
                | Q(accepted_at__isnull=False, accepted_by__isnull=False),
            ),
            models.CheckConstraint(
                name="mobility_is_accepted_by_somebody",
                condition=Q(accepted_at__isnull=False) | ~Q(state__in=ACCEPTED_OR_LATER),
            ),
            models.CheckConstraint(
                name="mobility_in_the_funders_system_is_accepted",
                condition=Q(funder_state=FunderState.ABSENT) | Q(accepted_at__isnull=False),
            ),
        ]
        indexes = [models.Index(fields=["sending_organisation", "project", "state"])]

    def __str__(self):
        return f"{self.participant}"

    def get_absolute_url(self):
        return reverse("mobilities:mobility", args=[self.pk])

    @property
    def shown_state(self):
        """The state as lists show it: what is submitted without a place stands in the queue."""
        is_queued = self.state == MobilityState.SUBMITTED and not self.has_place
        return "queued" if is_queued else self.state

    @property
    def days(self):
        """Days of activity, first and last counted, travel days not; None while a date is missing."""
        if self.start_date is None or self.end_date is None:
            return None
        return (self.end_date - self.start_date).days + 1

    @property
    def report_due_on(self):
        return self.end_date + REPORT_WITHIN if self.end_date else None
