from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from consortium.models import Project
from consortium.permissions import Permission, requires
from reporting import kinds, requests, verification
from reporting.forms.orders import OrderForm
from reporting.models import Report
from westum.base import files, history, tokens
from westum.base.jobs import JobState


@require_safe
@requires(Permission.REPORT_VIEW)
def reports(request):
    seen = Report.objects.visible_to(request.user).of_no_person()
    project = Project.objects.visible_to(request.user).own().filter(slug=request.GET.get("project", "")).first()
    if project:
        seen = seen.filter(project=project)
    page = Paginator(seen.with_parties().with_replacement().newest_first(), 20).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "project": project,
        "may_order": request.user.holds(Permission.REPORT_ORDER),
        "is_working": any(report.is_waiting for report in page),
    }
    return render(request, "reporting/reports.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.REPORT_ORDER)
def order_report(request):
    asked = {name: request.GET[name] for name in ("project", "kind") if name in request.GET}
    form = OrderForm(request.POST or None, user=request.user, initial=asked)

    def act():
        report, is_new = requests.order(by=request.user, **form.cleaned_data)
        tell(request, report, is_new)
        return report

    if request.method == "POST" and (response := tokens.once(request, form, act)):
        return response
    projects = form.fields["project"].queryset.exists()
    return render(request, "reporting/report_form.html", {"form": form, "projects": projects})


def tell(request, report, is_new):
    """Say what came of the order when it is not a new report."""
    if is_new:
        return
    if report.is_waiting:
        messages.info(request, _("This report has already been ordered and is being made. You are on its page."))
    else:
        messages.info(request, _("Nothing has changed since this report was made today. You are on its page."))


@require_safe
def report(request, pk):
    found = get_object_or_404(Report.objects.visible_to(request.user).with_parties().with_replacement(), pk=pk)
    return render(request, "reporting/report.html", context_of(request, found))


def context_of(request, found):
    return {
        "report": found,
        "is_working": found.is_waiting,
        "verdict": verification.verdict(found) if found.state == JobState.DONE else None,
        "lines": history.lines_of(found),
        "rows": kinds.maker(found.kind).rows(found.subject),
        "may_order": Report.objects.orderable_by(request.user).filter(pk=found.pk).exists(),
    }


@require_safe
@vary_on_headers("HX-Request")
def progress(request, pk):
    """How far a report has come, as the part of a page that htmx swaps. `seen` is what the page shows already."""
    found = get_object_or_404(Report.objects.visible_to(request.user).with_parties().with_replacement(), pk=pk)
    if "HX-Request" not in request.headers:
        return redirect(found)
    if request.GET.get("seen") == found.step:
        return HttpResponse(status=204)
    if "alone" in request.GET:
        return render(request, "reporting/report.html#whole", context_of(request, found))
    may_order = Report.objects.orderable_by(request.user).filter(pk=found.pk).exists()
    context = {"report": found, "may_order": may_order, "alone": False}
    return render(request, "reporting/report_state.html", context)


@require_safe
def pdf(request, pk):
    found = get_object_or_404(Report.objects.visible_to(request.user).ready().select_related("file"), pk=pk)
    return files.as_attachment(found.file)


@require_POST
def retry(request, pk):
    found = get_object_or_404(Report.objects.orderable_by(request.user).with_subject(), pk=pk)
    return redirect(requests.try_again(report=found, by=request.user))
