"""The life of a project, and what may be changed when.

    planned → running → reporting → ended

One step back is possible, with a reason: an amendment gives more time, or the funder asks once more. A project that has
ended is read only. Each verb, and every rule that writes something of a project, locks the project's row first.
"""

from dataclasses import dataclass

from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop, ngettext

from consortium import objections, wishes
from consortium.models import Programme, Project, ProjectState, WishAnswer
from consortium.objections import Objection, remark
from consortium.permissions import NotAllowed
from westum.base.formats import day

PROJECT_HAS_ENDED = gettext_lazy("The project has ended and can only be read. Reopen it to change anything.")


@dataclass(frozen=True)
class Verb:
    """From which state to which, in the words of a button, of a page that asks first, and of the history."""

    name: str
    before: ProjectState
    after: ProjectState
    label: Promise
    question: Promise
    meaning: Promise
    told: str
    needs_reason: bool = False


VERBS = [
    Verb(
        "start",
        ProjectState.PLANNED,
        ProjectState.RUNNING,
        gettext_lazy("Start the project"),
        gettext_lazy("Start the project?"),
        gettext_lazy(
            "The application was granted. Places can be shared out and mobilities registered; wishes can no longer be changed."
        ),
        gettext_noop("started the project"),
    ),
    Verb(
        "report",
        ProjectState.RUNNING,
        ProjectState.REPORTING,
        gettext_lazy("Begin reporting"),
        gettext_lazy("Begin to report?"),
        gettext_lazy(
            "No new mobilities are registered and no places are moved. What has begun is finished, papers are gathered, the final report is written."
        ),
        gettext_noop("began to report the project"),
    ),
    Verb(
        "end",
        ProjectState.REPORTING,
        ProjectState.ENDED,
        gettext_lazy("Close the project"),
        gettext_lazy("Close the project?"),
        gettext_lazy(
            "Everything in it becomes read only, for everybody. From today its papers are kept for the time that the funder asks for. It can be reopened with a reason."
        ),
        gettext_noop("closed the project"),
    ),
    Verb(
        "resume",
        ProjectState.REPORTING,
        ProjectState.RUNNING,
        gettext_lazy("Go back to running"),
        gettext_lazy("Go back to running?"),
        gettext_lazy(
            "Mobilities can be registered and places moved again, for instance after an amendment that gives more time."
        ),
        gettext_noop("took up the project again"),
        needs_reason=True,
    ),
    Verb(
        "reopen",
        ProjectState.ENDED,
        ProjectState.REPORTING,
        gettext_lazy("Reopen the project"),
        gettext_lazy("Reopen the project?"),
        gettext_lazy(
            "It is being reported again: what is missing can be added, and figures may change. Close it again afterwards."
        ),
        gettext_noop("reopened the project"),
        needs_reason=True,
    ),
]
BY_NAME = {verb.name: verb for verb in VERBS}


def open_to(project):
    """The verbs that the project's state allows, the way forward first."""
    return [verb for verb in VERBS if verb.before == project.state and not project.is_reference_record]


def objections_to(verb, project):
    """What speaks against the verb now, from this app and from those above; for the page that asks."""
    return objections.to(verb.name, project)


@transaction.atomic
def change(*, project, verb, reason="", by):
    """Take the project one step along `verb`. Raises NotAllowed from another state, and with what stops it."""
    project = locked(project)
    if verb not in open_to(project):
        raise NotAllowed(
            _("The project is %(state)s. From there this is not possible.") % {"state": project.get_state_display()}
        )
    objections.insist_on_none(verb.name, project)
    project.state = verb.after
    project.ended_on = timezone.localdate() if verb.after == ProjectState.ENDED else None
    note(project, verb.told, reason, "state", "ended_on")
    return project


# For all rules that write something of a project


def locked(project):
    """The project's row as it is now, under its lock."""
    return Project.objects.select_for_update(of=("self",), no_key=True).get(pk=project.pk)


def locked_open(project):
    """The same, of a project in which something may be written. Raises NotAllowed when it has ended."""
    project = locked(project)
    if not project.is_open:
        raise NotAllowed(PROJECT_HAS_ENDED)
    return project


def note(project, verb, detail="", *fields):
    """A line in the project's history, with the fields that changed. The caller holds the row's lock."""
    project.version += 1
    project._change_reason = f"{verb}\n{detail}" if detail else verb
    project.save(update_fields=[*fields, "version"])


# What this app itself says against a step


def _to_starting(project):
    settings = reverse("consortium:project_settings", args=[project.slug])
    if project.decision is None:
        yield Objection(
            _("No decision of the funder has been entered, so the project has no period yet."),
            reverse("consortium:new_decision", args=[project.slug]),
            link=_("Enter the agreement"),
        )
    if project.is_erasmus and project.programme != Programme.KA120_VET:
        if project.call_year is None:
            yield Objection(
                _("The call year is not stated. It decides activities and rates."), settings, link=_("Settings")
            )
        if not project.members.exists():
            yield remark(
                _("The project has no members yet, so nobody can register mobilities."), settings, link=_("Settings")
            )
    never_asked = wishes.not_asked(project).count() if wishes.are_open(project) else 0
    if never_asked:
        yield remark(
            ngettext(
                "%(n)s member was never asked for its wishes. Afterwards that is not possible.",
                "%(n)s members were never asked for their wishes. Afterwards that is not possible.",
                never_asked,
            )
            % {"n": never_asked},
            reverse("consortium:ask_wishes", args=[project.slug]),
            link=_("Ask for wishes"),
        )
    if wishes.are_open(project) and WishAnswer.objects.filter(member__project=project).exists():
        yield remark(
            _("The request of the application has not been kept as it was sent. Afterwards that is not possible."),
            reverse("consortium:wish_request", args=[project.slug]),
        )


def _to_ending(project):
    _starts_on, ends_on = project.period
    if ends_on and ends_on > timezone.localdate():
        yield remark(
            _("By the latest decision the period goes on until %(day)s.") % {"day": day(ends_on)},
            reverse("consortium:decisions", args=[project.slug]),
            link=_("Show the decisions"),
        )


objections.register("start", _to_starting)
objections.register("end", _to_ending)
