"""The budget of a project as a page and a paper show it, in the active language, from the data of `budget_data`.

Amounts are Decimal and stay in the currency of their line: nothing here adds euro and kronor. None is what nobody has stated.
"""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from consortium.budget_shares import WHOLE_PROJECT
from consortium.models import Currency
from reporting import covers, figures
from reporting.grant_budget import Grants
from reporting.sums import known_sum
from westum.base import charts
from westum.base.formats import money, number
from westum.base.money import round_half_up

COLUMNS = 4  # of amounts in a table on paper: more would not fit
AWARDED_MEANING = _("What the funder grants by its latest decision.")
SHARED_MEANING = _("What the coordinator has given to the members of it.")
USED_MEANING = _("What mobilities that are accepted, ongoing or completed are granted, with organisational support.")
FORECAST_MEANING = _("With what is planned and expected to travel, to the end of the project.")
PLACES_MEANING = _("Places of the project that the coordinator has given to the members.")


@dataclass(frozen=True)
class Amount:
    """Money awarded and shared out, in one currency. None is not stated."""

    currency: str
    awarded: Decimal | None
    shared: Decimal | None

    @property
    def left(self):
        return None if self.awarded is None or self.shared is None else self.awarded - self.shared


@dataclass(frozen=True)
class Line(Amount):
    """A line of the decision, named in the active language; `category` is None where the decision states none."""

    category: str | None
    activity: str
    category_key: str | None
    activity_key: str | None

    @property
    def key(self):
        return self.category_key, self.activity_key, self.currency

    @property
    def in_address(self):
        """What names its activity type in an address."""
        return self.activity_key or WHOLE_PROJECT

    @property
    def can_be_shared(self):
        return self.shared is not None

    @property
    def name(self):
        name = self.category or gettext("no category stated")
        return f"{name}, {self.activity}" if self.activity_key else name


@dataclass(frozen=True)
class Cell:
    """One member's share of one line; None where it has none."""

    line: Line
    amount: Decimal | None


@dataclass(frozen=True)
class MemberRow:
    pk: int
    organisation: int
    name: str
    places: int | None
    cells: list[Cell]

    @property
    def total(self):
        return known_sum(cell.amount for cell in self.cells)


@dataclass(frozen=True)
class Part:
    """The budget in one currency: its lines, their sum, the chart by category, the members' shares and theirs."""

    currency: str
    lines: list[Line]
    members: list[MemberRow]
    chart: charts.BarChart | None

    @property
    def total(self):
        return sum_of(self.currency, self.lines)

    @property
    def shared_lines(self):
        return [line for line in self.lines if line.can_be_shared]

    @property
    def unstated(self):
        """How many lines state no amount: they are in no sum."""
        return sum(line.awarded is None for line in self.lines)

    @property
    def sums(self):
        """Below the members' table: what all of them have of each line."""
        return [
            Cell(line, known_sum(row.cells[column].amount for row in self.members))
            for column, line in enumerate(self.shared_lines)
        ]

    @property
    def members_total(self):
        return known_sum(row.total for row in self.members)

    @property
    def member_tables(self):
        """The members' shares cut into tables that fit on a sheet of paper; the last one has the sum of them all."""
        count = len(self.shared_lines)
        return [
            {
                "lines": self.shared_lines[start : start + COLUMNS],
                "rows": [(row, row.cells[start : start + COLUMNS]) for row in self.members],
                "sums": self.sums[start : start + COLUMNS],
                "is_first": start == 0,
                "is_last": start + COLUMNS >= count,
            }
            for start in range(0, count, COLUMNS)
        ]


@dataclass(frozen=True)
class ActivityRow:
    """An activity type with its places and, currency by currency, its money."""

    name: str
    awarded: int | None
    shared: int | None
    amounts: list[Amount]
    is_whole_project: bool  # money that belongs to no activity, and so to no places


class Budget:
    """The data of `snapshot` in the active language. With the address of the project its numbers are linked."""

    def __init__(self, data, slug=None):
        self.lines = [_read(line) for line in data["lines"]]
        self.grants = self._grants(data, slug)
        self.places = data["places"]
        currencies = [currency for currency in Currency.values if any(line.currency == currency for line in self.lines)]
        self.parts = [self._part(currency, data["members"]) for currency in currencies]
        self.members = data["members"]
        self.places_awarded = known_sum(row["awarded"] for row in self.places)
        self.places_shared = known_sum(row["shared"] for row in self.places)
        self.places_given = known_sum(row["places"] for row in self.members)

    def _part(self, currency, members):
        lines = [line for line in self.lines if line.currency == currency]
        shared_lines = [line for line in lines if line.can_be_shared]
        rows = [_member_row(member, shared_lines) for member in members]
        has_another = self.grants is not None and currency == Currency.EUR  # a chart of what is awarded and used
        return Part(currency, lines, rows, None if has_another else _chart(currency, lines))

    def _grants(self, data, slug):
        """None where the project funds no mobilities, or has none whose grant counts."""
        if not data.get("grants"):
            return None
        euro = [line for line in self.lines if line.currency == Currency.EUR]
        grants = Grants(data["grants"], euro, data["members"], slug)
        return None if grants.is_empty else grants

    @property
    def is_several(self):
        return len(self.parts) > 1

    @property
    def has_money(self):
        return any(line.awarded is not None for line in self.lines)

    @property
    def activities(self):
        """Each activity type of the award; money for the whole project last."""
        names = {row["activity"]["key"]: covers.in_language(row["activity"]) for row in self.places}
        names |= {line.activity_key: line.activity for line in self.lines}
        places = {row["activity"]["key"]: row for row in self.places}
        return [
            ActivityRow(
                names[key],
                places.get(key, {}).get("awarded"),
                places.get(key, {}).get("shared"),
                [
                    sum_of(part.currency, [line for line in part.lines if line.activity_key == key])
                    for part in self.parts
                ],
                key is None,
            )
            for key in sorted(names, key=lambda key: key is None)
        ]

    @property
    def figures(self):
        """The figures on top: money by currency, then places."""
        found = []
        for part in self.parts or [Part("EUR", [], [], None)]:
            total = part.total
            end = f", {part.currency}" if self.is_several else ""
            found.append(figures.Figure(money(total.awarded, part.currency), gettext("awarded") + end, AWARDED_MEANING))
            if total.shared is not None:
                found.append(
                    figures.Figure(money(total.shared, part.currency), gettext("shared out") + end, SHARED_MEANING)
                )
        if self.grants:
            total = self.grants.total
            found.append(figures.Figure(money(total.used, "EUR"), gettext("accepted and actual"), self._used_meaning()))
            forecast = None if total.forecast is None else round_half_up(total.forecast, places=0)  # it is no promise
            found.append(figures.Figure(money(forecast, "EUR"), gettext("forecast"), FORECAST_MEANING))
        found.append(figures.Figure(self.places_awarded, gettext("places awarded"), AWARDED_MEANING))
        found.append(figures.Figure(self.places_shared, gettext("places shared out"), PLACES_MEANING))
        return found

    def _used_meaning(self):
        """With what the sum is without."""
        lacking = self.grants.used_lacks
        if not lacking:
            return USED_MEANING
        without = ngettext(
            "Without %(n)s mobility that has no amount.", "Without %(n)s mobilities that have no amount.", lacking
        )
        return f"{USED_MEANING} {without % {'n': number(lacking)}}"


def sum_of(currency, lines):
    """The lines of one currency added up, of what they state."""
    return Amount(currency, known_sum(line.awarded for line in lines), known_sum(line.shared for line in lines))


def _read(line):
    category, activity = line["category"], line["activity"]
    return Line(
        currency=line["currency"],
        awarded=_decimal(line["awarded"]),
        shared=_decimal(line["shared"]),
        category=category and covers.in_language(category),
        activity=covers.in_language(activity) if activity else gettext("the whole project"),
        category_key=category and category["key"],
        activity_key=activity and activity["key"],
    )


def _decimal(text):
    return None if text is None else Decimal(text)


def _member_row(member, lines):
    shares = {tuple(share[:3]): Decimal(share[3]) for share in member["shares"]}
    return MemberRow(
        member["pk"],
        member["organisation"],
        member["name"],
        member["places"],
        [Cell(line, shares.get(line.key)) for line in lines],
    )


def _chart(currency, lines):
    """Two bars for each category: awarded and shared out. None where no amount is stated."""
    grouped = defaultdict(list)
    for line in lines:
        grouped[line.category or gettext("no category stated")].append(line)
    sums = {name: sum_of(currency, found) for name, found in grouped.items()}
    if not any(amount.awarded for amount in sums.values()):
        return None
    return charts.bars(
        title=gettext("Awarded and shared out by budget category, %(currency)s") % {"currency": currency},
        rows=[(name, (amount.awarded, amount.shared)) for name, amount in sums.items()],
        series=(gettext("Awarded"), gettext("Shared out")),
        heading=gettext("Budget category"),
        description=gettext("The same values stand in the table below."),
        key=f"budget-{currency.lower()}",
        currency=currency,
        broad=840,
    )
