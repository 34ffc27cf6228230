"""Who belongs to a project: members join while it is planned or running, and leave while nothing is theirs in it."""

from django.db import transaction
from django.db.models import ProtectedError, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from consortium import objections, project_states
from consortium.models import ProjectMember, ProjectState, ShareMove, WishAnswer
from consortium.objections import Objection, remark
from consortium.permissions import NotAllowed

ADDED = gettext_noop("added the member to the project")
ADDED_MEMBER = gettext_noop("added a member")
REMOVED_MEMBER = gettext_noop("removed a member")


def may_change(project):
    return project.is_open and project.state in {ProjectState.PLANNED, ProjectState.RUNNING}


def _locked(project):
    project = project_states.locked_open(project)
    if not may_change(project):
        raise NotAllowed(_("Members are added and removed only while the project is planned or running."))
    return project


@transaction.atomic
def add(*, project, organisations, by):
    """Make the organisations members, each standing for its own municipalities. Returns the new rows."""
    project = _locked(project)
    members = []
    for organisation in organisations:
        member = ProjectMember(project=project, organisation=organisation)
        member._change_reason = ADDED
        member.save()
        member.municipalities.set(organisation.municipalities.all())
        project_states.note(project, ADDED_MEMBER, organisation.name)
        members.append(member)
    return members


@transaction.atomic
def remove(*, member, by):
    """Take the member out of its project, with its answer about wishes. Raises NotAllowed with what holds it there."""
    project = _locked(member.project)
    member = ProjectMember.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=member.pk)
    objections.insist_on_none("remove_member", member)
    try:
        for rows in (member.wishes.all(), WishAnswer.objects.filter(member=member), member.allocations.all()):
            for row in rows.select_for_update(of=("self",)).order_by("pk"):
                row.delete()
        member.delete()
    except ProtectedError:
        raise NotAllowed(
            _("Something is kept about this member in the project. It stays, so that this is not lost.")
        ) from None
    project_states.note(project, REMOVED_MEMBER, member.organisation.name)


def _to_removing(member):
    if member.allocations.filter(Q(places__gt=0) | Q(places_taken__gt=0)).exists():
        yield Objection(
            _("The member has places. Give or move them to others first."),
            reverse("consortium:shares", args=[member.project.slug]),
        )
    if ShareMove.objects.filter(Q(giver=member) | Q(receiver=member)).exists():
        yield Objection(_("Places have been moved to or from the member. It stays, so that the history is whole."))
    if member.wishes.exists():
        yield remark(_("What the member has wished for is removed as well."))


objections.register("remove_member", _to_removing)
