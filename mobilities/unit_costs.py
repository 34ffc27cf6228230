"""The rate book of a call year from the tables in the database."""

from collections import defaultdict

from consortium.models import ActivityType, Audience
from mobilities.models import CountryGroup, FundedDayTier, TravelDayLimit, UnitCost, UnitCostKind
from mobilities.rate_books import EVERY_ACTIVITY, Activity, Band, Counted, Rate, RateBook, Tier

LEARNERS_BY_COUNTRY_UNTIL = 2017
# What the names of annex IV call an activity, by our key, where the Commission has no code for it.
PREPARATORY = {"planning-visit-2018", "preparatory-visit"}
LONG_TERM = {"erasmuspro-2018", "long-term-mobility"}


def book(call_year, sending_country):
    """The RateBook of the call year for participants from a country. Five queries."""
    costs = UnitCost.objects.filter(call_year=call_year, sending_country__in=["", sending_country])
    by_kind = defaultdict(list)
    for cost in costs.order_by("km_from", "first_participant", "pk"):
        by_kind[cost.kind].append(cost)
    groups = list(CountryGroup.objects.filter(call_year=call_year))
    limits = TravelDayLimit.objects.filter(call_year=call_year)
    return RateBook(
        call_year=call_year,
        sending_country=sending_country,
        activities=_activities(call_year),
        country_groups={row.country_code: row.group for row in groups},
        third_countries=frozenset(row.country_code for row in groups if row.is_third_country),
        learners_by_country=call_year <= LEARNERS_BY_COUNTRY_UNTIL,
        day_rates={(cost.payee, cost.country_group): _rate(cost) for cost in by_kind.pop(UnitCostKind.DAY_RATE, [])},
        tiers=_tiers(call_year),
        bands=_bands(by_kind.pop(UnitCostKind.TRAVEL, [])),
        travel_days=dict(limits.values_list("travel_mode", "most_days")),
        organisational=_organisational(by_kind.pop(UnitCostKind.ORGANISATIONAL, [])),
        other={kind: _rate(costs[0]) for kind, costs in by_kind.items()},
    )


def _rate(cost):
    return Rate(cost.amount_eur, cost.status, cost.source, cost.pk, cost.cap_eur)


def _activities(call_year):
    """By the Commission's code and by our own key: before 2021 the Commission had no codes that we know."""
    found = {}
    outgoing = ActivityType.objects.in_call(call_year).outgoing()
    for kind in outgoing:
        activity = Activity(
            kind.audience == Audience.LEARNER,
            kind.key in LONG_TERM,
            kind.min_days,
            kind.max_days,
            kind.key in PREPARATORY,
        )
        found[kind.key] = activity
        if kind.ec_code:
            found[kind.ec_code] = activity
    return found


def _tiers(call_year):
    found = defaultdict(list)
    for tier in FundedDayTier.objects.filter(call_year=call_year).order_by("day_from"):
        found[tier.audience].append(Tier(tier.day_from, tier.day_to, tier.percent, tier.status, tier.source, tier.pk))
    return {audience: tuple(tiers) for audience, tiers in found.items()}


def _bands(costs):
    found = defaultdict(dict)
    for cost in costs:
        found[cost.km_from, cost.km_to][cost.travel_mode] = _rate(cost)
    return tuple(Band(km_from, km_to, rates) for (km_from, km_to), rates in found.items())


def _organisational(costs):
    found = defaultdict(list)
    for cost in costs:
        part = Counted(cost.first_participant, cost.last_participant, _rate(cost))
        found[cost.activity_code or EVERY_ACTIVITY].append(part)
    return {code: tuple(parts) for code, parts in found.items()}
