"""The tables of annex IV in the browser: read side by side, entered, changed, removed, and what is refused."""

import csv
import io
from decimal import Decimal

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import translation

from consortium.models import ActivityType
from consortium.permissions import NotAllowed
from mobilities import rate_edits, rate_evidence, rate_series, rate_tables
from mobilities.models import CountryGroup, FundedDayTier, TravelDayLimit, UnitCost
from mobilities.rate_books import RateMissing, Table
from mobilities.rate_series import Part
from tests import factories
from tests.cast import cast  # noqa: F401  (these tests count rows)
from tests.consortium.conftest import fields
from westum.base.forms import Changed

pytestmark = pytest.mark.django_db
CALL = 2024


@pytest.fixture
def tables():
    """A whole annex IV of call 2024, made up."""
    factories.made_up_rates(CALL)
    return CALL


@pytest.fixture
def office(sign_in, coordinator):
    return sign_in(coordinator)


def page(name, *args):
    return reverse(f"mobilities:{name}", args=args)


def staff_rate(group="1", **case):
    return UnitCost.objects.get(
        **{"kind": "individual_support", "payee": "staff", "country_group": group, "call_year": CALL} | case
    )


def errors(response):
    return {name: list(sentences) for name, sentences in response.context["form"].errors.items()}


# Reading


def test_list_tells_of_each_call_what_is_missing_and_not_verified(tables, office):
    UnitCost.objects.create(kind="travel", call_year=2023, km_from=10, travel_mode="standard", status="inferred")
    row = staff_rate()
    row.amount_eur, row.status = None, "unverified"
    row.save()
    limit = TravelDayLimit.objects.get(travel_mode="green")
    limit.status = "secondary"
    limit.save()
    years = office.get(page("rates")).context["years"]
    assert [(one["tables"].call_year, one["missing"], one["unverified"]) for one in years] == [
        (2024, 1, 1),
        (2023, 18, 0),
    ]
    assert years[0]["tables"].countries_with_amounts == ["Sweden"]
    assert years[0]["tables"].generation == "2021–2027"


def test_call_stands_beside_the_one_before(tables, office):
    factories.made_up_rates(CALL + 1)
    UnitCost.objects.filter(kind="travel", call_year=CALL, km_from=2000, travel_mode="green").delete()
    changed = UnitCost.objects.get(kind="course_fees", call_year=CALL + 1)
    changed.amount_eur = 90
    changed.save()
    CountryGroup.objects.get(call_year=CALL + 1, country_code="IE").delete()
    tier = FundedDayTier.objects.get(call_year=CALL + 1, audience="staff", day_from=15)
    tier.day_to = 60
    tier.save()
    response = office.get(page("rate_year", CALL + 1))
    found = {
        str(line.case): (line.value, line.value_before, line.change)
        for section in response.context["sections"]
        for line in section.lines
        if line.change != "same"
    }
    assert found == {
        "2,000 km and more, train, bus or shared car (green travel)": ("€330", "", "new"),
        "Course fees, a day": ("€90, at most €800", "€80, at most €800", "differs"),
        "Ireland": ("", "2", "gone"),
        "Staff, days 15–60": ("70 per cent", "Staff, days 15–365: 70 per cent", "differs"),
    }
    shown = response.content.decode()
    assert "differs" in shown
    assert f'id="row-cost-{changed.pk}"' in shown


def test_missing_amounts_lead_to_where_they_are_entered(tables, office, sign_in, contact):
    for row in [staff_rate("1"), staff_rate("2"), UnitCost.objects.get(kind="preparatory_visit")]:
        row.amount_eur = None
        row.save()
    FundedDayTier.objects.all().delete()
    visit = row
    gaps = office.get(page("rate_year", CALL)).context["gaps"]
    assert [(gap.text, gap.url) for gap in gaps] == [
        ("Day rates from Sweden: 2 of 12 amounts.", page("rate_days", CALL, "SE")),
        ("Share of the day rate by length of stay: the whole table.", "#tiers"),
        ("Other unit costs: Preparatory visit.", page("rate_change", "cost", visit.pk)),
    ]
    shown = sign_in(contact).get(page("rate_year", CALL)).content.decode()
    assert page("rate_days", CALL, "SE") not in shown
    assert f'href="#row-cost-{visit.pk}"' in shown
    assert "The coordinator enters them." in shown


def test_learners_have_a_rate_for_each_country_until_call_2017(office):
    for code in ("DK", "PT", "SE"):
        CountryGroup.objects.create(call_year=2015, country_code=code, group="A")
    tables = rate_tables.load([2015])[2015]
    cells = list(tables.cells("SE"))
    assert cells == [
        ("learner_short", "DK"),
        ("learner_short", "PT"),
        *(("staff", group) for group in "ABCD"),
        *(("accompanying_person", group) for group in "ABCD"),
    ]
    form = office.get(page("rate_days", 2015, "SE")).context["form"]
    assert form["rate-learner_short-DK"].label == "Denmark"


def test_day_rates_of_a_country_that_has_none_fall_back_on_home(tables, office):
    UnitCost.objects.create(
        kind="individual_support",
        call_year=CALL,
        sending_country="ES",
        payee="staff",
        country_group="1",
        amount_eur=117,
    )
    lines = {}
    for country in ("ES", "XX", ""):
        response = office.get(page("rate_year", CALL), {"country": country})
        lines[country] = [line.value for line in response.context["sections"][0].lines]
    assert lines["ES"] == ["€117"]
    assert lines["XX"] == lines[""]
    assert len(lines[""]) == 12


def test_countries_are_folded_with_third_countries_apart(tables, office):
    section = office.get(page("rate_year", CALL)).context["sections"][-1]
    assert [(heading, [line.case for line in lines]) for heading, lines in section.parts] == [
        ("2 countries of the programme", ["Ireland", "Portugal"]),
        ("1 country not associated with the programme", ["Switzerland"]),
    ]


def test_countries_share_the_sources_below_their_table(tables, office):
    for row in CountryGroup.objects.all():
        row.source = "Programme Guide"
        row.save()
    shown = office.get(page("rate_year", CALL)).content.decode()
    assert 'href="#country-groups-source-1"' not in shown
    assert "Programme Guide" in shown
    assert '<a href="#day-rates">' in shown


def test_row_shows_source_and_history_to_those_who_work_here(tables, office, sign_in, participant, auditor):
    row = staff_rate()
    row.source, row.note = "Annex IV, page 3", "As printed"
    rate_edits.change(row=row, reason="A slip of the pen", by=None)
    for client, sees in [(office, True), (sign_in(auditor), True), (sign_in(participant), False)]:
        shown = client.get(page("rate_row", "cost", row.pk)).content.decode()
        assert "Annex IV, page 3" in shown
        assert "As printed" in shown
        assert "€100" in shown
        assert ("A slip of the pen" in shown) is sees


def test_removed_row_still_tells_what_it_said(tables, office):
    row = staff_rate()
    office.post(page("rate_remove", "cost", row.pk), {"reason": "Not in the annex"})
    assert not UnitCost.objects.filter(pk=row.pk).exists()
    shown = office.get(page("rate_row", "cost", row.pk)).content.decode()
    assert "This row has been removed." in shown
    assert "€100" in shown
    assert page("rate_change", "cost", row.pk) not in shown
    assert "Not in the annex" in office.get(page("rate_year", CALL)).content.decode()


@pytest.mark.parametrize(
    "path",
    ["/rates/2013/", "/rates/2028/", "/rates/rows/tip/1/", "/rates/rows/cost/999999/", "/rates/rows/tip/1/change/"],
)
def test_what_is_not_there_is_not_found(path, office):
    assert office.get(path).status_code == 404


@pytest.mark.parametrize(
    "path",
    ["/rates/2024/add/tier/", "/rates/2024/series/tips/", "/rates/2024/day-rates/XX/", "/rates/2028/day-rates/SE/"],
)
def test_tables_that_no_call_has_are_not_found(path, office):
    assert office.get(path).status_code == 404


def test_missing_rate_leads_to_its_table():
    asked = RateMissing(Table.DAY_RATES, CALL, sending_country="ES", payee="staff", group="1")
    assert rate_tables.where_missing(asked) == f"{page('rate_year', CALL)}?country=ES#day-rates"
    asked = RateMissing(Table.TIERS, CALL, sending_country="SE", payee="staff")
    assert rate_tables.where_missing(asked) == f"{page('rate_year', CALL)}#tiers"


@pytest.mark.parametrize("count", [1, 3, 50])
def test_pages_need_the_same_queries_for_any_number_of_rows(count, tables, office, django_assert_num_queries):
    codes = ["FI", "DK", "NO", *(f"{first}{second}" for first in "ABCDEF" for second in "BCDEFGHI")][:count]
    CountryGroup.objects.exclude(country_code="PT").delete()
    for code in codes:
        CountryGroup.objects.create(call_year=CALL, country_code=code, group="1")
    office.get(page("rates"))
    with django_assert_num_queries(15):
        response = office.get(page("rate_year", CALL))
    assert len(response.context["sections"][-1].lines) == count + 1
    with django_assert_num_queries(8):
        office.get(page("rates"))


def test_pages_of_the_shipped_tables_need_as_many_queries(office, django_assert_num_queries):
    call_command("load_fixtures", verbosity=0)
    office.get(page("rates"))
    with django_assert_num_queries(15):
        response = office.get(page("rate_year", 2021))
    assert len(response.context["sections"][-1].lines) == 202
    with django_assert_num_queries(8):
        assert len(office.get(page("rates")).context["years"]) == 13


# One row


def test_amount_is_changed_with_a_reason(tables, office, send):
    row = staff_rate()
    send(
        office,
        page("rate_change", "cost", row.pk),
        amount_eur="57.50",
        source="Annex IV",
        reason="Printed so",
        status="inferred",
    )
    row.refresh_from_db()
    assert (row.amount_eur, row.source, row.status, row.version) == (Decimal("57.50"), "Annex IV", "inferred", 1)
    line = row.history.first()
    assert line.history_change_reason == "changed the rate\nPrinted so"


def test_swedish_comma_is_read(tables, office):
    row = staff_rate()
    office.defaults["HTTP_ACCEPT_LANGUAGE"] = "sv"
    path = page("rate_change", "cost", row.pk)
    office.post(
        path,
        fields(office.get(path).context["form"], amount_eur="57,50", source="Bilaga IV", reason="x", is_confirmed="on"),
    )
    row.refresh_from_db()
    assert row.amount_eur == Decimal("57.50")


@pytest.mark.parametrize(
    ("written", "sentence"),
    [
        ("-5", "This number is too low. Write at least 0."),
        ("1e9", "This number is too high. Write at most 10000."),
        ("many", "This is no amount. Write it as in 2500.50."),
        ("57.505", "Write at most two decimals, as in 2500.50."),
    ],
)
def test_wrong_amount_is_refused(written, sentence, tables, office):
    row = staff_rate()
    path = page("rate_change", "cost", row.pk)
    response = office.post(path, fields(office.get(path).context["form"], amount_eur=written, source="Annex IV"))
    assert errors(response) == {"amount_eur": [sentence]}
    assert response.context["form"]["amount_eur"].value() == written


def test_limit_below_the_amount_is_refused(tables, office):
    path = page("rate_change", "cost", UnitCost.objects.get(kind="course_fees").pk)
    response = office.post(path, fields(office.get(path).context["form"], cap_eur="10", source="Annex IV"))
    assert errors(response) == {"cap_eur": ["Write a limit from the amount itself to 10,000 euro."]}


def test_emptied_amount_is_missing_and_not_zero(tables, office):
    row = staff_rate()
    path = page("rate_change", "cost", row.pk)
    office.post(path, fields(office.get(path).context["form"], amount_eur="", source="Annex IV", reason="Not there"))
    row.refresh_from_db()
    assert (row.amount_eur, row.status) == (None, "unverified")
    shown = office.get(page("rate_row", "cost", row.pk)).content.decode()
    assert "Missing" in shown
    assert "€0" not in shown


def test_verified_needs_a_source(tables, office):
    path = page("rate_change", "group", CountryGroup.objects.get(country_code="PT").pk)
    response = office.post(path, fields(office.get(path).context["form"], status="verified", source="  "))
    assert errors(response) == {"source": ["Name the source by which it is verified."]}


def test_two_editors_meet(tables, office):
    row = staff_rate()
    path = page("rate_change", "cost", row.pk)
    sent = fields(office.get(path).context["form"], amount_eur="55", source="Annex IV")
    row.amount_eur = 66
    rate_edits.change(row=row, by=None)
    response = office.post(path, sent)
    assert [(line["mine"], line["theirs"]) for line in response.context["form"].conflict] == [
        ("55", "66.00"),
        ("verified", "not verified"),
        ("Annex IV", ""),
    ]
    with pytest.raises(Changed):
        rate_edits.change(row=UnitCost(pk=row.pk, version=0), by=None)


def test_country_is_added_once(tables, office):
    path = page("rate_add", CALL, "group")
    form = office.get(path).context["form"]
    codes = [code for code, _name in form.fields["country_code"].choices]
    assert "PT" not in codes
    sent = fields(form, country_code="FI", group="1")
    response = office.post(path, sent)
    added = CountryGroup.objects.get(country_code="FI")
    assert response["Location"] == f"{page('rate_year', CALL)}#row-group-{added.pk}"
    assert added.history.get().history_change_reason == "entered the rate"
    response = office.post(path, fields(office.get(path).context["form"], country_code="XX", group="1"))
    assert errors(response) == {"country_code": ["This is not in the list. Choose something in it."]}
    with pytest.raises(NotAllowed, match="Somebody else has just entered this"):
        rate_edits.add(row=CountryGroup(call_year=CALL, country_code="FI", group="2"), by=None)


def test_other_costs_and_ways_of_travelling_are_added(office):
    office.post(
        page("rate_add", CALL, "cost"),
        {"kind": "course_fees", "amount_eur": "80", "cap_eur": "800", "status": "unverified"},
    )
    assert UnitCost.objects.get().cap_eur == 800
    office.post(
        page("rate_add", CALL, "travel-days"), {"travel_mode": "green", "most_days": "6", "status": "unverified"}
    )
    assert TravelDayLimit.objects.get().most_days == 6
    response = office.post(
        page("rate_add", CALL, "travel-days"), {"travel_mode": "standard", "most_days": "11", "status": "unverified"}
    )
    assert errors(response) == {"most_days": ["This number is too high. Write at most 10."]}


def test_row_is_removed_with_a_reason(tables, office):
    limit = TravelDayLimit.objects.get(travel_mode="green")
    path = page("rate_remove", "travel-days", limit.pk)
    assert errors(office.post(path, {"reason": ""})) == {"reason": ["Fill in “Why do you remove it?”."]}
    office.post(path, {"reason": "Not in this call"})
    assert TravelDayLimit.history.first().history_change_reason == "removed the rate\nNot in this call"
    with pytest.raises(NotAllowed, match="already"):
        rate_edits.remove(row=limit, reason="Again", by=None)


def test_row_of_a_series_is_not_removed_alone(tables, office):
    tier = FundedDayTier.objects.first()
    assert office.get(page("rate_remove", "tier", tier.pk)).status_code == 404
    shown = office.get(page("rate_row", "tier", tier.pk)).content.decode()
    assert page("rate_series", CALL, f"tiers-{tier.audience}") in shown


def test_days_of_an_activity_are_changed_with_history(office):
    activity = factories.ActivityTypeFactory()
    path = page("rate_change", "activity", activity.pk)
    sent = fields(office.get(path).context["form"], min_days="12", max_days="9")
    assert errors(office.post(path, sent | {"source": "Guide 2024"})) == {
        "max_days": ["The maximum cannot be below the minimum."]
    }
    office.post(path, sent | {"max_days": "80", "source": "Guide 2024", "reason": "New guide"})
    activity.refresh_from_db()
    assert (activity.min_days, activity.max_days, activity.version) == (12, 80, 1)
    assert activity.history.first().history_change_reason == "changed the activity\nNew guide"


# Whole tables


def test_table_of_day_rates_is_entered_at_once(office):
    path = page("rate_days", CALL, "SE")
    sent = fields(office.get(path).context["form"]) | {"rate-staff-1": "101", "rate-staff-2": "0"}
    response = office.post(path, sent | {"source": "Annex IV", "status": "verified"}, follow=True)
    assert "2 rows have changed" in response.content.decode()
    found = list(
        UnitCost.objects.order_by("country_group").values_list(
            "payee", "country_group", "amount_eur", "source", "status"
        )
    )
    assert found == [("staff", "1", 101, "Annex IV", "verified"), ("staff", "2", 0, "Annex IV", "verified")]
    path = page("rate_days", CALL, "SE")
    sent = fields(office.get(path).context["form"])
    assert sent["rate-staff-1"] == Decimal(101)
    assert "Nothing has changed" in office.post(path, sent, follow=True).content.decode()
    sent = fields(office.get(path).context["form"]) | {"rate-staff-2": "", "reason": "Not in the annex"}
    office.post(path, sent)
    emptied = staff_rate("2")
    assert (emptied.amount_eur, emptied.status, emptied.history.count()) == (None, "unverified", 2)


def test_wrong_amount_keeps_the_whole_table_unsaved(office):
    path = page("rate_days", CALL, "SE")
    sent = fields(office.get(path).context["form"]) | {"rate-staff-1": "101", "rate-staff-2": "-5"}
    response = office.post(path, sent)
    assert errors(response) == {"rate-staff-2": ["This number is too low. Write at least 0."]}
    assert "Staff, Group 2: This number is too low. Write at least 0.</a>" in response.content.decode()
    assert response.context["form"]["rate-staff-1"].value() == "101"
    assert not UnitCost.objects.exists()


def test_two_editors_of_a_table_meet(tables, office):
    path = page("rate_days", CALL, "SE")
    sent = fields(office.get(path).context["form"]) | {"rate-staff-1": "55", "source": "Annex IV", "reason": "A slip"}
    row = staff_rate()
    row.amount_eur = 66
    rate_edits.change(row=row, by=None)
    response = office.post(path, sent)
    form = response.context["form"]
    assert {(line["label"], line["mine"], str(line["theirs"])) for line in form.conflict} == {
        ("Staff, Group 1", "55", "66.00"),
        ("Source of what you enter or change", "Annex IV", ""),
        ("Why do you change it?", "A slip", ""),
    }
    office.post(path, fields(form))
    assert staff_rate().amount_eur == 55


def test_another_country_is_chosen_and_entered(office):
    response = office.post(page("rate_days_of", CALL), {"country": "FI"})
    assert response["Location"] == page("rate_days", CALL, "FI")
    path = page("rate_days", CALL, "FI")
    office.post(path, fields(office.get(path).context["form"]) | {"rate-staff-1": "90", "status": "unverified"})
    assert office.get(page("rate_year", CALL)).context["countries"] == ["FI", "SE"]


def series(slug, call_year=CALL):
    return rate_series.find(call_year, slug)


def tiers(*parts):
    return [Part(first, last, {"percent": percent}) for first, last, percent in parts]


@pytest.mark.parametrize(
    ("slug", "parts", "faults"),
    [
        ("tiers-learner", tiers((1, 14, 100), (15, 365, 70)), []),
        (
            "tiers-learner",
            tiers((1, 14, 100), (16, 365, 70)),
            [(1, "first", "The row before ends at 14, so there is a gap. Begin at 15.")],
        ),
        (
            "tiers-learner",
            tiers((1, 14, 100), (10, 365, 70)),
            [(1, "first", "The row before ends at 14, so both overlap. Begin at 15.")],
        ),
        ("tiers-learner", tiers((2, 14, 100)), [(0, "first", "The first row begins at 1.")]),
        ("tiers-learner", tiers((1, None, 100)), [(0, "last", "Write on which day it ends.")]),
        ("tiers-learner", tiers((5, 3, 100)), [(0, "last", "The end cannot be before the beginning.")]),
        ("travel", [Part(10, 99, {}), Part(100, None, {})], []),
        (
            "travel",
            [Part(10, None, {}), Part(100, None, {})],
            [(0, "last", "Write where it ends: only the last row may go on without an end.")],
        ),
        ("support-LM-SHORT-VET", [Part(1, None, {})], []),
    ],
)
def test_rows_follow_on_each_other(slug, parts, faults, tables):
    assert list(rate_series.faults(series(slug), parts)) == faults


def test_gap_is_said_at_the_field_and_refused_by_the_rule(tables, office):
    path = page("rate_series", CALL, "tiers-staff")
    sent = fields(office.get(path).context["form"]) | {"first-1": "16", "source": "Annex IV", "reason": "x"}
    assert errors(office.post(path, sent)) == {
        "first-1": ["The row before ends at 14, so there is a gap. Begin at 15."]
    }
    found = series("tiers-staff")
    with pytest.raises(NotAllowed, match="gap"):
        rate_edits.enter_series(
            series=found,
            parts=tiers((1, 14, 100), (16, 365, 70)),
            evidence=rate_edits.Evidence(),
            seen=rate_edits.fingerprint(found.rows),
            by=None,
        )


def test_bounds_of_tiers_move_together(tables, office):
    path = page("rate_series", CALL, "tiers-staff")
    sent = fields(office.get(path).context["form"]) | {
        "last-0": "10",
        "first-1": "11",
        "last-1": "60",
        "source": "Annex IV",
        "reason": "Another annex",
    }
    office.post(path, sent | {"first-2": "61", "last-2": "365", "percent-2": "50"})
    found = FundedDayTier.objects.filter(audience="staff").order_by("day_from")
    assert list(found.values_list("day_from", "day_to", "percent")) == [(1, 10, 100), (11, 60, 70), (61, 365, 50)]


def test_half_a_row_is_refused(tables, office):
    path = page("rate_series", CALL, "tiers-staff")
    sent = fields(office.get(path).context["form"]) | {"percent-2": "50", "percent-1": "", "source": "Annex IV"}
    assert errors(office.post(path, sent)) == {
        "first-2": ["Write where this row begins, or leave all of it empty."],
        "percent-1": ["Write the share that is paid, in per cent."],
    }


def test_band_without_a_green_rate_has_no_row_and_a_missing_one_stays(tables, office):
    green = UnitCost.objects.filter(kind="travel", travel_mode="green")
    row = green.get(km_from=2000)
    row.amount_eur = None
    row.save()
    path = page("rate_series", CALL, "travel")
    sent = fields(office.get(path).context["form"]) | {
        "green-0": "",
        "standard-1": "",
        "source": "Annex IV",
        "reason": "x",
    }
    office.post(path, sent)
    assert list(green.order_by("km_from").values_list("km_from", "amount_eur")) == [(500, 240), (2000, None)]
    assert UnitCost.objects.get(kind="travel", travel_mode="standard", km_from=500).amount_eur is None


def test_organisational_support_is_entered_for_an_activity_that_has_none(tables, office):
    factories.ActivityTypeFactory(key="courses", ec_code="SM-COUR-TRAIN", first_call=2021, last_call=2027)
    path = page("rate_series", CALL, "support-SM-COUR-TRAIN")
    sent = {"first-0": "1", "amount-0": "100", "status": "unverified"}
    office.post(path, fields(office.get(path).context["form"]) | sent)
    row = UnitCost.objects.get(activity_code="SM-COUR-TRAIN")
    assert (row.first_participant, row.last_participant, row.amount_eur) == (1, None, 100)
    assert [one.slug for one in rate_series.of_call(2019)] == ["travel", "tiers-learner", "tiers-staff", "support-all"]


def test_series_changed_meanwhile_is_compared(tables, office):
    path = page("rate_series", CALL, "support-LM-SHORT-VET")
    sent = fields(office.get(path).context["form"]) | {"amount-0": "360", "source": "Annex IV", "reason": "A slip"}
    row = UnitCost.objects.get(activity_code="LM-SHORT-VET", first_participant=1)
    row.amount_eur = 370
    rate_edits.change(row=row, by=None)
    form = office.post(path, sent).context["form"]
    assert ("Row 1: Amount in euro", "360", "370.00") in {
        (line["label"], line["mine"], str(line["theirs"])) for line in form.conflict
    }


# What other tables look like


@pytest.mark.parametrize(
    ("fields_of_row", "words"),
    [
        ({"min_days": None, "max_days": None}, ""),
        ({"min_days": 2, "max_days": None}, "at least 2 days"),
        ({"min_days": None, "max_days": 10}, "at most 10 days"),
        ({"min_days": 2, "max_days": 10}, "2–10 days"),
    ],
)
def test_days_of_an_activity_in_words(fields_of_row, words):
    assert rate_tables.value_of(ActivityType(**fields_of_row)) == words


@pytest.mark.parametrize(
    ("lowest", "highest", "words"),
    [(None, None, ""), (80, 160, "€80 to €160"), (None, 160, "at most €160"), (80, None, "at least €80")],
)
def test_bounds_in_words(lowest, highest, words):
    assert rate_tables.bounds_of(UnitCost(lowest_eur=lowest, highest_eur=highest)) == words
    assert rate_tables.bounds_of(CountryGroup()) == ""


@pytest.mark.parametrize(
    ("row", "case"),
    [
        (
            UnitCost(kind="individual_support", payee="learner_short", country_group="DK"),
            "Learner, short-term, to Denmark",
        ),
        (UnitCost(kind="organisational_support", first_participant=1), "All activities"),
        (
            UnitCost(kind="organisational_support", activity_code="X", first_participant=1, last_participant=100),
            "X, participants 1–100",
        ),
        (
            UnitCost(kind="organisational_support", activity_code="X-INTERNATIONAL", first_participant=101),
            "To a country not associated with the programme, from participant 101",
        ),
    ],
)
def test_cases_in_words(row, case):
    assert rate_tables.case_of(row) == case


# A whole call


def test_new_call_begins_with_the_rows_of_the_one_before(tables, office):
    path = page("rate_copy", CALL + 1)
    assert page("rate_copy", CALL + 1) in office.get(page("rate_year", CALL + 1)).content.decode()
    form = office.get(path).context["form"]
    office.post(path, fields(form))
    for model in rate_edits.TABLES:
        before, after = (model.objects.filter(call_year=year) for year in (CALL, CALL + 1))
        assert len(before) == len(after) > 0
        assert {(row.status, row.source, row.note, row.version) for row in after} == {
            ("unverified", "", "Copied from call 2024.", 0)
        }
        assert {row.history.get().history_change_reason for row in after} == {"copied the rate from an earlier call"}
    assert {
        section.lines[0].change
        for section in office.get(page("rate_year", CALL + 1)).context["sections"]
        if section.lines
    } == {"same"}
    response = office.post(path, fields(office.get(path).context["form"]))
    assert response.context["form"].non_field_errors() == ["This call has rates already. Change those."]


def test_nothing_is_copied_from_nothing(office):
    assert office.get(page("rate_copy", CALL)).status_code == 404
    with pytest.raises(NotAllowed, match="Call 2023 has no rates to copy"):
        rate_edits.copy_year(call_year=CALL, from_year=2023, by=None)


def test_sheet_has_a_line_for_each_row(tables, office):
    UnitCost.objects.create(
        kind="individual_support", call_year=CALL, sending_country="ES", payee="learner_short", country_group="DK"
    )
    response = office.get(page("rate_export", CALL, "csv"))
    lines = list(csv.DictReader(io.StringIO(b"".join(response.streaming_content).decode())))
    assert len(lines) == sum(model.objects.count() for model in rate_edits.TABLES)
    assert office.get(page("rate_export", CALL, "pdf")).status_code == 404

    def filled(line):
        return {name: value for name, value in line.items() if value}

    assert filled(lines[0]) == {
        "Table": "Individual support, a day",
        "Sending country": "ES",
        "For whom": "Learner, short-term",
        "Receiving country": "DK",
        "How sure it is": "Not verified",
    }
    first = {line["Table"]: list(filled(line).values())[1:] for line in reversed(lines)}
    assert first == {
        "Individual support, a day": ["ES", "Learner, short-term", "DK", "Not verified"],
        "Travel": ["100", "499", "Plane or car", "100.00", "Verified"],
        "Limit of travel days": ["Plane or car", "2", "Verified"],
        "Tier of funded days": ["Learners", "1", "14", "100", "Verified"],
        "Course fees, a day": ["80.00", "800.00", "Verified"],
        "Inclusion support for organisations": ["110.00", "Verified"],
        "Linguistic support": ["150.00", "Verified"],
        "Linguistic support, in addition for ErasmusPro": ["160.00", "Verified"],
        "Preparatory visit": ["570.00", "Verified"],
        "Organisational support": ["1", "100", "LM-SHORT-VET", "350.00", "Verified"],
        "Country group": ["2", "IE", "No", "Verified"],
    }


def test_note_of_another_amount_goes_with_it(tables, office):
    row = staff_rate()
    row.amount_eur, row.note = None, "Not found yet"
    row.save()
    other = staff_rate("2")
    other.note = "As printed"
    other.save()
    path = page("rate_days", CALL, "SE")
    sent = fields(office.get(path).context["form"]) | {"rate-staff-1": "101", "rate-staff-2": "88"}
    office.post(path, sent | {"source": "Annex IV", "reason": "Printed so"})
    assert (staff_rate().note, staff_rate("2").note, staff_rate("3").status) == ("", "", "verified")


def test_days_of_another_call_are_compared(office):
    """An activity is one row for several calls, so it is the same in the call before."""
    activity = factories.ActivityTypeFactory()
    [line] = office.get(page("rate_year", CALL)).context["sections"][6].lines
    assert (line.row, line.value, line.change) == (activity, "10–89 days", "same")


def test_row_of_another_country_leads_back_to_its_table(tables, office):
    row = UnitCost.objects.create(
        kind="individual_support",
        call_year=CALL,
        sending_country="ES",
        payee="staff",
        country_group="1",
        amount_eur=117,
    )
    response = office.get(page("rate_row", "cost", row.pk))
    assert response.context["place"] == f"{page('rate_year', CALL)}?country=ES#row-cost-{row.pk}"
    assert "from Spain" in response.content.decode()


def test_forms_ask_for_what_their_row_has(tables, office):
    asked = {
        model: sorted(office.get(page("rate_change", kind, model.objects.first().pk)).context["form"].fields)
        for kind, model in rate_tables.KINDS.items()
        if model is not ActivityType
    }
    common = ["form_token", "note", "reason", "source", "status", "version"]
    assert asked == {
        UnitCost: sorted([*common, "amount_eur"]),
        CountryGroup: sorted([*common, "group", "is_third_country"]),
        FundedDayTier: sorted([*common, "percent"]),
        TravelDayLimit: sorted([*common, "most_days"]),
    }
    form = office.get(page("rate_days_of", CALL)).context["form"]
    assert ("ES", "Spain") in form.fields["country"].choices


def test_table_saved_unchanged_leaves_no_line(tables, office):
    path = page("rate_series", CALL, "tiers-staff")
    for row in FundedDayTier.objects.filter(audience="staff"):
        row.source = "Annex IV"
        row.save()
    before = FundedDayTier.history.count()
    response = office.post(path, fields(office.get(path).context["form"]), follow=True)
    assert "Nothing has changed." in response.content.decode()
    assert FundedDayTier.history.count() == before


# What an amount rests on


def sourced(group, source, **changes):
    row = staff_rate(group)
    row.source = source
    for name, value in changes.items():
        setattr(row, name, value)
    row.save()
    return row


def test_rows_of_a_table_that_stay_the_same_keep_their_source(tables, office):
    for group, source in [("1", "Annex IV"), ("2", "Annex IV"), ("3", "Spanish annex")]:
        sourced(group, source)
    UnitCost.objects.filter(kind="individual_support").exclude(payee="staff").delete()
    path = page("rate_days", CALL, "SE")
    form = office.get(path).context["form"]
    assert (form["source"].value(), form["status"].value()) == ("Annex IV", "unverified")
    assert form.fields["source"].help_text == (
        "Rows that you do not change keep their source. 2 rows: “Annex IV”; 1 row: “Spanish annex”."
    )
    sent = fields(form) | {"rate-staff-3": "77", "source": "Agreement", "reason": "A slip"}
    assert "1 row has changed" in office.post(path, sent, follow=True).content.decode()
    found = {row.country_group: (row.source, row.status) for row in UnitCost.objects.filter(payee="staff")}
    assert found == {
        "1": ("Annex IV", "verified"),
        "2": ("Annex IV", "verified"),
        "3": ("Agreement", "unverified"),
    }
    assert staff_rate("3").history.first().history_change_reason == "changed the rate\nA slip"


def test_source_may_be_noted_for_the_whole_table(tables, office):
    path = page("rate_series", CALL, "tiers-staff")
    sent = fields(office.get(path).context["form"]) | {"source": "Guide", "status": "inferred", "is_for_all": "on"}
    office.post(path, sent)
    found = FundedDayTier.objects.filter(audience="staff")
    assert [(row.source, row.status, row.percent) for row in found] == [
        ("Guide", "inferred", 100),
        ("Guide", "inferred", 70),
    ]


def test_another_amount_in_a_table_asks_for_reason_and_source(tables, office):
    sourced("1", "Annex IV")
    path = page("rate_days", CALL, "SE")
    sent = fields(office.get(path).context["form"]) | {"rate-staff-1": "77", "status": "verified"}
    response = office.post(path, sent)
    assert errors(response) == {
        "reason": ["Say why you change what was entered before."],
        "is_confirmed": [
            "Another amount needs its own source. Write it above, or tick here if the new amounts are in this one."
        ],
    }
    office.post(path, sent | {"reason": "A slip", "is_confirmed": "on"})
    assert (staff_rate().amount_eur, staff_rate().source, staff_rate().status) == (77, "Annex IV", "verified")


@pytest.mark.parametrize(
    ("amount", "bounds", "sentence"),
    [
        ("181", (None, 180), "Staff, country group 1: €181, and the Programme Guide allows at most €180"),
        ("79", (80, 180), "Staff, country group 1: €79, and the Programme Guide allows €80 to €180"),
        ("501", (None, None), "Staff, country group 1: €501 is much for a day"),
    ],
)
def test_strange_day_rate_is_asked_about(amount, bounds, sentence, tables, office):
    row = sourced("1", "", lowest_eur=bounds[0], highest_eur=bounds[1])
    path = page("rate_change", "cost", row.pk)
    answers = {"amount_eur": amount, "source": "Annex IV", "reason": "Printed so", "is_confirmed": "on"}
    sent = fields(office.get(path).context["form"]) | answers
    assert errors(office.post(path, sent)) == {"is_right": [f"Correct it, or tick here: {sentence}."]}
    table = page("rate_days", CALL, "SE")
    entered = fields(office.get(table).context["form"]) | {"rate-staff-1": amount, "source": "A", "reason": "x"}
    assert errors(office.post(table, entered)) == {"is_right": [f"Correct it, or tick here: {sentence}."]}
    office.post(path, sent | {"is_right": "on"})
    assert staff_rate().amount_eur == int(amount)


def test_bounds_themselves_are_allowed(tables):
    row = staff_rate()
    row.lowest_eur, row.highest_eur = 80, 180
    assert [rate_evidence.is_doubtful(row, amount) for amount in (None, 80, 180)] == [False, False, False]
    assert not rate_evidence.is_doubtful(staff_rate(), 500)
    assert not rate_evidence.is_doubtful(UnitCost(kind="course_fees"), 5000)


def test_another_amount_needs_its_source_and_is_not_verified_by_the_old_one(tables, office):
    row = sourced("1", "Annex IV", note="Not found")
    path = page("rate_change", "cost", row.pk)
    sent = fields(office.get(path).context["form"]) | {"amount_eur": "57"}
    assert set(errors(office.post(path, sent))) == {"reason", "is_confirmed"}
    office.post(path, sent | {"reason": "A slip", "is_confirmed": "on"})
    row.refresh_from_db()
    assert (row.amount_eur, row.status, row.source, row.note) == (57, "verified", "Annex IV", "")


def test_rule_lets_no_amount_take_over_a_source(tables):
    row = sourced("1", "Annex IV")
    row.amount_eur = 57
    with pytest.raises(NotAllowed, match="write its source, or confirm"):
        rate_edits.change(row=row, by=None)
    row.refresh_from_db()
    row.amount_eur, row.source = 57, "Agreement"
    assert rate_edits.change(row=row, by=None).status == "unverified"
    row.refresh_from_db()
    row.amount_eur, row.status = 58, "verified"
    assert rate_edits.change(row=row, is_confirmed=True, by=None).status == "verified"
    row.amount_eur = None
    assert rate_edits.change(row=row, is_confirmed=True, by=None).status == "unverified"


def test_new_row_without_an_amount_is_not_verified():
    row = UnitCost(kind="preparatory_visit", call_year=CALL, status="verified", source="Annex IV")
    assert rate_edits.add(row=row, by=None).status == "unverified"


def test_a_row_leads_back_to_the_rates_of_the_country_from_which_one_came(sign_in, participant, tables):
    row = UnitCost.objects.filter(kind="travel", call_year=CALL).first()
    client = sign_in(participant)
    shown = client.get(rate_tables.address(row), {"country": "ES"}).text
    assert "the same in the whole programme" in shown
    assert f'href="{page("rate_year", CALL)}?country=ES#{rate_tables.anchor(row)}"' in shown
    for code in ("", "SE", "??"):
        shown = client.get(rate_tables.address(row), {"country": code}).text
        assert f'href="{page("rate_year", CALL)}#{rate_tables.anchor(row)}"' in shown


def test_a_country_that_left_the_programme_differs_in_words(db):
    before, row = (CountryGroup(country_code="GB", group="1", is_third_country=third) for third in (False, True))
    line = rate_tables.Line(row, before)
    with translation.override("en"):
        assert (line.value, line.value_before, line.change) == (
            "1, not associated with the programme",
            "1, a country of the programme",
            "differs",
        )
