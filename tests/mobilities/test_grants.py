"""What a mobility is granted: the vectors of the field, and each rule alone with books that are made up here."""

from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

import pytest
from django.core.management import call_command
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from mobilities import rate_books
from mobilities.grants import (
    GrantFacts,
    NotGranted,
    RateBook,
    RateMissing,
    calculate,
    organisational_support,
)
from mobilities.models import Payee, UnitCostKind
from westum.base.distances import in_whole_kilometres

pytestmark = pytest.mark.django_db  # the books are read from it


@pytest.fixture(scope="module")
def books(django_db_setup, django_db_blocker):
    """Books of the fixtures' tables, read once: `books[2021, "ES"]`."""
    wanted = [(2020, "ES"), (2021, "ES"), (2015, "SE"), (2021, "SE"), (2024, "SE"), (2026, "SE")]
    with django_db_blocker.unblock(), transaction.atomic():
        call_command("load_fixtures", verbosity=0)
        found = {key: RateBook.load(call_year=key[0], sending_country=key[1]) for key in wanted}
        transaction.set_rollback(True)
    return found


@pytest.fixture(scope="module")
def spain(books):
    return books[2021, "ES"]


def facts(**changes):
    known = {"call_year": 2021, "sending_country": "ES", "activity_code": "LM-SHORT-VET", "receiving_country": "SE"}
    return GrantFacts(**known | {"distance_km": 2600, "activity_days": 28, "travel_days": 2} | changes)


def amounts(lines):
    return {str(line.category): line.amount_eur for line in lines}


# Printed or computed from verified rates: worked_examples.csv
@pytest.mark.parametrize(
    ("changes", "support", "travel"),
    [
        ({}, 1660, 360),
        (
            {"activity_code": "SM-JOB-SHDW", "receiving_country": "DE", "distance_km": 1870, "activity_days": 5},
            728,
            275,
        ),
        (
            {"activity_code": "SM-JOB-SHDW", "receiving_country": "DE", "distance_km": 1870, "activity_days": 5}
            | {"travel_mode": "green"},
            728,
            320,
        ),
        (
            {"activity_code": "LM-LONG-VET", "receiving_country": "PL", "distance_km": 2290, "activity_days": 98},
            3596,
            360,
        ),
    ],
)
def test_grant_of_call_2021_from_spain(changes, support, travel, spain):
    found = amounts(calculate(facts(**changes), spain))
    assert found == {"travel": Decimal(travel), "individual_support": Decimal(support)}


@pytest.mark.parametrize(
    ("code", "count", "amount"),
    [
        ("LM-SHORT-VET", 101, 35200),
        ("LM-SHORT-VET", 112, 37400),
        ("SM-JOB-SHDW", 124, 39800),
        ("LM-LONG-VET", 8, 4000),
        ("SM-COUR-TRAIN", 20, 2000),
    ],
)
def test_organisational_support_of_call_2021(code, count, amount, spain):
    assert sum(line.amount_eur for line in organisational_support({code: count}, spain, None)) == amount


@pytest.mark.parametrize(("count", "amount"), [(225, 60000), (224, 59800), (100, 35000), (0, 0)])
def test_organisational_support_of_call_2015_counts_over_the_project(count, amount, books):
    learners, staff, book = count // 2, count - count // 2, books[2015, "SE"]
    lines = organisational_support({"traineeship-2014": learners, "teaching-2014": staff}, book, None)
    assert sum(line.amount_eur for line in lines) == amount


# Distance


@pytest.mark.parametrize(
    ("distance", "amount", "reason"),
    [
        (0, 0, "too_near"),
        (9, 0, "too_near"),
        (10, 23, ""),
        (99, 23, ""),
        (100, 180, ""),
        (499, 180, ""),
        (in_whole_kilometres("499.4"), 180, ""),
        (in_whole_kilometres("499.6"), 275, ""),
        (500, 275, ""),
        (7999, 820, ""),
        (8000, 1500, ""),
        (20038, 1500, ""),
    ],
)
def test_travel_is_the_amount_of_the_band(distance, amount, reason, spain):
    travel = calculate(facts(distance_km=distance), spain)[0]
    assert (travel.category, travel.amount_eur, travel.reason) == ("travel", amount, reason)


@pytest.mark.parametrize("distance", [-1, 20039, 20100])
def test_distance_that_no_two_places_have_is_refused(distance, spain):
    with pytest.raises(NotGranted) as refused:
        calculate(facts(distance_km=distance), spain)
    assert (refused.value.reason, refused.value.limit) == ("distance", 20038)


def test_green_travel_pays_the_standard_rate_where_the_call_has_no_green_one(spain):
    near, far = (calculate(facts(distance_km=km, travel_mode="green", travel_days=6), spain)[0] for km in (50, 5000))
    assert [(line.amount_eur, line.reason) for line in (near, far)] == [(23, "no_green_rate"), (820, "no_green_rate")]


# Days


@pytest.mark.parametrize(
    ("days", "amount"),
    [(1, 66), (14, 14 * 66), (15, 14 * 66 + 46), (365, 14 * 66 + 351 * 46), (400, 14 * 66 + 351 * 46)],
)
def test_day_after_the_last_of_a_tier_pays_the_next_ones_rate(days, amount, spain):
    support = calculate(facts(activity_days=days, travel_days=0), spain)[1]
    assert (support.amount_eur, support.quantity) == (amount, min(days, 365))
    assert (support.reason, support.limit) == (("last_tier", 365) if days > 365 else ("", None))


def test_travel_days_are_funded_days(spain):
    alone, with_travel = (calculate(facts(activity_days=13, travel_days=days), spain)[1] for days in (0, 2))
    assert (alone.amount_eur, with_travel.amount_eur) == (13 * 66, 14 * 66 + 46)


@pytest.mark.parametrize(
    ("changes", "reason", "limit"),
    [
        ({"activity_days": 0}, "no_days", None),
        ({"activity_days": -3}, "no_days", None),
        ({"receiving_country": "ES"}, "at_home", None),
        ({"travel_days": 3}, "travel_days", 2),
        ({"travel_days": 7, "travel_mode": "green"}, "travel_days", 6),
        ({"travel_days": -1}, "travel_days", 2),
    ],
)
def test_facts_that_make_no_stay_abroad_are_refused(changes, reason, limit, spain):
    with pytest.raises(NotGranted) as refused:
        calculate(facts(**changes), spain)
    assert (refused.value.reason, refused.value.limit) == (reason, limit)


# What else is granted


def test_accompanying_person_gets_travel_and_the_own_day_rate_alone(spain):
    asked = {"accompanying": True, "linguistic_support": True, "course_fee_days": 3, "fewer_opportunities": True}
    assert amounts(calculate(facts(activity_days=10, travel_days=0, **asked), spain)) == {
        "travel": 360,
        "individual_support": 1170,
    }


@pytest.mark.parametrize(
    ("code", "days", "amount", "reason"),
    [
        ("LM-SHORT-VET", 10, 150, ""),
        ("LM-LONG-VET", 90, 300, ""),
        ("SM-TTA", 30, 0, "staff_days"),
        ("SM-TTA", 31, 150, ""),
    ],
)
def test_linguistic_support(code, days, amount, reason, spain):
    line = calculate(facts(activity_code=code, activity_days=days, linguistic_support=True), spain)[2]
    assert (line.category, line.amount_eur, line.reason) == ("linguistic_support", amount, reason)


@pytest.mark.parametrize(("days", "amount", "reason"), [(1, 80, ""), (10, 800, ""), (11, 800, "cap")])
def test_course_fees_end_at_the_cap(days, amount, reason, spain):
    line = calculate(facts(activity_code="SM-COUR-TRAIN", activity_days=10, course_fee_days=days), spain)[2]
    assert (line.category, line.amount_eur, line.reason) == ("course_fees", amount, reason)


def test_cap_that_is_no_multiple_of_the_days_is_reached_to_the_cent(spain):
    fee = rate_books.Rate(Decimal("70.00"), cap_eur=Decimal("99.50"))
    made_up = replace(spain, other={"course_fees": fee})
    line = calculate(facts(activity_code="SM-COUR-TRAIN", activity_days=10, course_fee_days=2), made_up)[2]
    assert [step.amount_eur for step in line.steps] == [Decimal("70.00"), Decimal("29.50")]


def test_fewer_opportunities_bring_support_for_the_organisation(spain):
    line = calculate(facts(fewer_opportunities=True), spain)[2]
    assert (line.category, line.amount_eur) == ("inclusion_organisation", 100)


def test_preparatory_visit_is_one_amount(spain):
    assert amounts(calculate(facts(activity_code="preparatory-visit", activity_days=3), spain)) == {
        "preparatory_visit": 575
    }


def test_organisational_support_ends_at_the_award(spain):
    lines = organisational_support({"LM-SHORT-VET": 10, "SM-COUR-TRAIN": 3}, spain, Decimal("3700.00"))
    assert [line.amount_eur for line in lines] == [3500, 300, -100]
    assert (lines[-1].reason, sum(line.amount_eur for line in lines)) == ("award", 3700)


# What nobody has entered


@pytest.mark.parametrize(
    ("key", "changes", "table", "case"),
    [
        ((2021, "SE"), {}, "day_rates", {"payee": "learner_short", "group": "3"}),
        ((2021, "ES"), {"receiving_country": "XX"}, "country_groups", {"country": "XX"}),
        ((2021, "ES"), {"activity_code": "LM-NONE"}, "activities", {"activity_code": "LM-NONE"}),
        ((2015, "SE"), {"activity_code": "traineeship-2014"}, "day_rates", {"payee": "learner_short", "group": "PL"}),
        ((2024, "SE"), {"travel_mode": "green", "distance_km": 9000}, "travel", {"km_from": 8000}),
        ((2026, "SE"), {"travel_mode": "green"}, "travel_days", {"travel_mode": "green"}),
    ],
)
def test_missing_rate_names_its_table_and_call(key, changes, table, case, books):
    call_year, sending = key
    stay = facts(**{"call_year": call_year, "sending_country": sending, "receiving_country": "PL"} | changes)
    with pytest.raises(RateMissing) as missing:
        calculate(stay, books[key])
    assert (missing.value.table, missing.value.call_year) == (table, call_year)
    assert case.items() <= missing.value.case.items()


@pytest.mark.parametrize("bands", [(), (rate_books.Band(10, 99, {}), rate_books.Band(5000, None, {}))])
def test_distance_for_which_no_band_was_entered_is_missing(bands, spain):
    with pytest.raises(RateMissing) as missing:
        calculate(facts(), replace(spain, bands=bands))
    assert (missing.value.table, missing.value.case["distance_km"]) == ("travel", 2600)


def test_participants_for_whom_no_rate_was_entered_are_missing(spain):
    first = rate_books.Counted(1, 10, rate_books.Rate(Decimal(350)))
    with pytest.raises(RateMissing) as missing:
        organisational_support({"LM-SHORT-VET": 11}, replace(spain, organisational={"LM-SHORT-VET": (first,)}), None)
    assert missing.value.case["activity_code"] == "LM-SHORT-VET"


def test_organisational_support_without_a_rate_is_missing(books):
    with pytest.raises(RateMissing) as missing:
        organisational_support({"LM-SHORT-VET": 1}, books[2024, "SE"], None)
    assert (missing.value.table, missing.value.call_year) == ("organisational", 2024)


def test_names_of_the_book_are_those_of_the_tables():
    assert [payee.value for payee in rate_books.Payee] == Payee.values
    assert {category.value for category in rate_books.Category} | {rate_books.ERASMUSPRO_EXTRA} == {
        *UnitCostKind.values
    }


# Whatever the facts


def made_up_book(day_rate, percents):
    """A book of call 2021 with one country and the tiers 1-14, 15-60 and 61-365."""
    ends = [(1, 14), (15, 60), (61, 365)]
    tiers = tuple(rate_books.Tier(*days, percent) for days, percent in zip(ends, percents, strict=True))
    band = rate_books.Band(10, None, {"standard": rate_books.Rate(Decimal(100))})
    return RateBook(
        call_year=2021,
        sending_country="ES",
        activities={"LM-SHORT-VET": rate_books.Activity(is_learners=True)},
        country_groups={"SE": "1"},
        day_rates={("learner_short", "1"): rate_books.Rate(day_rate)},
        tiers={"learner": tiers},
        bands=(band,),
        travel_days={"standard": 2},
    )


@given(
    day_rate=st.decimals("0.01", "500.00", places=2),
    percents=st.lists(st.integers(1, 100), min_size=3, max_size=3).map(lambda found: sorted(found, reverse=True)),
    days=st.integers(1, 400),
)
def test_more_days_never_pay_less(day_rate, percents, days):
    book = made_up_book(day_rate, percents)
    less, more = (
        calculate(facts(activity_days=count, travel_days=0), book)[1].amount_eur for count in (days, days + 1)
    )
    assert less <= more


@given(
    day_rate=st.decimals("0.01", "500.00", places=2),
    percents=st.lists(st.integers(1, 100), min_size=3, max_size=3),
    days=st.integers(1, 365),
    travel_days=st.integers(0, 2),
)
def test_steps_add_up_to_the_amount(day_rate, percents, days, travel_days):
    line = calculate(facts(activity_days=days, travel_days=travel_days), made_up_book(day_rate, percents))[1]
    ends = {1: 14, 15: 60, 61: 365}
    expected = 0
    for (first, last), percent in zip(ends.items(), percents, strict=True):
        rounded = (day_rate * percent / 100).quantize(Decimal(1), ROUND_HALF_UP)
        expected += rounded * len(range(first, min(last, days + travel_days) + 1))
    assert line.amount_eur == expected == sum(step.amount_eur for step in line.steps)


@given(
    day_rate=st.decimals("0.01", "500.00", places=2),
    percents=st.lists(st.integers(1, 100), min_size=3, max_size=3),
    last=st.sampled_from([(14, 1), (60, 2)]),
)
def test_day_after_the_last_of_any_tier_pays_the_next_ones_rate(day_rate, percents, last):
    (day, following), book = last, made_up_book(day_rate, percents)
    until, one_more = (
        calculate(facts(activity_days=days, travel_days=0), book)[1].amount_eur for days in (day, day + 1)
    )
    assert one_more - until == (day_rate * percents[following] / 100).quantize(Decimal(1), ROUND_HALF_UP)


def test_staff_get_linguistic_support_from_call_2021_on_alone(books):
    stay = facts(call_year=2020, activity_code="teaching-2014", activity_days=60, linguistic_support=True)
    line = calculate(stay, books[2020, "ES"])[2]
    assert (line.category, line.amount_eur, line.reason) == ("linguistic_support", 0, "learners_only")
