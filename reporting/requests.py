"""Ordering a paper. The data is taken now; a worker sets it in type."""

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from consortium.models import Project
from reporting import codes, grant_statement_data, kinds, naming, statement_data
from reporting.models import Report
from westum.base import jobs
from westum.base.jobs import JobState

TASK = "reporting.tasks.render_report"
ORDERED = gettext_noop("ordered")
TRIED_AGAIN = gettext_noop("tried again")


@transaction.atomic
def order(*, kind, language, by, project=None, organisation=None, mobility=None, ring=True):
    """The report with the data of now about the project, the member or the mobility, and whether it is a new one.

    While a paper of the kind, subject and language waits or is being made, that one is meant. Equal data of a day is
    one report: ordered again, it is found, and one that had failed is tried again. Without `ring` no worker is called:
    the caller renders it.
    """
    subject = _locked(project, organisation, mobility)
    if waiting := _waiting(kind, subject, language):
        return waiting, False
    maker = kinds.maker(kind)
    snapshot = maker.snapshot(subject)
    data = {
        "kind": kind,
        "mobility" if mobility else "organisation" if organisation else "project": subject,
        "language": language,
        "as_of": timezone.localdate(),
        "snapshot_hash": codes.fingerprint(snapshot),
        "template_version": maker.VERSION,
    }
    if same := subject.reports.filter(**data).first():
        if same.state == JobState.FAILED:
            _queue_again(same, by)
        return same, False
    code = codes.unused(
        str(kind), naming.short_name(subject), language, data["as_of"].isoformat(), data["snapshot_hash"], maker.VERSION
    )
    report = Report(**data, snapshot=snapshot, code=code, address=address_of(code), requested_by=by)
    report._change_reason = ORDERED
    report.save()
    if ring:
        jobs.ring(TASK, report.pk)
    return report, True


@transaction.atomic
def try_again(*, report, by):
    """Queue a failed report anew; one that has not failed stays as it is. Returns it, or the one of its kind that waits."""
    subject = _locked(report.project, report.organisation, report.mobility)
    if waiting := _waiting(report.kind, subject, report.language):
        return waiting
    _queue_again(report, by)
    return report


def _queue_again(report, by):
    if report.try_again():
        Report.history.bulk_history_create([report], update=True, default_user=by, default_change_reason=TRIED_AGAIN)


def _locked(project, organisation, mobility):
    """The row that it is about, so that its orders come one at a time; foreign keys to it are not held up."""
    if mobility:
        return grant_statement_data.locked(mobility)
    if organisation:
        return statement_data.locked(organisation)
    return Project.objects.own().select_for_update(of=("self",), no_key=True).select_related("owner").get(pk=project.pk)


def _waiting(kind, subject, language):
    return subject.reports.unfinished().filter(kind=kind, language=language).first()


def address_of(code):
    """Where the paper says that it can be verified. Kept in the row, for it is part of what is printed."""
    return f"{settings.SITE_URL}/verify/{code}/"
