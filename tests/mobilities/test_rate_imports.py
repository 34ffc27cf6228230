"""A sheet of rates: what it would change is shown first, then saved as a whole; wrong rows change nothing."""

import io
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.utils import translation

from consortium.permissions import NotAllowed
from mobilities import rate_edits, rate_imports, rate_sheets, rate_tables
from mobilities.models import CountryGroup, FundedDayTier, TravelDayLimit, UnitCost
from tests import factories
from tests.cast import cast  # noqa: F401  (these tests count rows)
from westum.base import sheet_reading, sheets
from westum.base.refusals import Refused

pytestmark = pytest.mark.django_db
CALL = 2024
PATH = f"/rates/{CALL}/import/"


@pytest.fixture
def tables():
    factories.made_up_rates(CALL)


@pytest.fixture
def office(sign_in, coordinator):
    return sign_in(coordinator)


def plan_of(text, call_year=CALL):
    headings, lines = sheet_reading.read(text.encode())
    return rate_imports.plan(call_year, rate_imports.columns_of(headings), lines)


def told(plan):
    return [(one.what, one.line, one.sentence or one.case) for one in plan.outcomes]


def upload(text, name="rates.csv"):
    return {"file": SimpleUploadedFile(name, text if isinstance(text, bytes) else text.encode())}


def exported(call_year, format, language="en"):  # noqa: A002
    stream = io.BytesIO()
    with translation.override(language):
        sheets.write(rate_sheets.table_of(call_year), format=format, stream=stream)
    return stream.getvalue()


@pytest.mark.parametrize("language", ["en", "sv"])
@pytest.mark.parametrize("format", ["xlsx", "csv", "csv-sv"])
def test_exported_sheet_comes_back_as_the_same(format, language, tables):  # noqa: A002
    headings, lines = sheet_reading.read(exported(CALL, format, language))
    plan = rate_imports.plan(CALL, rate_imports.columns_of(headings), lines)
    assert {one.what for one in plan.outcomes} == {"same"}
    assert len(plan.outcomes) == sum(model.objects.count() for model in rate_edits.TABLES)
    assert not plan.may_be_saved


@pytest.mark.parametrize("call_year", [2015, 2021, 2026])
def test_shipped_tables_make_the_same_call_anew(call_year, coordinator):
    call_command("load_fixtures", verbosity=0)
    headings, lines = sheet_reading.read(exported(call_year, "xlsx", "sv"))
    columns = rate_imports.columns_of(headings)
    assert {one.what for one in rate_imports.plan(call_year, columns, lines).outcomes} == {"same"}
    before = exported(call_year, "csv")
    for model in rate_edits.TABLES:
        model.objects.filter(call_year=call_year).delete()
    plan = rate_imports.plan(call_year, columns, lines)
    assert {one.what for one in plan.outcomes} == {"new"}
    rate_edits.take_in(call_year=call_year, rows=plan.rows, seen=rate_imports.fingerprint(call_year), by=coordinator)
    assert exported(call_year, "csv") == before


SHEET = """Table;Sending country;For whom;Country group;Amount, EUR;How sure it is;Source
Individual support, a day;SE;Staff;1;57,50;Verified;Annex IV
Individual support, a day;SE;Staff;2;99;Verified;Annex IV
Individual support, a day;Spain;Staff;1; 117 ;verified;Annex IV, Spain
"""


def test_sheet_is_shown_first_and_saved_on_confirmation(tables, office, coordinator):
    row = UnitCost.objects.get(payee="staff", country_group="2")
    row.source = "Annex IV"
    row.save()
    response = office.post(PATH, upload(SHEET))
    assert told(response.context["plan"]) == [
        ("changed", 2, "Staff, country group 1"),
        ("same", 3, "Staff, country group 2"),
        ("new", 4, "Staff, country group 1"),
    ]
    assert [(str(label), str(old), str(new)) for label, old, new in response.context["changed"][0].changes] == [
        ("source", "", "Annex IV"),
        ("amount, EUR", "100.00", "57.50"),
    ]
    assert not UnitCost.objects.filter(sending_country="ES").exists()
    shown = response.content.decode()
    assert "100.00" in shown
    assert "57.50" in shown
    response = office.post(f"{PATH}save/", fields_of(response), follow=True)
    assert "2 rows are imported." in response.content.decode()
    changed = UnitCost.objects.get(payee="staff", country_group="1", sending_country="SE")
    assert (changed.amount_eur, changed.version) == (Decimal("57.50"), 1)
    line = changed.history.first()
    assert (line.history_change_reason, line.history_user, line.via) == (
        "imported the rate from a sheet",
        coordinator,
        "import",
    )
    assert UnitCost.objects.get(sending_country="ES").amount_eur == 117


def fields_of(response):
    form = response.context["form"]
    return {field.html_name: field.value() for field in form}


def test_tables_changed_meanwhile_are_not_overwritten(tables, office):
    sent = fields_of(office.post(PATH, upload(SHEET)))
    limit = TravelDayLimit.objects.first()
    rate_edits.change(row=limit, by=None)
    response = office.post(f"{PATH}save/", sent, follow=True)
    assert "The tables have changed meanwhile." in response.content.decode()
    assert UnitCost.objects.get(payee="staff", country_group="1").amount_eur == 100


@pytest.mark.parametrize("sheet", ["", "7", "[]", '{"columns": ["kind"], "lines": [["x", []]]}'])
def test_what_was_not_shown_is_not_saved(sheet, tables, office):
    response = office.post(f"{PATH}save/", {"sheet": sheet, "seen": "x"}, follow=True)
    assert response.redirect_chain == [(PATH, 302)]
    response = office.post(
        f"{PATH}save/", {"sheet": '{"columns": ["kind"], "lines": [[2, ["tip"]]]}', "seen": "x"}, follow=True
    )
    assert "This is not what was shown." in response.content.decode()


WRONG = [
    ("kind,payee\n,staff", "Write in the first column of which table this row is."),
    ("kind,payee\ntips,staff", "“tips” is unknown at “Table”."),
    ("kind,payee\nindividual_support,staff", "Fill in “Sending country”."),
    ("kind,sending_country,payee\nindividual_support,SE,staff", "Fill in “Country group”."),
    (
        "kind,sending_country,payee,country_group\nindividual_support,SE,staff,A",
        "This call has no country group “A”. It has: 1, 2, 3.",
    ),
    ("kind,sending_country,payee,country_group\nindividual_support,Atlantis,staff,1", "“Atlantis” is no country."),
    (
        "kind,sending_country,payee,country_group\nindividual_support,SE,learner,1",
        "“learner” is unknown at “For whom”.",
    ),
    (
        "kind,amount_eur\ncourse_fees,-5",
        "“-5” at “Amount, EUR” is no amount from 0 to 10,000 euro with at most two decimals.",
    ),
    (
        "kind,amount_eur\ncourse_fees,1e9",
        "“1e9” at “Amount, EUR” is no amount from 0 to 10,000 euro with at most two decimals.",
    ),
    (
        "kind,amount_eur\ncourse_fees,many",
        "“many” at “Amount, EUR” is no amount from 0 to 10,000 euro with at most two decimals.",
    ),
    (
        "kind,amount_eur\ncourse_fees,57.505",
        "“57.505” at “Amount, EUR” is no amount from 0 to 10,000 euro with at most two decimals.",
    ),
    (
        "kind,amount_eur\ncourse_fees,2026-11-27T00:00:00",
        "“2026-11-27T00:00:00” at “Amount, EUR” is no amount from 0 to 10,000 euro with at most two decimals.",
    ),
    ("kind,amount_eur\ncourse_fees,=1+1", "“Amount, EUR” is a formula. Write its value in its place."),
    ("kind,cap_eur,source\ncourse_fees,10,Annex IV", "Write a limit from the amount itself to 10,000 euro."),
    ("kind,travel_mode,days\ntravel_days,green,11", "“11” at “Days at most” is no whole number from 0 to 10."),
    ("kind,note\ncourse_fees,changed", "Name the source by which it is verified."),
    ("kind,payee,first\ntier,staff,500", "Fill in “to day”."),
    ("kind,payee,first\ntier,accompanying_person,1", "“accompanying_person” is unknown at “For whom”."),
    ("kind,activity_code,first\norganisational_support,LM-NONE,1", "This call has no activity “LM-NONE”."),
    ("kind,receiving_country\ncountry_group,FI", "Fill in “country group”."),
    ("kind,note\ncourse_fees," + "x" * 301, "“Note” is too long: at most 300 characters."),
    ("kind,note\ncourse_fees,x,y", "This row has more cells than there are headings."),
]


@pytest.mark.parametrize(("text", "sentence"), WRONG)
def test_wrong_row_gets_a_sentence_with_its_line(text, sentence, tables):
    plan = plan_of(text)
    assert told(plan) == [("wrong", 2, sentence)]
    assert not plan.may_be_saved


def test_same_case_twice_is_wrong(tables):
    plan = plan_of("kind,amount_eur,source\ncourse_fees,81,A\n\ncourse_fees,82,A")
    assert told(plan)[1] == ("wrong", 4, "Row 2 is of the same case already.")


def test_file_with_a_wrong_row_changes_nothing(tables, office):
    response = office.post(PATH, upload(SHEET + "Individual support, a day;SE;Staff;3;-5;Verified;Annex IV\n"))
    assert "A sheet with wrong rows changes nothing." in response.content.decode()
    response = office.post(f"{PATH}save/", fields_of(response), follow=True)
    assert "This is not what was shown." in response.content.decode()
    assert UnitCost.objects.get(payee="staff", country_group="1").amount_eur == 100


def test_gap_between_tiers_is_wrong(tables):
    plan = plan_of("kind,payee,first,last,source\ntier,staff,1,13,Annex IV")
    assert told(plan)[1:] == [
        ("wrong", None, "The row before ends at 13, so there is a gap. Begin at 14."),
    ]
    plan = plan_of("kind,payee,first,last,percent,source\ntier,staff,1,10,100,A\ntier,staff,11,14,90,A")
    assert [one.what for one in plan.outcomes] == ["changed", "new"]


def test_bands_of_both_ways_of_travelling_end_together(tables):
    plan = plan_of("kind,travel_mode,first,last,source\ntravel,green,100,450,A")
    assert told(plan)[1:] == [("wrong", None, "Rows that begin together end at different places.")]


def test_column_that_is_not_there_changes_nothing(tables):
    [one] = plan_of("Table;Receiving country;Source\nCountry group;Portugal;Annex IV").outcomes
    assert (one.what, one.row.status, one.row.group) == ("changed", "verified", "1")


@pytest.mark.parametrize(
    ("source", "status", "expected"),
    [
        ("Annex IV", "verified", ("unverified", "Annex IV", "")),  # the exported sheet with another amount alone
        ("Agreement", "", ("unverified", "Agreement", "")),
        ("Agreement", "verified", ("verified", "Agreement", "")),
    ],
)
def test_another_amount_does_not_take_over_what_the_old_one_rests_on(source, status, expected, tables):
    row = UnitCost.objects.get(kind="course_fees")
    row.source, row.note = "Annex IV", "Not found"
    row.save()
    plan = plan_of(f"kind,amount_eur,source,status\ncourse_fees,81,{source},{status}")
    rate_edits.take_in(call_year=CALL, rows=plan.rows, seen=rate_imports.fingerprint(CALL), by=None)
    row.refresh_from_db()
    assert (row.status, row.source, row.note) == expected
    assert row.amount_eur == 81


def test_emptied_amount_is_not_verified(tables):
    [one] = plan_of("kind,amount_eur,source,status\npreparatory_visit,,Annex IV,verified").outcomes
    assert (one.row.amount_eur, one.row.status) == (None, "unverified")


def test_empty_columns_at_the_end_are_none(tables):
    assert told(plan_of("kind,amount_eur,source,,\ncourse_fees,81,Annex IV,,")) == [
        ("changed", 2, "Course fees, a day")
    ]


@pytest.mark.parametrize(
    ("head", "names"), [("Table,Shoe size", "“Shoe size”"), ("Table,Table", "“Table”, “Table”"), ("Source", "–")]
)
def test_wrong_headings_are_named(head, names):
    with pytest.raises(Refused, match=f"These headings are unknown: {names}"):
        rate_imports.columns_of(head.split(","))


def test_odd_file_gets_its_sentence_at_the_field(tables, office):
    response = office.post(PATH, upload(b"%PDF-1.7"))
    assert response.context["form"].errors["file"] == [
        "This file is no spreadsheet. Choose a file in the format XLSX or CSV."
    ]


def test_rule_refuses_rows_that_somebody_else_has_just_entered(tables):
    row = CountryGroup(call_year=CALL, country_code="PT", group="1")
    with pytest.raises(NotAllowed, match="just entered"):
        rate_edits.take_in(call_year=CALL, rows=[row], seen=rate_imports.fingerprint(CALL), by=None)


def test_learners_by_country_are_read_until_call_2017(office):
    CountryGroup.objects.create(call_year=2015, country_code="DK", group="A")
    head = "kind,sending_country,payee,receiving_country,country_group,amount_eur"
    plan = plan_of(f"{head}\nindividual_support,SE,learner_short,Danmark,,50\nindividual_support,SE,staff,,B,60", 2015)
    assert [one.row.country_group for one in plan.outcomes] == ["DK", "B"]
    assert told(plan_of(f"{head}\nindividual_support,SE,learner_short,,A,50", 2015)) == [
        ("wrong", 2, "Fill in “Receiving country”.")
    ]
    assert rate_tables.load([2015])[2015].learners_by_country
    assert not FundedDayTier.objects.exists()
