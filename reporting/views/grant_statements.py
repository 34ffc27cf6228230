from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from mobilities import pages
from mobilities.mobility_grants import kept
from mobilities.models import GrantPhase, Mobility
from reporting import grant_statement_data, requests
from reporting.forms.orders import StatementOrderForm
from reporting.models import Report
from reporting.models.reports import ReportKind
from reporting.views.reports import tell
from westum.base import tokens


@require_http_methods(["GET", "HEAD", "POST"])
def grant_statement(request, pk):
    """The statements of one mobility's grant: to read for who sees the mobility, to order for its member and the office."""
    user = request.user
    orderable = Mobility.objects.statement_orderable_by(user)
    found = orderable if request.method == "POST" else Mobility.objects.visible_to(user)
    mobility = get_object_or_404(found.with_parties().prefetch_related("grant_lines"), pk=pk)
    form = StatementOrderForm(request.POST or None, user=user, initial={"language": mobility.participant.language})

    def act():
        report, is_new = requests.order(
            kind=ReportKind.GRANT_STATEMENT, mobility=mobility, by=user, **form.cleaned_data
        )
        tell(request, report, is_new)
        return report

    if request.method == "POST" and (response := tokens.once(request, form, act)):
        return response
    is_known = any(kept(mobility, phase).is_known for phase in GrantPhase)
    context = {
        "mobility": mobility,
        "form": form,
        "papers": Report.objects.visible_to(user).filter(mobility=mobility).with_replacement().newest_first()[:10],
        "may_order": orderable.filter(pk=pk).exists(),
        "refusal": grant_statement_data.refusal(mobility, is_known=is_known),
        "is_traveller": mobility.participant.user_id == user.pk,
        "crumbs": pages.crumbs(mobility, _("Grant statement")),
    }
    return render(request, "reporting/grant_statement.html", context)
