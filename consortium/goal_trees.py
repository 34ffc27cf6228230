"""The goals of a project, two levels deep, and how many focus areas a mobility must serve."""

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, ngettext

from consortium import objections, project_facts, project_states, row_order
from consortium.models import Goal, GoalKind, GoalRule
from consortium.permissions import NotAllowed

ADDED = gettext_noop("added a goal")
CHANGED = gettext_noop("changed a goal")
MOVED = gettext_noop("moved a goal")
DELETED = gettext_noop("deleted a goal")
RULED = gettext_noop("changed the rule of goals")
INHERITED = gettext_noop("took over the goals of the accreditation")


def branches(project):
    """(goal, its parts) of the first level, by kind and in their order. One query."""
    goals = list(project.goals.all())
    tops = [goal for goal in goals if goal.parent_id is None]
    kinds = list(GoalKind)
    tops.sort(key=lambda goal: kinds.index(goal.kind))  # keeps the order within a kind
    return [(goal, [part for part in goals if part.parent_id == goal.pk]) for goal in tops]


@transaction.atomic
def save(*, goal, by):
    """Keep a new goal behind the others, or the changes that the caller has made to the instance in memory.

    Raises Changed when somebody else was faster, and NotAllowed for what would not be a tree of two levels, or when
    mobilities rest on the goal as it was.
    """
    project = project_states.locked_open(goal.project)
    is_new = goal._state.adding
    before = None if is_new else Goal.objects.select_for_update(of=("self",)).get(pk=goal.pk)
    _refuse_what_is_no_tree(goal, before)
    if before and _would_be_closed(before, goal):
        objections.insist_on_none("use_goal_otherwise", before)
    if before and _is_area(before) and not _is_area(goal):
        for objection in _too_few_without(before):
            raise NotAllowed(objection.sentence, field="kind" if goal.kind != before.kind else "counts_mobilities")
    if is_new:
        goal.position = row_order.end_of(project.goals.all())
    else:
        goal.bump_version()
    goal._change_reason = ADDED if is_new else CHANGED
    goal.save()
    project_states.note(project, goal._change_reason, f"{goal.code} {goal.title_sv}")
    return goal


def _refuse_what_is_no_tree(goal, before):
    has_parts = before is not None and before.parts.exists()
    if has_parts and goal.kind != before.kind:
        raise NotAllowed(_("This goal has parts, which are of its kind. Move or delete them first."), field="kind")
    parent = goal.parent
    if parent is None:
        return
    if parent.project_id != goal.project_id or parent.kind != goal.kind:
        raise NotAllowed(_("A part is of the same kind as the goal above it. Choose another one."), field="parent")
    if parent.parent_id is not None or parent.pk == goal.pk:
        raise NotAllowed(_("Goals have two levels. Choose a goal of the first one, or none."), field="parent")
    if has_parts:
        raise NotAllowed(_("This goal has parts of its own, so it stays on the first level."), field="parent")
    if before is None or before.parent_id != parent.pk:
        # A goal that only gathers its parts can no longer be chosen.
        objections.insist_on_none("use_goal_otherwise", parent, field="parent")


def _would_be_closed(before, goal):
    """To mobilities that have chosen it."""
    return (
        goal.kind != before.kind
        or (before.counts_mobilities and not goal.counts_mobilities)
        or goal.audience != before.audience
    )


@transaction.atomic
def move(*, goal, up, by):
    """One place up or down among the goals of its kind and level."""
    project = project_states.locked_open(goal.project)
    beside = Goal.objects.filter(project=project, kind=goal.kind, parent=goal.parent_id)
    moved = row_order.swapped(beside, goal, up=up)
    rest = {(kind, parent): rows for kind, parent, rows in _groups(project)}
    rest[goal.kind, goal.parent_id] = moved
    tops = [top for kind in GoalKind for top in rest.get((kind, None), [])]
    row_order.put([row for top in tops for row in (top, *rest.get((top.kind, top.pk), []))])
    project_states.note(project, MOVED, f"{goal.code} {goal.title_sv}")


def _groups(project):
    found = {}
    for goal in project.goals.all():
        found.setdefault((goal.kind, goal.parent_id), []).append(goal)
    return [(kind, parent, rows) for (kind, parent), rows in found.items()]


@transaction.atomic
def delete(*, goal, by):
    """Take the goal away. Raises NotAllowed while it has parts or a mobility counts towards it."""
    project = project_states.locked_open(goal.project)
    goal = Goal.objects.select_for_update(of=("self",)).get(pk=goal.pk)
    objections.insist_on_none("delete_goal", goal)
    goal._change_reason = DELETED
    goal.delete()
    project_states.note(project, DELETED, f"{goal.code} {goal.title_sv}")


def _to_deleting(goal):
    if goal.parts.exists():
        yield objections.Objection(_("The goal has parts. Delete them first."))
    yield from _too_few_without(goal)


def _is_area(goal):
    """May mobilities count towards it, if it has no parts?"""
    return goal.kind == GoalKind.FOCUS_AREA and goal.counts_mobilities


def _too_few_without(goal):
    """Who must serve so many areas needs so many to choose from."""
    rule = GoalRule.objects.filter(project=goal.project_id).first()
    if rule and _is_area(goal):
        left = goal.project.goals.choosable().exclude(pk=goal.pk).count()
        if left < rule.min_focus_areas:
            yield objections.Objection(
                _("Each mobility must serve at least %(least)s focus areas. Change that rule first.")
                % {"least": rule.min_focus_areas}
            )


objections.register("delete_goal", _to_deleting)


@transaction.atomic
def set_rule(*, rule, by):
    """Keep how many focus areas a mobility must serve at least; the caller has edited the instance in memory."""
    project = project_states.locked_open(rule.project)
    areas = project.goals.choosable().count()
    if rule.min_focus_areas > areas:
        raise NotAllowed(
            ngettext(
                "There is %(n)s focus area to choose. Write at most that.",
                "There are %(n)s focus areas to choose from. Write at most that.",
                areas,
            )
            % {"n": areas},
            field="min_focus_areas",
        )
    if not rule._state.adding:
        rule.bump_version()
    rule._change_reason = RULED
    rule.save()
    project_states.note(project, RULED)
    return rule


@transaction.atomic
def inherit(*, project, by):
    """Copy the goals and the rule of the accreditation into its yearly project, which has none of its own yet."""
    project = project_states.locked_open(project)
    if project.accreditation is None:
        raise NotAllowed(_("The project belongs to no accreditation."))
    if project.goals.exists() or GoalRule.objects.filter(project=project).exists():
        raise NotAllowed(_("The project has goals of its own already."))
    project_facts.copy_goals(project.accreditation, project)
    project_states.note(project, INHERITED, project.accreditation.name_sv)
