from django.contrib.auth.decorators import login_not_required
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from consortium.models import GoalAudience, GoalKind, Organisation, Project, ProjectState
from reporting import esf_record, naming, printed, public
from reporting.forms.codes import CodeForm
from westum.base.formats import number

# The codes of an ESF record, with their words.
RECORD = [
    f"esf_operation__{field}" for field in ("programme_area", "specific_objective", "intervention_type", "region")
]


def start(request):
    """The start page of whoever is not logged in."""
    own = public.projects()
    tallies = public.tallies(own)
    members = public.members()
    context = {
        "projects": [card(project, tallies.get(project.pk)) for project in own],
        "references": [card(project, None) for project in public.reference_records()],
        "figures": public.total(tallies),
        "counted_at": timezone.now(),
        "members": members,
        "places": public.chart_of(members),
        "code_form": CodeForm(),
    }
    return render(request, "reporting/start_public.html", context)


@login_not_required
@require_safe
def projects(request):
    own = public.projects()
    tallies = public.tallies(own)
    context = {
        "projects": [card(project, tallies.get(project.pk)) for project in own],
        "references": [card(project, None) for project in public.reference_records()],
    }
    return render(request, "reporting/projects.html", context)


@login_not_required
@require_safe
def project(request, slug):
    """A project in the form of its time. What its paper does not print is not stated.

    A planned one is not public yet: who may see the project behind the log-in sees how its page will look.
    """
    shown = Project.objects.public()
    if request.user.is_authenticated:
        shown = shown | Project.objects.visible_to(request.user)
    found = get_object_or_404(shown.with_period().select_related("owner", "goal_rule", *RECORD), slug=slug)
    operation = getattr(found, "esf_operation", None)
    members = list(found.members.with_municipalities().in_order())
    goals = list(found.goals.all())
    context = {
        "project": found,
        "funding": naming.funding(found),
        "years": naming.years(found),
        "facts": esf_record.facts(found, operation) if operation else list(printed.facts(found)),
        "operation": operation,
        "members": members,
        "texts": [(text, printed.blocks(text.text)) for text in found.texts.all()],
        "emblem": public.emblem(found),
        "crumbs": [(_("Projects"), reverse("reporting:projects")), (found.name, "")],
    }
    goals_of = by_kind(goals)
    context |= of_operation(found, operation) if operation else of_mobilities(found, members, goals, goals_of)
    return render(request, "reporting/project.html", context | {"goals_of": goals_of})


@login_not_required
@require_safe
def network(request):
    """The association: what the papers say of it, and the members that the register knows."""
    members = public.members()
    context = {
        "facts": printed.network(public.network()),
        "members_stated": printed.MEMBERS_STATED,
        "members": members,
        "places": public.chart_of(members),
        "crumbs": [(_("Start"), reverse("reporting:start")), (_("The Westum network"), "")],
    }
    return render(request, "reporting/network.html", context)


@login_not_required
@require_safe
def member(request, pk):
    """A member under all its names, and for whom it stands in which project. No person is on it."""
    organisation = get_object_or_404(Organisation.objects.public(), pk=pk)
    context = {
        "organisation": organisation,
        "facts": printed.member(organisation),
        "other_names": list(organisation.other_names.all()),
        "parts": [
            {
                "project": found,
                "meta": meta(found),
                "facts": printed.part(row),
            }
            for found, row in public.parts_in_projects(organisation)
        ],
        "places": public.chart_of([organisation]) if organisation.latitude is not None else [],
        "crumbs": [(_("The Westum network"), reverse("reporting:network")), (organisation.name, "")],
    }
    return render(request, "reporting/member.html", context)


def by_kind(goals):
    tree = printed.goal_tree(goals)
    return {kind.value: [goal for goal in tree if goal.kind == kind] for kind in GoalKind}


def of_mobilities(found, members, goals, goals_of):
    """Members on the map, goals and the four figures."""
    return {
        "names": public.names(found, members),
        "several": [member for member in members if len(member.municipalities.all()) > 1],
        "municipalities": printed.municipalities(members),
        "readings": printed.readings(members),
        "places": public.chart_of([member.organisation for member in members]),
        "headings": printed.headings(found, [goal for goal in goals if goal.kind == GoalKind.FOCUS_AREA]),
        "has_aims": any(goal.aim_staff or goal.aim_learners or goal.aim_supervisors for goal in goals),
        "has_audiences": any(goal.audience != GoalAudience.EVERYONE for goal in goals_of[GoalKind.FOCUS_AREA]),
        "figures": public.figures_of(found),
        "counted_at": timezone.now(),
    }


def of_operation(found, operation):
    """What a record of the list of operations has beside its fields."""
    return {
        "codes": esf_record.codes(operation),
        "activities": list(operation.planned_activities.all()),
        "partners": printed.partners(list(found.printed_partners.all())),
        "municipalities": list(operation.municipalities.in_order()),
    }


def card(found, tallies):
    """What `components/card.html` shows of a project; `tallies` are registered and approved, or None."""
    texts = found.texts.all()
    return {
        "title": found.name,
        "url": found.get_absolute_url(),
        "meta": meta(found),
        "text": Truncator(texts[0].text).words(24) if texts else "",
        "note": " · ".join(notes(found, tallies)),
        "state": found.state,
        "look": "past" if found.state == ProjectState.ENDED else "" if found.is_erasmus else "esf",
    }


def meta(found):
    return " · ".join(part for part in (naming.funding(found), naming.years(found)) if part)


def notes(found, tallies):
    if found.is_reference_record:
        return [found.owner.name]
    if not found.is_erasmus:
        return [printed.recipients(found.member_count)]
    said = [ngettext("%(n)s member", "%(n)s members", found.member_count) % {"n": found.member_count}]
    if tallies and tallies[1].all:
        said.append(_("%(n)s places approved") % {"n": number(tallies[1].all)})
    return said
