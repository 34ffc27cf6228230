from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from consortium import operations
from consortium.models import EsfOperation, Project, ProjectMember
from consortium.permissions import Permission, requires
from mobilities.models import Mobility
from reporting import figures, member_table, naming
from reporting.models import Report

HEADINGS = {
    "name": gettext_lazy("Member"),
    "places": gettext_lazy("Places"),
    "taken": gettext_lazy("Taken"),
    "left": gettext_lazy("Left"),
    "registered": gettext_lazy("Registered"),
    "accepted": gettext_lazy("Accepted"),
    "completed": gettext_lazy("Completed"),
}


@require_safe
@requires(Permission.PROJECT_VIEW)
def desk(request):
    seen = list(Project.objects.visible_to(request.user).own().newest_first())
    mobilities = Mobility.objects.visible_to(request.user).filter(project__in=seen)
    counted = figures.counted(mobilities, "project")
    rows = [
        {
            "project": project,
            "funding": naming.funding(project),
            "period": naming.period(project),
            "tallies": counted.get(project.pk, figures.nothing()),
            "url": reverse("reporting:desk_project", args=[project.slug]),
        }
        for project in seen
    ]
    context = {"rows": rows, "may_make": request.user.holds(Permission.PROJECT_EDIT)}
    return render(request, "reporting/desk.html", context)


@require_safe
def project(request, slug):
    """Decision, figures, members, goals and reports of a project; each number over the rows that the reader sees."""
    user = request.user
    found = get_object_or_404(
        Project.objects.visible_to(user).own().with_period().select_related("owner", "goal_rule"), slug=slug
    )
    mobilities = Mobility.objects.visible_to(user).filter(project=found)
    members = member_table.rows(
        found, ProjectMember.objects.visible_to(user).filter(project=found), mobilities, user=user
    )
    order = request.GET.get("sort", "name")
    sees_all = Project.objects.permitting(user, Permission.REPORT_VIEW).filter(pk=found.pk).exists()
    has_a_record = operations.have_a_record(found)
    context = {
        "project": found,
        "has_a_record": has_a_record,
        "may_write_record": has_a_record and Project.objects.administered_by(user).filter(pk=found.pk).exists(),
        "funding": naming.funding(found),
        "period": naming.period(found),
        "lines": list(found.decision.lines.select_related("activity_type", "category")) if found.decision else [],
        "figures": figures_of(found, mobilities, members, sees_all),
        "rows": member_table.ordered(members, order),
        "total": member_table.total(members),
        "headings": headings(order),
        "sees_all": sees_all,
        "overarching": list(found.goals.overarching()),
        "focus_areas": focus_areas(found, mobilities),
        "reports": Report.objects.visible_to(user).filter(project=found).with_replacement().newest_first()[:5],
        "may_order": user.holds(Permission.REPORT_ORDER),
        "crumbs": [(_("Projects"), reverse("reporting:desk")), (found.name, "")],
    }
    return render(request, "reporting/desk_project.html", context)


def figures_of(found, mobilities, members, sees_all):
    if operations.have_a_record(found):
        operation = EsfOperation.objects.filter(project=found).first()
        return figures.of_operation(found, operation, found.members.count())
    return figures.of_project(found, mobilities, first_figure(found, members, sees_all))


def first_figure(found, members, sees_all):
    """What the funder has granted the project; for a member's contact person the places of the own share."""
    if sees_all:
        return figures.granted(figures.approved([found]).get(found.pk, figures.UNSTATED))
    return figures.share_of(member_table.total(members).places)


def headings(order):
    """The columns of the member table with the address that sorts by each, and how it is sorted now."""
    return [
        {
            "name": name,
            "label": label,
            "sort": f"-{name}" if order == name or (name != "name" and order != f"-{name}") else name,
            "direction": {name: "ascending", f"-{name}": "descending"}.get(order, ""),
        }
        for name, label in HEADINGS.items()
    ]


def focus_areas(found, mobilities):
    """The focus areas that mobilities may serve with the number of those that do, linked to them."""
    counted = figures.counted(mobilities, "goals")
    return [
        {
            "goal": goal,
            "tallies": counted.get(goal.pk, figures.nothing()),
            "url": figures.rows_url(found.slug, goal=goal.pk),
        }
        for goal in found.goals.choosable()
    ]
