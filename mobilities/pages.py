"""What the pages of one mobility show, put together from the rules; the templates only lay it out."""

from dataclasses import replace

from django.contrib import messages
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from consortium.models import GoalKind, ProjectMember, ProjectState
from mobilities import (
    documents,
    eligibility,
    funder_state,
    grant_history,
    grant_pages,
    journey,
    lifecycle,
    mobility_grants,
    next_steps,
    placement_reports,
    places,
)
from mobilities.models import DocumentKind, DocumentState, FunderState, GrantPhase, MobilityState, PlacementReportState
from mobilities.models.states import COMPLETED_OR_LATER, OFF, REGISTERED, ROUTE
from westum.base import history
from westum.base.formats import country, day, money
from westum.base.forms import PlainForm
from westum.base.templatetags.words import STATES

# Steps that are done by one press of a button on the mobility's own page.
PRESSED = {"place", "accept", "close"}


def of_mobility(mobility, user):
    """The context for who sees the whole mobility; read `with_parties`, `with_rights` and `with_steps`."""
    goals = list(mobility.goals.all())
    is_open = lifecycle.allows(mobility, "amend")
    missing = eligibility.missing(mobility, goals) if is_open else []
    wrong = eligibility.wrong(mobility, goals) if is_open else []
    queue = queue_of(mobility)
    events = grant_history.of(mobility)
    return {
        "mobility": mobility,
        "crumbs": crumbs(mobility),
        "is_over": mobility.state in OFF,
        "stages": stages(mobility),
        "steps": steps(mobility, user, queue, is_complete=not (missing or wrong)),
        "queue": queue,
        "shortfalls": [*wrong, *missing],
        "facts": facts(mobility),
        "grant": grant_pages.of_mobility(mobility, user, events),
        "focus_areas": goals,
        "overarching": list(mobility.project.goals.filter(kind=GoalKind.OVERARCHING)),
        "report": getattr(mobility, "placement_report", None),
        "actions": actions(mobility),
        "may_add_papers": mobility.may_edit and documents.may_be_added(mobility),
        "history": lines(mobility, events),
    } | papers(mobility)


def of_traveller(mobility):
    return {"journey": journey.journey_of(mobility)}


def crumbs(mobility, *more):
    """The way to the mobility, or to a page below it."""
    way = [(_("Mobilities"), reverse("mobilities:mobilities")), (str(mobility), mobility.get_absolute_url())]
    way += [(label, "") for label in more]
    return [*way[:-1], (way[-1][0], "")]


def stages(mobility):
    """The route as `components/route.html` wants it; empty for what was withdrawn or cancelled."""
    if mobility.state in OFF:
        return []
    now = ROUTE.index(mobility.state)
    return [
        {
            "name": STATES["mobility"][mobility.shown_state if number == now else state][2],
            "when": _when(mobility, state, number <= now),
            "state": "done"
            if number < now or state == MobilityState.CLOSED == mobility.state
            else "now"
            if number == now
            else "todo",
        }
        for number, state in enumerate(ROUTE)
    ]


def _when(mobility, state, has_come):
    """The day on which it came to this state or, of those ahead, is to come."""
    report = getattr(mobility, "placement_report", None)
    if state == MobilityState.REPORTED and not has_come:
        due = mobility.report_due_on
        return _("at the latest %(day)s") % {"day": day(due)} if due else ""
    moments = {
        MobilityState.DRAFT: mobility.created_at,
        MobilityState.SUBMITTED: mobility.submitted_at,
        MobilityState.ACCEPTED: mobility.accepted_at,
        MobilityState.ONGOING: mobility.start_date,
        MobilityState.COMPLETED: mobility.end_date,
        MobilityState.REPORTED: report.reviewed_at if report else None,
    }
    return day(moments.get(state))


def steps(mobility, user, queue, *, is_complete):
    """The open steps, the reader's own first: it is the one yellow card of the page."""
    found = [_on_the_page(step, mobility, queue, is_complete) for step in next_steps.steps_of(mobility, user)]
    return sorted(found, key=lambda step: not step.mine)


def _on_the_page(step, mobility, queue, is_complete):
    """Where and how the reader does it; what waits for somebody else has no link, because this is its page."""
    key = step.kind.key
    if not step.mine:
        return replace(step, url="")
    if key == "complete" and is_complete:
        url = reverse("mobilities:submit", args=[mobility.pk])
        return replace(step, what=_("Submit to the coordinator"), action=_("Submit"), url=url, form=PlainForm())
    if key == "accept":
        detail = " ".join(filter(None, (step.detail, grant_pages.before_acceptance(mobility))))
        return replace(step, detail=detail, form=PlainForm())
    if key == "place" and queue["is_full"]:
        return replace(step, action=_("Give more places"), url=queue["share_url"])
    if key == "funder":
        return _with_funder(replace(step, url="#funder"), mobility)
    return replace(step, form=PlainForm()) if key in PRESSED else step


def _with_funder(step, mobility):
    """What is to be done there: the number is known when the mobility only differs."""
    if mobility.state == MobilityState.CANCELLED:
        what = _("Take it out of the funder's system: the trip is cancelled")
        return replace(step, what=what, action=_("Note that it is out"))
    if mobility.funder_state != FunderState.DIFFERS:
        return step
    changed = funder_state.differing(mobility)
    detail = _("Changed since it was complete there: %(what)s.") % {"what": ", ".join(changed)} if changed else ""
    return replace(
        step,
        what=_("Correct it in the funder's system: it differs there"),
        action=_("Note how it stands"),
        detail=detail,
    )


def queue_of(mobility):
    """Where it stands in the queue and which share is full; None when it does not stand there."""
    if mobility.shown_state != "queued" or mobility.project.state == ProjectState.ENDED:
        return None
    share = places.share_of(mobility)
    taken, number = (share.places_taken, share.places) if share else (0, 0)
    names = {"member": mobility.sending_organisation, "activity": mobility.activity_type}
    if number == 0:
        sentence = _("%(member)s has no places for %(activity)s yet.")
    elif taken < number:
        sentence = _("%(member)s has free places for %(activity)s, but others wait too.")
    else:
        sentence = _("The share of %(member)s for %(activity)s is full.")
    member = ProjectMember.objects.get(project=mobility.project_id, organisation=mobility.sending_organisation_id)
    return {
        "number": places.queue_number(mobility),
        "sentence": sentence % names,
        "taken": ngettext("%(taken)s of %(n)s place is taken.", "%(taken)s of %(n)s places are taken.", number)
        % {"taken": taken, "n": number},
        "is_full": taken >= number,
        "share_url": reverse("consortium:share", args=[mobility.project.slug, member.pk, mobility.activity_type.key]),
    }


def what_sending_back_does(mobility):
    """To the coordinator before it is sent back: what becomes of its place, and how many wait for one."""
    if not mobility.has_place:
        first = _("It becomes a draft again and leaves the queue; submitted again, it lines up last.")
    elif waiting := places.queue_of(mobility).count():
        first = ngettext(
            "It becomes a draft again and loses its place. %(n)s other waits in the queue, and you decide who gets it.",
            "It becomes a draft again and loses its place. %(n)s others wait in the queue, and you decide who gets it.",
            waiting,
        ) % {"n": waiting}
    else:
        first = _("It becomes a draft again and its place becomes free. Nobody waits in the queue for it now.")
    told = _("Who submitted it gets a mail.")
    return f"{first} {told}"


def what_cancelling_does(mobility):
    """Before a trip is cancelled: which place and which amount become free, and what remains to be done."""
    found = [
        _("The place of %(member)s for %(activity)s becomes free at once.")
        % {"member": mobility.sending_organisation, "activity": mobility.activity_type}
    ]
    amount = mobility_grants.kept(mobility, GrantPhase.ACCEPTED).amount_eur
    if amount is not None:
        found.append(_("%(amount)s of the budget becomes free with it.") % {"amount": money(amount, "EUR")})
    if mobility.funder_state in REGISTERED:
        found.append(_("It stands in the funder's system: the coordinator takes it out there."))
    return " ".join([*found, _("A cancelled mobility stays in the list and cannot be taken up again.")])


def told_of_submission(mobility):
    """Level and sentence of the message to who has handed it in: it has a place, or which number it has in the queue."""
    if mobility.has_place:
        return messages.SUCCESS, _("The mobility is submitted and has a place. The coordinator decides now.")
    sentence = _("The mobility is submitted, but there is no place for it yet. It is number %(number)s in the queue.")
    return messages.WARNING, sentence % {"number": places.queue_number(mobility)}


def facts(mobility):
    host, participant = mobility.receiving_organisation, mobility.participant
    link = format_html('<a href="{}">{}</a>', participant.get_absolute_url(), participant)
    return [
        (_("Participant"), link),
        (_("Group"), capfirst(participant.get_group_display())),
        (_("Member"), mobility.sending_organisation),
        (_("Project"), mobility.project.name),
        (_("Activity"), mobility.activity_type),
        (_("Host"), host and format_html('<a href="{}">{}</a>', host.get_absolute_url(), host)),
        (_("Town and country"), ", ".join(part for part in (host.city, country(host.country)) if part) if host else ""),
        (_("First day"), day(mobility.start_date)),
        (_("Last day"), day(mobility.end_date)),
        (_("Days"), mobility.days),
        (_("Way of travelling"), capfirst(mobility.get_travel_mode_display())),
        (_("Days of travel"), mobility.travel_days),
        (_("Distance"), grant_pages.distance(mobility, kept_km=mobility.accepted_at and mobility.distance_km)),
        *_if_there(mobility),
    ]


def _if_there(mobility):
    """Facts that most mobilities do not have, and that are named only for those that have them."""
    found = []
    if mobility.green_is_declared:
        found.append((_("Green travel"), _("the traveller has declared it")))
    if mobility.linguistic_support:
        found.append((_("Linguistic support"), _("yes")))
    if mobility.course_fee_days:
        found.append((_("Days of a course with a fee"), mobility.course_fee_days))
    return found


def report_name(mobility):
    """What the placement report is called: learners and staff each have a word for it."""
    if mobility.participant.is_learner:
        return pgettext("learner", "Placement report")
    return pgettext("staff", "Placement report")


def papers(mobility):
    """The newest version of each paper as `components/papers.html` wants it, and the earlier versions."""
    versions = list(mobility.documents.select_related("file", "uploaded_by"))
    current = {document.kind: document for document in versions if document.state == DocumentState.UPLOADED}
    shown = [
        _paper(capfirst(document.get_kind_display()), document, state=document.state, kind="document")
        for kind, document in current.items()
        if kind != DocumentKind.PLACEMENT_REPORT
    ]
    report = getattr(mobility, "placement_report", None)
    if report or mobility.state in COMPLETED_OR_LATER:
        document = current.get(DocumentKind.PLACEMENT_REPORT)
        shown.append(
            _paper(report_name(mobility), document, state=_report_state(mobility, report), kind="placement_report")
        )
    return {
        "papers": shown,
        "earlier": [document for document in versions if document.state != DocumentState.UPLOADED],
    }


def _report_state(mobility, report):
    if report and report.state != PlacementReportState.STARTED:
        return report.state
    return "late" if mobility.report_due_on < timezone.localdate() else "missing"


def _paper(name, document, *, state, kind):
    detail = ""
    if document:
        detail = _("Version %(version)s, %(day)s, %(who)s") % {
            "version": document.version,
            "day": day(document.uploaded_at),
            "who": document.uploaded_by,
        }
    url = document.get_absolute_url() if document else ""
    return {"name": name, "state": state, "kind": kind, "detail": detail, "url": url, "action": _("Open")}


def may_change(mobility):
    """May the reader change it now? After it has been accepted only the coordinator does. Read it `with_rights`."""
    amends = mobility.may_edit and lifecycle.allows(mobility, "amend")
    return amends or mobility.may_accept and lifecycle.allows(mobility, "correct")


def actions(mobility):
    """Buttons beside the heading: what the reader may do that is not the next step."""

    def button(name, label, icon, *, tone="quiet"):
        return {"url": reverse(f"mobilities:{name}", args=[mobility.pk]), "label": label, "icon": icon, "tone": tone}

    found = []
    if may_change(mobility):
        found.append(button("mobility_edit", _("Change"), "pencil"))
    if mobility.may_accept and lifecycle.allows(mobility, "send_back"):
        found.append(button("send_back", _("Send back"), "undo-2"))
    if mobility.may_edit and placement_reports.may_be_sent_in(mobility) and not mobility.waits_report_for:
        found.append(button("placement_report", _("Send in the report"), "upload"))
    if mobility.may_edit and lifecycle.allows(mobility, "withdraw"):
        found.append(button("withdraw", _("Withdraw"), "circle-x"))
    if mobility.may_edit and lifecycle.allows(mobility, "cancel"):
        found.append(button("cancel", _("Cancel the trip"), "ban"))
    return found


def lines(mobility, events):
    """The history of the mobility, of its placement report and of its grant, newest first."""
    rows = [mobility]
    if report := getattr(mobility, "placement_report", None):
        rows.append(report)
    found = [line for row in rows for line in history.lines_of(row)] + grant_history.lines(events)
    return sorted(found, key=lambda line: line.at, reverse=True)
