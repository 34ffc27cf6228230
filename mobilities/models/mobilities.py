from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from consortium.models import ActivityType, Goal, Membership, Organisation, Project, ProjectState
from consortium.permissions import Permission, ScopedQuerySet
from mobilities.grants import FARTHEST_KM
from mobilities.models.participants import Participant, ParticipantGroup
from mobilities.models.states import (
    ACCEPTED_OR_LATER,
    IS_ACCEPTED,
    IS_CALLED_OFF,
    IS_COMPLETED,
    IS_LEARNERS,
    IS_ONCE_SUBMITTED,
    IS_REGISTERED,
    IS_UNDER_WAY,
    IS_WAITING_FOR_A_PLACE,
    OFF,
    REPORT_WITHIN,
    FunderState,
    MobilityState,
)
from westum.base.forms import Versioned
from westum.base.history import History
from westum.base.text import swedish


class TravelMode(models.TextChoices):
    STANDARD = "standard", _("plane or car")
    GREEN = "green", _("train, bus or shared car (green travel)")


def _of_a_contact_person():
    """The placement report was sent in by a contact person of the sending organisation, or is about one."""
    person = Q(user=OuterRef("placement_report__submitted_by")) | Q(user=OuterRef("participant__user"))
    return Exists(Membership.objects.contacts().filter(person, organisation=OuterRef("sending_organisation")))


class MobilityQuerySet(ScopedQuerySet):
    owner = "sending_organisation"
    project = "project"

    # Who may see and change

    def visible_to(self, user):
        return self.permitting(user, Permission.MOBILITY_VIEW) | self.travelled_by(user)

    def editable_by(self, user):
        return self.permitting(user, Permission.MOBILITY_EDIT)

    def acceptable_by(self, user):
        return self.permitting(user, Permission.MOBILITY_ACCEPT)

    def funder_state_by(self, user):
        return self.permitting(user, Permission.FUNDER_STATE_EDIT)

    def reviewable_by(self, user):
        return self.permitting(user, Permission.DOCUMENT_REVIEW)

    def exportable_by(self, user):
        return self.permitting(user, Permission.EXPORT_PERSONS)

    def reporting_open_to(self, user):
        """Mobilities for which the user may upload the placement report: the traveller, and the member's contact."""
        return self.editable_by(user) | self.travelled_by(user)

    def travelled_by(self, user):
        return self.filter(participant__user=user)

    def statement_orderable_by(self, user):
        """Mobilities whose grant the user may order as a paper."""
        return self.permitting(user, Permission.STATEMENT_ORDER)

    # Countable sets: a figure has one definition, and it stands here

    def registered(self):
        """Entered in the funder's own system, as a draft or complete (the funder's word)."""
        return self.filter(IS_REGISTERED)

    def holding_a_place(self):
        return self.filter(has_place=True)

    def waiting_for_a_place(self):
        return self.filter(IS_WAITING_FOR_A_PLACE)

    def accepted(self):
        """Accepted by the coordinator, and everything that came after."""
        return self.filter(IS_ACCEPTED)

    def under_way(self):
        """Accepted and not yet completed."""
        return self.filter(IS_UNDER_WAY)

    def completed(self):
        return self.filter(IS_COMPLETED)

    def planned(self):
        """Drafts, and what is submitted: no grant is kept of them yet."""
        return self.filter(state__in=[MobilityState.DRAFT, MobilityState.SUBMITTED])

    def without_grant(self):
        """Accepted, while the grant could not be worked out: none is kept."""
        return self.accepted().filter(grant_lines=None)

    def unsettled(self):
        """Completed, while no grant by the real days is kept: the accepted one stands for it."""
        with_accepted = self.model.objects.filter(grant_lines__phase="accepted")
        return self.completed().filter(pk__in=with_accepted).exclude(grant_lines__phase="actual")

    def once_submitted(self):
        return self.filter(IS_ONCE_SUBMITTED)

    def called_off(self):
        """Withdrawn after they were submitted, or cancelled."""
        return self.filter(IS_CALLED_OFF)

    def in_own_projects(self):
        return self.filter(project__is_reference_record=False)

    def abroad_on(self, day):
        return self.filter(state__in=ACCEPTED_OR_LATER, start_date__lte=day, end_date__gte=day)

    def learners(self):
        return self.filter(IS_LEARNERS)

    def staff(self):
        return self.exclude(IS_LEARNERS)

    def supervisors(self):
        return self.filter(participant__group=ParticipantGroup.SUPERVISOR)

    # The other mobilities of a person

    def other_days_of(self, mobility):
        """Other mobilities of the same person, on whatever days, but for those that are off."""
        return self.filter(participant=mobility.participant_id).exclude(state__in=OFF).exclude(pk=mobility.pk)

    def same_days_as(self, mobility):
        """A person has one mobility of the same days in a project."""
        return self.other_days_of(mobility).filter(
            project=mobility.project_id, start_date=mobility.start_date, end_date=mobility.end_date
        )

    def overlapping(self, mobility):
        """Whatever project: one cannot be at two places. First and last day count."""
        return self.other_days_of(mobility).filter(start_date__lte=mobility.end_date, end_date__gte=mobility.start_date)

    # What waits for somebody; `next_steps` names these

    def in_open_projects(self):
        """In a project that has ended nobody owes anything any more."""
        return self.exclude(project__state=ProjectState.ENDED)

    def to_change(self):
        """Sent back by the coordinator with a comment, and not yet submitted again."""
        return self.in_open_projects().filter(state=MobilityState.DRAFT).exclude(returned_comment="")

    def to_complete(self):
        return self.in_open_projects().filter(state=MobilityState.DRAFT, returned_comment="")

    def in_queue(self):
        return self.in_open_projects().waiting_for_a_place()

    def to_accept(self):
        return self.in_open_projects().filter(state=MobilityState.SUBMITTED, has_place=True)

    def to_enter_with_funder(self):
        return self.in_open_projects().filter(state__in=ACCEPTED_OR_LATER).exclude(funder_state=FunderState.COMPLETE)

    def to_report(self):
        """Home again, and the placement report has not been sent in."""
        return (
            self.in_open_projects()
            .filter(state=MobilityState.COMPLETED)
            .exclude(placement_report__state__in=["submitted", "accepted"])
        )

    def to_report_by_traveller(self):
        return self.to_report().filter(participant__user__isnull=False)

    def to_report_for_traveller(self):
        """The traveller has no log-in: the contact person sends the report in."""
        return self.to_report().filter(participant__user__isnull=True)

    def _waits_for_review(self):
        return self.in_open_projects().filter(state=MobilityState.COMPLETED, placement_report__state="submitted")

    def to_review(self):
        """Sent in; the member's contact person reads it."""
        return self._waits_for_review().exclude(_of_a_contact_person())

    def to_review_by_coordinator(self):
        """Sent in by a contact person of the member, or about one, so that this person may not be the one who reads it."""
        return self._waits_for_review().filter(_of_a_contact_person())

    def to_close(self):
        return self.in_open_projects().filter(state=MobilityState.REPORTED, funder_state=FunderState.COMPLETE)

    def late_reports(self, today):
        return self.to_report().filter(end_date__lt=today - REPORT_WITHIN)

    # Loading and order

    def with_rights(self, user):
        """Annotate what the user may do with each row: one query for a page's buttons."""
        doors = {
            "may_edit": self.model.objects.editable_by(user),
            "may_accept": self.model.objects.acceptable_by(user),
            "may_review": self.model.objects.reviewable_by(user),
            "may_note_funder": self.model.objects.funder_state_by(user),
            "may_see_all": self.model.objects.permitting(user, Permission.MOBILITY_VIEW),
        }
        return self.annotate(**{name: Exists(rows.filter(pk=OuterRef("pk"))) for name, rows in doors.items()})

    def with_parties(self):
        return self.select_related(
            "project",
            "participant",
            "sending_organisation",
            "receiving_organisation",
            "activity_type",
            "placement_report",
        )

    def with_grants(self):
        """Read the kept lines of all of them at once."""
        return self.prefetch_related("grant_lines")

    def in_order(self):
        return self.order_by(swedish("participant__last_name"), swedish("participant__first_name"), "start_date", "pk")


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
