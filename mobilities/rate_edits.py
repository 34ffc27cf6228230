"""What the coordinator does with the tables of annex IV: change, enter, add, remove.

A table that is entered as a whole carries a fingerprint of the rows that its form showed.

A mobility keeps copies of the rates that it was accepted with, so nothing here touches what has been granted.
"""

import hashlib
from copy import copy
from dataclasses import dataclass

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from consortium.models import SourceStatus
from consortium.permissions import NotAllowed
from mobilities import rate_evidence, rate_series
from mobilities.models import CountryGroup, FundedDayTier, TravelDayLimit, UnitCost, UnitCostKind
from westum.base import history
from westum.base.forms import Changed

TABLES = [UnitCost, CountryGroup, FundedDayTier, TravelDayLimit]
NOTE_LENGTH = UnitCost._meta.get_field("note").max_length

CHANGED = gettext_noop("changed the rate")
ENTERED = gettext_noop("entered the rate")
REMOVED = gettext_noop("removed the rate")
IMPORTED = gettext_noop("imported the rate from a sheet")
COPIED = gettext_noop("copied the rate from an earlier call")


def told(verb, reason=""):
    """The words of the history: the deed, and on the next line why."""
    return f"{verb}\n{reason}" if reason else verb


@transaction.atomic
def change(*, row, reason="", is_confirmed=False, by):
    """Save a changed row. Raises Changed when somebody else has saved it since it was read.

    Another amount needs a source of its own: one that is written, or the old one `is_confirmed` for it (else NotAllowed).
    It is verified only when that is confirmed, or said with a new source.
    """
    row.bump_version()
    before = type(row).objects.get(pk=row.pk)
    rate_evidence.refuse_unconfirmed(row, before, is_confirmed=is_confirmed)
    rate_evidence.settle(row, before, is_confirmed=is_confirmed)
    row._change_reason = told(CHANGED, reason)
    row.save()
    return row


@transaction.atomic
def add(*, row, by):
    """Save a new row. Raises NotAllowed when the table has one for the case already."""
    row._change_reason = ENTERED
    saved_together([rate_evidence.settle(row, None)])
    return row


@transaction.atomic
def remove(*, row, reason, by):
    row = type(row).objects.select_for_update(of=("self",)).filter(pk=row.pk).first()
    if row is None:
        raise NotAllowed(_("Somebody else has removed this row already."))
    row._change_reason = told(REMOVED, reason)
    row.delete()


# A new call year


def latest_before(call_year):
    """The latest earlier call that has rows, or None."""
    earlier = [
        model.objects.filter(call_year__lt=call_year).aggregate(last=Max("call_year"))["last"] for model in TABLES
    ]
    return max((year for year in earlier if year), default=None)


@transaction.atomic
def copy_year(*, call_year, from_year, by):
    """Begin a call with the rows of an earlier one: none is verified, none has a source, each says whence it is.

    Raises NotAllowed when the call has rows already, or the earlier one has none.
    """
    found = {model: list(model.objects.select_for_update().filter(call_year=from_year)) for model in TABLES}
    if any(model.objects.filter(call_year=call_year).exists() for model in TABLES):
        raise NotAllowed(_("This call has rates already. Change those."))
    if not any(found.values()):
        raise NotAllowed(_("Call %(call_year)s has no rates to copy.") % {"call_year": from_year})
    note = _("Copied from call %(call_year)s.") % {"call_year": from_year}
    for model, rows in found.items():
        for row in rows:
            row.pk, row._state.adding, row.version = None, True, 0
            row.call_year, row.status, row.source = call_year, SourceStatus.UNVERIFIED, ""
            row.note = f"{note} {row.note}".strip()[:NOTE_LENGTH]
        history.create_many(model, rows, reason=COPIED)
    return sum(map(len, found.values()))


@transaction.atomic
def take_in(*, call_year, rows, seen, by):
    """Save the new and the changed rows of an import, all or none, each with a line that says so.

    Raises NotAllowed when the tables of the call are no longer those that were shown (`seen`, a fingerprint).
    """
    found = [row for model in TABLES for row in model.objects.select_for_update().filter(call_year=call_year)]
    if fingerprint(found) != seen:
        raise NotAllowed(_("The tables have changed meanwhile. Choose the file anew to see what it would change now."))
    there = {(type(row), row.pk): row for row in found}
    for row in rows:
        before = there.get((type(row), row.pk))
        rate_evidence.settle(row, before, is_confirmed=before is not None and row.source != before.source)
        row._change_reason = IMPORTED
        if not row._state.adding:
            row.version += 1
    with history.acting(user=by, via=history.Via.IMPORT):
        saved_together(rows)
    return len(rows)


# Whole tables


@dataclass(frozen=True)
class Evidence:
    """By what the amounts of a table are entered: of those that change, or of all when that is said."""

    source: str = ""
    status: str = SourceStatus.UNVERIFIED
    reason: str = ""
    is_confirmed: bool = False  # the source has the changed amounts, though it is that of the old ones
    is_for_all: bool = False


def day_rates(call_year, sending_country):
    """The rows of one country's day rates (a queryset)."""
    return UnitCost.objects.filter(
        kind=UnitCostKind.DAY_RATE, call_year=call_year, sending_country=sending_country
    ).order_by("pk")


def fingerprint(rows):
    """What a form remembers of the rows that it showed."""
    told = sorted((row._meta.model_name, row.pk, row.version) for row in rows)
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]


@transaction.atomic
def enter_day_rates(*, call_year, sending_country, amounts, evidence, seen, by):
    """Save the day rates of a country: `amounts` by (payee, country group), None for what nobody knows.

    Raises Changed when somebody else has saved one of the rows since the form was opened. Returns how many rows were
    saved.
    """
    rows = _seen(day_rates(call_year, sending_country), seen)
    there = {(row.payee, row.country_group): row for row in rows}
    changed = []
    for (payee, group), amount in amounts.items():
        row = there.get((payee, group))
        if row is None:
            if amount is None:
                continue
            row = UnitCost(kind=UnitCostKind.DAY_RATE, call_year=call_year, sending_country=sending_country)
            row.payee, row.country_group = payee, group
        if _says(row, {}, ("amount_eur", amount), evidence):
            changed.append(row)
    saved_together(changed)
    return len(changed)


@transaction.atomic
def enter_series(*, series, parts, evidence, seen, by):
    """Save rows that follow on each other instead of those before; a part without a value for a column has no row.

    Raises NotAllowed when they overlap or leave a gap, and Changed when somebody else has saved one of the rows since
    the form was opened. Returns how many rows were saved or removed.
    """
    for _place, _end, sentence in rate_series.faults(series, parts):
        raise NotAllowed(sentence)
    rows = _seen(series.rows, seen)
    there = {(getattr(row, series.first), series.column_of(row)): row for row in rows}
    changed, kept = [], set()
    for part in parts:
        for column, value in part.values.items():
            row = there.get((part.first, column)) or series.new_row(column)
            kept.add(row.pk)
            ends = {series.first: part.first, series.last: part.last}
            if _says(row, ends, (series.value, value), evidence):
                changed.append(row)
    gone = [row for row in rows if row.pk not in kept]
    for row in gone:
        row._change_reason = told(REMOVED, evidence.reason)
        row.delete()
    saved_together(changed)
    return len(changed) + len(gone)


def _seen(rows, seen):
    """The rows under their lock, when they are those that the form showed."""
    rows = list(rows.select_for_update(of=("self",)))
    if fingerprint(rows) != seen:
        raise Changed
    return rows


def _says(row, fields, stated, evidence):
    """Let the row say this; `stated` is the field of its amount, and the amount. Does that change anything?

    A row that stays as it is keeps its source and certainty, unless the evidence is for all. What is missing has no
    source of its own and is not verified.
    """
    name, value = stated
    before = None if row._state.adding else copy(row)
    says = fields | {name: value}
    is_same = before is not None and all(getattr(row, field) == was for field, was in says.items())
    if is_same and (value is None or not evidence.is_for_all):
        return False
    if value is not None:
        says |= {"source": evidence.source, "status": evidence.status}
    if before is not None and all(getattr(row, field) == was for field, was in says.items()):
        return False
    for field, one in says.items():
        setattr(row, field, one)
    rate_evidence.refuse_unconfirmed(row, before, is_confirmed=evidence.is_confirmed)
    rate_evidence.settle(row, before, is_confirmed=evidence.is_confirmed)
    if before is not None:
        row.version += 1
    row._change_reason = told(ENTERED if before is None else CHANGED, evidence.reason)
    return True


def saved_together(rows):
    """Save rows that may be new; all or none. Raises NotAllowed when somebody else has just entered one of them."""
    try:
        with transaction.atomic():
            for row in rows:
                row.save()
    except IntegrityError:
        raise NotAllowed(_("Somebody else has just entered this. Open the page anew to see it.")) from None
