"""What may happen to a mobility, and what happens then. Forms, commands and tasks use the same verbs.

    draft → submitted → accepted → ongoing → completed → reported → closed
       ↘ withdrawn        ↘ cancelled

A place of the member's share is taken when a mobility is submitted and freed when it is withdrawn, cancelled or sent
back, in the same transaction and under the share's lock. Each verb locks the mobility's row first.
"""

from contextlib import suppress

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from consortium import hosts, project_states
from consortium.models import ProjectState
from consortium.permissions import NotAllowed
from mobilities import eligibility, mobility_grants, participants, places, travel_distances, verbs
from mobilities.models import FunderState, Mobility, MobilityState, PlacementReportState
from mobilities.models.states import REGISTERED
from westum.base import letters

# The states in which each verb is open; `allows` adds what else it needs.
STATES = {
    "amend": [MobilityState.DRAFT, MobilityState.SUBMITTED],
    "submit": [MobilityState.DRAFT],
    "withdraw": [MobilityState.DRAFT, MobilityState.SUBMITTED],
    "send_back": [MobilityState.SUBMITTED],
    "give_place": [MobilityState.SUBMITTED],
    "accept": [MobilityState.SUBMITTED],
    "correct": [MobilityState.ACCEPTED, MobilityState.ONGOING, MobilityState.COMPLETED],
    "cancel": [MobilityState.ACCEPTED, MobilityState.ONGOING],
    "begin": [MobilityState.ACCEPTED],
    "complete": [MobilityState.ONGOING],
    "report": [MobilityState.COMPLETED],
    "close": [MobilityState.REPORTED],
}
BY_CALENDAR = {"begin", "complete"}
PROJECT_HAS_ENDED = gettext_lazy("The project has ended. Its mobilities stay as they are.")


def allows(mobility, verb):
    """Is the verb open for the mobility as it stands? For buttons; the verb itself looks again under the lock."""
    if mobility.state not in STATES[verb] or _has_ended(mobility, verb):
        return False
    if verb in {"give_place", "accept"}:
        return mobility.has_place == (verb == "accept")
    return verb != "close" or mobility.funder_state == FunderState.COMPLETE


def _has_ended(mobility, verb):
    """In a project that has ended nothing moves any more, but for what the calendar itself knows."""
    return verb not in BY_CALENDAR and mobility.project.state == ProjectState.ENDED


def locked(mobility):
    """The row as it is now, under its lock, with what the rules look at."""
    return (
        Mobility.objects.select_for_update(of=("self",))
        .select_related(
            "project", "participant__user", "sending_organisation", "activity_type", "receiving_organisation"
        )
        .get(pk=mobility.pk)
    )


def _require(mobility, verb, sentence):
    if mobility.state not in STATES[verb]:
        raise NotAllowed(sentence)
    if _has_ended(mobility, verb):
        _refuse_ended()


def _refuse_ended():
    raise NotAllowed(PROJECT_HAS_ENDED)


def save(mobility, *fields, verb):
    """Keep the fields with the verb as the reason; who edits the row meanwhile sees that it has changed."""
    mobility.version += 1
    mobility._change_reason = verb
    mobility.save(update_fields=[*fields, "version"])
    return mobility


@transaction.atomic
def register(*, mobility, goals, by):
    """Save a new draft for the participant's own member. Drafts take no place."""
    _require_open_project(mobility)
    mobility.sending_organisation = mobility.participant.organisation
    if not mobility.project.members.filter(organisation=mobility.sending_organisation).exists():
        raise NotAllowed(_("This organisation is not a member of the project."), field="project")
    _hold_host(mobility)
    _refuse(eligibility.wrong(mobility, goals))
    _refuse_same_days(mobility)
    mobility.state = MobilityState.DRAFT
    mobility._change_reason = "registered"
    mobility.save()
    if goals:
        mobility._change_reason = "chose focus areas"
        mobility.goals.set(goals)
    return mobility


@transaction.atomic
def amend(*, mobility, goals, by):
    """Save the changed facts of a mobility that is not yet accepted; the caller has edited the instance in memory.

    When the activity of a submitted mobility changes, it lines up anew for a place of that activity.
    """
    before = locked(mobility)
    _require(
        before, "amend", _("An accepted mobility is changed by the coordinator. Tell the coordinator what is new.")
    )
    _hold_new_host(before, mobility)
    travel_distances.follow_host(before, mobility)
    if before.state == MobilityState.DRAFT:
        shortfalls = eligibility.wrong(mobility, goals)
    else:
        shortfalls = [*eligibility.wrong(mobility, goals), *eligibility.missing(mobility, goals)]
    _refuse(shortfalls)
    _refuse_same_days(mobility)
    _move(before, mobility)
    if before.state == MobilityState.SUBMITTED and before.activity_type_id != mobility.activity_type_id:
        places.swap(before, mobility)
        mobility.has_place = places.take(mobility)
        mobility.submitted_at = timezone.now()  # behind those who wait there already
    return _keep_facts(mobility, goals, verb="changed")


@transaction.atomic
def correct(*, mobility, goals, by):
    """The coordinator changes the facts of an accepted mobility; the caller has edited the instance in memory.

    Its place moves with the activity, also past those who wait, or nothing changes. What was complete in the funder's
    system now differs.
    """
    before = locked(mobility)
    _require(before, "correct", _("Only an accepted mobility that is not yet reported is corrected."))
    _refuse_own(before, by, _("Somebody else must change your own mobility."))
    _hold_new_host(before, mobility)
    travel_distances.follow_host(before, mobility)
    mobility.distance_km = mobility_grants.distance_of(mobility)
    wrong = eligibility.wrong(mobility, goals, kept_km=before.distance_km)
    _refuse([*wrong, *eligibility.missing(mobility, goals)])
    _refuse_what_has_not_come(before, mobility)
    _refuse_same_days(mobility)
    _move(before, mobility)
    if before.activity_type_id != mobility.activity_type_id:
        places.swap(before, mobility)
        if not places.take_freed(mobility):
            raise NotAllowed(
                _("The share for this activity is full. Give the member more places first."), field="activity_type"
            )
    if before.funder_state == FunderState.COMPLETE:
        mobility.funder_state = FunderState.DIFFERS
    _keep_facts(mobility, goals, verb="corrected")
    # The days of a stay that is over are the real ones; what it was accepted with stays beside them.
    if before.state == MobilityState.COMPLETED:
        mobility_grants.settle(mobility)
    else:
        mobility_grants.correct(mobility)
    return mobility


def _hold_host(mobility):
    """The chosen host is there and stays until this is saved. Under the project's lock, which comes first."""
    if mobility.receiving_organisation is not None:
        hosts.locked(mobility.receiving_organisation, field="receiving_organisation")


def _hold_new_host(before, mobility):
    """A host that stays the same is held by the mobility's own row: merging takes its lock before that of the host."""
    if before.receiving_organisation_id != mobility.receiving_organisation_id:
        project_states.locked(before.project)
        _hold_host(mobility)


def _refuse_what_has_not_come(before, mobility):
    """The state says that the stay has begun, or that it is over; the days must agree."""
    today = timezone.localdate()
    if before.state != MobilityState.ACCEPTED and mobility.start_date > today:
        raise NotAllowed(_("The stay has begun. Choose today or an earlier day."), field="start_date")
    if before.state == MobilityState.COMPLETED and mobility.end_date >= today:
        raise NotAllowed(_("The stay is over. Choose an earlier day."), field="end_date")


def _move(before, mobility):
    """From here on nobody else can save; raises Changed when somebody already has."""
    stays = ("participant_id", "project_id", "sending_organisation_id")
    if any(getattr(before, name) != getattr(mobility, name) for name in stays):
        raise NotAllowed(_("Person, member and project stay as they are. Register a new mobility instead."))
    mobility.bump_version()


def _keep_facts(mobility, goals, *, verb):
    """One line of history for the facts and the focus areas together."""
    mobility.skip_history_when_saving = True
    mobility.goals.set(goals)
    del mobility.skip_history_when_saving
    mobility._change_reason = verb
    mobility.save()
    return mobility


def _require_open_project(mobility):
    """As the project stands under its lock, so that it is not closed in the same moment."""
    if not project_states.locked(mobility.project).takes_registrations:
        raise NotAllowed(_("The project does not take mobilities now. Ask the coordinator."))


def _refuse(shortfalls):
    if shortfalls:
        raise eligibility.Incomplete(shortfalls)


def _refuse_same_days(mobility):
    """The table refuses it as well, should two do it at the same moment."""
    if Mobility.objects.same_days_as(mobility).exists():
        raise NotAllowed(
            _("This person has a mobility of the same days in this project already. Choose other days."),
            field="start_date",
        )


def _refuse_own(mobility, by, sentence):
    if participants.is_same_person(mobility.participant, by):
        raise NotAllowed(sentence)


@transaction.atomic
def submit(*, mobility, by):
    """Hand a complete draft to the coordinator. It takes a place, or stands in the queue when the share is full."""
    mobility = locked(mobility)
    _require(mobility, "submit", _("Only a draft can be submitted."))
    _require_open_project(mobility)
    goals = list(mobility.goals.all())
    _refuse([*eligibility.wrong(mobility, goals), *eligibility.missing(mobility, goals)])
    mobility.has_place = places.take(mobility)
    mobility.state = MobilityState.SUBMITTED
    mobility.submitted_at, mobility.submitted_by = timezone.now(), by
    mobility.returned_comment = ""
    return save(mobility, "state", "has_place", "submitted_at", "submitted_by", "returned_comment", verb="submitted")


@transaction.atomic
def send_back(*, mobility, comment, by):
    """Return a submitted mobility to its draft with a comment. Its place becomes free."""
    mobility = locked(mobility)
    _require(mobility, "send_back", _("Only a submitted mobility can be sent back."))
    submitter = mobility.submitted_by
    places.free(mobility)
    mobility.state, mobility.returned_comment = MobilityState.DRAFT, comment
    mobility.submitted_at = mobility.submitted_by = None
    save(
        mobility,
        "state",
        "has_place",
        "returned_comment",
        "submitted_at",
        "submitted_by",
        verb=f"{verbs.SENT_BACK}\n{comment}",
    )
    letters.post(
        to=submitter.email,
        template="emails/mobility_sent_back",
        language=submitter.language,
        context={"address": letters.address_of(mobility), "project": mobility.project},
    )
    return mobility


@transaction.atomic
def give_place(*, mobility, by):
    """Give a queued mobility a place that has become free. A person decides whose turn it is."""
    mobility = locked(mobility)
    _require(mobility, "give_place", _("Only a submitted mobility can be given a place."))
    if mobility.has_place:
        raise NotAllowed(_("This mobility already has a place."))
    if not places.take_freed(mobility):
        raise NotAllowed(_("The share is still full. Give the member more places first."))
    mobility.has_place = True
    return save(mobility, "has_place", verb="gave a place")


@transaction.atomic
def accept(*, mobility, by):
    """The coordinator says yes: the grant is kept with the rates of the moment, and the participant is invited.

    Nobody accepts the own journey; none is without a place.
    """
    mobility = locked(mobility)
    _require(mobility, "accept", _("Only a submitted mobility can be accepted."))
    if not mobility.has_place:
        raise NotAllowed(_("This mobility has no place yet. Give it a place first."))
    _refuse_own(mobility, by, _("Somebody else must accept your own mobility."))
    mobility.state = MobilityState.ACCEPTED
    mobility.accepted_at, mobility.accepted_by = timezone.now(), by
    mobility.distance_km = mobility_grants.distance_of(mobility)
    save(mobility, "state", "accepted_at", "accepted_by", "distance_km", verb="accepted")
    mobility_grants.accept(mobility)
    # A closed account keeps nobody from travelling; the page of the participant says why there is no log-in.
    with suppress(NotAllowed):
        participants.invite(participant=mobility.participant, by=by)
    return mobility


@transaction.atomic
def begin(*, mobility):
    """The first day has come."""
    mobility = locked(mobility)
    _require(mobility, "begin", _("Only an accepted mobility can begin."))
    mobility.state = MobilityState.ONGOING
    return save(mobility, "state", verb="noted that the stay has begun")


@transaction.atomic
def complete(*, mobility):
    """The last day is over; the placement report is due."""
    mobility = locked(mobility)
    _require(mobility, "complete", _("Only an ongoing mobility can be completed."))
    mobility.state = MobilityState.COMPLETED
    save(mobility, "state", verb="noted that the stay is over")
    mobility_grants.settle(mobility)
    return mobility


@transaction.atomic
def report(*, mobility, by):
    """The placement report has been accepted: the mobility is reported."""
    mobility = locked(mobility)
    _require(mobility, "report", _("Only a completed mobility can be reported."))
    if mobility.placement_report.state != PlacementReportState.ACCEPTED:
        raise NotAllowed(_("The placement report has not been accepted yet."))
    mobility.state = MobilityState.REPORTED
    return save(mobility, "state", verb="noted that it is reported")


@transaction.atomic
def close(*, mobility, by):
    """Everything agrees, also with the funder's system. A closed mobility is read only."""
    mobility = locked(mobility)
    _require(mobility, "close", _("Only a reported mobility can be closed."))
    if mobility.funder_state != FunderState.COMPLETE:
        raise NotAllowed(_("The mobility is not complete in the funder's system yet."))
    mobility.state = MobilityState.CLOSED
    return save(mobility, "state", verb="closed")


@transaction.atomic
def withdraw(*, mobility, reason, by):
    """Take back a draft or a submitted mobility. Its place becomes free in the same transaction."""
    mobility = locked(mobility)
    _require(
        mobility,
        "withdraw",
        _("An accepted mobility is cancelled, not withdrawn."),
    )
    places.free(mobility)
    mobility.state, mobility.ended_reason = MobilityState.WITHDRAWN, reason
    return save(mobility, "state", "has_place", "ended_reason", verb=f"withdrew\n{reason}")


@transaction.atomic
def cancel(*, mobility, reason, by):
    """Call off an accepted mobility that has not been completed. Its place becomes free in the same transaction."""
    mobility = locked(mobility)
    _require(
        mobility,
        "cancel",
        _("Only an accepted or ongoing mobility can be cancelled."),
    )
    places.free(mobility)
    mobility.state, mobility.ended_reason = MobilityState.CANCELLED, reason
    if mobility.funder_state in REGISTERED:
        mobility.funder_state = FunderState.DIFFERS  # it stands there still, and is to be taken out
    return save(mobility, "state", "has_place", "ended_reason", "funder_state", verb=f"cancelled\n{reason}")
