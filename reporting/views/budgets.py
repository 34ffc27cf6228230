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
    """What is awarded, shared out, planned and used, by category, activity type and member.

    For who sees the whole project. `?member=` opens the grants of one member.
    """
    user = request.user
    project = get_object_or_404(
        Project.objects.permitting(user, Permission.REPORT_VIEW).own().with_period().select_related("owner"), slug=slug
    )
    is_open = budget_shares.can_be_shared(project)
    shown = Budget(budget_data.snapshot(project), project.slug)
    papers = Report.objects.visible_to(user).filter(project=project, kind=ReportKind.BUDGET)
    context = {
        "project": project,
        "decision": project.decision,
        "budget": shown,
        "narrowed": _member(request, shown),
        "sees_other_projects": any(right.project_id is None for right in user.rights),
        "is_open": is_open,
        "may_share": is_open and user.holds(Permission.SHARES_EDIT),
        "may_edit": user.holds(Permission.SHARES_EDIT),
        "may_administer": project.is_open and user.holds(Permission.PROJECT_EDIT),
        "may_enter": user.holds(Permission.RATE_EDIT),
        "may_order": user.holds(Permission.REPORT_ORDER),
        "paper": papers.newest_first().first(),
    }
    return render(request, "reporting/budget.html", context)


def _member(request, shown):
    """The member that the address asks for, by name and with its blocks; None where it is none of the project's."""
    asked = request.GET.get("member", "")
    by_key = {str(organisation): organisation for organisation in shown.grants.members} if shown.grants else {}
    if asked not in by_key:
        return None
    organisation = by_key[asked]
    return {"name": shown.grants.members[organisation], "blocks": shown.grants.blocks_of(organisation)}
