"""Ordering a paper. The data is taken now; a worker sets it in type."""

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from consortium.models import Project
from reporting import codes, kinds
from reporting.models import Report
from westum.base import jobs
from westum.base.jobs import JobState

TASK = "reporting.tasks.render_report"
ORDERED = gettext_noop("ordered")
TRIED_AGAIN = gettext_noop("tried again")


@transaction.atomic
def order(*, kind, project, language, by, ring=True):
    """The report with the project's data of now, and whether it is a new one.

    While a paper of the kind, project and language waits or is being made, that one is meant. Equal data of a day is
    one report: ordered again, it is found, and one that had failed is tried again. Without `ring` no worker is called:
    the caller renders it.
    """
    project = _locked(project)
    if waiting := _waiting(kind, project, language):
        return waiting, False
    maker = kinds.maker(kind)
    snapshot = maker.snapshot(project)
    data = {
        "kind": kind,
        "project": project,
        "language": language,
        "as_of": timezone.localdate(),
        "snapshot_hash": codes.fingerprint(snapshot),
        "template_version": maker.VERSION,
    }
    if same := project.reports.filter(**data).first():
        if same.state == JobState.FAILED:
            _queue_again(same, by)
        return same, False
    code = codes.unused(
        str(kind), project.slug, language, data["as_of"].isoformat(), data["snapshot_hash"], maker.VERSION
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
    project = _locked(report.project)
    if waiting := _waiting(report.kind, project, report.language):
        return waiting
    _queue_again(report, by)
    return report


def _queue_again(report, by):
    if report.try_again():
        Report.history.bulk_history_create([report], update=True, default_user=by, default_change_reason=TRIED_AGAIN)


def _locked(project):
    """The project's row, so that its orders come one at a time; foreign keys to it are not held up by this lock."""
    return Project.objects.own().select_for_update(of=("self",), no_key=True).select_related("owner").get(pk=project.pk)


def _waiting(kind, project, language):
    return project.reports.unfinished().filter(kind=kind, language=language).first()


def address_of(code):
    """Where the paper says that it can be verified. Kept in the row, for it is part of what is printed."""
    return f"{settings.SITE_URL}/verify/{code}/"
