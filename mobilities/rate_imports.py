"""A sheet of rates beside the tables of a call: what it would add and change, shown first and then saved as a whole.

The columns are those of `rate_sheets`, with the words of either language. A column that is not there changes nothing,
and neither does a row that is not there.
"""

from copy import copy
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation

from django import forms
from django.core.exceptions import ValidationError
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from consortium.models import SourceStatus
from mobilities import rate_edits, rate_evidence, rate_series, rate_tables
from mobilities.models import CountryGroup, FundedDayTier, Payee, TierAudience, TravelDayLimit, UnitCost, UnitCostKind
from mobilities.models.rates import MOST_EUR
from mobilities.rate_books import THIRD_COUNTRY
from mobilities.rate_sheets import ENDS, GROUP, TIER, TRAVEL_DAYS, WORDS, RateResource
from westum.base import countries, formats
from westum.base.amount_fields import AmountField
from westum.base.refusals import Refused

MODELS = {GROUP: CountryGroup, TIER: FundedDayTier, TRAVEL_DAYS: TravelDayLimit}
LANGUAGES = ("sv", "en")
AMOUNTS = ("amount_eur", "cap_eur", "lowest_eur", "highest_eur")
NUMBERS = {"first": 99_999, "last": 99_999, "percent": 100, "days": 10}
TEXTS = {"source": 500, "note": 300}
LONGEST_CODE = 20
# Columns that tell a row from the others, by table; those of costs depend on their kind.
KEYS = {
    GROUP: ["receiving_country"],
    TIER: ["payee", "first"],
    TRAVEL_DAYS: ["travel_mode"],
    UnitCostKind.TRAVEL: ["travel_mode", "first"],
    UnitCostKind.DAY_RATE: ["sending_country", "payee"],
    UnitCostKind.ORGANISATIONAL: ["first"],
}
NOT_THE_EXPORT = gettext_lazy(
    "These headings are unknown: %(names)s. Take the headings of the exported sheet, one of them twice is too many."
)


class Wrong(Exception):
    """What is amiss with a line, as a sentence."""


@dataclass
class Outcome:
    """What a line of the sheet would do: "new", "changed", "same" or "wrong"."""

    what: str
    line: int | None
    case: str = ""
    sentence: str = ""
    changes: list = field(default_factory=list)  # (label, old, new)
    row: object = None

    @property
    def value(self):
        return rate_tables.value_of(self.row)

    @property
    def table(self):
        """The table of the row, with the country whose day rate it is."""
        name = str(rate_tables.NAMES[rate_tables.table_of(self.row)])
        sending = self.row.sending_country if isinstance(self.row, UnitCost) else ""
        return f"{name} · {formats.country(sending)}" if sending else name


@dataclass
class Plan:
    outcomes: list[Outcome]

    def of(self, what):
        return [one for one in self.outcomes if one.what == what]

    @property
    def rows(self):
        """What is to be saved."""
        return [one.row for one in self.outcomes if one.what in ("new", "changed")]

    @property
    def may_be_saved(self):
        return bool(self.rows) and not self.of("wrong")


def columns_of(headings):
    """The names of the columns, in their order. Raises Refused for headings that are not those of the export."""
    names = {}
    for language in LANGUAGES:
        with translation.override(language):
            for name, one in RateResource().fields.items():
                names[str(one.column_name).casefold()] = name
    while headings and not headings[-1]:
        headings = headings[:-1]
    found = [names.get(heading.casefold(), name_of_code(heading)) for heading in headings]
    twice = {name for name in found if name and found.count(name) > 1}
    strange = [heading for heading, name in zip(headings, found, strict=True) if name is None or name in twice]
    if strange or "kind" not in found:
        shown = ", ".join(f"“{heading}”" for heading in strange) or "–"
        raise Refused(NOT_THE_EXPORT % {"names": shown}, code="headings")
    return found


def name_of_code(heading):
    return heading if heading in RateResource().fields else None


def plan(call_year, columns, lines):
    """What the lines would do to the tables of the call; nothing is saved."""
    tables = rate_tables.load([call_year])[call_year]
    reader = _Reader(tables)
    outcomes = [reader.outcome(number, columns, cells) for number, cells in lines]
    if not any(one.what == "wrong" for one in outcomes):
        outcomes += _broken_series(tables, outcomes)
    return Plan(outcomes)


def _broken_series(tables, outcomes):
    """Tiers, bands and numbers of participants that would overlap or leave a gap."""
    saved = [one.row for one in outcomes if one.row is not None]
    kept = {(type(row), row.pk): row for row in tables.rows} | {(type(row), row.pk): row for row in saved if row.pk}
    rows = [*kept.values(), *(row for row in saved if row.pk is None)]
    touched = {rate_series.slug_of(one.row) for one in outcomes if one.what in ("new", "changed")} - {None}
    for series in rate_series.of_call(tables.call_year):
        if series.slug not in touched:
            continue
        own = [row for row in rows if rate_series.slug_of(row) == series.slug]
        parts = series.parts(sorted(own, key=lambda row: getattr(row, series.first)))
        ends = {(getattr(row, series.first), getattr(row, series.last)) for row in own}
        if len(ends) > len(parts):
            yield Outcome("wrong", None, series.name, _("Rows that begin together end at different places."))
        for _place, _end, sentence in rate_series.faults(series, parts):
            yield Outcome("wrong", None, series.name, sentence)


class _Reader:
    """Reads lines against the rows that are there; remembers which it has met."""

    def __init__(self, tables):
        self.tables = tables
        self.there = {_identity(row): row for row in tables.rows}
        self.met = {}
        self.codes = _codes()
        of_any_call = UnitCost.objects.filter(kind=UnitCostKind.ORGANISATIONAL).values_list("activity_code", flat=True)
        self.activities = {"", THIRD_COUNTRY, *tables.activity_names, *of_any_call}

    def outcome(self, number, columns, cells):
        try:
            return self._outcome(number, columns, cells)
        except Wrong as wrong:
            return Outcome("wrong", number, sentence=str(wrong))

    def _outcome(self, number, columns, cells):
        given = dict(zip(columns, cells, strict=False))
        if any(cells[len(columns) :]):
            raise Wrong(_("This row has more cells than there are headings."))
        values = {name: self._value(name, text) for name, text in given.items()}
        row = self._new_row(values)
        identity = _identity(row)
        if identity in self.met:
            raise Wrong(_("Row %(n)s is of the same case already.") % {"n": self.met[identity]})
        self.met[identity] = number
        there = self.there.get(identity)
        if there is not None:
            row = copy(there)
            self._put(row, values)
        is_told_anew = there is not None and bool(values.get("status")) and row.source != there.source
        rate_evidence.settle(row, there, is_confirmed=is_told_anew)
        case = rate_tables.case_of(row, self.tables.activity_names)
        changes = [] if there is None else _changes(there, row)
        if there is not None and not changes:
            return Outcome("same", number, case, row=row)
        _check(row)
        return Outcome("new" if there is None else "changed", number, case, changes=changes, row=row)

    def _value(self, name, text):
        if text.startswith("="):
            raise Wrong(_("“%(name)s” is a formula. Write its value in its place.") % {"name": _heading(name)})
        if name in WORDS:
            return self._choice(name, text)
        if name in AMOUNTS:
            return _amount(name, text)
        if name in NUMBERS:
            return _whole(name, text, NUMBERS[name])
        if name in ("sending_country", "receiving_country"):
            return self._country(name, text)
        if name == "activity_code" and text not in self.activities:
            raise Wrong(_("This call has no activity “%(text)s”.") % {"text": text})
        most = TEXTS.get(name, LONGEST_CODE)
        if len(text) > most:
            raise Wrong(_("“%(name)s” is too long: at most %(n)s characters.") % {"name": _heading(name), "n": most})
        return " ".join(text.split())

    def _choice(self, name, text):
        if not text:
            return None
        code = self.codes[name].get(text.casefold())
        if code is None:
            raise Wrong(_("“%(text)s” is unknown at “%(name)s”.") % {"text": text, "name": _heading(name)})
        return code[0]

    def _country(self, name, text):
        code = self.codes["country"].get(text.casefold()) if text else [""]
        if code is None:
            raise Wrong(_("“%(text)s” is no country.") % {"text": text})
        return code[0]

    def _new_row(self, values):
        kind = values.get("kind")
        if kind is None:
            raise Wrong(_("Write in the first column of which table this row is."))
        row = MODELS.get(kind, UnitCost)(call_year=self.tables.call_year)
        if isinstance(row, UnitCost):
            row.kind = kind
        for name in KEYS.get(kind, []):
            if values.get(name) in (None, ""):
                raise Wrong(_("Fill in “%(label)s”.") % {"label": _heading(name)})
        if kind == UnitCostKind.DAY_RATE:
            row.country_group = self._group_of_day_rate(values)
        self._put(row, values)
        return row

    def _group_of_day_rate(self, values):
        """Until call 2017 learners have a rate for each country; all others, and all later, for each group."""
        is_by_country = self.tables.learners_by_country and values["payee"] == Payee.LEARNER_SHORT
        name = "receiving_country" if is_by_country else "country_group"
        if not values.get(name):
            raise Wrong(_("Fill in “%(label)s”.") % {"label": _heading(name)})
        return values[name]

    def _put(self, row, values):
        """The values where the row has a field for them, checked against what the call knows."""
        groups = rate_tables.groups_of(row.call_year)
        if values.get("country_group") and values["country_group"] not in groups:
            words = {"text": values["country_group"], "known": ", ".join(groups)}
            raise Wrong(_("This call has no country group “%(text)s”. It has: %(known)s.") % words)
        for name, target in _targets(row).items():
            if name in values and (values[name] is not None or target in EMPTY_VALUES):
                setattr(row, target, values[name])
        if isinstance(row, UnitCost) and row.payee and row.payee not in Payee.values:
            raise Wrong(_("“%(text)s” is unknown at “%(name)s”.") % {"text": row.payee, "name": _heading("payee")})
        if isinstance(row, FundedDayTier) and row.audience not in TierAudience.values:
            raise Wrong(_("“%(text)s” is unknown at “%(name)s”.") % {"text": row.audience, "name": _heading("payee")})


# Fields that may become empty.
EMPTY_VALUES = {*AMOUNTS, "km_to", "last_participant", "most_days", "source", "note"}


def _targets(row):
    """Column → field of the row."""
    common = {"status": "status", "source": "source", "note": "note"}
    if isinstance(row, CountryGroup):
        of_group = {"receiving_country": "country_code", "country_group": "group"}
        return common | of_group | {"is_third_country": "is_third_country"}
    if isinstance(row, FundedDayTier):
        return common | {"payee": "audience", "first": "day_from", "last": "day_to", "percent": "percent"}
    if isinstance(row, TravelDayLimit):
        return common | {"travel_mode": "travel_mode", "days": "most_days"}
    found = common | {name: name for name in AMOUNTS}
    if row.kind in ENDS:
        found |= dict(zip(("first", "last"), ENDS[row.kind], strict=True))
    of_kind = {
        UnitCostKind.TRAVEL: ["travel_mode"],
        UnitCostKind.DAY_RATE: ["sending_country", "payee"],
        UnitCostKind.ORGANISATIONAL: ["activity_code"],
    }
    return found | {name: name for name in of_kind.get(row.kind, [])}


def _identity(row):
    if isinstance(row, UnitCost):
        case = (row.kind, row.sending_country, row.payee, row.country_group, row.km_from, row.travel_mode)
        return "cost", *case, row.activity_code, row.first_participant
    if isinstance(row, CountryGroup):
        return "group", row.country_code
    if isinstance(row, FundedDayTier):
        return "tier", row.audience, row.day_from
    return "travel-days", row.travel_mode


def _changes(before, after):
    """(label, old, new) of each field that differs, in words."""
    found = []
    for target in _targets(after).values():
        old, new = getattr(before, target), getattr(after, target)
        if old != new:
            label = after._meta.get_field(target).verbose_name
            found.append((label, _shown(before, target), _shown(after, target)))
    return found


def _shown(row, name):
    display = getattr(row, f"get_{name}_display", None)
    value = display() if display else getattr(row, name)
    return "" if value is None else value


def _check(row):
    """What the forms and the database would refuse."""
    if row.status == SourceStatus.VERIFIED and not row.source:
        raise Wrong(_("Name the source by which it is verified."))
    lacking = [name for name in ("day_to", "percent", "group") if getattr(row, name, 0) in (None, "")]
    if lacking:
        raise Wrong(_("Fill in “%(label)s”.") % {"label": row._meta.get_field(lacking[0]).verbose_name})
    try:
        row.validate_constraints()
    except ValidationError as refused:
        raise Wrong(" ".join(refused.messages)) from None


def _amount(name, text):
    number = "".join(text.split())
    if "," in number and "." not in number:
        number = number.replace(",", ".")
    try:
        with translation.override("en"):
            return AmountField(required=False, min_value=0, max_value=MOST_EUR).clean(
                str(Decimal(number)) if number else ""
            )
    except (InvalidOperation, ValidationError):
        words = {"name": _heading(name), "text": text}
        raise Wrong(
            _("“%(text)s” at “%(name)s” is no amount from 0 to 10,000 euro with at most two decimals.") % words
        ) from None


def _whole(name, text, most):
    try:
        return forms.IntegerField(required=False, min_value=0, max_value=most).clean(text)
    except ValidationError:
        words = {"name": _heading(name), "text": text, "most": most}
        raise Wrong(_("“%(text)s” at “%(name)s” is no whole number from 0 to %(most)s.") % words) from None


def _heading(name):
    return str(RateResource.fields[name].column_name)


def _codes():
    """Column → word in either language, or code, in small letters → [code]."""
    found = {name: {} for name in (*WORDS, "country")}
    for language in LANGUAGES:
        with translation.override(language):
            for name, words in WORDS.items():
                found[name] |= {str(word).casefold(): [code] for code, word in words.items()}
            found["country"] |= {country.casefold(): [code] for code, country in countries.names().items()}
    for name, words in WORDS.items():
        found[name] |= {str(code).casefold(): [code] for code in words}
    found["country"] |= {code.casefold(): [code] for code in countries.names()}
    return found


def fingerprint(call_year):
    """Of all rows of the call: what was shown is saved only while the tables are as they were."""
    return rate_edits.fingerprint(
        [row for model in rate_edits.TABLES for row in model.objects.filter(call_year=call_year)]
    )
