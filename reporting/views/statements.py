from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_safe

from consortium.models import Organisation, ProjectMember
from consortium.permissions import Permission
from reporting import requests, statement_data
from reporting.forms.orders import StatementOrderForm
from reporting.models import Report
from reporting.models.reports import ReportKind
from reporting.statement import GIVEN_MEANING, LEFT_MEANING, TAKEN_MEANING, WAITING_MEANING, Statement, awarded
from reporting.views.reports import tell
from westum.base import tokens


@require_safe
def statement(request, pk):
    """What a member was given, uses and has left, project by project, of those projects that the reader sees."""
    user = request.user
    organisation = get_object_or_404(Organisation.objects.statement_visible_to(user), pk=pk)
    members = ProjectMember.objects.permitting(user, Permission.STATEMENT_VIEW).filter(organisation=organisation)
    data = statement_data.of_members(organisation, members)
    papers = Report.objects.visible_to(user).filter(organisation=organisation)
    context = {
        "organisation": organisation,
        "statement": Statement(data, awarded([row["project"]["slug"] for row in data["projects"]])),
        "papers": papers.with_replacement().newest_first()[:5],
        "may_order": Organisation.objects.statement_orderable_by(user).filter(pk=pk).exists(),
        "meanings": {
            "given": GIVEN_MEANING,
            "taken": TAKEN_MEANING,
            "left": LEFT_MEANING,
            "waiting": WAITING_MEANING,
        },
    }
    return render(request, "reporting/statement.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def order_statement(request, pk):
    """The statement of all the member's projects as a PDF, in the chosen language."""
    organisation = get_object_or_404(Organisation.objects.statement_orderable_by(request.user), pk=pk)
    form = StatementOrderForm(request.POST or None, user=request.user)

    def act():
        report, is_new = requests.order(
            kind=ReportKind.STATEMENT, organisation=organisation, by=request.user, **form.cleaned_data
        )
        tell(request, report, is_new)
        return report

    if request.method == "POST" and (response := tokens.once(request, form, act)):
        return response
    return render(request, "reporting/statement_form.html", {"form": form, "organisation": organisation})
