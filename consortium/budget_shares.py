"""Money: from the award to the members' shares of it. Counters are written under the line's lock and checked by the database.

A share belongs to a category, an activity type (or none) and a currency; the line of the latest decision that has the
same three counts it. Locks are taken in one order, award before member before share, as for places.
"""

from collections import defaultdict
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from consortium.models import AwardedLine, BudgetShare, Decision, ProjectMember, ProjectState
from consortium.permissions import NotAllowed
from westum.base.forms import Changed
from westum.base.templatetags.words import money

GAVE_MONEY = gettext_noop("gave a share of the budget")
CARRIED_OVER = gettext_noop("carried the shares over")
OPEN = [ProjectState.RUNNING, ProjectState.REPORTING]


def awarded_lines(project):
    """The lines of the latest decision whose money can be shared out: those with an amount and a budget category."""
    return AwardedLine.objects.filter(decision=project.decision, amount__isnull=False, category__isnull=False)


def can_be_shared(project):
    return project.state in OPEN and not project.is_reference_record


def share_of(member, line):
    """The member's share of the line; a new one of nothing, not saved, where there is none yet."""
    return _shares_of(member, line).first() or BudgetShare(member=member, **_key_fields(line))


def key(row):
    """What a share and the line that counts it have in common."""
    return row.category_id, row.activity_type_id, row.currency


@transaction.atomic
def give_money(*, member, line, amount, reason, by, version=None):
    """Set the member's share of the line to `amount` (Decimal, in the line's currency) and keep the reason in the history.

    `version` is the one of the share that the user saw, 0 where there was none. Raises NotAllowed when the project is
    not open, the line is no longer of the latest decision, or the award does not stretch; Changed when somebody else
    has moved the share since.
    """
    project = member.project
    if not can_be_shared(project):
        raise NotAllowed(_("Money can be shared out while the project is running or reporting."))
    line = AwardedLine.objects.select_for_update(of=("self",)).get(pk=line.pk)
    latest = Decision.objects.filter(project=project).order_by("-number").values_list("pk", flat=True).first()
    if line.decision_id != latest or line.amount is None or line.category_id is None:
        raise NotAllowed(_("A newer decision has replaced this award. Open the budget and choose the line again."))
    # The member's row is the lock for a share that does not exist yet.
    ProjectMember.objects.select_for_update(of=("self",)).get(pk=member.pk)
    share = _shares_of(member, line).select_for_update(of=("self",)).first()
    share = share or BudgetShare(member=member, **_key_fields(line))
    if version is not None and share.version != version:
        raise Changed
    _refuse_what_does_not_fit(line, share, amount)
    told = f"{share.amount:.2f} → {amount:.2f} {line.currency}. {reason}"
    line._change_reason = share._change_reason = f"{GAVE_MONEY}\n{told}"
    line.amount_shared += amount - share.amount
    line.save(update_fields=["amount_shared"])
    share.amount = amount
    share.version += 1
    share.save()
    return share


def _shares_of(member, line):
    return BudgetShare.objects.filter(member=member, **_key_fields(line))


def _key_fields(line):
    return {"category": line.category, "activity_type": line.activity_type, "currency": line.currency}


def _refuse_what_does_not_fit(line, share, amount):
    if amount < 0:
        raise NotAllowed(_("A share is zero or more. Write the amount without a minus."), field="amount")
    left = line.amount_left + share.amount
    if amount > left:
        raise NotAllowed(
            _("The award has %(left)s left for this member. Write at most that amount.")
            % {"left": money(left, line.currency)},
            field="amount",
        )


@transaction.atomic
def carry_over(*, decision, by=None):
    """Let the lines of a new latest decision count the shares that the members have already.

    Call it in the transaction that makes the decision, when its lines are saved. Raises NotAllowed, and nothing is
    changed, when a share has no line in it or the line awards less than is shared out.
    """
    # Whoever is giving a share of an earlier line is let finish first, and the next one finds the new decision.
    list(AwardedLine.objects.select_for_update(of=("self",)).filter(decision__project=decision.project).order_by("pk"))
    shared = defaultdict(Decimal)
    names = {}
    shares = BudgetShare.objects.filter(member__project=decision.project, amount__gt=0)
    for share in shares.select_related("category", "activity_type"):
        shared[key(share)] += share.amount
        names[key(share)] = _named(share)
    lines = {key(line): line for line in decision.lines.filter(amount__isnull=False, category__isnull=False)}
    for wanted, amount in shared.items():
        if wanted not in lines or lines[wanted].amount < amount:
            raise NotAllowed(
                _(
                    "%(amount)s of %(line)s is shared out. Award at least that, or make the members' shares smaller first."
                )
                % {"amount": money(amount, wanted[2]), "line": names[wanted]}
            )
    for found, line in lines.items():
        if line.amount_shared != shared[found]:
            line.amount_shared = shared[found]
            line._change_reason = CARRIED_OVER
            line.save(update_fields=["amount_shared"])


def _named(row):
    return f"{row.category}, {row.activity_type}" if row.activity_type else str(row.category)
