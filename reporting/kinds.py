"""Which module makes which paper. Each has VERSION, TEMPLATE, `snapshot(subject)`, `context(report)` and `rows(subject)`.

The subject is the project, the member or the mobility that the paper is about. `snapshot` may raise NotAllowed: there is
nothing yet that the paper could say.
"""

from reporting import budget_report, grant_statement, participant_count, statement_report
from reporting.models.reports import ReportKind

MAKERS = {
    ReportKind.PARTICIPANTS: participant_count,
    ReportKind.BUDGET: budget_report,
    ReportKind.STATEMENT: statement_report,
    ReportKind.GRANT_STATEMENT: grant_statement,
}


def maker(kind):
    return MAKERS[ReportKind(kind)]
