"""Which module makes which paper. Each has VERSION, TEMPLATE, `snapshot(subject)`, `context(report)` and `rows(subject)`.

The subject is the project or the member that the paper is about.
"""

from reporting import budget_report, participant_count, statement_report
from reporting.models.reports import ReportKind

MAKERS = {
    ReportKind.PARTICIPANTS: participant_count,
    ReportKind.BUDGET: budget_report,
    ReportKind.STATEMENT: statement_report,
}


def maker(kind):
    return MAKERS[ReportKind(kind)]
