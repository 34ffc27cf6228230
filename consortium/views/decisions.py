from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from consortium import decision_comparisons, decisions, objections
from consortium.forms.decisions import DecisionForm, RemovalForm
from consortium.models import Decision, Project
from consortium.permissions import Permission
from westum.base import files
from westum.base.history import lines_of
from westum.base.tokens import once


@require_safe
def project_decisions(request, slug):
    """All decisions of the project, the newest first, each beside the one before it."""
    project = get_object_or_404(Project.objects.visible_to(request.user).own(), slug=slug)
    found = list(
        project.decisions.select_related("file")
        .prefetch_related("lines__activity_type", "lines__category")
        .order_by("-number")
    )
    rows = [
        {
            "decision": decision,
            "before": before,
            "start_moved": decision_comparisons.moved(before and before.starts_on, decision.starts_on),
            "end_moved": decision_comparisons.moved(before and before.ends_on, decision.ends_on),
            "lines": decision_comparisons.compared(decision.lines.all(), before.lines.all() if before else ()),
        }
        for decision, before in zip(found, [*found, None][1:], strict=True)
    ]
    sees_all = Project.objects.permitting(request.user, Permission.REPORT_VIEW).filter(pk=project.pk).exists()
    context = {
        "project": project,
        "rows": rows,
        "may_edit": request.user.holds(Permission.DECISION_EDIT),
        "sees_files": sees_all,
        "removed": decisions.removed(project) if sees_all else [],
    }
    return render(request, "consortium/decisions.html", context)


def _project(request, slug):
    return get_object_or_404(Project.objects.permitting(request.user, Permission.DECISION_EDIT).own(), slug=slug)


@require_http_methods(["GET", "HEAD", "POST"])
def new_decision(request, slug):
    """The agreement, or an amendment that starts with what counts until now."""
    project = _project(request, slug)
    before = decisions.newest(project)
    form = DecisionForm(
        *([request.POST, request.FILES] if request.method == "POST" else []),
        project=project,
        before=before,
        instance=Decision(number=decisions.next_number(project)),
        user=request.user,
    )
    if request.method == "POST" and (answer := once(request, form, lambda: _enter(request, project, form))):
        return answer
    context = {"project": project, "form": form, "before": before}
    return render(request, "consortium/decision_form.html", context)


def _enter(request, project, form):
    decision = decisions.enter(
        project=project,
        decision=form.save(),
        lines=form.lines,
        follows=form.cleaned_data["follows"],
        by=request.user,
    )
    messages.success(request, _("%(decision)s is saved and counts from now on.") % {"decision": _named(decision)})
    return redirect("consortium:decisions", project.slug)


def _named(decision):
    return str(decision)[:1].upper() + str(decision)[1:]


@require_http_methods(["GET", "HEAD", "POST"])
def edit_decision(request, slug, number):
    """The newest decision alone; what was decided before it stays as it was."""
    project = _project(request, slug)
    decision = get_object_or_404(Decision, project=project, number=number)
    form = DecisionForm(
        *([request.POST, request.FILES] if request.method == "POST" else []),
        project=project,
        instance=decision,
        user=request.user,
    )
    if request.method == "POST" and (answer := once(request, form, lambda: _change(request, form))):
        return answer
    context = {
        "project": project,
        "form": form,
        "decision": decision,
        "is_outdated": decisions.newest(project) != decision,
        "lines": lines_of(decision),
    }
    return render(request, "consortium/decision_form.html", context)


def _change(request, form):
    decision = decisions.change(decision=form.save(), lines=form.lines, by=request.user)
    messages.success(request, _("%(decision)s has been changed.") % {"decision": _named(decision)})
    return redirect("consortium:decisions", decision.project.slug)


@require_http_methods(["GET", "HEAD", "POST"])
def remove_decision(request, slug, number):
    """Ask first, with what stands in the way. Of the newest alone."""
    project = _project(request, slug)
    decision = get_object_or_404(Decision.objects.select_related("project"), project=project, number=number)
    form = RemovalForm(request.POST if request.method == "POST" else None, decision=decision, user=request.user)
    if request.method == "POST" and (answer := once(request, form, lambda: _remove(request, decision, form))):
        return answer
    context = {
        "project": project,
        "form": form,
        "decision": decision,
        "before": project.decisions.filter(number__lt=number).order_by("-number").first(),
        "is_outdated": decisions.newest(project) != decision,
        "objections": objections.to("remove_decision", decision),
    }
    return render(request, "consortium/decision_remove.html", context)


def _remove(request, decision, form):
    named = _named(decision)
    before = decisions.remove(decision=decision, reason=form.cleaned_data["reason"], by=request.user)
    said = _("%(decision)s is removed. %(before)s counts again.") if before else _("%(decision)s is removed.")
    messages.success(request, said % {"decision": named, "before": _named(before) if before else ""})
    return redirect("consortium:decisions", decision.project.slug)


@require_safe
def decision_file(request, slug, number):
    """The paper itself, which names who has signed it: for the association and its auditors."""
    project = get_object_or_404(Project.objects.permitting(request.user, Permission.REPORT_VIEW).own(), slug=slug)
    decision = get_object_or_404(project.decisions.select_related("file"), number=number)
    if decision.file is None:
        raise Http404
    return files.as_attachment(decision.file)
