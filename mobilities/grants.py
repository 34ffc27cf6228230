"""What a mobility is granted by the rules of its call year, as lines that explain themselves.

Facts and rates in, lines out: nothing here asks a database, a clock or the settings. Amounts are Decimal euro, distances
whole kilometres one way, days whole days.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal

from mobilities.rate_books import (
    ERASMUSPRO_EXTRA,
    EVERY_ACTIVITY,
    SECOND_GENERATION,
    STANDARD,
    VERIFIED,
    Category,
    Payee,
    Rate,
    RateBook,
    RateMissing,
    Table,
)
from westum.base.money import round_half_up

__all__ = ["GrantFacts", "GrantLine", "NotGranted", "RateBook", "RateMissing", "calculate", "organisational_support"]

FARTHEST_KM = 20038  # half of the way around the earth
LINGUISTIC_STAFF_DAYS = 31  # staff get linguistic support from this length on (annex IV of call 2021)


class NotGranted(Exception):
    """The programme does not fund this case. `reason` names which rule says so, `limit` its number, if it has one."""

    def __init__(self, reason, limit=None):
        super().__init__(reason)
        self.reason, self.limit = reason, limit


@dataclass(frozen=True)
class GrantFacts:
    """All that decides a grant. `activity_days` are without travel; `course_fee_days` are days of a course with a fee."""

    call_year: int
    sending_country: str
    activity_code: str
    receiving_country: str
    distance_km: int
    activity_days: int
    travel_days: int = 0
    travel_mode: str = STANDARD
    fewer_opportunities: bool = False
    accompanying: bool = False
    course_fee_days: int = 0
    linguistic_support: bool = False


@dataclass(frozen=True)
class Step:
    """One multiplication: `quantity` × `unit_eur`. `rate` is the row it rests on, `about` what it was chosen by."""

    quantity: int
    unit_eur: Decimal
    rate: Rate
    about: Mapping[str, object] = field(default_factory=dict)

    @property
    def amount_eur(self):
        return self.quantity * self.unit_eur


@dataclass(frozen=True)
class GrantLine:
    """An amount of one budget category: the sum of its steps.

    `unit_eur` is None where several rates were used. A line that pays nothing, or less than its units would, says why:
    `reason` names the rule, `limit` its number.
    """

    category: Category
    steps: tuple[Step, ...]
    reason: str = ""
    limit: object = None

    @property
    def amount_eur(self):
        return sum((step.amount_eur for step in self.steps), Decimal(0))

    @property
    def quantity(self):
        return sum(step.quantity for step in self.steps)

    @property
    def unit_eur(self):
        units = {step.unit_eur for step in self.steps}
        return units.pop() if len(units) == 1 else None

    @property
    def is_verified(self):
        """No rate, and no tier that was used, is less sure than verified."""
        used = (status for step in self.steps for status in (step.rate.status, step.about.get("tier_status", VERIFIED)))
        return all(status == VERIFIED for status in used)


def calculate(facts, rates):
    """The lines of one person's grant: travel, individual support, and what else the facts ask for.

    Raises RateMissing where a table of the call year lacks what is needed, and NotGranted where the facts make no stay
    abroad. Whether the stay fits its activity is the rule of `mobilities.eligibility`.
    """
    activity = rates.activity(facts.activity_code)
    _require_stay(facts, rates)
    if activity.is_preparatory_visit and facts.call_year >= SECOND_GENERATION:
        return [_units(Category.PREPARATORY_VISIT, 1, rates.other_rate(Category.PREPARATORY_VISIT))]
    lines = [_travel(facts, rates)]
    if activity.is_preparatory_visit:
        return lines  # before 2021 an advance planning visit was funded by the travel unit cost
    payee = _payee(facts, activity)
    lines.append(_individual_support(facts, rates, payee))
    if facts.linguistic_support and not facts.accompanying:
        lines.append(_linguistic_support(facts, rates, activity))
    if facts.course_fee_days and not facts.accompanying:
        lines.append(_course_fees(facts, rates))
    if facts.fewer_opportunities and not facts.accompanying and facts.call_year >= SECOND_GENERATION:
        rate = rates.other_rate(Category.INCLUSION_ORGANISATION)
        lines.append(_units(Category.INCLUSION_ORGANISATION, 1, rate))
    return lines


def organisational_support(counts, rates, awarded_eur):
    """What the project is granted for `counts` participants by activity code, at most `awarded_eur` (None: no limit).

    To call 2020 the participants are counted over the project, from 2021 for each activity type. Accompanying persons
    and preparatory visits are no participants: the caller does not count them. The last line takes away what goes
    beyond the award.
    """
    lines = []
    for code, count in _as_counted(counts, rates).items():
        if count:
            lines.append(GrantLine(Category.ORGANISATIONAL_SUPPORT, _by_number(code, count, rates)))
    beyond = sum((line.amount_eur for line in lines), Decimal(0)) - awarded_eur if awarded_eur is not None else 0
    if beyond > 0:
        step = Step(1, -beyond, Rate(-beyond), {"awarded_eur": awarded_eur})
        lines.append(GrantLine(Category.ORGANISATIONAL_SUPPORT, (step,), "award", awarded_eur))
    return lines


def _require_stay(facts, rates):
    if facts.activity_days < 1:
        raise NotGranted("no_days")
    if facts.receiving_country == facts.sending_country:
        raise NotGranted("at_home")
    if not 0 <= facts.distance_km <= FARTHEST_KM:
        raise NotGranted("distance", FARTHEST_KM)
    most = rates.travel_days.get(facts.travel_mode, rates.travel_days.get(STANDARD))
    if most is None:
        raise rates.missing(Table.TRAVEL_DAYS, travel_mode=facts.travel_mode)
    if not 0 <= facts.travel_days <= most:
        raise NotGranted("travel_days", most)


def _payee(facts, activity):
    if facts.accompanying:
        return Payee.ACCOMPANYING
    if activity.is_learners:
        return Payee.LEARNER_LONG if activity.is_long else Payee.LEARNER_SHORT
    return Payee.STAFF


def _travel(facts, rates):
    """The unit cost of the band, once per person; it pays the journey there and back."""
    if not rates.bands:
        raise rates.missing(Table.TRAVEL, distance_km=facts.distance_km)
    nearest = min(band.km_from for band in rates.bands)
    if facts.distance_km < nearest:
        return GrantLine(Category.TRAVEL, (), "too_near", nearest)
    band = next((band for band in rates.bands if band.has(facts.distance_km)), None)
    if band is None:
        raise rates.missing(Table.TRAVEL, distance_km=facts.distance_km)
    # A band in which the call has no green rate pays the standard one.
    mode = facts.travel_mode if facts.travel_mode in band.rates else STANDARD
    rate = band.rates.get(mode)
    if rate is None or rate.amount_eur is None:
        raise rates.missing(Table.TRAVEL, distance_km=facts.distance_km, travel_mode=mode, km_from=band.km_from)
    about = {"km_from": band.km_from, "km_to": band.km_to, "distance_km": facts.distance_km, "travel_mode": mode}
    no_green = "no_green_rate" if mode != facts.travel_mode else ""
    return GrantLine(Category.TRAVEL, (Step(1, rate.amount_eur, rate, about),), no_green)


def _individual_support(facts, rates, payee):
    """For each funded day the day rate by the share of its tier, rounded half up to the whole euro before it is
    multiplied. Days after the last tier are not paid.
    """
    group, rate = rates.day_rate(payee, facts.receiving_country)
    days, tiers = facts.activity_days + facts.travel_days, rates.tiers_of(payee)
    whole = [[tier.day_from, tier.day_to, tier.percent, str(tier.status), tier.source, tier.row] for tier in tiers]
    steps = tuple(
        Step(
            count,
            round_half_up(rate.amount_eur * tier.percent / 100, places=0),
            rate,
            {"day_from": tier.day_from, "day_to": tier.day_from + count - 1, "percent": tier.percent}
            | {"day_rate_eur": rate.amount_eur, "payee": payee, "country": facts.receiving_country, "group": group}
            | {"tier_status": tier.status, "tier_row": tier.row, "tiers": whole, "rates_of": rates.sending_country}
            | {"activity_days": facts.activity_days, "travel_days": facts.travel_days},
        )
        for tier in tiers
        if (count := tier.days_of(days))
    )
    if days > tiers[-1].day_to:
        return GrantLine(Category.INDIVIDUAL_SUPPORT, steps, "last_tier", tiers[-1].day_to)
    return GrantLine(Category.INDIVIDUAL_SUPPORT, steps)


def _linguistic_support(facts, rates, activity):
    """For a learner, and from call 2021 for staff from 31 days on. ErasmusPro then has a second amount."""
    if not activity.is_learners and facts.call_year < SECOND_GENERATION:
        return GrantLine(Category.LINGUISTIC_SUPPORT, (), "learners_only")
    if not activity.is_learners and facts.activity_days < LINGUISTIC_STAFF_DAYS:
        return GrantLine(Category.LINGUISTIC_SUPPORT, (), "staff_days", LINGUISTIC_STAFF_DAYS)
    asked = [Category.LINGUISTIC_SUPPORT]
    if activity.is_long and facts.call_year >= SECOND_GENERATION:
        asked.append(ERASMUSPRO_EXTRA)
    found = [(name, rates.other_rate(name)) for name in asked]
    steps = tuple(Step(1, rate.amount_eur, rate, {"is_extra": name == ERASMUSPRO_EXTRA}) for name, rate in found)
    return GrantLine(Category.LINGUISTIC_SUPPORT, steps)


def _course_fees(facts, rates):
    """By the day, up to the cap for each participant in the project."""
    rate = rates.other_rate(Category.COURSE_FEES)
    whole = facts.course_fee_days * rate.amount_eur
    if rate.cap_eur is None or whole <= rate.cap_eur:
        return _units(Category.COURSE_FEES, facts.course_fee_days, rate)
    days, rest = divmod(rate.cap_eur, rate.amount_eur)
    steps = [Step(int(days), rate.amount_eur, rate)]
    if rest:
        steps.append(Step(1, rest, rate, {"is_rest": True}))
    return GrantLine(Category.COURSE_FEES, tuple(steps), "cap", rate.cap_eur)


def _units(category, quantity, rate):
    return GrantLine(category, (Step(quantity, rate.amount_eur, rate),))


def _as_counted(counts, rates):
    if EVERY_ACTIVITY in rates.organisational:
        return {EVERY_ACTIVITY: sum(counts.values())}
    return counts


def _by_number(code, count, rates):
    """Each part of the numbering of participants by its own rate."""
    steps = []
    for part in rates.organisational.get(code, ()):
        within = min(count, part.last or count) - part.first + 1
        if within > 0:
            if part.rate.amount_eur is None:
                raise rates.missing(Table.ORGANISATIONAL, activity_code=code)
            about = {"activity_code": code, "first": part.first, "last": part.first + within - 1}
            steps.append(Step(within, part.rate.amount_eur, part.rate, about))
    if sum(step.quantity for step in steps) != count:
        raise rates.missing(Table.ORGANISATIONAL, activity_code=code)
    return tuple(steps)
