"""What changed between two grants, in words: each cause alone, and several together."""

from dataclasses import replace
from decimal import Decimal

import pytest

from mobilities import grant_changes
from mobilities.grants import GrantFacts, calculate
from mobilities.rate_books import Activity, Band, Category, Rate, RateBook, Tier

BOOK = RateBook(
    call_year=2024,
    sending_country="SE",
    activities={"short": Activity(is_learners=True), "long": Activity(is_learners=True, is_long=True)}
    | {"course": Activity(is_learners=False), "visit": Activity(is_learners=False, is_preparatory_visit=True)},
    country_groups={"PT": "1", "ES": "1", "IE": "2"},
    day_rates={
        ("learner_short", "1"): Rate(Decimal(50), row=1),
        ("learner_short", "2"): Rate(Decimal(60), row=2),
        ("learner_long", "1"): Rate(Decimal(40), row=3),
        ("staff", "1"): Rate(Decimal(100), row=4),
    },
    tiers={
        "learner": (Tier(1, 14, 100), Tier(15, 365, 70)),
        "staff": (Tier(1, 14, 100), Tier(15, 60, 70)),
    },
    bands=(
        Band(100, 499, {"standard": Rate(Decimal(100)), "green": Rate(Decimal(120))}),
        Band(500, None, {"standard": Rate(Decimal(200))}),
    ),
    travel_days={"standard": 2, "green": 6},
    other={
        Category.LINGUISTIC_SUPPORT: Rate(Decimal(150)),
        Category.COURSE_FEES: Rate(Decimal(80), cap_eur=Decimal(240)),
        Category.INCLUSION_ORGANISATION: Rate(Decimal(110)),
        Category.PREPARATORY_VISIT: Rate(Decimal(570)),
    },
)
FACTS = GrantFacts(
    call_year=2024,
    sending_country="SE",
    activity_code="short",
    receiving_country="PT",
    distance_km=300,
    activity_days=12,
    travel_days=1,
)
DEARER = replace(BOOK, day_rates={**BOOK.day_rates, ("learner_short", "1"): Rate(Decimal(55), row=1)}, other=BOOK.other)
SHARED = replace(BOOK, tiers={**BOOK.tiers, "learner": (Tier(1, 10, 100), Tier(11, 365, 50))})


def told(changes, book=BOOK, before=None):
    """Category → reasons and difference of what is not the same."""
    before = FACTS if before is None else replace(FACTS, **before)
    found = grant_changes.between(calculate(before, BOOK), calculate(replace(before, **changes), book))
    return {row.name: (row.reasons, row.difference) for row in found if row.reasons or row.before_eur != row.after_eur}


SUPPORT, TRAVEL = "Individual support", "Travel support"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({}, {}),
        ({"activity_days": 10}, {SUPPORT: (["2 days fewer"], "−€100")}),
        ({"activity_days": 13}, {SUPPORT: (["1 day more"], "+€50")}),
        ({"travel_days": 0}, {SUPPORT: (["1 day of travel fewer"], "−€50")}),
        ({"travel_days": 2}, {SUPPORT: (["1 day of travel more"], "+€50")}),
        ({"activity_days": 11, "travel_days": 2}, {SUPPORT: (["1 day fewer", "1 day of travel more"], "€0")}),
        ({"receiving_country": "IE"}, {SUPPORT: (["another country group"], "+€130")}),
        ({"receiving_country": "ES"}, {SUPPORT: (["another country of the same group"], "€0")}),
        ({"activity_code": "long"}, {SUPPORT: (["another activity"], "−€130")}),
        ({"distance_km": 400}, {TRAVEL: (["400 km instead of 300 km, in the same distance band"], "€0")}),
        ({"distance_km": 2400}, {TRAVEL: (["2,400 km instead of 300 km, in another distance band"], "+€100")}),
        ({"distance_km": 99}, {TRAVEL: (["now too near for travel support"], "−€100")}),
        ({"travel_mode": "green"}, {TRAVEL: (["now green travel"], "+€20")}),
        (
            {"fewer_opportunities": True},
            {"Inclusion support for the organisation": (["now a participant with fewer opportunities"], "+€110")},
        ),
        ({"linguistic_support": True}, {"Linguistic support": (["with linguistic support"], "+€150")}),
        ({"course_fee_days": 2}, {"Course fees": (["with a course fee"], "+€160")}),
    ],
)
def test_each_cause_is_named(changes, said):
    assert told(changes) == said


@pytest.mark.parametrize(
    ("before", "changes", "said"),
    [
        ({"distance_km": 99}, {"distance_km": 300}, {TRAVEL: (["now far enough for travel support"], "+€100")}),
        ({"distance_km": 99}, {"distance_km": 50}, {}),
        ({"travel_mode": "green"}, {"travel_mode": "standard"}, {TRAVEL: (["no longer green travel"], "−€20")}),
        (
            {"distance_km": 900, "travel_mode": "green"},
            {"travel_mode": "standard"},
            {TRAVEL: (["no longer green travel"], "€0")},
        ),
        (
            {"fewer_opportunities": True},
            {"fewer_opportunities": False},
            {"Inclusion support for the organisation": (["no longer a participant with fewer opportunities"], "−€110")},
        ),
        ({"course_fee_days": 1}, {"course_fee_days": 2}, {"Course fees": (["1 day of the course more"], "+€80")}),
        ({"course_fee_days": 3}, {"course_fee_days": 1}, {"Course fees": (["2 days of the course fewer"], "−€160")}),
    ],
)
def test_what_was_before_counts_too(before, changes, said):
    assert told(changes, before=before) == said


def test_other_rates_are_named_with_both_amounts():
    assert told({}, DEARER) == {SUPPORT: (["the rate is €55 instead of €50"], "+€65")}
    dearer_band = Band(100, 499, {"standard": Rate(Decimal(130)), "green": Rate(Decimal(120))})
    assert told({}, replace(BOOK, bands=(dearer_band,))) == {TRAVEL: (["the rate is €130 instead of €100"], "+€30")}
    dearer_course = {**BOOK.other, Category.COURSE_FEES: Rate(Decimal(90))}
    assert told({}, replace(BOOK, other=dearer_course), {"course_fee_days": 1}) == {
        "Course fees": (["the rate is €90 instead of €80"], "+€10")
    }
    lower_cap = {**BOOK.other, Category.COURSE_FEES: Rate(Decimal(80), cap_eur=Decimal(160))}
    assert told({}, replace(BOOK, other=lower_cap), {"course_fee_days": 3}) == {
        "Course fees": (["1 day of the course fewer"], "−€80")
    }


def test_other_shares_of_the_day_rate_are_named():
    assert told({}, SHARED) == {SUPPORT: (["other shares of the rate a day"], "−€75")}


def test_another_kind_of_stay_ends_some_lines_and_begins_others():
    assert told({"activity_code": "visit", "travel_days": 0}) == {
        TRAVEL: (["another activity"], "−€100"),
        SUPPORT: (["another activity"], "−€650"),
        "Preparatory visit": (["another activity or rates that were missing before"], "+€570"),
    }
