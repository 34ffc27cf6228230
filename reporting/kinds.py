"""Which module makes which paper. Each has VERSION, TEMPLATE, `snapshot(project)`, `context(report)` and `rows(project)`."""

from reporting import participant_count
from reporting.models.reports import ReportKind

MAKERS = {ReportKind.PARTICIPANTS: participant_count}


def maker(kind):
    return MAKERS[ReportKind(kind)]
