from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from consortium import goal_trees, objections
from consortium.forms.goals import GoalForm, RuleForm
from consortium.forms.people import ConfirmForm
from consortium.forms.texts import MoveForm, moves
from consortium.models import Goal, GoalKind, GoalRule, Project
from westum.base.history import lines_of
from westum.base.tokens import once, say_refusal

HEADINGS = {
    GoalKind.OVERARCHING: gettext_lazy("Overarching goals"),
    GoalKind.FOCUS_AREA: gettext_lazy("Focus areas"),
    GoalKind.LONG_TERM: gettext_lazy("Long-term goals"),
}


@require_safe
def goals(request, slug):
    """The goals as a tree, by kind, with the rule and what can be done with each."""
    project = get_object_or_404(
        Project.objects.administered_by(request.user).select_related("accreditation", "goal_rule"), slug=slug
    )
    branches = goal_trees.branches(project)
    kinds = [
        {"heading": heading, "rows": _rows([branch for branch in branches if branch[0].kind == kind])}
        for kind, heading in HEADINGS.items()
    ]
    context = {
        "project": project,
        "kinds": [kind for kind in kinds if kind["rows"]],
        "rule": getattr(project, "goal_rule", None),
        "inherit_form": ConfirmForm(auto_id=False),
    }
    return render(request, "consortium/goals.html", context)


def _rows(branches):
    """A row for each goal, its parts below it, with the ways up and down among its own."""
    rows = []
    for number, (goal, parts) in enumerate(branches):
        rows.append({"goal": goal} | moves(number, len(branches)))
        rows += [{"goal": part, "is_part": True} | moves(place, len(parts)) for place, part in enumerate(parts)]
    return rows


@require_http_methods(["GET", "HEAD", "POST"])
def goal_new(request, slug):
    project = get_object_or_404(Project.objects.administered_by(request.user), slug=slug)
    return _write(
        request, Goal(project=project, kind=GoalKind.FOCUS_AREA if project.is_erasmus else GoalKind.LONG_TERM)
    )


@require_http_methods(["GET", "HEAD", "POST"])
def goal_edit(request, slug, goal):
    return _write(request, _goal(request, slug, goal))


def _goal(request, slug, goal):
    found = Goal.objects.editable_by(request.user).select_related("project")
    return get_object_or_404(found, project__slug=slug, pk=goal)


def _write(request, goal):
    lines = [] if goal._state.adding else lines_of(goal)
    title = goal.title
    form = GoalForm(request.POST if request.method == "POST" else None, instance=goal, user=request.user)
    if request.method == "POST" and (answer := once(request, form, lambda: _save(request, form))):
        return answer
    context = {"project": goal.project, "goal": goal, "title": title, "form": form, "lines": lines}
    return render(request, "consortium/goal_form.html", context)


def _save(request, form):
    goal = goal_trees.save(goal=form.instance, by=request.user)
    messages.success(request, _("“%(goal)s” is saved. The public page shows it.") % {"goal": goal.title})
    return redirect("consortium:goals", goal.project.slug)


@require_POST
def goal_move(request, slug, goal):
    goal = _goal(request, slug, goal)
    form = MoveForm(request.POST, user=request.user)
    if answer := once(request, form, lambda: _move(goal, form, request.user)):
        return answer
    say_refusal(request, form)
    return redirect("consortium:goals", slug)


def _move(goal, form, by):
    goal_trees.move(goal=goal, up=form.cleaned_data["direction"] == "up", by=by)
    return redirect("consortium:goals", goal.project.slug)


@require_http_methods(["GET", "HEAD", "POST"])
def goal_delete(request, slug, goal):
    """Ask first, with what holds the goal there."""
    goal = _goal(request, slug, goal)
    form = ConfirmForm(request.POST if request.method == "POST" else None, user=request.user)
    if request.method == "POST" and (answer := once(request, form, lambda: _delete(request, goal))):
        return answer
    found = objections.to("delete_goal", goal)
    context = {"project": goal.project, "goal": goal, "form": form, "objections": found}
    return render(request, "consortium/goal_delete.html", context)


def _delete(request, goal):
    goal_trees.delete(goal=goal, by=request.user)
    messages.success(request, _("“%(goal)s” is deleted.") % {"goal": goal.title})
    return redirect("consortium:goals", goal.project.slug)


@require_http_methods(["GET", "HEAD", "POST"])
def goal_rule(request, slug):
    """How many focus areas a mobility must serve at least."""
    project = get_object_or_404(Project.objects.administered_by(request.user).select_related("goal_rule"), slug=slug)
    rule = getattr(project, "goal_rule", None) or GoalRule(project=project)
    lines = [] if rule._state.adding else lines_of(rule)
    form = RuleForm(request.POST if request.method == "POST" else None, instance=rule, user=request.user)
    if request.method == "POST" and (answer := once(request, form, lambda: _set_rule(request, form))):
        return answer
    context = {"project": project, "form": form, "lines": lines}
    return render(request, "consortium/goal_rule.html", context)


def _set_rule(request, form):
    rule = goal_trees.set_rule(rule=form.instance, by=request.user)
    messages.success(request, _("The rule is saved. Mobilities that are submitted from now on follow it."))
    return redirect("consortium:goals", rule.project.slug)


@require_POST
def goals_inherit(request, slug):
    """The goals of the accreditation, copied into a yearly project that has none."""
    project = get_object_or_404(Project.objects.administered_by(request.user), slug=slug)
    form = ConfirmForm(request.POST, user=request.user)
    if answer := once(request, form, lambda: _inherit(request, project)):
        return answer
    say_refusal(request, form)
    return redirect("consortium:goals", slug)


def _inherit(request, project):
    goal_trees.inherit(project=project, by=request.user)
    messages.success(request, _("The goals of the accreditation are copied. They can be changed here."))
    return redirect("consortium:goals", project.slug)
