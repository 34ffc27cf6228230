"""What a project is called, whose it is and by which call: how it is made and how its facts are changed."""

from itertools import count

from django.db import transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from consortium import milestones, operations, project_states
from consortium.models import Allocation, BudgetShare, GoalRule, Project, ProjectMember, ProjectState, ProjectText
from consortium.permissions import NotAllowed
from westum.base import history
from westum.base.text import fold

CREATED = gettext_noop("created the project")
COPIED = gettext_noop("copied this from an earlier project")
CHANGED = gettext_noop("changed the facts of the project")
SLUG_LENGTH = Project._meta.get_field("slug").max_length


def free_slug(name):
    """A short name for addresses that no project has: the name's letters without their dots, perhaps with a number."""
    stem = slugify(fold(name))[: SLUG_LENGTH - 4].strip("-") or "project"
    taken = set(Project.objects.filter(slug__startswith=stem).values_list("slug", flat=True)) | {"new"}
    return next(slug for n in count(1) if (slug := stem if n == 1 else f"{stem}-{n}") not in taken)


@transaction.atomic
def make(*, project, copied_from=None, by):
    """Save a new planned project, with members, texts, milestones and goals of an earlier one if there is one.

    Persons, places and decisions are not copied. A yearly project has the goals of its accreditation.
    """
    project.state = ProjectState.PLANNED
    project._change_reason = f"{CREATED}\n{copied_from.name_sv}" if copied_from else CREATED
    project.save()
    if copied_from:
        _copy_members(copied_from, project)
        _copy_texts(copied_from, project)
        milestones.copy(copied_from, project)
    if source := project.accreditation or copied_from:
        copy_goals(source, project)
    return project


def _copy_members(source, project):
    for earlier in source.members.prefetch_related("municipalities").order_by("pk"):
        member = ProjectMember(
            project=project,
            organisation_id=earlier.organisation_id,
            role=earlier.role,
            printed_name=earlier.printed_name,
            stands_for_status=earlier.stands_for_status,
            hint_sv=earlier.hint_sv,
            hint_en=earlier.hint_en,
        )
        member._change_reason = COPIED
        member.save()
        member.municipalities.set(earlier.municipalities.all())


def _copy_texts(source, project):
    texts = list(source.texts.all())
    for text in texts:
        _as_new_row(text, project)
    history.create_many(ProjectText, texts, reason=COPIED)


def copy_goals(source, project):
    """The tree of goals and the rule, as they are now. The project's row is locked, or new."""
    parents = {}
    # Parents before their parts, so that each part finds the new row above it.
    for goal in sorted(source.goals.all(), key=lambda goal: (goal.parent_id is not None, goal.position, goal.pk)):
        earlier, goal.parent_id = goal.pk, parents.get(goal.parent_id)
        _as_new_row(goal, project)
        goal._change_reason = COPIED
        goal.save()
        parents[earlier] = goal.pk
    if rule := GoalRule.objects.filter(project=source).first():
        new = GoalRule(project=project, min_focus_areas=rule.min_focus_areas)
        new._change_reason = COPIED
        new.save()


def _as_new_row(row, project):
    row.pk, row.project, row.version, row._state.adding = None, project, 0, True


@transaction.atomic
def amend(*, project, by):
    """Save the changed facts; the caller has edited the instance in memory.

    Raises Changed when somebody else was faster, and NotAllowed when the project has ended or when something rests on
    the call year or programme as it was.
    """
    before = project_states.locked_open(project)
    _refuse_what_is_rested_on(before, project)
    project._change_reason = CHANGED
    project.bump_version()
    project.save()
    return project


def _refuse_what_is_rested_on(before, project):
    shares = (Allocation, BudgetShare)
    rests_on_it = any(share.objects.filter(member__project=project).exists() for share in shares)
    if project.call_year != before.call_year and rests_on_it:
        raise NotAllowed(
            _("Places or money have been shared out by this call year. It can no longer be changed."), field="call_year"
        )
    if project.is_erasmus != before.is_erasmus and (
        before.state != ProjectState.PLANNED or hasattr(before, "esf_operation")
    ):
        raise NotAllowed(
            _("Another fund would be another project. Choose a programme of the same fund."), field="programme"
        )
    if not project.is_erasmus:
        operations.insist_on_programme(project)
    if project.programme != before.programme and before.yearly_projects.exists():
        raise NotAllowed(_("Yearly projects belong to this accreditation. Its programme stays."), field="programme")
