"""Several shares at once: places that move between two members, and the award shared out by a key."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from consortium import budget_shares, share_keys, share_moves, shares
from consortium.forms.sharing import KeyForm, MoveForm, SharingForm
from consortium.models import Project, ProjectMember
from westum.base.tokens import once


@require_http_methods(["GET", "HEAD", "POST"])
def move_places(request, slug):
    """Places from one member to another in one step; both are told by mail."""
    project, lines, members = _open(request, slug)
    form = MoveForm(
        request.POST if request.method == "POST" else None,
        # The address may say what one had in mind: ?from=12&activity=job-shadowing
        initial={"giver": request.GET.get("from"), "activity_type": request.GET.get("activity")},
        lines=lines,
        members=members,
        user=request.user,
    )
    if request.method == "POST" and (answer := once(request, form, lambda: _move(request, project, form))):
        return answer
    table = shares.Table(lines, members.with_shares())
    sums = budget_shares.sums_by_activity([member for member, _cells in table.rows])
    rows = [
        (member, [(cell, sums.get((member.pk, cell.activity_type.pk), [])) for cell in cells])
        for member, cells in table.rows
    ]
    context = {"project": project, "form": form, "table": table, "rows": rows}
    return render(request, "consortium/move_places.html", context)


def _open(request, slug):
    """The project with its awarded lines and members, for who may change shares."""
    project = get_object_or_404(Project.objects.editable_by(request.user).own(), slug=slug)
    lines = list(shares.awarded_lines(project).select_related("activity_type").order_by("activity_type_id"))
    members = ProjectMember.objects.editable_by(request.user).filter(project=project)
    return project, lines, members.select_related("organisation").in_order()


def _move(request, project, form):
    asked = form.cleaned_data
    for member in (asked["giver"], asked["receiver"]):
        member.project = project
    move = share_moves.move_places(**asked, by=request.user)
    messages.success(
        request,
        ngettext(
            "%(n)s place moved from %(giver)s to %(receiver)s. Both are told by mail.",
            "%(n)s places moved from %(giver)s to %(receiver)s. Both are told by mail.",
            move.places,
        )
        % {"n": move.places, "giver": move.giver, "receiver": move.receiver},
    )
    return redirect("consortium:shares", project.slug)


@require_http_methods(["GET", "HEAD", "POST"])
def share_out(request, slug):
    """Choose a key, see the proposal with its steps, correct it if need be, and save all shares at once."""
    project, lines, members = _open(request, slug)
    keys = KeyForm(request.GET, lines=lines)
    context = {"project": project, "lines": lines, "keys": keys}
    if keys.line is None:
        return render(request, "consortium/share_out.html", context)
    members = list(members)
    form = SharingForm(
        request.POST if request.method == "POST" else None,
        members=members,
        line=keys.line,
        key=keys.by,
        numbers=share_keys.numbers(keys.by, project, keys.line.activity_type, members),
        user=request.user,
    )
    if request.method == "POST" and (answer := once(request, form, lambda: _share_out(request, project, keys, form))):
        return answer
    return render(request, "consortium/share_out.html", context | {"form": form, "line": keys.line})


def _share_out(request, project, keys, form):
    changed = share_keys.share_out(
        project=project,
        activity_type=keys.line.activity_type,
        places=form.places,
        seen=form.cleaned_data["seen"],
        reason=form.cleaned_data["reason"],
        by=request.user,
    )
    messages.success(
        request,
        ngettext("%(activity)s: %(n)s share was changed.", "%(activity)s: %(n)s shares were changed.", len(changed))
        % {"activity": keys.line.activity_type, "n": len(changed)},
    )
    return redirect("consortium:shares", project.slug)
