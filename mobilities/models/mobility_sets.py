"""Which mobilities: those that a person may see or change, those that figures count, and those that wait for somebody."""

from django.db.models import Exists, OuterRef, Q

from consortium.models import Membership, ProjectState
from consortium.permissions import Permission, ScopedQuerySet
from mobilities.models.participants import ParticipantGroup
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
from westum.base.text import swedish


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
        """Not complete there yet or another there, and what is cancelled and stands there still."""
        is_to_take_out = Q(state=MobilityState.CANCELLED, funder_state=FunderState.DIFFERS)
        is_to_complete = IS_ACCEPTED & ~Q(funder_state=FunderState.COMPLETE)
        return self.in_open_projects().filter(is_to_complete | is_to_take_out)

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
            "project__owner",
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
