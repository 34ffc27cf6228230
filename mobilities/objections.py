"""What mobilities say against a deed of the consortium: a step of a project, a member that leaves, a goal that goes."""

from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import ngettext, ngettext_lazy

from consortium import objections
from consortium.objections import Objection, remark
from mobilities.models import Mobility, MobilityState


def register():
    objections.register("report", _to_reporting)
    objections.register("end", _to_ending)
    objections.register("remove_member", _to_removing_member)
    objections.register("delete_goal", _to_changing_goal)
    objections.register("use_goal_otherwise", _to_changing_goal)


def _address(**narrowed):
    return f"{reverse('mobilities:mobilities')}?{urlencode(narrowed)}"


def _counted(project, state, said, kind):
    """Of the project's mobilities in the state, if there are any, with their number and the list of them."""
    if number := Mobility.objects.filter(project=project, state=state).count():
        yield kind(said % {"n": number}, _address(project=project.slug, state=state))


def _undecided(project):
    return _counted(
        project,
        MobilityState.SUBMITTED,
        ngettext_lazy(
            "%(n)s mobility is submitted and waits for a decision. Accept it or send it back first.",
            "%(n)s mobilities are submitted and wait for a decision. Accept them or send them back first.",
            "n",
        ),
        Objection,
    )


def _drafts(project):
    return _counted(
        project,
        MobilityState.DRAFT,
        ngettext_lazy(
            "%(n)s draft will never be submitted. It stays as it is.",
            "%(n)s drafts will never be submitted. They stay as they are.",
            "n",
        ),
        remark,
    )


def _to_reporting(project):
    yield from _undecided(project)
    yield from _drafts(project)


def _to_ending(project):
    yield from _undecided(project)
    yield from _counted(
        project,
        MobilityState.ACCEPTED,
        ngettext_lazy(
            "%(n)s mobility is accepted and has not begun. Wait for it, or cancel it first.",
            "%(n)s mobilities are accepted and have not begun. Wait for them, or cancel them first.",
            "n",
        ),
        Objection,
    )
    yield from _counted(
        project,
        MobilityState.ONGOING,
        ngettext_lazy(
            "%(n)s mobility is ongoing. Wait until it is over.",
            "%(n)s mobilities are ongoing. Wait until they are over.",
            "n",
        ),
        Objection,
    )
    yield from _counted(
        project,
        MobilityState.COMPLETED,
        ngettext_lazy(
            "%(n)s mobility is over but not reported. Nothing can be added to it afterwards.",
            "%(n)s mobilities are over but not reported. Nothing can be added to them afterwards.",
            "n",
        ),
        remark,
    )
    yield from _counted(
        project,
        MobilityState.REPORTED,
        ngettext_lazy(
            "%(n)s mobility is reported but not closed. It stays so.",
            "%(n)s mobilities are reported but not closed. They stay so.",
            "n",
        ),
        remark,
    )
    yield from _drafts(project)


def _to_removing_member(member):
    rows = Mobility.objects.filter(project=member.project_id, sending_organisation=member.organisation_id)
    if number := rows.count():
        sentence = ngettext(
            "%(n)s mobility of the project is this member's. It stays a member.",
            "%(n)s mobilities of the project are this member's. It stays a member.",
            number,
        )
        yield Objection(sentence % {"n": number}, _address(project=member.project.slug, member=member.organisation_id))


def _to_changing_goal(goal):
    if number := goal.mobilities.count():
        sentence = ngettext(
            "%(n)s mobility counts towards “%(goal)s”. It stays as it is.",
            "%(n)s mobilities count towards “%(goal)s”. It stays as it is.",
            number,
        )
        yield Objection(sentence % {"n": number, "goal": goal.title}, _address(project=goal.project.slug, goal=goal.pk))
