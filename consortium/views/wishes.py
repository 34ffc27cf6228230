from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from consortium import wishes
from consortium.forms.people import ConfirmForm
from consortium.forms.wishes import AskForm, DeclineForm, SentForm, WishForm
from consortium.models import Project, ProjectMember, WishRequest
from consortium.permissions import Permission
from westum.base import letters
from westum.base.tokens import once, say_refusal


@require_safe
def project_wishes(request, slug):
    """What each member wishes for, and the sum of each activity; a contact person sees the own member's row."""
    user = request.user
    project = _with_wishes(Project.objects.visible_to(user).own(), slug)
    members = ProjectMember.objects.visible_to(user).filter(project=project).in_order()
    may_edit = user.holds(Permission.SHARES_EDIT)
    is_open = wishes.are_open(project)
    context = {
        "project": project,
        "table": wishes.Table(members),
        "is_open": is_open,
        "may_edit": may_edit,
        "may_answer": is_open and user.holds(Permission.WISH_EDIT),
        "sent": WishRequest.objects.filter(project=project).visible_to(user).first(),
    }
    if may_edit and is_open:
        context |= {"not_asked": wishes.not_asked(project).count(), "silent": wishes.silent(project).count()}
    return render(request, "consortium/wishes.html", context)


def _with_wishes(projects, slug):
    project = get_object_or_404(projects, slug=slug)
    if not wishes.have_a_page(project):
        raise Http404
    return project


@require_http_methods(["GET", "HEAD", "POST"])
def wish(request, slug, member):
    """One member's answer: how many places, days and what for, with the answer of the year before beside it."""
    members = ProjectMember.objects.permitting(request.user, Permission.WISH_EDIT)
    member = get_object_or_404(members.select_related("project", "organisation"), project__slug=slug, pk=member)
    if not wishes.have_a_page(member.project) or member.project.is_reference_record:
        raise Http404
    beside = wishes.last_answer(member)
    form = WishForm(
        request.POST if request.method == "POST" else None,
        member=member,
        kinds=wishes.activity_types(member.project),
        beside=beside,
        copy="copy" in request.GET,
        user=request.user,
    )
    if request.method == "POST" and (answer := once(request, form, lambda: _answer(request, member, form))):
        return answer
    context = {
        "project": member.project,
        "member": member,
        "form": form,
        "decline_form": DeclineForm(initial={"seen": form.answer.version}, user=request.user),
        "beside": beside,
        "answer": form.answer,
        "is_open": wishes.are_open(member.project),
        "is_copy": "copy" in request.GET,
        "own": member.wishes.select_related("activity_type"),
    }
    return render(request, "consortium/wish.html", context)


def _answer(request, member, form):
    wishes.answer(
        member=member,
        wishes=form.wishes,
        note=form.cleaned_data["note"],
        version=form.version_seen,
        by=request.user,
    )
    messages.success(
        request,
        _("The answer of %(member)s is saved. It can be changed until the application is sent.") % {"member": member},
    )
    return redirect("consortium:wishes", member.project.slug)


@require_POST
def decline_wish(request, slug, member):
    """Not this year, by one press."""
    members = ProjectMember.objects.permitting(request.user, Permission.WISH_EDIT)
    member = get_object_or_404(members.select_related("project", "organisation"), project__slug=slug, pk=member)
    form = DeclineForm(request.POST, user=request.user)
    if answer := once(request, form, lambda: _decline(request, member, form)):
        return answer
    say_refusal(request, form)
    return redirect("consortium:wish", slug, member.pk)


def _decline(request, member, form):
    wishes.decline(member=member, note="", version=form.cleaned_data.get("seen"), by=request.user)
    messages.success(request, _("%(member)s: not this year. That is saved as the answer.") % {"member": member})
    return redirect("consortium:wishes", member.project.slug)


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request, slug):
    """Ask the members, after a page that shows whom and how."""
    project = _with_wishes(Project.objects.editable_by(request.user).own(), slug)
    form = AskForm(request.POST if request.method == "POST" else None, user=request.user)
    if request.method == "POST" and (answer := once(request, form, lambda: _ask(request, project, form))):
        return answer
    return _mailing(request, project, form, wishes.a_round(wishes.not_asked(project)), "wishes_asked")


def _ask(request, project, form):
    asked = wishes.ask(project=project, answer_by=form.cleaned_data["answer_by"], by=request.user)
    messages.success(request, ngettext("%(n)s member is asked.", "%(n)s members are asked.", asked) % {"n": asked})
    return redirect("consortium:wishes", project.slug)


@require_http_methods(["GET", "HEAD", "POST"])
def remind(request, slug):
    """Remind the silent, after a page that shows whom and how."""
    project = _with_wishes(Project.objects.editable_by(request.user).own(), slug)
    form = ConfirmForm(request.POST if request.method == "POST" else None, user=request.user)
    if request.method == "POST" and (answer := once(request, form, lambda: _remind(request, project))):
        return answer
    return _mailing(request, project, form, wishes.a_round(wishes.silent(project)), "wishes_reminder")


def _remind(request, project):
    reminded = wishes.remind(project=project, by=request.user)
    messages.success(
        request, ngettext("%(n)s member is reminded.", "%(n)s members are reminded.", reminded) % {"n": reminded}
    )
    return redirect("consortium:wishes", project.slug)


def _mailing(request, project, form, found, template):
    context = {
        "project": project,
        "form": form,
        "round": found,
        "is_open": wishes.are_open(project),
        "is_reminder": template == "wishes_reminder",
    }
    addressed = [(member, users) for member, users in found.addressed if users]
    if addressed:
        member, users = addressed[0]
        context |= {"sample": _sample(template, project, member, users[0]), "sample_to": users[0]}
    return render(request, "consortium/wish_mailing.html", context)


def _sample(template, project, member, user):
    """Subject and text of the first letter, in the language in which its reader gets it."""
    day = wishes.answer_by_of(project) or AskForm().fields["answer_by"].initial
    context = wishes.letter_context(member, project, day)
    subject, body = letters.written(template=f"emails/{template}", context=context, language=user.language)
    return {"subject": subject, "body": body, "language": user.language}


@require_http_methods(["GET", "HEAD", "POST"])
def wish_request(request, slug):
    """The application's request: the sums that are to be sent, or the copy of what was."""
    user = request.user
    project = _with_wishes(Project.objects.permitting(user, Permission.REPORT_VIEW).own(), slug)
    may_edit = Project.objects.editable_by(user).filter(pk=project.pk).exists()
    if request.method == "POST" and not may_edit:
        raise Http404
    sent = WishRequest.objects.visible_to(user).select_related("frozen_by").filter(project=project).first()
    form = SentForm(request.POST if request.method == "POST" else None, user=user)
    if request.method == "POST" and (answer := once(request, form, lambda: _freeze(request, project, form))):
        return answer
    table = None if sent else wishes.Table(ProjectMember.objects.visible_to(user).filter(project=project).in_order())
    context = {
        "project": project,
        "sent": sent,
        "rows": wishes.named(sent.rows if sent else wishes.rows_of(table)),
        "table": table,
        "is_open": wishes.are_open(project),
        "may_edit": may_edit,
        "form": form,
    }
    return render(request, "consortium/wish_request.html", context)


def _freeze(request, project, form):
    wishes.freeze(project=project, sent_on=form.cleaned_data["sent_on"], by=request.user)
    messages.success(request, _("The request is kept as it was sent. The wishes can no longer be changed."))
    return redirect("consortium:wish_request", project.slug)
