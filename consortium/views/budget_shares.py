from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from consortium import budget_shares
from consortium.forms.budget_shares import BudgetShareForm
from consortium.models import Project, ProjectMember
from consortium.permissions import Permission
from westum.base.formats import money
from westum.base.history import lines_of
from westum.base.tokens import once


@require_http_methods(["GET", "HEAD", "POST"])
def budget_share(request, slug, member, category, activity):
    """One member's share of one line of money: how it came about, and for the coordinator the form to change it.

    A contact person sees the own member's; what the others have left is in the budget of the whole project.
    """
    user = request.user
    permission = Permission.SHARES_EDIT if request.method == "POST" else Permission.STATEMENT_VIEW
    members = ProjectMember.objects.permitting(user, permission)
    member = get_object_or_404(members.select_related("project", "organisation"), project__slug=slug, pk=member)
    line = get_object_or_404(
        budget_shares.awarded_lines(member.project).select_related("category", "activity_type"),
        **budget_shares.address_fields(category, activity),
    )
    found = budget_shares.share_of(member, line)
    context = {
        "project": member.project,
        "member": member,
        "line": line,
        "now": found.amount,
        "most": line.amount_left + found.amount,
        "sees_all": Project.objects.permitting(user, Permission.REPORT_VIEW).filter(pk=member.project_id).exists(),
        "may_edit": user.holds(Permission.SHARES_EDIT),
        "is_open": budget_shares.can_be_shared(member.project),
    }
    data = request.POST if request.method == "POST" else None
    form = BudgetShareForm(data, instance=found, line=line, user=user)
    if request.method == "POST" and (answer := once(request, form, lambda: _give(request, member, line, form))):
        return answer
    lines = lines_of(found) if found.pk else []
    return render(request, "consortium/budget_share.html", context | {"form": form, "lines": lines})


def _give(request, member, line, form):
    given = budget_shares.give_money(
        member=member,
        line=line,
        amount=form.cleaned_data["amount"],
        reason=form.cleaned_data["reason"],
        version=form.version_seen,
        by=request.user,
    )
    said = {
        "member": member.organisation,
        "line": line.category,
        "before": money(form.amount_before, line.currency),
        "now": money(given.amount, line.currency),
    }
    messages.success(request, _("%(member)s, %(line)s: the share was %(before)s and is now %(now)s.") % said)
    return redirect("reporting:budget", member.project.slug)
