"""Which module makes which paper. Each has VERSION, TEMPLATE, `snapshot(project)`, `context(report)` and `rows(project)`."""

from reporting import budget_report, participant_count
from reporting.models.reports import ReportKind

MAKERS = {ReportKind.PARTICIPANTS: participant_count, ReportKind.BUDGET: budget_report}


def maker(kind):
    return MAKERS[ReportKind(kind)]
