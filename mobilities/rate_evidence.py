"""What a row rests on when its amount changes: its old source, status and note spoke of the old amount."""

from decimal import Decimal

from django.utils.translation import gettext as _

from consortium.models import SourceStatus
from consortium.permissions import NotAllowed
from mobilities.models import CountryGroup, FundedDayTier, TravelDayLimit, UnitCost, UnitCostKind

# What each sort of row states: the first of them is its amount.
STATED = {
    UnitCost: ("amount_eur", "cap_eur"),
    CountryGroup: ("group", "is_third_country"),
    FundedDayTier: ("percent", "day_to"),
    TravelDayLimit: ("most_days",),
}
MOST_A_DAY_EUR = Decimal(500)  # where the Programme Guide's bounds are not known


def is_changed(row, before):
    """Does the row state something else than before? What is entered for the first time has changed nothing."""
    names = STATED.get(type(row), ())
    if before is None or not names or getattr(before, names[0]) is None:
        return False
    return any(getattr(row, name) != getattr(before, name) for name in names)


def must_be_confirmed(row, before):
    """Would a changed amount stand with the source, or the certainty, that the old one had?"""
    if not is_changed(row, before) or is_empty(row):
        return False
    keeps_source = bool(row.source) and row.source == before.source
    return keeps_source or row.status == before.status == SourceStatus.VERIFIED


def settle(row, before, *, is_confirmed=False):
    """Take from the row what spoke of the old amount: its note, and that it was verified unless somebody says so anew.

    `before` is the row as it is saved, None for a new one. A confirmed row was said to stand in its source.
    """
    if is_empty(row):
        row.status = SourceStatus.UNVERIFIED
    if before is None or not (is_changed(row, before) or (is_empty(before) and not is_empty(row))):
        return row
    if row.note == before.note:
        row.note = ""
    if must_be_confirmed(row, before) and not is_confirmed:
        row.status = SourceStatus.UNVERIFIED
    return row


def refuse_unconfirmed(row, before, *, is_confirmed):
    """Raises NotAllowed when another amount would silently take over the source of the old one."""
    if must_be_confirmed(row, before) and row.source == before.source and row.source and not is_confirmed:
        raise NotAllowed(
            _("The amount has changed: write its source, or confirm the one that is there."), field="source"
        )


def is_empty(row):
    names = STATED.get(type(row))
    return bool(names) and getattr(row, names[0]) is None


def is_doubtful(row, amount_eur):
    """Is this day rate outside what the Programme Guide allows, or, where that is not known, beyond all experience?"""
    if not isinstance(row, UnitCost) or row.kind != UnitCostKind.DAY_RATE or amount_eur is None:
        return False
    if row.lowest_eur is not None and amount_eur < row.lowest_eur:
        return True
    return amount_eur > (MOST_A_DAY_EUR if row.highest_eur is None else row.highest_eur)
