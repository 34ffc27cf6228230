"""What became of a kept grant, told from the history of its lines: accepted with how much, corrected, calculated anew.

A line is kept in its phase and category; a new calculation takes its place. What it was before stands in the history alone.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from mobilities.models import GrantLine, GrantPhase
from mobilities.rate_books import Category
from westum.base import history
from westum.base.formats import as_date, day, money

ACCEPTED = "accepted"  # as `mobility_grants.accept` says it
CALCULATED = gettext_noop("calculated the grant anew")
AT_ONCE = timedelta(seconds=10)  # lines of one event are written in one transaction


@dataclass(frozen=True)
class Event:
    """One moment at which the grant of a phase was kept. `before` and `after`: amounts by category, empty for none."""

    at: datetime
    who: str
    phase: str
    reason: str
    before: dict
    after: dict

    @property
    def verb(self):
        return self.reason.partition("\n")[0]

    @property
    def note(self):
        return self.reason.partition("\n")[2]

    @property
    def is_renewal(self):
        return self.verb == CALCULATED


def sum_of(amounts, *, without=()):
    """None where nothing was kept."""
    counted = [amount for category, amount in amounts.items() if category not in without]
    return sum(counted, Decimal(0)) if amounts else None


def of(mobility):
    """The Events of one mobility, oldest first. One query."""
    return of_all([mobility])[mobility.pk]


def of_all(mobilities):
    """By the key of the mobility. One query; none where nothing was accepted."""
    keys = [mobility.pk for mobility in mobilities if mobility.accepted_at]
    found, kept, open_ones = defaultdict(list), defaultdict(dict), {}
    if not keys:
        return found
    records = GrantLine.history.filter(mobility_id__in=keys).select_related("history_user")
    for record in records.order_by("history_date", "history_id"):
        place = record.mobility_id, record.phase
        event, seen = open_ones.get(place, (None, set()))
        if event is None or record.category_id in seen or not _is_same_moment(event, record):
            reason = record.history_change_reason or ""
            event = Event(record.history_date, history.who_of(record), record.phase, reason, dict(kept[place]), {})
            event.after.update(event.before)
            seen = set()
            found[record.mobility_id].append(event)
        open_ones[place] = event, seen | {record.category_id}
        event.after.pop(record.category_id, None)
        if record.history_type != "-":
            event.after[record.category_id] = record.amount_eur
        kept[place] = event.after
    return found


def _is_same_moment(event, record):
    is_near = record.history_date - event.at < AT_ONCE
    return is_near and (record.history_change_reason or "") == event.reason


def renewals(events, phase=GrantPhase.ACCEPTED):
    return [event for event in events if event.phase == phase and event.is_renewal]


def accepted_with(events):
    """The amounts by category with which it was accepted; empty where none was kept then."""
    first = next((event for event in events if event.phase == GrantPhase.ACCEPTED), None)
    return first.after if first and first.verb == ACCEPTED else {}


def first_sum(events):
    """The sum with which it was accepted; None where no amount was kept then."""
    return sum_of(accepted_with(events))


def own_first_sum(events):
    """The same without what is the organisation's."""
    return sum_of(accepted_with(events), without=[Category.INCLUSION_ORGANISATION])


AMOUNTS = ("before_eur", "after_eur")


@dataclass(frozen=True)
class Told:
    """One event as pages and papers tell it."""

    kind: str
    on: date
    who: str
    before_eur: Decimal | None
    after_eur: Decimal | None
    note: str = ""

    def as_data(self):
        """For JSON."""
        amounts = {name: None if (amount := getattr(self, name)) is None else str(amount) for name in AMOUNTS}
        return {"kind": self.kind, "on": self.on.isoformat(), "who": self.who, "note": self.note} | amounts

    @classmethod
    def from_data(cls, data):
        amounts = {name: None if data[name] is None else Decimal(data[name]) for name in AMOUNTS}
        return cls(**data | amounts | {"on": date.fromisoformat(data["on"])})

    @property
    def sentence(self):
        words = {"day": day(self.on), "who": self.who, "reason": self.note}
        words |= {"before": money(self.before_eur, "EUR"), "after": money(self.after_eur, "EUR")}
        return _SENTENCES[self.kind, self.before_eur is None](words)


_SENTENCES = {
    ("accepted", False): lambda words: _("Accepted on %(day)s with %(before)s.") % words,
    ("accepted", True): lambda words: _("Accepted on %(day)s without an amount.") % words,
    ("corrected", False): lambda words: _("Corrected on %(day)s by %(who)s: %(before)s became %(after)s.") % words,
    ("corrected", True): lambda words: _("Corrected on %(day)s by %(who)s: %(after)s.") % words,
    ("renewed", False): lambda words: (
        _("Calculated anew on %(day)s by %(who)s: %(after)s instead of %(before)s. Reason: %(reason)s") % words
    ),
    ("renewed", True): lambda words: _("Calculated anew on %(day)s by %(who)s: %(after)s. Reason: %(reason)s") % words,
    ("actual", False): lambda words: (
        _("By the real days, calculated anew on %(day)s: %(after)s instead of %(before)s.") % words
    ),
    ("actual", True): lambda words: _("By the real days, calculated anew on %(day)s: %(after)s.") % words,
}


def told(mobility, events):
    """What was accepted, and each change of that grant since, when it has been calculated anew; else nothing."""
    if not renewals(events):
        return []
    accepted_eur = first_sum(events)
    found = [Told("accepted", as_date(mobility.accepted_at), "", accepted_eur, accepted_eur)]
    of_phase = [event for event in events if event.phase == GrantPhase.ACCEPTED]
    for event in of_phase if accepted_eur is None else of_phase[1:]:
        before, after = sum_of(event.before), sum_of(event.after)
        if event.is_renewal or before != after:
            kind = "renewed" if event.is_renewal else "corrected"
            found.append(Told(kind, as_date(event.at), event.who, before, after, event.note))
    for event in renewals(events, GrantPhase.ACTUAL):
        before, after = sum_of(event.before), sum_of(event.after)
        if before != after:
            found.append(Told("actual", as_date(event.at), event.who, before, after))
    return found


def lines(events):
    """Lines for the history of the mobility's page: one for each event, with both sums."""
    return [
        history.Line(event.at, event.who, _("kept the grant"), f"{GrantPhase(event.phase).label}: {_sums(event)}")
        for event in events
    ]


def _sums(event):
    before, after = (sum_of(amounts) for amounts in (event.before, event.after))
    if before is None or before == after:
        return _ended(money(after, "EUR"), event)
    return _ended(history.changed(money(before, "EUR"), money(after, "EUR") or _("no amount")), event)


def _ended(said, event):
    return f"{said}. {event.note}" if event.note else f"{said}."
