from dataclasses import asdict
from datetime import date

from django.contrib.auth.decorators import login_not_required
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from consortium import steps
from consortium.models import Organisation, Project
from consortium.permissions import Permission
from mobilities import journey, next_steps
from mobilities.models import Mobility
from reporting import figures, naming
from reporting.models import Report
from reporting.views import public

SHOWN = 8  # rows of a list on the start page; the whole list is a link away


@login_not_required
@require_safe
def start(request):
    """The public page, or the reader's own: what waits, who is abroad, one's own journey. Somebody may have both."""
    if not request.user.is_authenticated:
        return public.start(request)
    context = {"greeting": greeting(request.user), "today": timezone.localdate()}
    if request.user.rights:
        context |= work(request.user)
        if not next_steps.has_a_part(request.user):
            context |= reading(request.user)
    context["journeys"] = journey.journeys_of(request.user)
    return render(request, "reporting/start.html", context)


def greeting(user):
    hour, name = timezone.localtime().hour, str(user).split()[0]
    if 4 <= hour < 10:
        return _("Good morning, %(name)s") % {"name": name}
    if hour >= 18 or hour < 4:
        return _("Good evening, %(name)s") % {"name": name}
    return _("Hello, %(name)s") % {"name": name}


def work(user):
    """What a start page of the desk shows: the steps, mine first, and who is abroad or late."""
    today = timezone.localdate()
    found = [*map(in_words, next_steps.waiting(user)), *map(asdict, steps.waiting(user))]
    found.sort(key=lambda step: (not step["comes_first"], step["due_date"] or date.max))
    mine, others = [step for step in found if step["mine"]], [step for step in found if not step["mine"]]
    seen = Mobility.objects.visible_to(user).filter(project__is_reference_record=False).with_parties()
    abroad = list(seen.abroad_on(today).order_by("end_date", "pk")[: SHOWN + 1])
    late = list(seen.late_reports(today).order_by("end_date", "pk")[: SHOWN + 1])
    return {
        "works": True,
        "mine": mine,
        "others": others,
        "mine_count": sum(step["count"] for step in mine),
        "others_count": sum(step["count"] for step in others),
        "abroad": abroad[:SHOWN],
        "more_abroad": len(abroad) > SHOWN,
        "late": late[:SHOWN],
        "more_late": len(late) > SHOWN,
        "projects": [
            {"project": project, "funding": naming.funding(project), "years": naming.years(project)}
            for project in Project.objects.visible_to(user).own().newest_first()
        ],
        "own_members": list(Organisation.objects.of_contact(user).in_order()),
        "may_register": user.holds(Permission.MOBILITY_EDIT),
    }


def reading(user):
    """First on the page of who has no step in a journey but reads and reports: the projects in figures, and the papers."""
    seen = list(Project.objects.visible_to(user).own().newest_first())
    counted = figures.counted(Mobility.objects.visible_to(user).filter(project__in=seen), "project")
    approved = figures.approved(seen)
    return {
        "reads": True,
        "sets": figures.SETS,
        "in_figures": [
            {
                "project": project,
                "approved": approved.get(project.pk, figures.UNSTATED),
                "sets": [
                    (figures.SETS[key].name, tally, figures.rows_url(project.slug, counted=key))
                    for key, tally in counted.get(project.pk, figures.nothing()).items()
                ],
            }
            for project in seen
        ],
        "reports": Report.objects.visible_to(user).of_no_person().ready().with_subject().newest_first()[:SHOWN],
        "may_order": user.holds(Permission.REPORT_ORDER),
    }


def in_words(step):
    """What `components/inbox.html` shows: a step of several mobilities says how many they are."""
    return {
        "what": step.what,
        "detail": ngettext("%(n)s mobility", "%(n)s mobilities", step.count) % {"n": step.count},
        "owner_label": step.owner_label,
        "due_date": step.due_date,
        "url": step.url,
        "mine": step.mine,
        "count": step.count,
        "comes_first": step.kind.comes_first,
    }
