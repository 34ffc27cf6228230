"""Sheets that people bring, whichever program wrote them; what is none gets a sentence."""

import datetime as dt
import io
import zipfile

import pytest
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from westum.base import sheet_reading
from westum.base.refusals import Refused


def xlsx(*rows, epoch=None):
    book = Workbook()
    if epoch:
        book.epoch = epoch
    for row in rows:
        book.active.append(row)
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


EXPECTED = (["a", "ö"], [(2, ["1", "57.5"])])


@pytest.mark.parametrize(
    "content",
    [
        "a,ö\r\n1,57.5\r\n".encode(),
        "\ufeffa;ö\n1;57.5\n".encode(),
        "a\tö\n1 \t 57.5\n\n".encode("utf-16"),
        "a;ö\n1;57.5\n".encode("cp1252"),
        xlsx(["a ", "ö"], [1.0, 57.5]),
    ],
)
def test_sheet_is_read(content):
    assert sheet_reading.read(content) == EXPECTED


def test_cells_are_texts_and_formulas_stay_formulas():
    when = dt.date(2026, 11, 27)
    for epoch in (None, CALENDAR_MAC_1904):
        content = xlsx(["a"], [when], [True], [None], ["=1+1"], ["'=no formula"], epoch=epoch)
        assert sheet_reading.read(content)[1] == [
            (2, ["2026-11-27T00:00:00"]),
            (3, ["true"]),
            (5, ["=1+1"]),
            (6, ["=no formula"]),
        ]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty."),
        (b"<!doctype html><p>no</p>", "This file is no spreadsheet."),
        (b"%PDF-1.7", "This file is no spreadsheet."),
        (b"PK\x03\x04 and rubbish", "The file is damaged"),
        (b"\xd0\xcf\x11\xe0 old", "This is a file of an old Excel."),
        (b"a\x00b", "This file is no spreadsheet."),
        (b"Dear all\n", "This file is no spreadsheet."),
        (b"a,b\n", "The sheet has no rows below its headings."),
        (b"a\n" + b"1\n" * 1001, "The sheet has over 1,000 rows"),
        (b"a\n1\n" + b"\n" * 1000 + b"2\n", "The sheet has over 1,000 rows"),
        (b"a\n" + b"," * 100, "The sheet has more than 100 columns"),
        (b'a\n"' + b"x" * 200_000, "This file is no spreadsheet."),
        (b"\xff\xfe\x00\xd8", "This file is no spreadsheet."),
    ],
)
def test_what_is_no_sheet_is_refused(content, sentence):
    with pytest.raises(Refused, match=sentence):
        sheet_reading.read(content)


@pytest.mark.parametrize("name", ["letter.txt", "fake.xlsx", "letter"])
def test_text_of_another_name_is_no_sheet(name):
    with pytest.raises(Refused, match="This file is no spreadsheet. Choose a file in the format XLSX or CSV."):
        sheet_reading.read(b"a,b\n1,2\n", name)
    assert sheet_reading.read(b"a,b\n1,2\n", "RATES.CSV")[0] == ["a", "b"]


def test_archive_that_is_no_workbook_is_refused():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("word/document.xml", "<a/>")
    with pytest.raises(Refused, match="This file is no spreadsheet"):
        sheet_reading.read(stream.getvalue())


def of_one_sheet(text):
    """A workbook whose only sheet is this XML."""
    stream = io.BytesIO(xlsx(["a"]))
    changed = io.BytesIO()
    with zipfile.ZipFile(stream) as book, zipfile.ZipFile(changed, "w") as archive:
        for name in book.namelist():
            archive.writestr(name, text if name == "xl/worksheets/sheet1.xml" else book.read(name))
    return changed.getvalue()


SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><dimension ref="A1:XFD1048576"/>'
    "<sheetData>%s</sheetData></worksheet>"
)
HEADING = '<row r="1"><c r="A1"><v>1</v></c></row>'


def test_sheet_is_as_large_as_its_cells_and_not_as_it_says():
    content = of_one_sheet(SHEET % (HEADING + '<row r="3"><c r="B3"><v>2</v></c></row>'))
    assert sheet_reading.read(content) == (["1"], [(3, ["", "2"])])


@pytest.mark.parametrize(
    ("rows", "sentence"),
    [
        ('<row r="1048576"><c r="A1048576"><v>2</v></c></row>', "The sheet has over 1,000 rows"),
        ('<row r="2"/>' * 900_000, "The sheet has over 1,000 rows"),
        ('<row r="2"><c r="XFD2"><v>2</v></c></row>', "The sheet has more than 100 columns"),
    ],
)
def test_sheet_with_little_in_much_room_is_refused(rows, sentence):
    content = of_one_sheet(SHEET % (HEADING + rows))
    with pytest.raises(Refused, match=sentence):
        sheet_reading.read(content)
