"""What may happen to a mobility, and what happens then. Forms, commands and tasks use the same verbs.

    draft → submitted → accepted → ongoing → completed → reported → closed
       ↘ withdrawn        ↘ cancelled

A place of the member's share is taken when a mobility is submitted and freed when it is withdrawn, cancelled or sent
back, in the same transaction and under the share's lock.
"""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from consortium import shares
from consortium.permissions import NotAllowed
from mobilities import eligibility
from mobilities.models import FunderState, Mobility, MobilityState, PlacementReportState
from westum.base import letters


def _locked(mobility):
    return (
        Mobility.objects.select_for_update(of=("self",))
        .select_related("project", "participant", "sending_organisation", "activity_type", "receiving_organisation")
        .get(pk=mobility.pk)
    )


def _require(mobility, states, sentence):
    if mobility.state not in states:
        raise NotAllowed(sentence)


def _save(mobility, *fields, verb):
    mobility.version += 1
    mobility._change_reason = verb
    mobility.save(update_fields=[*fields, "version"])
    return mobility


@transaction.atomic
def register(*, mobility, goals, by):
    """Save a new draft. Drafts take no place."""
    if not mobility.project.takes_registrations:
        raise NotAllowed(_("No mobilities can be registered in this project now."))
    mobility.state = MobilityState.DRAFT
    mobility._change_reason = "registered"
    mobility.save()
    mobility.goals.set(goals)
    return mobility


@transaction.atomic
def amend(*, mobility, goals, by):
    """Save the changed facts of a mobility that is not yet accepted; the caller has edited the instance in memory.

    When the activity type of a submitted mobility changes, its place moves with it.
    """
    before = _locked(mobility)
    _require(
        before,
        [MobilityState.DRAFT, MobilityState.SUBMITTED],
        _("An accepted mobility is not changed here. Ask the coordinator."),
    )
    shortfalls = eligibility.wrong(mobility, goals)
    if before.state == MobilityState.SUBMITTED:
        shortfalls += eligibility.missing(mobility, goals)
    if shortfalls:
        raise NotAllowed(shortfalls[0].sentence, field=shortfalls[0].field)
    mobility.bump_version()
    if before.has_place and before.activity_type_id != mobility.activity_type_id:
        _free_place(before)
        mobility.has_place = _take_place(mobility)
    mobility._change_reason = "changed"
    mobility.save()
    mobility.goals.set(goals)
    return mobility


def _take_place(mobility):
    return shares.take_place(
        project=mobility.project, organisation=mobility.sending_organisation, activity_type=mobility.activity_type
    )


def _free_place(mobility):
    if mobility.has_place:
        shares.free_place(
            project=mobility.project, organisation=mobility.sending_organisation, activity_type=mobility.activity_type
        )
        mobility.has_place = False


@transaction.atomic
def submit(*, mobility, by):
    """Hand a complete draft to the coordinator. It takes a place, or stands in the queue when the share is full."""
    mobility = _locked(mobility)
    _require(mobility, [MobilityState.DRAFT], _("Only a draft can be submitted."))
    if not mobility.project.takes_registrations:
        raise NotAllowed(_("No mobilities can be registered in this project now."))
    goals = list(mobility.goals.all())
    for shortfall in [*eligibility.wrong(mobility, goals), *eligibility.missing(mobility, goals)]:
        raise NotAllowed(shortfall.sentence)
    mobility.has_place = _take_place(mobility)
    mobility.state = MobilityState.SUBMITTED
    mobility.submitted_at, mobility.submitted_by = timezone.now(), by
    mobility.returned_comment = ""
    return _save(mobility, "state", "has_place", "submitted_at", "submitted_by", "returned_comment", verb="submitted")


@transaction.atomic
def send_back(*, mobility, comment, by):
    """Return a submitted mobility to its draft with a comment. Its place becomes free."""
    mobility = _locked(mobility)
    _require(mobility, [MobilityState.SUBMITTED], _("Only a submitted mobility can be sent back."))
    submitter = mobility.submitted_by
    _free_place(mobility)
    mobility.state, mobility.returned_comment = MobilityState.DRAFT, comment
    mobility.submitted_at = mobility.submitted_by = None
    _save(mobility, "state", "has_place", "returned_comment", "submitted_at", "submitted_by", verb="sent back")
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
    mobility = _locked(mobility)
    _require(mobility, [MobilityState.SUBMITTED], _("Only a submitted mobility can be given a place."))
    if mobility.has_place:
        raise NotAllowed(_("This mobility already has a place."))
    if not _take_place(mobility):
        raise NotAllowed(_("The share is still full. Give the member more places first."))
    mobility.has_place = True
    return _save(mobility, "has_place", verb="given a place")


@transaction.atomic
def accept(*, mobility, by):
    """The coordinator says yes. Nobody accepts the own journey, and nothing is accepted without a place."""
    mobility = _locked(mobility)
    _require(mobility, [MobilityState.SUBMITTED], _("Only a submitted mobility can be accepted."))
    if not mobility.has_place:
        raise NotAllowed(_("This mobility has no place yet. Give it a place first."))
    if mobility.participant.user == by:
        raise NotAllowed(_("Somebody else must accept your own mobility."))
    mobility.state = MobilityState.ACCEPTED
    mobility.accepted_at, mobility.accepted_by = timezone.now(), by
    return _save(mobility, "state", "accepted_at", "accepted_by", verb="accepted")


@transaction.atomic
def record_with_funder(*, mobility, funder_state, funder_id, by):
    """Note how the mobility stands in the funder's own system, under which number."""
    mobility = _locked(mobility)
    if mobility.accepted_at is None:
        raise NotAllowed(_("Only an accepted mobility is entered in the funder's system."))
    mobility.funder_state, mobility.funder_id = funder_state, funder_id
    return _save(mobility, "funder_state", "funder_id", verb="entered with the funder")


@transaction.atomic
def begin(*, mobility):
    """The first day has come."""
    mobility = _locked(mobility)
    _require(mobility, [MobilityState.ACCEPTED], _("Only an accepted mobility can begin."))
    mobility.state = MobilityState.ONGOING
    return _save(mobility, "state", verb="begun")


@transaction.atomic
def complete(*, mobility):
    """The last day is over; the placement report is due."""
    mobility = _locked(mobility)
    _require(mobility, [MobilityState.ONGOING], _("Only an ongoing mobility can be completed."))
    mobility.state = MobilityState.COMPLETED
    return _save(mobility, "state", verb="completed")


@transaction.atomic
def report(*, mobility, by):
    """The placement report has been accepted: the mobility is reported."""
    mobility = _locked(mobility)
    _require(mobility, [MobilityState.COMPLETED], _("Only a completed mobility can be reported."))
    if mobility.placement_report.state != PlacementReportState.ACCEPTED:
        raise NotAllowed(_("The placement report has not been accepted yet."))
    mobility.state = MobilityState.REPORTED
    return _save(mobility, "state", verb="reported")


@transaction.atomic
def close(*, mobility, by):
    """Everything agrees, also with the funder's system. A closed mobility is read only."""
    mobility = _locked(mobility)
    _require(mobility, [MobilityState.REPORTED], _("Only a reported mobility can be closed."))
    if mobility.funder_state != FunderState.COMPLETE:
        raise NotAllowed(_("The mobility is not complete in the funder's system yet."))
    mobility.state = MobilityState.CLOSED
    return _save(mobility, "state", verb="closed")


@transaction.atomic
def withdraw(*, mobility, reason, by):
    """Take back a draft or a submitted mobility. Its place becomes free in the same transaction."""
    mobility = _locked(mobility)
    _require(
        mobility,
        [MobilityState.DRAFT, MobilityState.SUBMITTED],
        _("An accepted mobility is cancelled, not withdrawn."),
    )
    _free_place(mobility)
    mobility.state, mobility.ended_reason = MobilityState.WITHDRAWN, reason
    return _save(mobility, "state", "has_place", "ended_reason", verb="withdrawn")


@transaction.atomic
def cancel(*, mobility, reason, by):
    """Call off an accepted mobility that has not been completed. Its place becomes free in the same transaction."""
    mobility = _locked(mobility)
    _require(
        mobility,
        [MobilityState.ACCEPTED, MobilityState.ONGOING],
        _("Only an accepted or ongoing mobility can be cancelled."),
    )
    _free_place(mobility)
    mobility.state, mobility.ended_reason = MobilityState.CANCELLED, reason
    return _save(mobility, "state", "has_place", "ended_reason", verb="cancelled")


def follow_the_calendar(today):
    """Begin what starts by `today` and complete what ended before it. Safe to repeat; one transaction a mobility."""
    begun = Mobility.objects.filter(state=MobilityState.ACCEPTED, start_date__lte=today)
    for mobility in begun.iterator():
        _in_its_own_time(begin, mobility)
    ended = Mobility.objects.filter(state=MobilityState.ONGOING, end_date__lt=today)
    for mobility in ended.iterator():
        _in_its_own_time(complete, mobility)


def _in_its_own_time(verb, mobility):
    try:
        verb(mobility=mobility)
    except NotAllowed:
        # Somebody was quicker: another worker, or a coordinator who cancelled it a moment ago.
        return
