import csv
import datetime as dt
import io
import zipfile
from decimal import Decimal

import openpyxl
import pytest
from django.utils import timezone
from django.utils.translation import gettext_lazy
from hypothesis import example, given
from hypothesis import settings as effort
from hypothesis import strategies as st

from westum.base import sheets

# S5: what spreadsheets take for formulas, and the sentences of real life that begin the same way.
PAYLOADS = [
    "=1+1",
    "==1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "\0=1+1",
    '=HYPERLINK("http://127.0.0.1/?"&A1,"x")',
    "=cmd|' /C calc'!A0",
    "＝1+1",
]
REAL = [
    "+46 70 123 45 67",
    "-5 °C",
    "@school",
    "'quoted'",
    "'=1",
    "''",
    "- first\n- second",
    'Åsa; Örjan, "Ö"',
    "_x0041_",
    "#N/A",
    "12",
    "",
    " x ",
]
DANGEROUS = set("=+-@\t\r\0＝＋－＠")


def xlsx(*rows, headers=None, title="Mobilities", **load):
    stream = io.BytesIO()
    sheets.write_xlsx(sheets.Table(title, headers or ["a"] * len(rows[0]), rows), stream)
    stream.seek(0)
    return openpyxl.load_workbook(stream, **load)


def cells(*values):
    return [cell for (cell,) in xlsx(*([value] for value in values)).active.iter_rows(min_row=2)]


def text_of(*rows, headers=("a",), swedish=False):
    stream = io.BytesIO()
    sheets.write_csv(sheets.Table("t", headers, rows), stream, swedish=swedish)
    return stream.getvalue().decode("utf-8-sig" if swedish else "utf-8")


def read(text, swedish=False):
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=";" if swedish else ","))


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_payload_is_a_formula_in_xlsx(payload):
    stream = io.BytesIO()
    sheets.write_xlsx(sheets.Table(payload, [payload], [[payload], [gettext_lazy(payload)]]), stream)
    with zipfile.ZipFile(stream) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
    assert "<f>" not in sheet
    assert sheet.count('t="inlineStr"') == 3
    for cell in openpyxl.load_workbook(stream).active["A"]:
        assert cell.data_type == "s"
        assert cell.value[0] not in DANGEROUS


@pytest.mark.parametrize("swedish", [True, False])
@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_payload_starts_a_cell_in_csv(payload, swedish):
    rows = read(text_of([payload], ["x"], [gettext_lazy(payload)], headers=[payload], swedish=swedish), swedish)
    assert len(rows) == 4
    assert [row[0][0] in DANGEROUS for row in rows] == [False] * 4


@pytest.mark.parametrize("swedish", [True, False])
def test_values_come_back_equal(swedish):
    kept = [payload for payload in PAYLOADS if "\0" not in payload] + REAL
    back = [row[0] if row else "" for row in read(text_of(*([value] for value in kept), swedish=swedish), swedish)][1:]
    assert [sheets.unguard(value) for value in back] == kept
    back = [sheets.unguard(cell.value or "") for cell in cells(*kept)]
    assert [value.replace("\r\n", "\n").replace("\r", "\n") for value in back] == [
        value.replace("\r", "\n") for value in kept
    ]


writable = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]) | st.sampled_from("\t\r\n'=+-@"))


@effort(max_examples=1000, deadline=None)
@given(st.text("'\t\r\n =+-@＝ab") | writable)
@example("'=1")
@example("''\t=1")
def test_unguard_gives_back_what_guard_was_given(text):
    text = sheets.UNWRITABLE.sub("", text)
    guarded = sheets.guard(text)
    assert sheets.unguard(guarded) == text
    assert not guarded or guarded[0] not in DANGEROUS
    assert read(text_of([text]))[1:] in ([[guarded]], [[]] if not guarded else None)


@effort(max_examples=100, deadline=None)
@given(st.lists(writable, min_size=1, max_size=10))
def test_any_text_survives_xlsx(texts):
    texts = [sheets.UNWRITABLE.sub("", text).replace("\r", "") for text in texts]
    assert [sheets.unguard(cell.value or "") for cell in cells(*texts)] == texts


def test_numbers_days_and_moments_stay_what_they_are():
    local = dt.datetime(2026, 11, 24, 9, 41)  # noqa: DTZ001 (a sheet knows no zones)
    midnight = dt.datetime(2026, 11, 24)  # noqa: DTZ001
    moment = timezone.make_aware(local)
    values = [
        7,
        -7,
        Decimal("1576.50"),
        Decimal("-5"),
        2.5,
        dt.date(2026, 11, 24),
        moment.astimezone(dt.UTC),
        True,
        None,
    ]
    found = cells(*values[:-1])
    assert [cell.value for cell in found] == [
        7, -7, Decimal("1576.50"), -5, 2.5, midnight, local, True
    ]  # fmt: skip
    assert [cell.data_type for cell in found] == ["n", "n", "n", "n", "n", "d", "d", "b"]
    assert [cell.number_format for cell in found[:7]] == [
        "General", "General", "0.00", "0", "0.0", "yyyy-mm-dd", "yyyy-mm-dd hh:mm"
    ]  # fmt: skip
    plain = '7\r\n-7\r\n1576.50\r\n-5\r\n2.5\r\n2026-11-24\r\n2026-11-24 09:41\r\ntrue\r\n""\r\n'
    assert text_of(*([value] for value in values)) == "a\r\n" + plain
    assert (
        text_of([Decimal("1576.50"), "x;y", Decimal("1E+3")], headers="abc", swedish=True)
        == 'a;b;c\r\n1576,50;"x;y";1000\r\n'
    )


def test_what_excel_would_spoil_is_written_as_text():
    found = cells(1234567890123456, Decimal("NaN"), float("inf"), Decimal("0.1234567890123456"))
    assert [cell.value for cell in found] == ["1234567890123456", None, None, "0.1234567890123456"]


def test_only_the_swedish_file_begins_with_a_byte_order_mark():
    table = sheets.Table("t", ["Å"], [["Öckerö"]])
    assert list(sheets.csv_lines(table)) == ["Å\r\n".encode(), "Öckerö\r\n".encode()]
    assert list(sheets.csv_lines(table, swedish=True))[0] == b"\xef\xbb\xbf"


def test_unwritable_characters_are_left_out_of_both_formats():
    text = "a\0b\x0bc\x1f\ud800d\ufffe\x7fe"
    assert [cell.value for cell in cells(text)] == ["abcde"]
    assert text_of([text]) == "a\r\nabcde\r\n"


def test_a_text_too_long_for_a_cell_says_so():
    (cell,) = cells("a" * 40_000)
    assert len(cell.value) == 32_767
    assert cell.value.endswith("a […]")


def test_headers_are_bold_and_frozen_and_columns_fit():
    sheet = xlsx(["Kunskapsförbundet Väst", 7], ["x" * 200, 8], headers=["Member", "Learners"]).active
    assert [cell.font.bold for cell in sheet[1]] == [True, True]
    assert sheet.freeze_panes == "A2"
    assert [sheet.column_dimensions[letter].width for letter in "AB"] == [60, 10]


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Mobilities", "Mobilities"),
        ("a/b\\c[d]:e*f?", "a b c d e f"),
        ("'x'", "x"),
        ("", "Table"),
        ("å" * 40, "å" * 31),
        ("a\0b", "ab"),
    ],
)
def test_sheet_names_are_such_as_excel_takes(title, name):
    assert xlsx([1], title=title).sheetnames == [name]


def test_csv_is_written_while_it_is_read():
    read_so_far = []

    def rows():
        for n in range(1000):
            read_so_far.append(n)
            yield [n]

    lines = sheets.csv_lines(sheets.Table("t", ["n"], rows()))
    assert [next(lines), next(lines)] == [b"n\r\n", b"0\r\n"]
    assert read_so_far == [0]


def test_xlsx_has_every_row_behind_the_sample(monkeypatch):
    monkeypatch.setattr(sheets, "SAMPLE", 3)
    assert [row[0].value for row in xlsx(*([n] for n in range(10))).active.iter_rows(min_row=2)] == list(range(10))


def test_an_empty_table_still_has_its_headers():
    stream = io.BytesIO()
    sheets.write_xlsx(sheets.Table("t", ["a", "b"], []), stream)
    assert list(openpyxl.load_workbook(stream).active.values) == [("a", "b")]
    assert text_of(headers=["a", "b"]) == "a,b\r\n"


def test_a_demonstration_says_so_in_its_sheets_and_file_names(settings):
    settings.DEMO = True
    book = xlsx(["x"])
    assert book.sheetnames == ["Mobilities", "About"]
    assert book["About"]["A1"].value == book.properties.description == sheets.demo_words() != ""
    assert sheets.file_name("Mobiliteter Åsa/2026", "csv") == "demo-mobiliteter-asa2026.csv"
    settings.DEMO = False
    assert xlsx(["x"]).sheetnames == ["Mobilities"]
    assert sheets.file_name("../..", "csv") == "table.csv"


def test_the_planted_fault_is_found(monkeypatch):
    """Without the guard the tests above see formulas: openpyxl makes them itself."""
    monkeypatch.setattr(sheets, "guard", lambda text: text)
    assert read(text_of(["=1+1"]))[1][0][0] in DANGEROUS
