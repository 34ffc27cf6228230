"""The tables of a call year as people read them: row by row beside the call before, and what is missing in them.

Nothing here is of persons: who is logged in may read all of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from consortium.models import ActivityType, SourceStatus
from mobilities.models import CountryGroup, FundedDayTier, Payee, TravelDayLimit, TravelMode, UnitCost, UnitCostKind
from mobilities.models.rates import FIRST_CALL, LAST_CALL
from mobilities.rate_books import SECOND_GENERATION, THIRD_COUNTRY, Table
from mobilities.unit_costs import LEARNERS_BY_COUNTRY_UNTIL
from westum.base.formats import country, money, number
from westum.base.text import sort_key

HOME = "SE"  # the country that the network sends from
CALL_YEARS = range(FIRST_CALL, LAST_CALL + 1)
ERASMUSPRO_FROM = 2018

# The kinds of rows by their names in addresses.
KINDS = {
    "cost": UnitCost,
    "group": CountryGroup,
    "tier": FundedDayTier,
    "travel-days": TravelDayLimit,
    "activity": ActivityType,
}
KIND_OF = {model: kind for kind, model in KINDS.items()}
NAMES = {
    Table.DAY_RATES: gettext_lazy("Individual support, a day"),
    Table.TRAVEL: gettext_lazy("Travel by distance, one way"),
    Table.TRAVEL_DAYS: gettext_lazy("Funded days of travel"),
    Table.TIERS: gettext_lazy("Share of the day rate by length of stay"),
    Table.OTHER: gettext_lazy("Other unit costs"),
    Table.ORGANISATIONAL: gettext_lazy("Organisational support"),
    Table.ACTIVITIES: gettext_lazy("Activities and their days"),
    Table.COUNTRY_GROUPS: gettext_lazy("Country groups"),
}
OTHER_KINDS = [
    UnitCostKind.COURSE_FEES,
    UnitCostKind.INCLUSION,
    UnitCostKind.LINGUISTIC,
    UnitCostKind.LINGUISTIC_EXTRA,
    UnitCostKind.PREPARATORY_VISIT,
]
_OF_COSTS = {
    UnitCostKind.DAY_RATE: Table.DAY_RATES,
    UnitCostKind.TRAVEL: Table.TRAVEL,
    UnitCostKind.ORGANISATIONAL: Table.ORGANISATIONAL,
}
_OF_MODELS = {
    CountryGroup: Table.COUNTRY_GROUPS,
    FundedDayTier: Table.TIERS,
    TravelDayLimit: Table.TRAVEL_DAYS,
    ActivityType: Table.ACTIVITIES,
}


# One row


def table_of(row):
    if isinstance(row, UnitCost):
        return _OF_COSTS.get(row.kind, Table.OTHER)
    return _OF_MODELS[type(row)]


def address(row):
    """The page of the row."""
    return reverse("mobilities:rate_row", args=[KIND_OF[type(row)], row.pk])


def anchor(row):
    """The id of the row on the page of its call year."""
    return f"row-{KIND_OF[type(row)]}-{row.pk}"


def place_of(table):
    """The id of the table on the page of its call year."""
    return str(table).replace("_", "-")


def where_missing(rate):
    """Where the call year's page lacks what `rate` (RateMissing) asked for."""
    page = reverse("mobilities:rate_year", args=[rate.call_year])
    sending = rate.case.get("sending_country", HOME)
    query = f"?country={sending}" if rate.table == Table.DAY_RATES and sending != HOME else ""
    return f"{page}{query}#{place_of(rate.table)}"


def case_of(row, activities=None):
    """For which case the row is, within its table; `activities` are names by the codes of the call."""
    if isinstance(row, UnitCost):
        return _case_of_cost(row, activities or {})
    if isinstance(row, CountryGroup):
        return str(country(row.country_code))
    if isinstance(row, FundedDayTier):
        words = {"who": row.get_audience_display(), "first": row.day_from, "last": row.day_to}
        return capfirst(_("%(who)s, days %(first)s–%(last)s") % words)
    if isinstance(row, TravelDayLimit):
        return capfirst(str(TravelMode(row.travel_mode).label))
    return row.name


def _case_of_cost(row, activities):
    if row.kind == UnitCostKind.DAY_RATE:
        return capfirst(_day_rate_case(row.payee, row.country_group))
    if row.kind == UnitCostKind.TRAVEL:
        words = {"first": number(row.km_from), "last": number(row.km_to), "how": TravelMode(row.travel_mode).label}
        if row.km_to is None:
            return _("%(first)s km and more, %(how)s") % words
        return _("%(first)s–%(last)s km, %(how)s") % words
    if row.kind == UnitCostKind.ORGANISATIONAL:
        words = {"activity": name_of_activity(row.activity_code, activities)}
        words |= {"first": number(row.first_participant), "last": number(row.last_participant)}
        if row.last_participant is None and row.first_participant <= 1:
            return words["activity"]
        if row.last_participant is None:
            return _("%(activity)s, from participant %(first)s") % words
        return _("%(activity)s, participants %(first)s–%(last)s") % words
    return capfirst(str(row.get_kind_display()))


def _day_rate_case(payee, group):
    words = {"payee": Payee(payee).label, "group": group if len(group) == 1 else country(group)}
    if len(group) == 1:
        return _("%(payee)s, country group %(group)s") % words
    return _("%(payee)s, to %(group)s") % words


def name_of_activity(code, activities):
    own = {"": _("All activities"), THIRD_COUNTRY: _("To a country not associated with the programme")}
    return own.get(code) or activities.get(code, code)


def names_of_activities(call_year):
    """Name by code, for the call."""
    return CallTables(call_year, activities=list(ActivityType.objects.in_call(call_year))).activity_names


def value_of(row):
    """What the row says, in words; empty when it says nothing yet."""
    if isinstance(row, UnitCost):
        if row.amount_eur is None:
            return ""
        words = {"amount": money(row.amount_eur, "EUR"), "cap": money(row.cap_eur, "EUR")}
        return _("%(amount)s, at most %(cap)s") % words if row.cap_eur is not None else words["amount"]
    if isinstance(row, CountryGroup):
        return row.group
    if isinstance(row, FundedDayTier):
        return _("%(percent)s per cent") % {"percent": row.percent}
    if isinstance(row, TravelDayLimit):
        return "" if row.most_days is None else days(row.most_days)
    return days_of(row)


def bounds_of(row):
    """Between which amounts an agency may set a day rate, in words; empty where that is not known."""
    if not isinstance(row, UnitCost):
        return ""
    words = {"lowest": money(row.lowest_eur, "EUR"), "highest": money(row.highest_eur, "EUR")}
    if row.lowest_eur is not None and row.highest_eur is not None:
        return _("%(lowest)s to %(highest)s") % words
    if row.highest_eur is not None:
        return _("at most %(highest)s") % words
    return "" if row.lowest_eur is None else _("at least %(lowest)s") % words


def days(count):
    return ngettext("%(n)s day", "%(n)s days", count) % {"n": number(count)}


def days_of(activity):
    """From how many days to how many, in words; empty where neither is known."""
    words = {"least": number(activity.min_days), "most": number(activity.max_days)}
    if activity.min_days is None and activity.max_days is None:
        return ""
    if activity.min_days is None:
        return _("at most %(most)s days") % words
    if activity.max_days is None:
        return _("at least %(least)s days") % words
    return _("%(least)s–%(most)s days") % words


def is_missing(row):
    """A row that should say something and does not. An activity may be without limits."""
    return not isinstance(row, ActivityType) and not value_of(row)


def is_verified(row):
    return row.status == SourceStatus.VERIFIED


def groups_of(call_year):
    """The country groups that the call knows."""
    return ["A", "B", "C", "D"] if call_year <= LEARNERS_BY_COUNTRY_UNTIL else ["1", "2", "3"]


# Two calls beside each other


@dataclass(frozen=True)
class Line:
    """One case of a table: the row of the call, and that of the call before; either may be None."""

    row: object
    before: object
    activities: dict = field(default_factory=dict, repr=False)
    source: int | None = None  # its number in the list of sources below the table

    @property
    def shown(self):
        return self.row or self.before

    @property
    def anchor(self):
        return anchor(self.shown)

    @property
    def url(self):
        return address(self.shown)

    @property
    def case(self):
        return case_of(self.shown, self.activities)

    @property
    def value(self):
        return self._said(self.row) if self.row else ""

    def _said(self, row):
        """A country of the same group may have left the programme, or joined it."""
        both = isinstance(row, CountryGroup) and self.row and self.before
        if not both or self.row.is_third_country == self.before.is_third_country:
            return value_of(row)
        if row.is_third_country:
            return _("%(group)s, not associated with the programme") % {"group": row.group}
        return _("%(group)s, a country of the programme") % {"group": row.group}

    @property
    def is_missing(self):
        return self.row is not None and is_missing(self.row)

    @property
    def value_before(self):
        """With its own case where that was another one, as a tier that ended on another day."""
        if self.before is None:
            return ""
        value, case = self._said(self.before), case_of(self.before, self.activities)
        return f"{case}: {value}" if self.row and value and case != self.case else value

    @property
    def change(self):
        """Of the call before: "same", "differs", "new" or "gone"."""
        if self.row is None:
            return "gone"
        if self.before is None:
            return "new"
        return "same" if _told(self.row) == _told(self.before) else "differs"


def _told(row):
    """What two rows of one case may differ in."""
    if isinstance(row, UnitCost):
        return row.amount_eur, row.cap_eur, row.km_to, row.last_participant
    if isinstance(row, CountryGroup):
        return row.group, row.is_third_country
    if isinstance(row, FundedDayTier):
        return row.day_to, row.percent
    if isinstance(row, TravelDayLimit):
        return row.most_days
    return row.min_days, row.max_days


def _case_key(row):
    """What tells a row from the others of its table and call."""
    if isinstance(row, UnitCost):
        payee = Payee.values.index(row.payee) if row.payee else 0
        kind = OTHER_KINDS.index(row.kind) if row.kind in OTHER_KINDS else 0
        mode = TravelMode.values.index(row.travel_mode) if row.travel_mode else 0
        return kind, row.activity_code, payee, mode, row.country_group, row.km_from, row.first_participant
    if isinstance(row, CountryGroup):
        return row.country_code
    if isinstance(row, FundedDayTier):
        return row.audience, row.day_from
    if isinstance(row, TravelDayLimit):
        return TravelMode.values.index(row.travel_mode)
    return row.pk


def _group_key(group):
    return sort_key(group if len(group) == 1 else str(country(group)))


@dataclass(frozen=True)
class Gap:
    """Something that the tables lack: a sentence, how many amounts it stands for, and where it is entered."""

    text: str
    count: int
    url: str  # for who edits
    place: str  # for all others


@dataclass(frozen=True)
class Section:
    """A table on the page of a call year."""

    table: Table
    lines: list[Line]
    sources: list[str]

    @property
    def parts(self):
        """The lines under their headings: what is folded has (heading, lines), all else one part without."""
        if self.table != Table.COUNTRY_GROUPS:
            return [("", self.lines)]
        third = [line for line in self.lines if line.shown.is_third_country]
        near = [line for line in self.lines if not line.shown.is_third_country]
        headings = [
            (ngettext("%(n)s country of the programme", "%(n)s countries of the programme", len(near)), near),
            (
                ngettext(
                    "%(n)s country not associated with the programme",
                    "%(n)s countries not associated with the programme",
                    len(third),
                ),
                third,
            ),
        ]
        return [(heading % {"n": len(lines)}, lines) for heading, lines in headings if lines]

    @property
    def key(self):
        return place_of(self.table)

    @property
    def name(self):
        return NAMES[self.table]


@dataclass
class CallTables:
    """The rows of one call year."""

    call_year: int
    rows: list = field(default_factory=list)
    activities: list = field(default_factory=list)

    def of(self, table, country=HOME):
        """The rows of a table, in its order; the day rates of one sending country."""
        found = self.activities if table == Table.ACTIVITIES else self._by_table.get(table, [])
        if table == Table.DAY_RATES:
            found = [row for row in found if row.sending_country == country]
            return sorted(found, key=lambda row: (Payee.values.index(row.payee), _group_key(row.country_group)))
        if table == Table.COUNTRY_GROUPS:
            return sorted(found, key=lambda row: sort_key(case_of(row)))
        return sorted(found, key=_case_key)

    @cached_property
    def _by_table(self):
        found = {}
        for row in self.rows:
            found.setdefault(table_of(row), []).append(row)
        return found

    @property
    def activity_names(self):
        names = {kind.key: kind.name for kind in self.activities}
        return names | {kind.ec_code: kind.name for kind in self.activities if kind.ec_code}

    @property
    def sending_countries(self):
        """Those with day rates, by name; the home country always."""
        found = {row.sending_country for row in self._by_table.get(Table.DAY_RATES, [])}
        return sorted(found | {HOME}, key=lambda code: sort_key(str(country(code))))

    @property
    def has_country_groups(self):
        return bool(self.of(Table.COUNTRY_GROUPS))

    @property
    def countries_with_amounts(self):
        """Names of the countries from which some day rate is known."""
        found = {row.sending_country for row in self._by_table.get(Table.DAY_RATES, []) if row.amount_eur is not None}
        return sorted((str(country(code)) for code in found), key=sort_key)

    @property
    def generation(self):
        return "2014–2020" if self.call_year < SECOND_GENERATION else "2021–2027"

    @property
    def learners_by_country(self):
        return self.call_year <= LEARNERS_BY_COUNTRY_UNTIL

    def cells(self, sending_country):
        """All cases (payee, group) of day rates that the call has; learners' by country until call 2017."""
        groups = groups_of(self.call_year)
        for payee in Payee.values:
            if payee == Payee.LEARNER_LONG and self.call_year < ERASMUSPRO_FROM:
                continue
            if self.learners_by_country and payee == Payee.LEARNER_SHORT:
                codes = [row.country_code for row in self.of(Table.COUNTRY_GROUPS) if not row.is_third_country]
                yield from ((payee, code) for code in codes if code != sending_country)
            else:
                yield from ((payee, group) for group in groups)

    @property
    def unverified(self):
        """Rows that say something, on less than a verified source."""
        return [row for row in [*self.rows, *self.activities] if not is_missing(row) and not is_verified(row)]

    def gaps(self, sending_country=HOME):
        """What is missing, table by table."""
        yield from self._gaps_of_day_rates(sending_country)
        for table in NAMES:
            if table in (Table.DAY_RATES, Table.ACTIVITIES):
                continue
            rows = self.of(table)
            if not rows:
                yield self._gap_of(table)
            for row in rows:
                if is_missing(row):
                    text = _("%(table)s: %(case)s.") % {
                        "table": NAMES[table],
                        "case": case_of(row, self.activity_names),
                    }
                    change = reverse("mobilities:rate_change", args=[KIND_OF[type(row)], row.pk])
                    yield Gap(text, 1, change, f"#{anchor(row)}")

    def _gaps_of_day_rates(self, sending_country):
        stated = {
            (row.payee, row.country_group)
            for row in self.of(Table.DAY_RATES, sending_country)
            if row.amount_eur is not None
        }
        cells = list(self.cells(sending_country))
        lacking = [cell for cell in cells if cell not in stated]
        if lacking:
            words = {"country": country(sending_country), "n": number(len(lacking)), "of": number(len(cells))}
            text = _("Day rates from %(country)s: %(n)s of %(of)s amounts.") % words
            url = reverse("mobilities:rate_days", args=[self.call_year, sending_country])
            yield Gap(text, len(lacking), url, f"#{place_of(Table.DAY_RATES)}")

    def _gap_of(self, table):
        text = _("%(table)s: the whole table.") % {"table": NAMES[table]}
        return Gap(text, 1, f"#{place_of(table)}", f"#{place_of(table)}")


def load(call_years: Iterable[int]):
    """The tables of these call years, by call year. Five queries."""
    found = {call_year: CallTables(call_year) for call_year in call_years}
    for model in (UnitCost, CountryGroup, FundedDayTier, TravelDayLimit):
        for row in model.objects.filter(call_year__in=found):
            found[row.call_year].rows.append(row)
    for kind in ActivityType.objects.all():
        for call_year in range(kind.first_call, kind.last_call + 1):
            if call_year in found:
                found[call_year].activities.append(kind)
    return found


@dataclass(frozen=True)
class Removed:
    """A row that is there no longer, with the line that its history keeps."""

    row: object
    at: datetime
    who: str
    why: str

    @property
    def case(self):
        return f"{NAMES[table_of(self.row)]}: {case_of(self.row)}"

    @property
    def value(self):
        return value_of(self.row)


def last_of(model, pk):
    """The removed row as it was last, or None: grants that rest on it lead here."""
    record = model.history.filter(id=pk).order_by("-history_date", "-history_id").first()
    return record and record.instance


def removed(call_year):
    """Rows of the call that were removed, newest first. Four queries."""
    found = []
    for model in (UnitCost, CountryGroup, FundedDayTier, TravelDayLimit):
        for record in model.history.filter(call_year=call_year, history_type="-").select_related("history_user"):
            why = (record.history_change_reason or "").partition("\n")[2]
            found.append(Removed(record.instance, record.history_date, str(record.history_user or ""), why))
    return sorted(found, key=lambda one: one.at, reverse=True)


def sections(tables, before, sending_country=HOME):
    """The tables of a call beside those of the call before, row by row."""
    names = before.activity_names | tables.activity_names
    for table in NAMES:
        now = {_case_key(row): row for row in tables.of(table, sending_country)}
        then = {_case_key(row): row for row in before.of(table, sending_country)}
        sources = list(dict.fromkeys(row.source for row in now.values() if row.source))
        numbers = {source: number for number, source in enumerate(sources, 1)}
        keys = [*now, *(key for key in then if key not in now)]
        lines = [
            Line(row, then.get(key), names, numbers.get(row.source) if row else None)
            for key in keys
            for row in [now.get(key)]
        ]
        yield Section(table, lines, sources)
