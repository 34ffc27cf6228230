from calendar import Calendar
from datetime import date
from itertools import groupby

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from consortium import calendar_feeds, milestones
from consortium.forms.milestones import FilterForm, MilestoneForm
from consortium.forms.people import ConfirmForm
from consortium.models import CalendarAddress, Milestone, Project
from consortium.permissions import Permission, requires
from westum.base.formats import weekday
from westum.base.history import lines_of
from westum.base.tokens import once, say_refusal

# All projects


@require_safe
@requires(Permission.PROJECT_VIEW)
def all_milestones(request):
    """Of every project that one sees: a month as a calendar, and the list by months."""
    form = FilterForm(request.GET, user=request.user)
    seen = Milestone.objects.visible_to(request.user).select_related("project").in_order()
    first = first_of_month(request.GET.get("month", ""))
    page = Paginator(form.narrow(seen), 100).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "months": by_month(page),
        "month": first,
        "weekdays": [weekday(date(2024, 1, number)) for number in range(1, 8)],  # which began on a Monday
        "weeks": (table := weeks(first, form.of_project(seen))),
        "due": [row for week in table for _day, rows in week for row in rows],
        "earlier": moved(first, -1),
        "later": moved(first, 1),
        "today": timezone.localdate(),
        "has_address": CalendarAddress.objects.filter(user=request.user).exists(),
    }
    return render(request, "consortium/milestones_all.html", context)


def first_of_month(text):
    """The first day of "2026-11"; of this month when it is none."""
    try:
        return date.fromisoformat(f"{text[:7]}-01")
    except ValueError:
        return timezone.localdate().replace(day=1)


def moved(first, months):
    """The first day of an earlier or later month; none beyond what a calendar has."""
    number = first.year * 12 + first.month - 1 + months
    return date(number // 12, number % 12 + 1, 1) if date.min.year * 12 <= number < date.max.year * 12 else first


def by_month(rows):
    return [
        (date(year, month, 1), list(found))
        for (year, month), found in groupby(rows, key=lambda row: (row.due_on.year, row.due_on.month))
    ]


def weeks(first, rows):
    """The weeks of a month from Monday: pairs of a day, None outside the month, and what is due on it."""
    found = {}
    for row in rows.filter(due_on__year=first.year, due_on__month=first.month):
        found.setdefault(row.due_on.day, []).append(row)
    return [
        [(date(first.year, first.month, number) if number else None, found.get(number, [])) for number in week]
        for week in Calendar().monthdayscalendar(first.year, first.month)
    ]


# One project


@require_safe
def project_milestones(request, slug):
    project = get_object_or_404(Project.objects.visible_to(request.user).own(), slug=slug)
    rows = Milestone.objects.visible_to(request.user).filter(project=project)
    may_edit = request.user.holds(Permission.PROJECT_EDIT)
    unchecked = rows.still_open().unchecked() if may_edit and project.is_open else rows.none()
    following = 0 if project.decision else unchecked.that_follow().count()
    context = {
        "project": project,
        "waiting": list(rows.still_open().select_related("project").prefetch_related("reminders").in_order()),
        "done": list(rows.done().select_related("project").in_order()),
        "may_edit": may_edit and project.is_open,
        "following": following,
        "standing": unchecked.count() - following,
        "has_ended": may_edit and not project.is_open,
    }
    return render(request, "consortium/milestones.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def milestone_new(request, slug):
    project = get_object_or_404(Project.objects.administered_by(request.user), slug=slug)
    return _written(request, project, Milestone(project=project))


@require_http_methods(["GET", "HEAD", "POST"])
def milestone_edit(request, slug, pk):
    row = _editable(request, slug, pk)
    return _written(request, row.project, row)


def _editable(request, slug, pk):
    rows = Milestone.objects.editable_by(request.user).select_related("project")
    return get_object_or_404(rows, project__slug=slug, pk=pk)


def _written(request, project, row):
    form = MilestoneForm(request.POST if request.method == "POST" else None, instance=row, user=request.user)
    if request.method == "POST" and (answer := once(request, form, lambda: _keep(request, form))):
        return answer
    context = {
        "project": project,
        "form": form,
        "milestone": row if row.pk else None,
        "may_edit": project.is_open,
        "lines": lines_of(row) if row.pk else [],
    }
    return render(request, "consortium/milestone.html", context)


def _keep(request, form):
    row = milestones.keep(milestone=form.instance, days=form.cleaned_data["days"], by=request.user)
    messages.success(request, _("%(milestone)s is saved.") % {"milestone": row})
    return row


@require_POST
def milestone_mark(request, slug, pk):
    row = _editable(request, slug, pk)
    act = _confirm if request.POST.get("day") == "right" else _mark
    if act is _mark and request.POST.get("done") not in {"yes", "no"}:
        raise Http404
    form = ConfirmForm(request.POST, user=request.user)
    if answer := once(request, form, lambda: act(request, row)):
        return answer
    say_refusal(request, form)
    return redirect("consortium:milestones", row.project.slug)


def _mark(request, row):
    row = milestones.mark(milestone=row, is_done=request.POST.get("done") == "yes", by=request.user)
    said = _("%(milestone)s is done.") if row.is_done else _("%(milestone)s is open again.")
    messages.success(request, said % {"milestone": row})
    return redirect("consortium:milestones", row.project.slug)


def _confirm(request, row):
    row = milestones.confirm(milestone=row, by=request.user)
    messages.success(request, _("The day of %(milestone)s is right.") % {"milestone": row})
    return redirect("consortium:milestones", row.project.slug)


@require_http_methods(["GET", "HEAD", "POST"])
def milestone_delete(request, slug, pk):
    """Ask first."""
    row = _editable(request, slug, pk)
    form = ConfirmForm(request.POST if request.method == "POST" else None, user=request.user)
    if request.method == "POST" and (answer := once(request, form, lambda: _remove(request, row))):
        return answer
    context = {"project": row.project, "milestone": row, "form": form, "may_edit": row.project.is_open}
    return render(request, "consortium/milestone_delete.html", context)


def _remove(request, row):
    milestones.remove(milestone=row, by=request.user)
    messages.success(request, _("%(milestone)s is removed.") % {"milestone": row})
    return redirect("consortium:milestones", row.project.slug)


# In a calendar programme


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Permission.PROJECT_VIEW)
def calendar_address(request):
    """One's own secret address: made, made anew, revoked. It is shown once."""
    if request.method == "POST":
        form = ConfirmForm(request.POST, user=request.user)
        if answer := once(request, form, lambda: _address(request)):
            return answer
    row = CalendarAddress.objects.filter(user=request.user).first()
    return render(request, "consortium/calendar_address.html", {"row": row})


def _address(request):
    if request.POST.get("act") == "revoke":
        calendar_feeds.revoke(user=request.user)
        messages.success(request, _("The calendar address no longer works."))
        return redirect("consortium:calendar_address")
    secret = calendar_feeds.make(user=request.user)
    address = request.build_absolute_uri(reverse("consortium:calendar_feed", args=[secret]))
    row = CalendarAddress.objects.get(user=request.user)
    return render(request, "consortium/calendar_address.html", {"row": row, "address": address})


@login_not_required
@require_safe
def calendar_feed(request, secret):
    """For a calendar programme, which has no log-in: whoever knows the address reads what its owner may see today."""
    reader = calendar_feeds.reader_of(secret)
    if reader is None:
        raise Http404
    text = calendar_feeds.feed(reader, timezone.now())
    return HttpResponse(
        text,
        content_type="text/calendar; charset=utf-8",
        headers={"Cache-Control": "private, no-store", "Content-Disposition": 'inline; filename="westum.ics"'},
    )
