"""What the funder decides: an agreement first, amendments after it. The newest counts; nothing is shared out on an older one.

What the members hold of the award goes over to the new decision's lines. Locks are taken in one order: the project, so
that two decisions cannot be entered at once; all its awarded lines, so that no share is given meanwhile.
"""

from dateutil.relativedelta import relativedelta
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop, ngettext

from consortium import milestones, objections, project_states, shares
from consortium.models import ActivityType, AwardedLine, BudgetCategory, Decision, DecisionKind, ProjectState
from consortium.objections import Objection
from consortium.permissions import NotAllowed
from westum.base.formats import day, money
from westum.base.forms import Changed
from westum.base.history import Line

ENTERED = gettext_noop("entered the decision")
CHANGED = gettext_noop("changed the decision")
REMOVED = gettext_noop("removed the decision")
LONGEST = 10  # years of a period: no project of Erasmus+ or of the Social Fund is longer
QUANTITIES = {
    "places": gettext_lazy("Places"),
    "days": gettext_lazy("Days"),
    "amount": gettext_lazy("Amount"),
}


def newest(project):
    """The decision that counts, as the database has it now; None when there is none."""
    return Decision.objects.filter(project=project).order_by("-number").first()


def next_number(project):
    """One that no decision of the project has had, removed ones included: a page still open on one never means another."""
    kept = [Decision.objects.filter(project=project), Decision.history.filter(project=project)]
    return 1 + max(rows.aggregate(highest=Max("number"))["highest"] or 0 for rows in kept)


def key(line):
    """What is awarded by the line, however large: it is the same from one decision to the next."""
    return line.activity_type_id, line.category_id


def field_of(quantity, line):
    """The name of a form's field for one quantity of a line."""
    parts = [line.activity_type.key if line.activity_type else "all", line.category.key if line.category else ""]
    return f"{quantity}-{'--'.join(part for part in parts if part)}"


def lines_of(decision):
    """The decision's lines with their names; none when there is no decision."""
    found = AwardedLine.objects.filter(decision=decision) if decision else AwardedLine.objects.none()
    return list(found.select_related("activity_type", "category"))


def lines_to_fill(project, decision):
    """A line for whatever may be awarded: (by activity, by budget category), those of the decision with its numbers."""
    there = {key(line): line for line in lines_of(decision)}
    found = {
        (kind.pk, None): AwardedLine(activity_type=kind) for kind in ActivityType.objects.in_call(project.call_year)
    }
    if project.is_erasmus:
        categories = BudgetCategory.objects.all()
        found |= {(None, category.pk): AwardedLine(category=category) for category in categories}
    lines = (found | there).values()
    return [line for line in lines if line.activity_type], [line for line in lines if not line.activity_type]


@transaction.atomic
def enter(*, project, decision, lines, follows, by):
    """Make `decision`, not saved yet, the newest of the project with its awarded `lines`, not saved either.

    `follows` is the key of the decision that the user saw as the newest, None for none. Raises Changed when another one
    counts now, NotAllowed when the project has ended, and ValidationError with a sentence at the field of each line that
    awards less than is shared out.
    """
    project = _locked(project)
    before = newest(project)
    if (before and before.pk) != follows:
        raise Changed
    _refuse_impossible_days(decision, before)
    _refuse_what_nobody_can_share(lines, lines_of(before))
    _take_over(lines, lines_of(before))
    decision.project = project
    decision.number = next_number(project)
    decision.kind = DecisionKind.AMENDMENT if before else DecisionKind.AGREEMENT
    decision._change_reason = ENTERED
    decision.save()
    for line in lines:
        line.decision = decision
        line._change_reason = ENTERED
        line.save()
    milestones.follow(project, decision.starts_on, decision.ends_on)
    return decision


@transaction.atomic
def change(*, decision, lines, by):
    """Save what was changed of the newest decision, and let its lines be those given. Raises as `enter` does."""
    project = _locked(decision.project)
    _insist_that_it_counts(decision)
    _refuse_impossible_days(decision, _before(decision))
    decision.bump_version()
    _refuse_what_nobody_can_share(lines, lines_of(decision))
    _take_over(lines, lines_of(decision))
    decision._change_reason = CHANGED
    decision.save()
    left = {key(line): line for line in lines_of(decision)}
    for line in lines:
        now = left.pop(key(line), None) or AwardedLine(
            decision=decision, activity_type=line.activity_type, category=line.category
        )
        wanted = [line.places, line.days, line.amount, line.currency]
        if now.pk and [now.places, now.days, now.amount, now.currency] == wanted:
            continue
        now.places, now.days, now.amount, now.currency = wanted
        now._change_reason = CHANGED
        now.save()
    for line in left.values():
        line._change_reason = CHANGED
        line.delete()
    milestones.follow(project, decision.starts_on, decision.ends_on)
    return decision


@transaction.atomic
def remove(*, decision, reason, by):
    """Take away the newest decision, entered by mistake; the one before counts again, with what is shared out now.

    Returns that one, or None. Raises NotAllowed when a newer one counts, when the project has ended, or with what
    stands in the way. The history keeps the decision, its lines and the reason.
    """
    project = _locked(decision.project)
    found = Decision.objects.select_for_update(of=("self",)).filter(pk=decision.pk).first()
    _insist_that_it_counts(decision)
    objections.insist_on_none("remove_decision", found)
    before = _before(found)
    now = {key(line): line for line in lines_of(found)}
    for line in lines_of(before):
        gone = now.get(key(line))
        counted = (gone.places_shared, gone.amount_shared) if gone else (0, 0)
        if counted != (line.places_shared, line.amount_shared):
            line.places_shared, line.amount_shared = counted
            line._change_reason = REMOVED
            line.save(update_fields=["places_shared", "amount_shared"])
    for line in now.values():
        line._change_reason = REMOVED
        line.delete()
    named = str(found)
    found._change_reason = f"{REMOVED}\n{reason}"
    found.delete()
    project_states.note(project, REMOVED, f"{named}: {reason}")
    if before:
        milestones.follow(project, before.starts_on, before.ends_on)
    return before


def _insist_that_it_counts(decision):
    """Under the project's lock: no newer one has come, and it has not been removed."""
    if newest(decision.project) != decision:
        raise NotAllowed(
            _("Only the decision that counts can be changed or removed. Open the decisions and look which one it is.")
        )


def removed(project):
    """Who removed which decision when and why, newest first, as lines of a history."""
    records = Decision.history.filter(project=project, history_type="-").select_related("history_user")
    return [_line_of_removal(record) for record in records.order_by("-history_date", "-history_id")]


def _line_of_removal(record):
    until = day(record.ends_on) if record.ends_on else _("not stated")
    return Line(
        at=record.history_date,
        who=str(record.history_user or _("The operator")),
        what=_("removed %(decision)s") % {"decision": f"{record.get_kind_display()} {record.number}"},
        detail=_("First day %(first)s, last day %(last)s. Reason: %(reason)s")
        % {
            "first": day(record.starts_on),
            "last": until,
            "reason": (record.history_change_reason or "").partition("\n")[2],
        },
    )


def _before(decision):
    return Decision.objects.filter(project=decision.project_id, number__lt=decision.number).order_by("-number").first()


def _to_removing(decision):
    """What is shared out, and what the decision before does not cover."""
    before = _before(decision)
    if before is None and decision.project.state != ProjectState.PLANNED:
        yield Objection(
            _("The project is no longer planned and rests on this agreement. Change what is wrong in it instead."),
            reverse("consortium:edit_decision", args=[decision.project.slug, decision.number]),
            link=_("Change this decision"),
        )
    earlier = {key(line): line for line in lines_of(before)}
    for line in lines_of(decision):
        covered = earlier.get(key(line))
        if line.places_shared > ((covered and covered.places) or 0):
            yield Objection(
                ngettext(
                    "%(line)s: %(n)s place is shared out; without this decision there would be %(left)s. Make the shares smaller first.",
                    "%(line)s: %(n)s places are shared out; without this decision there would be %(left)s. Make the shares smaller first.",
                    line.places_shared,
                )
                % {"line": line, "n": line.places_shared, "left": (covered and covered.places) or 0},
                reverse("consortium:shares", args=[decision.project.slug]),
                link=_("To the places"),
            )
        if line.amount_shared > _awarded(covered, line.currency):
            yield Objection(
                _(
                    "%(line)s: %(amount)s are shared out; without this decision there would be %(left)s. Make the shares smaller first."
                )
                % {
                    "line": named_in_full(line),
                    "amount": money(line.amount_shared, line.currency),
                    "left": money(_awarded(covered, line.currency), line.currency),
                },
                reverse("reporting:budget", args=[decision.project.slug]),
                link=_("To the budget"),
            )


objections.register("remove_decision", _to_removing)


def named_in_full(line):
    """Activity and budget category, whichever of them the line has."""
    return ", ".join(str(part) for part in (line.activity_type, line.category) if part)


def _refuse_impossible_days(decision, before):
    """All sentences at once, each at its field."""
    refused = dict(_impossible_days(decision, before))
    if refused:
        raise ValidationError({field: [sentence] for field, sentence in refused.items()})


def _impossible_days(decision, before):
    decided_on = decision.decided_on
    if decided_on and decided_on > timezone.localdate():
        yield "decided_on", _("This day has not come yet. Write the day on which the funder decided.")
    elif decided_on and before and before.decided_on and decided_on < before.decided_on:
        yield (
            "decided_on",
            _("The decision before this one is of %(day)s. An amendment is decided on that day or later.")
            % {"day": day(before.decided_on)},
        )
    if decision.ends_on and relativedelta(decision.ends_on, decision.starts_on).years >= LONGEST:
        yield (
            "ends_on",
            _("No project of Erasmus+ or of the Social Fund is longer than %(n)s years. Look at the year of both days.")
            % {"n": LONGEST},
        )


def _refuse_what_nobody_can_share(lines, before):
    """Money is shared out by budget category: a new amount of an activity alone would be nobody's."""
    kept = {key(line) for line in before if line.amount is not None}
    refused = [
        line
        for line in lines
        if line.amount is not None and line.activity_type_id and not line.category_id and key(line) not in kept
    ]
    if refused:
        sentence = _(
            "%(line)s: an amount needs a budget category to be shared out. Write it at the activity with its category."
        )
        raise ValidationError({field_of("amount", line): [sentence % {"line": line}] for line in refused})


def _locked(project):
    project = project_states.locked_open(project)
    shares.lock_lines(project)
    return project


def _take_over(lines, before):
    """What is shared out of the lines before is counted by the new ones."""
    by_key = {key(line): line for line in lines}
    refused = {}
    for line in before:
        new = by_key.get(key(line))
        if line.places_shared > ((new and new.places) or 0):
            refused[field_of("places", line)] = ngettext(
                "%(line)s: %(n)s place is shared out. Award at least that number, or make the shares smaller first.",
                "%(line)s: %(n)s places are shared out. Award at least that number, or make the shares smaller first.",
                line.places_shared,
            ) % {"line": line, "n": line.places_shared}
        elif new:
            new.places_shared = line.places_shared
        if line.amount_shared and new and new.amount is not None and new.currency != line.currency:
            sentence = _("Money is shared out in %(currency)s. Keep that currency, or take the shares back first.")
            refused["currency"] = sentence % {"currency": line.currency}
        elif line.amount_shared > _awarded(new, line.currency):
            refused[field_of("amount", line)] = _(
                "%(line)s: %(amount)s are shared out. Award at least that amount, or make the shares smaller first."
            ) % {"line": line, "amount": money(line.amount_shared, line.currency)}
        elif new and line.amount_shared:
            new.amount_shared = line.amount_shared
    if refused:
        raise ValidationError({field: [sentence] for field, sentence in refused.items()})


def _awarded(line, currency):
    """The line's amount in that currency, 0 when it awards none."""
    return line.amount if line and line.amount is not None and line.currency == currency else 0
