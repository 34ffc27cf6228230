"""Files of a mobility: adding and reading them, the placement report and its review."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from mobilities import documents, journey, pages, placement_reports
from mobilities.forms.papers import DocumentForm, PlacementReportForm, ReviewForm
from mobilities.models import Document, Mobility, PlacementReportState
from westum.base import files
from westum.base.tokens import once


@require_safe
def document(request, pk):
    row = get_object_or_404(Document.objects.visible_to(request.user).select_related("file"), pk=pk)
    return files.as_attachment(row.file)


@require_http_methods(["GET", "HEAD", "POST"])
def document_add(request, pk):
    mobility = get_object_or_404(Mobility.objects.editable_by(request.user).with_parties(), pk=pk)
    form = DocumentForm(request.POST or None, request.FILES or None, user=request.user)

    def add():
        documents.add(mobility=mobility, by=request.user, **form.cleaned_data)
        messages.success(request, _("The paper is saved."))
        return mobility

    if request.method == "POST" and (response := once(request, form, add)):
        return response
    context = {"form": form, "mobility": mobility, "crumbs": pages.crumbs(mobility, _("Add a paper"))}
    return render(request, "mobilities/document_add.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def placement_report(request, pk):
    """The traveller's own page, which the member's contact person may use for somebody without a log-in."""
    mobility = get_object_or_404(Mobility.objects.reporting_open_to(request.user).with_parties(), pk=pk)
    report = getattr(mobility, "placement_report", None)
    form = PlacementReportForm(request.POST or None, request.FILES or None, user=request.user, report=report)

    def send_in():
        placement_reports.send_in(mobility=mobility, by=request.user, **form.cleaned_data)
        return redirect("mobilities:placement_report", pk)

    if request.method == "POST" and (response := once(request, form, send_in)):
        return response
    context = {
        "form": form,
        "mobility": mobility,
        "report": report,
        "name": pages.report_name(mobility),
        "is_open": placement_reports.may_be_sent_in(mobility) or bool(form.errors),
        "is_traveller": mobility.participant.user_id == request.user.pk,
        "journey": journey.journey_of(mobility),
        "document": mobility.documents.current().filter(kind="placement_report").select_related("file").first(),
    }
    return render(request, "mobilities/placement_report.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def review(request, pk):
    mobility = get_object_or_404(Mobility.objects.reviewable_by(request.user).with_parties(), pk=pk)
    report = getattr(mobility, "placement_report", None)
    is_waiting = report is not None and report.state == PlacementReportState.SUBMITTED
    if report is None or (request.method != "POST" and not is_waiting):
        messages.info(request, _("No placement report is waiting for a review here."))
        return redirect(mobility)
    form = ReviewForm(request.POST or None, user=request.user)

    def decide():
        if form.sends_back:
            placement_reports.send_back(report=report, comment=form.cleaned_data["comment"], by=request.user)
            messages.success(request, _("The report is sent back, and a mail is on its way."))
        else:
            placement_reports.accept(report=report, by=request.user)
            messages.success(request, _("The report is accepted. The mobility is reported."))
        return mobility

    if request.method == "POST" and (response := once(request, form, decide)):
        return response
    context = {
        "form": form,
        "mobility": mobility,
        "report": report,
        "name": pages.report_name(mobility),
        "may_decide": placement_reports.may_be_reviewed_by(report, request.user),
        "document": mobility.documents.current().filter(kind="placement_report").select_related("file").first(),
        "crumbs": pages.crumbs(mobility, pages.report_name(mobility)),
    }
    return render(request, "mobilities/review.html", context)
