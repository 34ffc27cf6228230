from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from consortium import shares
from consortium.forms.shares import ShareForm
from consortium.models import Project, ProjectMember, ShareMove
from consortium.permissions import Permission
from westum.base.history import lines_of
from westum.base.tokens import once


@require_safe
def project_shares(request, slug):
    """What was awarded, and what each member got and has taken of it."""
    project = get_object_or_404(Project.objects.visible_to(request.user).own(), slug=slug)
    lines = list(shares.awarded_lines(project).select_related("activity_type").order_by("activity_type_id"))
    members = ProjectMember.objects.visible_to(request.user).filter(project=project).with_shares().in_order()
    moves = ShareMove.objects.visible_to(request.user).filter(giver__project=project).with_names().newest_first()
    context = {
        "project": project,
        "lines": lines,
        "table": shares.Table(lines, members),
        "moves": Paginator(moves, 20).get_page(request.GET.get("page")),
        "may_edit": request.user.holds(Permission.SHARES_EDIT),
    }
    return render(request, "consortium/shares.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def share(request, slug, member, activity):
    """One member's share of one activity type: how it came about, and for the coordinator the form to change it."""
    user = request.user
    if request.method == "POST":
        members = ProjectMember.objects.editable_by(user)
    else:
        members = ProjectMember.objects.visible_to(user)
    member = get_object_or_404(members.select_related("project", "organisation"), project__slug=slug, pk=member)
    awarded = shares.awarded_lines(member.project).select_related("activity_type")
    line = get_object_or_404(awarded, activity_type__key=activity)
    found = shares.share_of(member, line.activity_type)
    context = {
        "project": member.project,
        "member": member,
        "line": line,
        "most": line.places_left + found.places,
        "now": shares.Sum.of(line.activity_type, [found]),
        "may_edit": user.holds(Permission.SHARES_EDIT),
    }
    form = ShareForm(request.POST if request.method == "POST" else None, instance=found, user=user)
    if request.method == "POST" and (answer := once(request, form, lambda: _give(request, member, line, form))):
        return answer
    lines = lines_of(found) if found.pk else []
    return render(request, "consortium/share.html", context | {"form": form, "lines": lines})


def _give(request, member, line, form):
    given = shares.give_places(
        member=member,
        activity_type=line.activity_type,
        places=form.cleaned_data["places"],
        reason=form.cleaned_data["reason"],
        version=form.version_seen,
        by=request.user,
    )
    said = {
        "member": member.organisation,
        "activity": line.activity_type,
        "before": form.places_before,
        "now": given.places,
    }
    messages.success(request, _("%(member)s, %(activity)s: the share was %(before)s and is now %(now)s places.") % said)
    return redirect("consortium:shares", member.project.slug)
