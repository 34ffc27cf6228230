"""The tables of annex IV of one call year, as the calculation of grants reads them.

Amounts are Decimal euro; None is an amount that nobody has entered, which is missing and never zero.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum

GREEN = "green"
STANDARD = "standard"
VERIFIED = "verified"
SECOND_GENERATION = 2021  # the call from which the programme's second generation of unit costs applies
EVERY_ACTIVITY = "all"
THIRD_COUNTRY = "X-INTERNATIONAL"  # our own code: a participant who goes to a country not associated with the programme
ERASMUSPRO_EXTRA = "linguistic_support_erasmuspro_extra"


class Category(StrEnum):
    """Budget categories, by the keys of the reference data."""

    TRAVEL = "travel"
    INDIVIDUAL_SUPPORT = "individual_support"
    LINGUISTIC_SUPPORT = "linguistic_support"
    COURSE_FEES = "course_fees"
    INCLUSION_ORGANISATION = "inclusion_organisation"
    PREPARATORY_VISIT = "preparatory_visit"
    ORGANISATIONAL_SUPPORT = "organisational_support"


class Payee(StrEnum):
    """Whose day rate a person gets: an accompanying person's is a table of its own."""

    LEARNER_SHORT = "learner_short"
    LEARNER_LONG = "learner_long"
    STAFF = "staff"
    ACCOMPANYING = "accompanying_person"


LEARNERS = {Payee.LEARNER_SHORT, Payee.LEARNER_LONG}


class Table(StrEnum):
    """The tables of annex IV."""

    ACTIVITIES = "activities"
    COUNTRY_GROUPS = "country_groups"
    DAY_RATES = "day_rates"
    TIERS = "tiers"
    TRAVEL = "travel"
    TRAVEL_DAYS = "travel_days"
    OTHER = "other"
    ORGANISATIONAL = "organisational"


class RateMissing(Exception):
    """A table of the call year has no row for the case, or a row without an amount. Nothing is guessed."""

    def __init__(self, table, call_year, **case):
        super().__init__(f"{table} of call {call_year}: {case}")
        self.table, self.call_year, self.case = table, call_year, case


@dataclass(frozen=True)
class Rate:
    """An amount of annex IV with its row: whence it comes and how sure it is."""

    amount_eur: Decimal | None
    status: str = "verified"
    source: str = ""
    row: int | None = None  # the primary key of the row
    cap_eur: Decimal | None = None


@dataclass(frozen=True)
class Activity:
    """What a call funds under a code: for learners or staff, from how many days to how many."""

    is_learners: bool
    is_long: bool = False
    min_days: int | None = None
    max_days: int | None = None
    is_preparatory_visit: bool = False


@dataclass(frozen=True)
class Band:
    """A distance band, one way; `km_to` is None for the last one. `rates` by travel mode, of those the call knows."""

    km_from: int
    km_to: int | None
    rates: Mapping[str, Rate]

    def has(self, distance_km):
        return self.km_from <= distance_km and (self.km_to is None or distance_km <= self.km_to)


@dataclass(frozen=True)
class Tier:
    """From which to which funded day what share of the day rate is paid, in per cent."""

    day_from: int
    day_to: int
    percent: int
    status: str = "verified"
    source: str = ""
    row: int | None = field(default=None, compare=False)  # the primary key of the row

    def days_of(self, funded_days):
        """How many of the funded days lie in this tier."""
        return max(0, min(funded_days, self.day_to) - self.day_from + 1)


@dataclass(frozen=True)
class Counted:
    """Organisational support by the number of participants: the rate from `first` on."""

    first: int
    last: int | None
    rate: Rate


@dataclass(frozen=True)
class RateBook:
    """The tables of annex IV of one call year, for participants sent from one country."""

    call_year: int
    sending_country: str
    activities: Mapping[str, Activity] = field(default_factory=dict)
    country_groups: Mapping[str, str] = field(default_factory=dict)
    third_countries: frozenset[str] = frozenset()  # not associated with the programme
    # Until call 2017 learners had a rate for each country: then the group of a learner's day rate is the country's code.
    learners_by_country: bool = False
    day_rates: Mapping[tuple[str, str], Rate] = field(default_factory=dict)  # by payee and country group
    tiers: Mapping[str, tuple[Tier, ...]] = field(default_factory=dict)  # by "learner" and "staff"
    bands: tuple[Band, ...] = ()
    travel_days: Mapping[str, int | None] = field(default_factory=dict)  # at most, by travel mode
    other: Mapping[str, Rate] = field(default_factory=dict)  # by budget category, and ERASMUSPRO_EXTRA
    organisational: Mapping[str, tuple[Counted, ...]] = field(default_factory=dict)  # by activity code

    @classmethod
    def load(cls, *, call_year, sending_country):
        """The book as the database has it now. The one place in this module that reads it."""
        from mobilities import unit_costs  # the tables know this module, so it cannot know them earlier

        return unit_costs.book(call_year, sending_country)

    def keeping(self, lines):
        """This book with the rates, country group and tiers that `lines` rest on, whatever the tables say now.

        What those lines did not need stands as it is in this book. Cases count and not rows: a row that was removed and
        entered anew changes nothing either.
        """
        day_rates, other, groups = dict(self.day_rates), dict(self.other), dict(self.country_groups)
        bands, tiers = list(self.bands), dict(self.tiers)
        for line in lines:
            for step in line.steps:
                about = step.about
                if line.category == Category.TRAVEL:
                    bands.insert(0, self._kept_band(step))
                elif line.category == Category.INDIVIDUAL_SUPPORT:
                    day_rates[about["payee"], about["group"]] = step.rate
                    tiers[_audience(about["payee"])] = tuple(Tier(*tier) for tier in about["tiers"])
                    if not self._is_by_country(about["payee"]):
                        groups[about["country"]] = about["group"]
                else:
                    other[ERASMUSPRO_EXTRA if about.get("is_extra") else line.category] = step.rate
        return replace(
            self,
            country_groups=groups,
            day_rates=day_rates,
            tiers=tiers,
            bands=tuple(bands),
            other=other,
        )

    def _kept_band(self, step):
        """The band of a step; for the other way of travelling it has what this book has for that distance."""
        about = step.about
        now = next((band.rates for band in self.bands if band.has(about["km_from"])), {})
        return Band(about["km_from"], about["km_to"], {**now, about["travel_mode"]: step.rate})

    def missing(self, table, **case):
        return RateMissing(table, self.call_year, sending_country=self.sending_country, **case)

    def activity(self, code):
        if code not in self.activities:
            raise self.missing(Table.ACTIVITIES, activity_code=code)
        return self.activities[code]

    def counted_as(self, code, country):
        """As which activity a participant counts for the organisational support."""
        is_apart = country in self.third_countries and THIRD_COUNTRY in self.organisational
        return THIRD_COUNTRY if is_apart else code

    def group(self, country, payee):
        if self._is_by_country(payee):
            return country
        if country not in self.country_groups:
            raise self.missing(Table.COUNTRY_GROUPS, country=country)
        return self.country_groups[country]

    def day_rate(self, payee, country):
        group = self.group(country, payee)
        rate = self.day_rates.get((payee, group))
        return group, self._stated(rate, Table.DAY_RATES, payee=payee, group=group)

    def tiers_of(self, payee):
        found = self.tiers.get(_audience(payee))
        if not found:
            raise self.missing(Table.TIERS, payee=payee)
        return found

    def other_rate(self, category):
        return self._stated(self.other.get(category), Table.OTHER, category=category)

    def _is_by_country(self, payee):
        return self.learners_by_country and payee in LEARNERS

    def _stated(self, rate, table, **case):
        if rate is None or rate.amount_eur is None:
            raise self.missing(table, **case)
        return rate


def _audience(payee):
    return "learner" if payee in LEARNERS else "staff"
