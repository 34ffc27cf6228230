import datetime as dt
from decimal import Decimal

import pytest
from django.core.paginator import Paginator
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone, translation

from consortium.models import ProjectState
from mobilities.models import DocumentState, FunderState, MobilityState, PlacementReportState
from westum.base import formats
from westum.base.jobs import JobState
from westum.base.templatetags import words

NO_BREAK = "\N{NO-BREAK SPACE}"
DAY = dt.date(2026, 11, 25)


def said(expression, language="sv", **context):
    with translation.override(language):
        return Template("{{ " + expression + " }}").render(Context(context))


@pytest.mark.parametrize(
    ("expression", "swedish", "english"),
    [
        ("day|day", "25 november 2026", "25 November 2026"),
        ("day|short_day", "25 nov. 2026", "25 Nov 2026"),
        ("at|clock", "09:41", "09:41"),
        ("at|moment", "25 november 2026 09:41", "25 November 2026 09:41"),
        ("amount|money:'EUR'", f"1{NO_BREAK}576{NO_BREAK}€", "€1,576"),
        ("cents|money:'EUR'", f"1{NO_BREAK}576,50{NO_BREAK}€", "€1,576.50"),
        ("cents|money:'SEK'", f"1{NO_BREAK}576,50{NO_BREAK}kr", f"SEK{NO_BREAK}1,576.50"),
        ("amount|number", f"1{NO_BREAK}576", "1,576"),
        ("117|percent:212", f"55{NO_BREAK}%", "55%"),
        ("0|percent:212", f"0{NO_BREAK}%", "0%"),
        ("'PT'|country", "Portugal", "Portugal"),
        ("'de'|country", "Tyskland", "Germany"),
        ("'XX'|country", "XX", "XX"),
        ("'sv'|language_name", "svenska", "svenska"),
        ("'en'|language_name", "English", "English"),
        ("'ready'|number", "ready", "ready"),
    ],
)
def test_dates_money_and_names_follow_the_language(expression, swedish, english):
    at = dt.datetime(2026, 11, 25, 8, 41, tzinfo=dt.UTC)  # 9.41 in Stockholm
    values = {"day": DAY, "at": at, "amount": Decimal(1576), "cents": Decimal("1576.5")}
    assert said(expression, "sv", **values) == swedish
    assert said(expression, "en", **values) == english


@pytest.mark.parametrize(
    ("names", "swedish", "english"),
    [
        ([], "", ""),
        (["Ale"], "Ale", "Ale"),
        (["Ale", "Boxholm", "Eda"], "Ale, Boxholm och Eda", "Ale, Boxholm and Eda"),
    ],
)
def test_names_are_listed_in_the_language(names, swedish, english):
    assert said("names|listed", "sv", names=names) == swedish
    assert said("names|listed", "en", names=names) == english


@pytest.mark.parametrize("name", ["day", "short_day", "long_date", "clock", "moment", "machine", "lateness"])
def test_no_date_is_nothing(name):
    assert said(f"value|{name}", value=None) == ""


@pytest.mark.parametrize("name", ["money:'EUR'", "number", "percent", "country"])
def test_no_value_is_nothing_and_never_zero(name):
    assert said(f"value|{name}", value=None) == ""
    assert said("1|percent:0") == ""


@pytest.mark.parametrize(("value", "shown"), [(0, "0"), (Decimal("0"), "0"), (False, "False"), ("x", "x")])
def test_only_a_gap_is_missing(value, shown):
    assert said("value|missing", value=value) == shown


@pytest.mark.parametrize("value", [None, ""])
def test_a_gap_is_said(value):
    assert said("value|missing", "en", value=value) == '<span class="soft">not stated</span>'


def test_a_value_that_is_markup_is_escaped():
    assert said("value|missing", value="<b>") == "&lt;b&gt;"


def test_the_year_is_said_only_when_it_is_another(time_machine):
    time_machine.move_to(dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC))
    assert said("day|long_date", "sv", day=DAY) == "onsdag 25 november"
    assert said("day|long_date", "en", day=dt.date(2027, 1, 4)) == "Monday 4 January 2027"


def test_a_moment_before_midnight_utc_is_the_next_day_here():
    assert said("at|day", "en", at=dt.datetime(2026, 6, 30, 22, 30, tzinfo=dt.UTC)) == "1 July 2026"


@pytest.mark.parametrize(("days", "shown"), [(-1, ""), (0, ""), (1, "1 day late"), (5, "5 days late")])
def test_lateness_counts_the_days_that_have_passed(days, shown):
    assert said("due|lateness", "en", due=timezone.localdate() - dt.timedelta(days=days)) == shown


@pytest.mark.parametrize(
    ("kind", "choices"),
    [
        ("mobility", MobilityState),
        ("document", DocumentState),
        ("placement_report", PlacementReportState),
        ("report", JobState),
        ("project", ProjectState),
        ("funder", FunderState),
    ],
)
def test_every_state_of_every_noun_has_icon_and_word(kind, choices):
    for state in choices:
        shown = words.state_of(state, kind)
        assert shown["label"]
        assert words.drawing(shown["icon"])
        assert shown["tone"] in {"", "ok", "going", "turn", "bad"}


def test_every_icon_of_a_state_is_here():
    assert all(words.drawing(icon) for states in words.STATES.values() for icon, _tone, _word in states.values())


def test_an_unknown_state_or_icon_is_an_error():
    with pytest.raises(LookupError, match="'lost' of 'mobility'"):
        words.state_of("lost")
    with pytest.raises(OSError, match="no-such-icon"):
        words.icon("no-such-icon")


def test_a_state_is_an_icon_with_a_word():
    with translation.override("en"):
        page = Template('{% status "done" "report" %}').render(Context())
    assert page.startswith('<span class="status ok"><svg class="icon"')
    assert 'aria-hidden="true"' in page
    assert page.strip().endswith("Ready</span>")


def test_page_numbers_have_gaps():
    assert words.page_numbers(Paginator(range(100), 5).get_page(10)) == [1, None, 9, 10, 11, None, 20]
    assert words.page_numbers(Paginator(range(9), 5).get_page(1)) == [1, 2]


def test_here_is_the_address_with_its_query():
    request = RequestFactory().get("/mobilities/?state=draft&page=2")
    context = Context()
    context.request = request
    assert words.here(context) == "/mobilities/?state=draft&page=2"
    assert words.here(context, query=False) == "/mobilities/"
    assert words.here(Context()) == ""


@pytest.mark.parametrize(
    ("latitude", "longitude", "point"),
    [
        ("41.15", "-8.61", "41.15000° N, 8.61000° W"),
        ("-33.9", "18.4", "33.90000° S, 18.40000° E"),
        ("-22.9", "-43.2", "22.90000° S, 43.20000° W"),
        ("0", "0", "0.00000° N, 0.00000° E"),
        (None, None, ""),
    ],
)
def test_place_on_the_map_says_which_half_of_the_globe(latitude, longitude, point):
    angles = [None if angle is None else Decimal(angle) for angle in (latitude, longitude)]
    with translation.override("en"):
        assert formats.point(*angles) == point
