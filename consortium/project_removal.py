"""A planned project that was made by mistake is removed, as long as nothing but its own description hangs on it."""

from django.db import transaction
from django.db.models import F, ProtectedError
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from consortium import objections
from consortium.models import EsfOperation, GoalRule, Project, ProjectState, WishAnswer
from consortium.objections import Objection
from consortium.permissions import NotAllowed
from westum.base.formats import listed

REMOVED = gettext_noop("removed the project")


def may_be_removed(project):
    """One that has begun stays: the funder asks for its papers for years."""
    return project.state == ProjectState.PLANNED and not project.is_reference_record


@transaction.atomic
def remove(*, project, by):
    """Remove the project with its goals, texts, milestones and members; the history keeps them.

    Raises NotAllowed when it has begun, and with what others have entered in it.
    """
    project = Project.objects.select_for_update(of=("self",)).filter(pk=project.pk).first()
    if project is None or not may_be_removed(project):
        raise NotAllowed(_("Only a planned project can be removed."))
    objections.insist_on_none("remove_project", project)
    try:
        for rows in _description(project):
            for row in rows:
                row._change_reason = REMOVED
                row.delete()
        project._change_reason = REMOVED
        project.delete()
    except ProtectedError as held:
        kinds = sorted({str(row._meta.verbose_name_plural) for row in held.protected_objects})
        raise NotAllowed(
            _("The project stays, because others have entered something in it: %(what)s.") % {"what": listed(kinds)}
        ) from None
    return project


def _description(project):
    """The rows that come with a new project or describe it, those that others point to last."""
    yield GoalRule.objects.filter(project=project)
    yield project.goals.order_by(F("parent").asc(nulls_last=True))  # parts before what they are part of
    yield project.texts.all()
    yield project.milestones.all()
    yield EsfOperation.objects.filter(project=project)
    yield project.members.all()


def _to_removing(project):
    if project.decisions.exists():
        yield Objection(
            _("A decision of the funder has been entered. Remove that first, if it was a mistake too."),
            reverse("consortium:decisions", args=[project.slug]),
            link=_("Show the decisions"),
        )
    if WishAnswer.objects.filter(member__project=project).exists():
        yield Objection(
            _("Members have been asked for their wishes."), reverse("consortium:wishes", args=[project.slug])
        )
    if inheriting := list(project.yearly_projects.order_by("pk")):
        names = listed(row.name for row in inheriting)
        yield Objection(_("It is the accreditation of %(projects)s.") % {"projects": names})


objections.register("remove_project", _to_removing)
