from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from consortium import budget_shares
from consortium.models import Project
from consortium.permissions import Permission
from reporting import budget_data
from reporting.budget import Budget
from reporting.models import Report
from reporting.models.reports import ReportKind


@require_safe
def budget(request, slug):
    """What was awarded and shared out, by category, activity type and member. For who sees the whole project."""
    user = request.user
    project = get_object_or_404(
        Project.objects.permitting(user, Permission.REPORT_VIEW).own().with_period().select_related("owner"), slug=slug
    )
    is_open = budget_shares.can_be_shared(project)
    papers = Report.objects.visible_to(user).filter(project=project, kind=ReportKind.BUDGET)
    context = {
        "project": project,
        "decision": project.decision,
        "budget": Budget(budget_data.snapshot(project)),
        "is_open": is_open,
        "may_share": is_open and user.holds(Permission.SHARES_EDIT),
        "may_edit": user.holds(Permission.SHARES_EDIT),
        "may_order": user.holds(Permission.REPORT_ORDER),
        "paper": papers.newest_first().first(),
    }
    return render(request, "reporting/budget.html", context)
