"""A project as such, by the coordinator: made, its facts changed, taken along its life, with its members."""

from copy import copy

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from consortium import objections, project_facts, project_members, project_removal, project_states
from consortium.forms.people import ConfirmForm
from consortium.forms.projects import AddMembersForm, FactsForm, NewProjectForm, StepForm
from consortium.models import Project, ProjectMember
from consortium.permissions import Permission, requires
from westum.base.history import lines_of
from westum.base.tokens import once


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.PROJECT_EDIT)
def project_new(request):
    """A planned project, from nothing or as a copy; ?copy=ka1-2026 says of which."""
    form = NewProjectForm(
        request.POST if request.method == "POST" else None, initial=_in_mind(request), user=request.user
    )
    if request.method == "POST" and (answer := once(request, form, lambda: _make(request, form))):
        return answer
    return render(request, "consortium/project_new.html", {"form": form})


def _in_mind(request):
    """What the address and the project to be copied fill in beforehand."""
    source = Project.objects.administered_by(request.user).filter(slug=request.GET.get("copy", "")).first()
    if source is None:
        return {}
    return {
        "copied_from": source,
        "programme": source.programme,
        "owner": source.owner_id,
        "accreditation": source.accreditation_id,
        "call_year": source.call_year and source.call_year + 1,
    }


def _make(request, form):
    project = project_facts.make(project=form.instance, copied_from=form.cleaned_data["copied_from"], by=request.user)
    messages.success(request, _("%(project)s is there, as a planned project.") % {"project": project.name})
    return redirect("consortium:project_settings", project.slug)


@require_http_methods(["GET", "HEAD", "POST"])
def project_settings(request, slug):
    """Where it stands, its facts, its members and its history."""
    project = get_object_or_404(Project.objects.administered_by(request.user).select_related("owner"), slug=slug)
    # The form writes what was typed onto its own copy; the rest of the page shows the project as it is.
    form = FactsForm(request.POST if request.method == "POST" else None, instance=copy(project), user=request.user)
    if request.method == "POST" and (answer := once(request, form, lambda: _amend(request, form))):
        return answer
    members = ProjectMember.objects.visible_to(request.user).filter(project=project)
    context = {
        "project": project,
        "form": form,
        "verbs": project_states.open_to(project),
        "members": members.with_municipalities().in_order(),
        "may_change_members": project_members.may_change(project),
        "may_be_removed": project_removal.may_be_removed(project),
        "lines": lines_of(project),
    }
    return render(request, "consortium/project_settings.html", context)


def _amend(request, form):
    project = project_facts.amend(project=form.instance, by=request.user)
    messages.success(request, _("The facts are saved. The public page shows them."))
    return redirect("consortium:project_settings", project.slug)


@require_http_methods(["GET", "HEAD", "POST"])
def project_step(request, slug, verb):
    """Ask first, with what speaks against it; then take the project one step along its life."""
    project = get_object_or_404(Project.objects.administered_by(request.user), slug=slug)
    verb = project_states.BY_NAME.get(verb)
    if verb is None:
        raise Http404
    form = StepForm(
        request.POST if request.method == "POST" else None, needs_reason=verb.needs_reason, user=request.user
    )
    if request.method == "POST" and (answer := once(request, form, lambda: _step(request, project, verb, form))):
        return answer
    found = project_states.objections_to(verb, project)
    context = {
        "project": project,
        "verb": verb,
        "form": form,
        "is_open": verb in project_states.open_to(project),
        "objections": found,
        "is_stopped": any(objection.stops for objection in found),
    }
    return render(request, "consortium/project_step.html", context)


def _step(request, project, verb, form):
    reason = form.cleaned_data.get("reason", "")
    project = project_states.change(project=project, verb=verb, reason=reason, by=request.user)
    said = {"project": project.name, "state": project.get_state_display()}
    messages.success(request, _("%(project)s is now %(state)s.") % said)
    return redirect("consortium:project_settings", project.slug)


@require_http_methods(["GET", "HEAD", "POST"])
def project_remove(request, slug):
    """Ask first, with what speaks against it."""
    project = get_object_or_404(Project.objects.administered_by(request.user), slug=slug)
    form = ConfirmForm(request.POST if request.method == "POST" else None, user=request.user)
    if request.method == "POST" and (answer := once(request, form, lambda: _remove_project(request, project))):
        return answer
    found = objections.to("remove_project", project)
    context = {
        "project": project,
        "form": form,
        "may_be_removed": project_removal.may_be_removed(project),
        "objections": found,
        "is_stopped": any(objection.stops for objection in found),
    }
    return render(request, "consortium/project_remove.html", context)


def _remove_project(request, project):
    project_removal.remove(project=project, by=request.user)
    messages.success(request, _("%(project)s is removed.") % {"project": project.name})
    return redirect("reporting:desk")


@require_http_methods(["GET", "HEAD", "POST"])
def members_add(request, slug):
    project = get_object_or_404(Project.objects.administered_by(request.user), slug=slug)
    form = AddMembersForm(request.POST if request.method == "POST" else None, project=project, user=request.user)
    if request.method == "POST" and (answer := once(request, form, lambda: _add(request, project, form))):
        return answer
    context = {"project": project, "form": form, "may_change": project_members.may_change(project)}
    return render(request, "consortium/members_add.html", context)


def _add(request, project, form):
    added = project_members.add(project=project, organisations=form.cleaned_data["organisations"], by=request.user)
    said = ngettext("%(n)s member is added.", "%(n)s members are added.", len(added))
    messages.success(request, said % {"n": len(added)})
    return redirect("consortium:project_settings", project.slug)


@require_http_methods(["GET", "HEAD", "POST"])
def member_remove(request, slug, member):
    """Ask first, with what holds the member there."""
    members = ProjectMember.objects.permitting(request.user, Permission.PROJECT_EDIT)
    member = get_object_or_404(
        members.select_related("project", "organisation"),
        project__slug=slug,
        project__is_reference_record=False,
        pk=member,
    )
    form = ConfirmForm(request.POST if request.method == "POST" else None, user=request.user)
    if request.method == "POST" and (answer := once(request, form, lambda: _remove(request, member))):
        return answer
    found = objections.to("remove_member", member)
    context = {
        "project": member.project,
        "member": member,
        "form": form,
        "may_change": project_members.may_change(member.project),
        "objections": found,
        "is_stopped": any(objection.stops for objection in found),
    }
    return render(request, "consortium/member_remove.html", context)


def _remove(request, member):
    project_members.remove(member=member, by=request.user)
    messages.success(request, _("%(member)s is no longer a member of the project.") % {"member": member})
    return redirect("consortium:project_settings", member.project.slug)
