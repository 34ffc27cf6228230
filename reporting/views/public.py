from django.contrib.auth.decorators import login_not_required
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from consortium.models import Project, ProjectState
from reporting import figures, naming, public
from reporting.forms.codes import CodeForm
from westum.base.templatetags.words import number


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
    """The form of a KA1 project: period, members, goals, figures, texts. What its paper does not print is not stated."""
    found = get_object_or_404(Project.objects.public().with_period().select_related("owner", "goal_rule"), slug=slug)
    members = list(found.members.select_related("organisation").prefetch_related("municipalities").in_order())
    goals = list(found.goals.all())
    is_counted = found.is_erasmus and not found.is_reference_record
    context = {
        "project": found,
        "funding": naming.funding(found),
        "years": naming.years(found),
        "facts": facts(found),
        "members": members,
        "names": public.names(found, members),
        "several": [member for member in members if len(member.municipalities.all()) > 1],
        "places": public.chart_of([member.organisation for member in members]),
        "overarching": [goal for goal in goals if goal.kind == "overarching"],
        "focus_areas": [goal for goal in goals if goal.kind == "focus_area"],
        "texts": list(found.texts.all()),
        "figures": figures.public(*public.tallies([found])[found.pk]) if is_counted else [],
        "counted_at": timezone.now(),
        "emblem": public.emblem(found),
        "crumbs": [(_("Projects"), reverse("reporting:projects")), (found.name, "")],
    }
    return render(request, "reporting/project.html", context)


def facts(found):
    return [
        (_("Period"), naming.period(found)),
        (_("Coordinator") if not found.is_reference_record else _("Owner"), found.owner.name),
        (_("Programme"), found.get_programme_display()),
        (_("Reference"), found.reference),
        (_("Call year"), found.call_year),
    ]


def card(found, tallies):
    """What `components/card.html` shows of a project; `tallies` are registered and approved, or None."""
    notes = [ngettext("%(n)s member", "%(n)s members", found.member_count) % {"n": found.member_count}]
    if tallies and tallies[1].all:
        notes.append(_("%(n)s places approved") % {"n": number(tallies[1].all)})
    texts = found.texts.all()
    return {
        "title": found.name,
        "url": found.get_absolute_url(),
        "meta": " · ".join(part for part in (naming.funding(found), naming.years(found)) if part),
        "text": Truncator(texts[0].text).words(24) if texts else "",
        "note": " · ".join(notes),
        "state": found.state,
        "look": "past" if found.state == ProjectState.ENDED else "" if found.is_erasmus else "esf",
    }
