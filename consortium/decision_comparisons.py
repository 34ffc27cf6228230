"""One decision beside the one before it: what each line awards more or less, and how far a date has moved."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import ngettext

from consortium.decisions import QUANTITIES, key
from consortium.models import AwardedLine
from westum.base.formats import money, number


@dataclass(frozen=True)
class Compared:
    """One quantity of what was awarded, before and now. None where the decision says nothing of it."""

    line: AwardedLine
    quantity: str
    before: int | Decimal | None
    now: int | Decimal | None
    is_one_currency: bool = True

    @property
    def label(self):
        return QUANTITIES[self.quantity]

    def shown(self, value):
        return money(value, self.line.currency) if self.quantity == "amount" else number(value)

    @property
    def before_shown(self):
        return self.shown(self.before)

    @property
    def now_shown(self):
        return self.shown(self.now)

    @property
    def is_changed(self):
        return self.before != self.now

    @property
    def difference(self):
        """With its sign; empty where one of the two says nothing. An amount that is new, or gone, is all difference."""
        before, now = self.before, self.now
        if self.quantity == "amount" and self.is_one_currency:
            before, now = before or 0, now or 0
        if before is None or now is None:
            return ""
        change = now - before
        sign = "+" if change > 0 else "−" if change < 0 else ""
        return f"{sign}{self.shown(abs(change))}"


def compared(now, before=()):
    """A row for each quantity that one of the decisions awards, in the order of the newer one's lines."""
    earlier = {key(line): line for line in before}
    later = {key(line): line for line in now}
    rows = []
    for found in [*later, *(one for one in earlier if one not in later)]:
        new, old = later.get(found), earlier.get(found)
        currencies = {line.currency for line in (new, old) if line}
        for quantity in QUANTITIES:
            values = [getattr(line, quantity, None) for line in (old, new)]
            if quantity == "amount" and len(currencies) > 1:  # amounts in two currencies are no more and no less
                rows += [Compared(old, quantity, values[0], None, False)] if values[0] is not None else []
                rows += [Compared(new, quantity, None, values[1], False)] if values[1] is not None else []
            elif values != [None, None]:
                rows.append(Compared(new or old, quantity, *values))
    return rows


def moved(before, now):
    """By how many days a date has moved, in words; empty when it has not, or when one of the two is not stated."""
    days = (now - before).days if before and now else 0
    if not days:
        return ""
    later = ngettext("%(n)s day later", "%(n)s days later", days)
    earlier = ngettext("%(n)s day earlier", "%(n)s days earlier", -days)
    return (later if days > 0 else earlier) % {"n": number(abs(days))}
