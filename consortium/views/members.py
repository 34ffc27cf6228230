from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, render
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from consortium import member_table, members, project_members
from consortium.forms.members import EndPaperForm, MemberFilters, MemberForm, MemberPaperForm
from consortium.models import MemberPaper, MemberPaperKind, Project, ProjectMember
from consortium.permissions import Permission
from westum.base import files, sheets
from westum.base.history import lines_of
from westum.base.tokens import once

HEADINGS = {
    "name": gettext_lazy("Member"),
    "role": gettext_lazy("Role"),
    "contact": gettext_lazy("Contact person"),
    "mandate": gettext_lazy("Mandate"),
    "agreement": gettext_lazy("Agreement"),
    "places": gettext_lazy("Places"),
    "missing": gettext_lazy("Missing"),
}


@require_safe
def member_list(request, slug):
    """Who belongs to the project, who answers for it, and what each member still lacks."""
    project, rows, filters = _asked_for(request, slug)
    context = {
        "project": project,
        "filters": filters,
        "rows": filters.narrow(rows),
        "number": len(rows),
        "lacking": sum(bool(row.lacks) for row in rows),
        "headings": _headings(filters, request.GET),
        "query": request.GET.urlencode(),
        "formats": sheets.LABELS.items(),
        "may_add": request.user.holds(Permission.PROJECT_EDIT) and project_members.may_change(project),
    }
    return render(request, "consortium/members.html", context)


@require_safe
def export(request, slug, format):  # noqa: A002 (the word in the address)
    """The members that the same filters show on the page."""
    if format not in sheets.FORMATS:
        raise Http404
    project, rows, filters = _asked_for(request, slug)
    with_people = request.user.holds(Permission.EXPORT_PERSONS)
    table = member_table.sheet(filters.narrow(rows), title=_("Members"), with_people=with_people)
    name = _("members-%(project)s") % {"project": project.slug}
    return sheets.as_attachment(table, format=format, name=name)


def _asked_for(request, slug):
    user = request.user
    project = get_object_or_404(Project.objects.visible_to(user).own(), slug=slug)
    rows = member_table.rows(ProjectMember.objects.visible_to(user).filter(project=project), user=user)
    return project, rows, MemberFilters(request.GET, sees_people=user.holds(Permission.PEOPLE_VIEW))


def _headings(filters, asked):
    """Label, address and present order of each column; a second press turns the order round."""
    kept = {name: asked[name] for name in filters.fields if asked.get(name)}
    return [
        {
            "label": label,
            "url": f"?{urlencode(kept | {'sort': f'-{name}' if filters.sort == name else name})}",
            "order": {name: "ascending", f"-{name}": "descending"}.get(filters.sort, ""),
        }
        for name, label in HEADINGS.items()
    ]


@require_safe
def project_member(request, slug, member):
    """One member in the project, with its papers and for the coordinator its history."""
    user = request.user
    project = get_object_or_404(Project.objects.visible_to(user).own(), slug=slug)
    found = ProjectMember.objects.visible_to(user).filter(project=project, pk=member)
    (row,) = member_table.rows(found, user=user) or (None,)
    if row is None:
        raise Http404
    is_coordinator = ProjectMember.objects.permitting(user, Permission.PROJECT_EDIT).filter(pk=member).exists()
    papers = MemberPaper.objects.visible_to(user).filter(member=member).select_related("file")
    context = {
        "project": project,
        "row": row,
        "member": row.member,
        "papers": [
            {"kind": kind, "found": [paper for paper in papers if paper.kind == kind]} for kind in MemberPaperKind
        ],
        "may_edit": is_coordinator and not members.refusal(project),
        "may_remove": is_coordinator and project_members.may_change(project),
        "refusal": members.refusal(project) if is_coordinator else "",
        "lines": lines_of(row.member, limit=20) if is_coordinator else [],
    }
    return render(request, "consortium/member.html", context)


def _editable(request, slug, member):
    rows = ProjectMember.objects.permitting(request.user, Permission.PROJECT_EDIT).filter(
        project__in=Project.objects.own()
    )
    return get_object_or_404(rows.select_related("project", "organisation"), project__slug=slug, pk=member)


@require_http_methods(["GET", "HEAD", "POST"])
def member_edit(request, slug, member):
    member = _editable(request, slug, member)
    form = MemberForm(request.POST if request.method == "POST" else None, instance=member, user=request.user)
    if request.method == "POST" and (answer := once(request, form, lambda: _amend(request, form))):
        return answer
    context = {"form": form, "project": member.project, "member": member, "refusal": members.refusal(member.project)}
    return render(request, "consortium/member_edit.html", context)


def _amend(request, form):
    municipalities = form.cleaned_data["municipalities"]
    member = members.amend(member=form.instance, municipalities=municipalities, by=request.user)
    messages.success(request, _("%(member)s is saved.") % {"member": member})
    return member


@require_http_methods(["GET", "HEAD", "POST"])
def member_paper_add(request, slug, member, kind):
    """A signed mandate or agreement; the one before it stays with its file."""
    if kind not in MemberPaperKind.values:
        raise Http404
    member = _editable(request, slug, member)
    form = MemberPaperForm(request.POST or None, request.FILES or None, user=request.user)

    def add():
        members.add_paper(member=member, kind=kind, by=request.user, **form.cleaned_data)
        messages.success(request, _("The paper is saved."))
        return member

    if request.method == "POST" and (answer := once(request, form, add)):
        return answer
    context = {
        "form": form,
        "project": member.project,
        "member": member,
        "former": MemberPaper.objects.editable_by(request.user).in_force().filter(member=member, kind=kind).first(),
        "kind": capfirst(MemberPaperKind(kind).label),
        "refusal": members.refusal(member.project),
    }
    return render(request, "consortium/member_paper_add.html", context)


@require_safe
def member_paper(request, slug, member, paper):
    """The file of a paper, for whoever sees the member in the project."""
    papers = MemberPaper.objects.visible_to(request.user).filter(member__project__slug=slug, member=member)
    return files.as_attachment(get_object_or_404(papers.select_related("file"), pk=paper, file__isnull=False).file)


@require_http_methods(["GET", "HEAD", "POST"])
def member_paper_end(request, slug, member, paper):
    papers = MemberPaper.objects.editable_by(request.user).in_force().select_related("member__organisation")
    paper = get_object_or_404(
        papers.select_related("member__project"), member__project__slug=slug, member=member, pk=paper
    )
    form = EndPaperForm(request.POST if request.method == "POST" else None, user=request.user)

    def end():
        members.end_paper(paper=paper, by=request.user, **form.cleaned_data)
        messages.success(request, _("The paper is no longer in force. It stays among the earlier ones."))
        return paper.member

    if request.method == "POST" and (answer := once(request, form, end)):
        return answer
    context = {"form": form, "project": paper.member.project, "member": paper.member, "paper": paper}
    return render(
        request, "consortium/member_paper_end.html", context | {"refusal": members.refusal(paper.member.project)}
    )
