"""The placement report: sent in by the traveller or by the member's contact person, reviewed by somebody else."""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from consortium.models import ProjectState
from consortium.permissions import NotAllowed
from mobilities import documents, lifecycle, participants
from mobilities.models import DocumentKind, Mobility, MobilityState, PlacementReport, PlacementReportState
from westum.base import letters

OPEN_TO_CHANGE = [PlacementReportState.STARTED, PlacementReportState.RETURNED]


def may_be_sent_in(mobility):
    report = getattr(mobility, "placement_report", None)
    is_over = mobility.state == MobilityState.COMPLETED and mobility.project.state != ProjectState.ENDED
    return is_over and (report is None or report.state in OPEN_TO_CHANGE)


@transaction.atomic
def send_in(*, mobility, tasks, learned, file, by):
    """Keep the answers and the file (a StoredFile, or None when an earlier version is there), and ask for a review.

    Raises NotAllowed before the stay is over, after it has been accepted, and without any file.
    """
    mobility = Mobility.objects.select_for_update(of=("self",)).select_related("project").get(pk=mobility.pk)
    if not may_be_sent_in(mobility):
        raise NotAllowed(_("The report can be sent in after the stay, until it has been reviewed."))
    report = PlacementReport.objects.filter(mobility=mobility).first() or PlacementReport(mobility=mobility)
    if file is not None:
        documents.add(mobility=mobility, kind=DocumentKind.PLACEMENT_REPORT, file=file, by=by)
    elif not mobility.documents.current().filter(kind=DocumentKind.PLACEMENT_REPORT).exists():
        raise NotAllowed(_("Choose the file with the report."), field="file")
    report.tasks, report.learned = tasks, learned
    report.state = PlacementReportState.SUBMITTED
    report.submitted_at, report.submitted_by = timezone.now(), by
    report.version += 1
    report._change_reason = "sent in the placement report"
    report.save()
    return report


@transaction.atomic
def accept(*, report, by):
    """The report is good: the mobility counts as reported. Nobody reviews the own report."""
    report = _reviewable(report, by)
    report.state = PlacementReportState.ACCEPTED
    report.comment = ""
    _note_review(report, by, verb="accepted the placement report")
    lifecycle.report(mobility=report.mobility, by=by)
    return report


@transaction.atomic
def send_back(*, report, comment, by):
    """Ask for more. The traveller is told by mail, without what the comment says."""
    report = _reviewable(report, by)
    report.state, report.comment = PlacementReportState.RETURNED, comment
    _note_review(report, by, verb=f"sent the placement report back\n{comment}")
    reader = report.mobility.participant.user or report.submitted_by
    letters.post(
        to=reader.email,
        template="emails/placement_report_sent_back",
        language=reader.language,
        context={"address": letters.address_of(report.mobility)},
    )
    return report


def may_be_reviewed_by(report, user):
    """Nobody reviews what is about the own stay or what one has sent in."""
    return not participants.is_same_person(report.mobility.participant, user) and report.submitted_by_id != user.pk


def _reviewable(report, by):
    """The report under lock, the mobility's row first, as everywhere."""
    mobility = (
        Mobility.objects.select_for_update(of=("self",))
        .select_related("participant__user", "project")
        .get(placement_report=report.pk)
    )
    report = PlacementReport.objects.select_for_update(of=("self",)).select_related("submitted_by").get(pk=report.pk)
    report.mobility = mobility
    if report.state != PlacementReportState.SUBMITTED:
        raise NotAllowed(_("This report is not waiting for a review."))
    if mobility.project.state == ProjectState.ENDED:
        raise NotAllowed(lifecycle.PROJECT_HAS_ENDED)
    if not may_be_reviewed_by(report, by):
        raise NotAllowed(_("You sent this report in. Somebody else must review it."))
    return report


def _note_review(report, by, *, verb):
    report.reviewed_at, report.reviewed_by = timezone.now(), by
    report.version += 1
    report._change_reason = verb
    report.save()
