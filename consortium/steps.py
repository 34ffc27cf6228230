"""What comes next that is no mobility's: members without a contact person, wishes in projects applied for, milestones."""

from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from consortium import milestones, people, wishes
from consortium.models import Milestone, Project, ProjectMember, ProjectState, WishAnswer
from consortium.permissions import Role

NAMED = 3  # members that a step names before it counts the rest


@dataclass(frozen=True)
class Step:
    """As `components/inbox.html` shows it."""

    what: str
    detail: str
    owner_label: str
    due_date: date | None
    url: str
    mine: bool
    count: int = 1
    comes_first: bool = False


def waiting(user):
    """Open steps among what the user sees: wishes to answer, for each project one; and the coordinator's own."""
    planned = Project.objects.visible_to(user).own().filter(state=ProjectState.PLANNED, wish_request__isnull=True)
    found = [*_acting(), *_milestones(user)] if user.has_role(Role.COORDINATOR) else []
    for project in planned.order_by("pk"):
        if wishes.have_a_page(project):
            found += _to_answer(project, user)
            if user.has_role(Role.COORDINATOR):
                found += _to_ask_or_send(project)
    return found


def _acting():
    """While members have no contact person the coordinator acts for them: which they are, and where to invite one."""
    names = [str(member) for member in people.members_without_contact()]
    if not names:
        return []
    named, more = ", ".join(names[:NAMED]), len(names[NAMED:])
    if more:
        named = ngettext("%(names)s and %(n)s more", "%(names)s and %(n)s more", more) % {"names": named, "n": more}
    return [
        Step(
            what=ngettext(
                "Find a contact person: you act for %(n)s member",
                "Find contact persons: you act for %(n)s members",
                len(names),
            )
            % {"n": len(names)},
            detail=named,
            owner_label=_("you"),
            due_date=None,
            url=reverse("consortium:people") + "#without",
            mine=True,
        )
    ]


def _milestones(user):
    """Those that are due soon, or late."""
    until = timezone.localdate() + milestones.SOON
    rows = Milestone.objects.editable_by(user).still_open().filter(due_on__lte=until)
    rows = rows.exclude(project__state=ProjectState.ENDED).select_related("project").in_order()
    return [
        Step(
            what=row.name,
            detail=row.project.name,
            owner_label=_("you"),
            due_date=row.due_on,
            url=row.get_absolute_url(),
            mine=True,
        )
        for row in rows
    ]


def _to_answer(project, user):
    """One step for the members whose contact person the user is, one for the others that the user sees."""
    rows = WishAnswer.objects.silent().visible_to(user).filter(member__project=project)
    silent = list(rows.select_related("member__organisation").order_by("answer_by", "pk"))
    own = {right.organisation_id for right in user.rights if right.role == Role.CONTACT}
    mine = [row for row in silent if row.member.organisation_id in own]
    others = [row for row in silent if row.member.organisation_id not in own]
    return [_answering(project, rows, mine=rows is mine) for rows in (mine, others) if rows]


def _answering(project, rows, *, mine):
    page = reverse("consortium:wishes", args=[project.slug])
    if mine and len(rows) == 1:
        page = reverse("consortium:wish", args=[project.slug, rows[0].member_id])
    what = _("Answer what you wish for in %(project)s") if mine else _("Answer about wishes in %(project)s")
    return Step(
        what=what % {"project": project.name},
        detail=str(rows[0].member) if len(rows) == 1 else _members(len(rows)),
        owner_label=_("you") if mine else _("the contact person"),
        due_date=rows[0].answer_by,
        url=page,
        mine=mine,
        count=len(rows),
    )


def _to_ask_or_send(project):
    """Ask whoever has not been asked; when all have answered, send the request."""
    to_ask = wishes.not_asked(project).count()
    if to_ask:
        what, detail, name = _("Ask the members for their wishes in %(project)s"), _members(to_ask), "ask_wishes"
    elif ProjectMember.objects.filter(project=project).exists() and not wishes.silent(project).exists():
        what, detail, name = _("Send the request of %(project)s"), _("All members have answered"), "wish_request"
    else:
        return []
    return [
        Step(
            what=what % {"project": project.name},
            detail=detail,
            owner_label=_("you"),
            due_date=None,
            url=reverse(f"consortium:{name}", args=[project.slug]),
            mine=True,
        )
    ]


def _members(number):
    return ngettext("%(n)s member", "%(n)s members", number) % {"n": number}
