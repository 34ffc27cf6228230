from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from consortium import operations, project_members
from consortium.forms.operations import CODES, OperationForm
from consortium.models import Project, ProjectMember
from westum.base.history import lines_of
from westum.base.tokens import once


@require_http_methods(["GET", "HEAD", "POST"])
def operation(request, slug):
    """The record of an ESF project: written the first time, changed later, with those who receive the support."""
    project = get_object_or_404(Project.objects.administered_by(request.user).select_related("owner"), slug=slug)
    if not operations.have_a_record(project):
        raise Http404
    found = operations.of(project)
    is_new = found._state.adding
    codes = [] if is_new else [code for name in CODES if (code := getattr(found, name))]
    lines = [] if is_new else lines_of(found)
    remarks = [] if is_new else list(operations.beyond_what_is_paid(found))
    form = OperationForm(request.POST if request.method == "POST" else None, instance=found, user=request.user)
    if request.method == "POST" and (answer := once(request, form, lambda: _keep(request, form))):
        return answer
    members = ProjectMember.objects.visible_to(request.user).filter(project=project)
    context = {
        "project": project,
        "form": form,
        "is_new": is_new,
        "codes": codes,
        "remarks": remarks,
        "members": members.with_municipalities().in_order(),
        "may_add": project_members.may_change(project),
        "lines": lines,
    }
    return render(request, "consortium/operation.html", context)


def _keep(request, form):
    found = operations.keep(
        operation=form.instance,
        municipalities=form.cleaned_data["municipalities"],
        activities=form.cleaned_data["activities"],
        by=request.user,
    )
    messages.success(request, _("The record is saved. The public page shows it."))
    return redirect("consortium:operation", found.project.slug)
