"""A grant in sentences: each kind of step, each reason and each gap in both languages."""

from decimal import Decimal

import pytest
from django.utils import translation

from mobilities import explanations
from mobilities.grants import GrantLine, NotGranted, Step
from mobilities.rate_books import Category, Payee, Rate, RateMissing, Table

RATE = Rate(Decimal(58), source="Exempel, s. 2", row=7)
BAND = {"km_from": 100, "km_to": 499, "distance_km": 420, "travel_mode": "standard"}
DAY = {"day_rate_eur": Decimal(58), "group": "2", "payee": Payee.LEARNER_SHORT, "tier_status": "verified"}


@pytest.fixture(autouse=True)
def english():
    with translation.override("en"):
        yield


def line(category, quantity, unit, about=None, *, rate=RATE, **why):
    return GrantLine(category, (Step(quantity, Decimal(unit), rate, about or {}),), **why)


def travel(**about):
    return line(Category.TRAVEL, 1, 180, BAND | about)


def days(quantity, unit=58, **about):
    first = about.pop("day_from", 1)
    return line(
        Category.INDIVIDUAL_SUPPORT,
        quantity,
        unit,
        DAY | {"day_from": first, "day_to": first + quantity - 1, "percent": 100} | about,
    )


@pytest.mark.parametrize(
    ("explained", "sentences"),
    [
        (
            travel(),
            [
                "The distance is 420 km one way. That is the distance band of 100 to 499 km.",
                "This band pays €180, once for the journey there and back.",
            ],
        ),
        (
            travel(km_from=8000, km_to=None, distance_km=8123, travel_mode="green"),
            [
                "The distance is 8,123 km one way. That is the last distance band, from 8,000 km on.",
                "For green travel this band pays €180, once for the journey there and back.",
            ],
        ),
        (
            days(1),
            [
                "Day 1: 1 day × €58 = €58.",
                "€58 is the rate a day for learners who stay in a country of group 2.",
            ],
        ),
        (
            days(14, group="PT"),
            [
                "Days 1 to 14: 14 days × €58 = €812.",
                "€58 is the rate a day for learners who stay in this country: Portugal.",
            ],
        ),
        (
            days(14, 57, day_rate_eur=Decimal("56.50")),
            [
                "Days 1 to 14: 14 days × €57 = €798.",
                "€56.50 is the rate a day for learners who stay in a country of group 2. It is rounded to whole euro: €57.",
            ],
        ),
        (
            days(14, 57, day_rate_eur=Decimal("56.50"), group="PT"),
            [
                "Days 1 to 14: 14 days × €57 = €798.",
                "€56.50 is the rate a day for learners who stay in this country: Portugal. "
                "It is rounded to whole euro: €57.",
            ],
        ),
        (
            days(9, 41, day_from=15, percent=70),
            [
                "Days 15 to 23: 9 days × €41 = €369.",
                "From day 15 on a day pays 70 per cent of €58: €41 in whole euro.",
            ],
        ),
        (
            days(23, activity_days=21, travel_days=2),
            [
                "21 days of the stay and 2 days of travel: 23 days in all.",
                "Days 1 to 23: 23 days × €58 = €1,334.",
                "€58 is the rate a day for learners who stay in a country of group 2.",
            ],
        ),
        (
            line(Category.LINGUISTIC_SUPPORT, 1, 150, {"is_extra": False}),
            ["A participant for whom there is no language course online gets €150 for another one."],
        ),
        (
            line(Category.LINGUISTIC_SUPPORT, 1, 150, {"is_extra": True}),
            ["A participant in ErasmusPro gets another €150 for the language."],
        ),
        (line(Category.COURSE_FEES, 1, 80), ["1 day with a course fee × €80 = €80."]),
        (line(Category.COURSE_FEES, 3, 80), ["3 days with a course fee × €80 = €240."]),
        (line(Category.COURSE_FEES, 1, 40, {"is_rest": True}), ["And €40 of the next day, up to the limit."]),
        (
            line(Category.INCLUSION_ORGANISATION, 1, 100),
            ["For each participant with fewer opportunities the organisation gets €100."],
        ),
        (
            line(Category.PREPARATORY_VISIT, 1, 575),
            ["For a preparatory visit there is one amount a person, for all costs: €575."],
        ),
        (
            line(Category.ORGANISATIONAL_SUPPORT, 1, 350, {"first": 1, "last": 1}),
            ["Participant number 1: 1 × €350 = €350."],
        ),
        (
            line(Category.ORGANISATIONAL_SUPPORT, 25, 200, {"first": 101, "last": 125}),
            ["Participants number 101 to 125: 25 × €200 = €5,000."],
        ),
        (
            line(
                Category.ORGANISATIONAL_SUPPORT,
                1,
                -200,
                {"awarded_eur": Decimal(900)},
                rate=Rate(Decimal(-200)),
                reason="award",
                limit=Decimal(900),
            ),
            ["The award is €900. What goes beyond it is not paid."],
        ),
    ],
)
def test_each_step_is_said_in_a_sentence(explained, sentences):
    assert explanations.explain(explained).sentences == sentences


@pytest.mark.parametrize(
    ("reason", "limit", "sentence"),
    [
        ("too_near", 10, "Below 10 km one way there is no travel support."),
        (
            "no_green_rate",
            None,
            "The call has no amount for green travel in this distance band, so the ordinary amount is paid.",
        ),
        ("last_tier", 365, "Days after day 365 pay nothing."),
        ("staff_days", 31, "Staff get linguistic support when they stay at least 31 days. This stay is shorter."),
        ("cap", Decimal(800), "A participant gets at most €800 in course fees, whatever the number of days."),
    ],
)
def test_a_line_that_pays_less_says_why(reason, limit, sentence):
    explained = explanations.explain(GrantLine(Category.TRAVEL, (), reason, limit))
    assert (explained.sentences, explained.amount_eur, explained.rates) == ([sentence], 0, [])
    assert explained.why_nothing == sentence
    assert explanations.explain(travel()).why_nothing == ""


def test_a_grant_is_its_lines_their_sum_and_how_sure_it_is():
    sure = explanations.explain_all([travel(), days(14)])
    assert [(one.name, one.amount_eur) for one in sure.lines] == [("Travel support", 180), ("Individual support", 812)]
    assert (sure.amount_eur, sure.is_verified) == (992, True)
    doubtful = line(Category.COURSE_FEES, 2, 80, rate=Rate(Decimal(80), "secondary", "Blad", 9))
    assert explanations.explain_all([travel(), doubtful]).is_verified is False
    assert explanations.explain_all([]).amount_eur == 0


def test_a_tier_that_is_not_verified_leaves_the_line_in_doubt():
    doubtful = days(14, tier_status="inferred")
    assert doubtful.is_verified is False
    assert [(rate.source, rate.doubt) for rate in explanations.explain(doubtful).rates] == [
        ("Exempel, s. 2", ""),
        ("tiers of funded days", "inferred"),
    ]


def test_a_tier_that_pays_a_share_is_named_with_its_row():
    steps = days(14, tier_row=3).steps + days(9, 41, day_from=15, percent=70, tier_row=4).steps
    rates = explanations.explain(GrantLine(Category.INDIVIDUAL_SUPPORT, steps)).rates
    assert [(rate.source, rate.kind, rate.row) for rate in rates] == [
        ("Exempel, s. 2", "cost", 7),
        ("tiers of funded days", "tier", 4),
    ]


def test_the_rates_of_a_line_are_named_once_with_their_rows():
    twice = GrantLine(Category.INDIVIDUAL_SUPPORT, days(14).steps + days(9, 41, day_from=15, percent=70).steps)
    (rate,) = explanations.explain(twice).rates
    assert (rate.source, rate.row, rate.doubt) == ("Exempel, s. 2", 7, "")
    doubtful = explanations.explain(line(Category.COURSE_FEES, 2, 80, rate=Rate(Decimal(80), "secondary", "Blad", 9)))
    assert [rate.doubt for rate in doubtful.rates] == ["from a secondary source"]
    assert doubtful.sources == ["Blad"]


@pytest.mark.parametrize(
    ("reason", "limit", "place", "beginning"),
    [
        ("no_days", None, "activity_days", "Write how many days"),
        ("at_home", None, "receiving_country", "A stay abroad is funded"),
        ("distance", 20038, "distance_km", "Write the distance one way in kilometres, from 0 to 20,038."),
        ("travel_days", 0, "travel_days", "In this call at most 0 days of travel are funded"),
        ("travel_days", 1, "travel_days", "In this call at most 1 day of travel is funded"),
        ("travel_days", 6, "travel_days", "In this call at most 6 days of travel are funded"),
    ],
)
def test_a_refusal_has_a_field_and_a_sentence(reason, limit, place, beginning):
    field, sentence = explanations.refusal(NotGranted(reason, limit))
    assert (field, sentence[: len(beginning)]) == (place, beginning)


@pytest.mark.parametrize(
    ("table", "case", "sentence"),
    [
        (
            Table.COUNTRY_GROUPS,
            {"country": "PT"},
            "Call 2023: no country group has been entered for this country: Portugal.",
        ),
        (
            Table.DAY_RATES,
            {"payee": Payee.STAFF, "group": "2"},
            "Call 2023, sent from Sweden: no rate a day has been entered for staff who stay in a country of group 2.",
        ),
        (
            Table.DAY_RATES,
            {"payee": Payee.LEARNER_SHORT, "group": "PT"},
            "Call 2023, sent from Sweden: no rate a day has been entered for learners who stay in this country: Portugal.",
        ),
        (
            Table.OTHER,
            {"category": Category.COURSE_FEES},
            "Call 2023: no amount has been entered for this: Course fees.",
        ),
        (
            Table.OTHER,
            {"category": "linguistic_support_erasmuspro_extra"},
            "Call 2023: no amount has been entered for this: Linguistic support.",
        ),
        (
            Table.TRAVEL,
            {"km_from": 8000},
            "Call 2023: no amount has been entered for the distance band from 8,000 km on.",
        ),
        (Table.TRAVEL, {"distance_km": 5}, "Call 2023: the table “Travel rates” has not been entered."),
        (Table.TIERS, {}, "Call 2023: the table “Tiers of funded days” has not been entered."),
    ],
)
def test_what_is_missing_names_the_call_the_table_and_the_case(table, case, sentence):
    assert explanations.missing(RateMissing(table, 2023, sending_country="SE", **case)) == sentence
