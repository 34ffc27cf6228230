"""Money: from the award to the members' shares of it. Counters are written under the line's lock and checked by the database.

A share belongs to a category, an activity type (or none) and a currency; the line of the latest decision that has the
same three counts it. Locks are taken in one order, award before member before share, as for places.
"""

from collections import defaultdict

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from consortium import project_states, share_letters, shares
from consortium.models import AwardedLine, BudgetShare, ProjectMember, ProjectState
from consortium.permissions import NotAllowed
from westum.base.formats import money
from westum.base.forms import Changed

GAVE_MONEY = gettext_noop("gave a share of the budget")
OPEN = [ProjectState.RUNNING, ProjectState.REPORTING]


def awarded_lines(project):
    """The lines of the latest decision whose money can be shared out: those with an amount and a budget category."""
    in_force = AwardedLine.objects.in_force().filter(decision__project=project)
    return in_force.filter(amount__isnull=False, category__isnull=False)


def can_be_shared(project):
    return project.state in OPEN and not project.is_reference_record


def share_of(member, line):
    """The member's share of the line; a new one of nothing, not saved, where there is none yet."""
    return _shares_of(member, line).first() or BudgetShare(member=member, **_key_fields(line))


def sums_by_activity(members):
    """(member's key, activity type's key) → what of the money is the member's for it, as (amount, currency) pairs."""
    rows = BudgetShare.objects.filter(member__in=members, activity_type__isnull=False, amount__gt=0)
    rows = rows.values_list("member", "activity_type", "currency").annotate(sum=Sum("amount")).order_by("currency")
    found = defaultdict(list)
    for member, activity_type, currency, amount in rows:
        found[member, activity_type].append((amount, currency))
    return found


WHOLE_PROJECT = "whole-project"  # in addresses, where a line has no activity type


def address(line):
    """What names the line in an address: its category and its activity type."""
    return [line.category.key, line.activity_type.key if line.activity_type else WHOLE_PROJECT]


def address_fields(category, activity):
    """The fields that an address names, for `filter` and `get`."""
    if activity == WHOLE_PROJECT:
        return {"category__key": category, "activity_type": None}
    return {"category__key": category, "activity_type__key": activity}


@transaction.atomic
def give_money(*, member, line, amount, reason, by, version=None):
    """Set the member's share of the line to `amount` (Decimal, in the line's currency) and keep the reason in the history.

    The member's contact persons get a letter when that is another amount than before. `version` is the one of the share
    that the user saw, 0 where there was none. Raises NotAllowed when the project is not open, the line is no longer of
    the latest decision, or the award does not stretch; Changed when somebody else has moved the share since.
    """
    project = project_states.locked(member.project)
    if not can_be_shared(project):
        raise NotAllowed(_("Money can be shared out while the project is running or reporting."))
    shares.lock_lines(project)  # whoever is entering a decision is let finish first
    line = awarded_lines(project).select_for_update(of=("self",)).filter(pk=line.pk).first()
    if line is None:
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
    before, share.amount = share.amount, amount
    share.version += 1
    share.save()
    if before != amount:
        share_letters.tell_of_money({share.pk: before}, reason=reason, by=by)
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
