"""The life of one invented mobility, told with the verbs and in the order of `mobilities.lifecycle`."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.apps import apps

from consortium.models import ActivityType, Goal, Organisation, Project, User
from mobilities import mobility_grants
from mobilities.models import (
    Document,
    DocumentKind,
    FunderState,
    Mobility,
    MobilityState,
    Participant,
    PlacementReport,
    PlacementReportState,
    TravelMode,
)
from westum.demo_data import placement_papers, tales
from westum.demo_data.moments import at
from westum.demo_data.people import new_user

# Days after the registration, and after the last day abroad.
SUBMITTED, SENT_BACK, ACCEPTED, WITHDRAWN, ENTERED, CANCELLED = 2, 4, 6, 7, 9, 26
SENT_IN, REVIEWED, CLOSED = 6, 10, 18


@dataclass
class Plan:
    """What is to become of a mobility. `report` is the state of its placement report, None when there is none.

    `end` is the real last day: with `cut` the person came home so many days earlier than planned. `granted` are further
    fields of the mobility that decide its grant.
    """

    project: Project
    participant: Participant
    activity: ActivityType | None
    host: Organisation | None
    goals: list[Goal]
    start: date | None
    end: date | None
    registered_on: date
    outcome: MobilityState
    contact: User
    coordinator: User
    funder: FunderState = FunderState.ABSENT
    funder_id: str = ""
    report: PlacementReportState | None = None
    travel_mode: TravelMode = TravelMode.STANDARD
    queued: bool = False
    logs_in: bool = False
    comment: str = ""
    reason: str = ""
    cut: int = 0
    granted: dict = field(default_factory=dict)

    def after_registration(self, days, hour):
        return at(self.registered_on + timedelta(days), hour)

    def after_return(self, days, hour):
        return at(self.end + timedelta(days), hour)

    @property
    def planned_end(self):
        return self.end and self.end + timedelta(self.cut)

    @property
    def reviewer(self):
        """The contact person, unless that is who sent the report in."""
        return self.contact if self.participant.user else self.coordinator


def bring_participants(plans):
    """Insert those who travel, and the log-ins of those who have one."""
    users = [
        new_user(
            plan.participant.email,
            str(plan.participant),
            plan.after_registration(ACCEPTED, 16).date(),
            by=plan.contact,
            language=plan.participant.language,
        )
        for plan in plans
        if plan.logs_in
    ]
    tales.save(users)
    by_email = {tale.row.email: tale.row for tale in users}
    told = []
    for plan in plans:
        tale = tales.Tale(plan.participant, "registered", plan.after_registration(0, 8), plan.contact)
        if plan.logs_in:
            user = by_email[plan.participant.email]
            tale.happens("gave access", plan.after_registration(ACCEPTED, 16), plan.contact, user=user)
        told.append(tale)
    tales.save(told)


def tell(plan, granted):
    """The mobility as a tale; the participant is saved already. What it is granted is kept in `granted`."""
    mobility = Mobility(
        project=plan.project,
        participant=plan.participant,
        sending_organisation=plan.participant.organisation,
        receiving_organisation=plan.host,
        activity_type=plan.activity,
        start_date=plan.start,
        end_date=plan.planned_end,
        travel_mode=plan.travel_mode,
        created_at=plan.after_registration(0, 9),
        **{"green_is_declared": plan.travel_mode == TravelMode.GREEN} | plan.granted,
    )
    tale = tales.Tale(mobility, "registered", mobility.created_at, plan.contact)
    for goes_on in (_submit, _accept, _travel, _report):
        if not goes_on(plan, tale, granted):
            break
    return tale


def _submit(plan, tale, granted):
    if plan.outcome == MobilityState.DRAFT and not plan.comment:
        return False
    moment = plan.after_registration(SUBMITTED, 10)
    tale.happens(
        "submitted",
        moment,
        plan.contact,
        state=MobilityState.SUBMITTED,
        has_place=not plan.queued,
        submitted_at=moment,
        submitted_by=plan.contact,
    )
    if plan.outcome == MobilityState.DRAFT:
        tale.happens(
            f"sent back\n{plan.comment}",
            plan.after_registration(SENT_BACK, 14),
            plan.coordinator,
            state=MobilityState.DRAFT,
            has_place=False,
            returned_comment=plan.comment,
            submitted_at=None,
            submitted_by=None,
        )
    if plan.outcome == MobilityState.WITHDRAWN:
        tale.happens(
            f"withdrew\n{plan.reason}",
            plan.after_registration(WITHDRAWN, 11),
            plan.contact,
            state=MobilityState.WITHDRAWN,
            has_place=False,
            ended_reason=plan.reason,
        )
    return plan.outcome not in {MobilityState.DRAFT, MobilityState.WITHDRAWN, MobilityState.SUBMITTED}


def _accept(plan, tale, granted):
    moment = plan.after_registration(ACCEPTED, 13)
    tale.happens(
        "accepted",
        moment,
        plan.coordinator,
        state=MobilityState.ACCEPTED,
        accepted_at=moment,
        accepted_by=plan.coordinator,
        distance_km=mobility_grants.distance_of(tale.row),
    )
    granted.accept(tale.row, moment, plan.coordinator)
    if plan.funder != FunderState.ABSENT:
        tale.happens(
            "noted the funder's system",
            plan.after_registration(ENTERED, 15),
            plan.coordinator,
            funder_state=plan.funder,
            funder_id=plan.funder_id,
        )
    if plan.outcome == MobilityState.CANCELLED:
        tale.happens(
            f"cancelled\n{plan.reason}",
            plan.after_registration(CANCELLED, 10),
            plan.coordinator,
            state=MobilityState.CANCELLED,
            has_place=False,
            ended_reason=plan.reason,
        )
    return plan.outcome not in {MobilityState.CANCELLED, MobilityState.ACCEPTED}


def _travel(plan, tale, granted):
    tale.happens("noted that the stay has begun", at(plan.start, 4), None, state=MobilityState.ONGOING)
    if plan.outcome == MobilityState.ONGOING:
        return False
    moment = plan.after_return(plan.cut + 1, 4)
    tale.happens("noted that the stay is over", moment, None, state=MobilityState.COMPLETED)
    granted.settle(tale.row, moment)
    if plan.cut:
        _come_home_earlier(plan, tale, granted)
    return plan.outcome != MobilityState.COMPLETED


def _come_home_earlier(plan, tale, granted):
    """The coordinator writes the real last day, and notes it in the funder's system the day after."""
    moment = plan.after_return(plan.cut + 2, 10)
    differs = {"funder_state": FunderState.DIFFERS} if plan.funder == FunderState.COMPLETE else {}
    tale.happens("corrected", moment, plan.coordinator, end_date=plan.end, **differs)
    granted.settle(tale.row, moment, plan.coordinator)
    if differs:
        moment = plan.after_return(plan.cut + 3, 9)
        tale.happens("noted the funder's system", moment, plan.coordinator, funder_state=plan.funder)


def _report(plan, tale, granted):
    tale.happens(
        "noted that it is reported", plan.after_return(REVIEWED, 14), plan.reviewer, state=MobilityState.REPORTED
    )
    if plan.outcome == MobilityState.CLOSED:
        tale.happens("closed", plan.after_return(CLOSED, 11), plan.coordinator, state=MobilityState.CLOSED)
    return False


def save(plans, journeys, granted):
    """Insert the mobilities with their focus areas and grants, and the placement reports with their files."""
    lines = tales.save(journeys)
    granted.save()
    chosen = Mobility.goals.through
    rows = chosen.objects.bulk_create(
        [
            chosen(mobility=journey.row, goal=goal)
            for plan, journey in zip(plans, journeys, strict=True)
            for goal in plan.goals
        ],
        batch_size=500,
    )
    by_mobility = defaultdict(list)
    for row in rows:
        by_mobility[row.mobility_id].append(row)
    kept = apps.get_model("mobilities", "HistoricalMobility_goals")
    kept.objects.bulk_create(
        [
            kept(history=line, id=row.pk, mobility_id=row.mobility_id, goal=row.goal)
            for stage, line in lines
            for row in by_mobility[stage.pk]
        ],
        batch_size=500,
    )
    reported = [(plan, journey.row) for plan, journey in zip(plans, journeys, strict=True) if plan.report]
    tales.save([_tell_report(plan, mobility) for plan, mobility in reported])
    tales.save([_bring_document(plan, mobility) for plan, mobility in reported])


def _tell_report(plan, mobility):
    tasks, learned = placement_papers.answers(plan)
    moment = plan.after_return(SENT_IN, 19)
    sender = plan.participant.user or plan.contact
    report = PlacementReport(
        mobility=mobility,
        tasks=tasks,
        learned=learned,
        state=PlacementReportState.SUBMITTED,
        submitted_at=moment,
        submitted_by=sender,
        version=1,
    )
    tale = tales.Tale(report, "sent in the placement report", moment, sender)
    if plan.report != PlacementReportState.SUBMITTED:
        reviewed = plan.after_return(REVIEWED, 14)
        tale.happens(
            "accepted the placement report"
            if plan.report == PlacementReportState.ACCEPTED
            else f"sent the placement report back\n{plan.comment}",
            reviewed,
            plan.reviewer,
            state=plan.report,
            comment=plan.comment,
            reviewed_at=reviewed,
            reviewed_by=plan.reviewer,
        )
    return tale


def _bring_document(plan, mobility):
    moment = plan.after_return(SENT_IN, 19)
    sender = plan.participant.user or plan.contact
    document = Document(
        mobility=mobility,
        kind=DocumentKind.PLACEMENT_REPORT,
        file=placement_papers.keep(plan, moment),
        uploaded_at=moment,
        uploaded_by=sender,
    )
    return tales.Tale(document, "uploaded", moment, sender)
