"""Sheets that people bring: XLSX or CSV, as lines of text, whichever program wrote them.

Commas, semicolons or tabs, UTF-8 or what older programs write; blanks at the ends are cut off and empty lines left out.
What cannot be read is refused with a sentence.
"""

import codecs
import csv
import datetime as dt
import io

from django.utils.translation import gettext_lazy as _

from westum.base import archives
from westum.base.refusals import EMPTY, Refused
from westum.base.sheets import unguard

NAMES = (".xlsx", ".csv")
MOST_LINES = 1000  # below the headings; empty ones count, for whoever reads them spends time on them
MOST_COLUMNS = 100
MOST_BYTES = 10 * 1024 * 1024  # unpacked: a row of 40 cells takes 3 kB
NO_SHEET = _("This file is no spreadsheet. Choose a file in the format XLSX or CSV.")
OLD_EXCEL = _("This is a file of an old Excel. Save it as .xlsx and choose that file.")
TOO_LONG = _("The sheet has over 1,000 rows, empty ones included. Divide it, or copy the filled rows to another.")
TOO_WIDE = _("The sheet has more than 100 columns, empty ones included. Copy the filled ones into a new sheet.")
NO_ROWS = _("The sheet has no rows below its headings.")
OLD_EXCEL_BEGINS = b"\xd0\xcf\x11\xe0"


def read(content, name="sheet.csv"):
    """(headings, [(number of the line, texts)]) of the first sheet. A formula stands as "=…". Raises Refused.

    Any text could be CSV, so the file's name has to say that it is.
    """
    if not content.strip():
        raise Refused(EMPTY, code="empty")
    if content.startswith(OLD_EXCEL_BEGINS):
        raise Refused(OLD_EXCEL, code="kind")
    if not name.lower().endswith(NAMES) or (name.lower().endswith(".xlsx") and not content.startswith(b"PK")):
        raise Refused(NO_SHEET, code="kind")
    lines = _of_xlsx(content) if content.startswith(b"PK") else _of_csv(content)
    found = []
    for number, cells in enumerate(lines, 1):
        if number > MOST_LINES + 1:
            raise Refused(TOO_LONG, code="long")
        if len(cells) > MOST_COLUMNS:
            raise Refused(TOO_WIDE, code="wide")
        cells = [cell.strip() for cell in cells]
        if any(cells):
            found.append((number, cells))
    if len(found) < 2:
        is_table = found and len(found[0][1]) > 1
        raise Refused(NO_ROWS if is_table else NO_SHEET, code="empty" if is_table else "kind")
    return found[0][1], found[1:]


def _of_xlsx(content):
    entries = archives.open_archive(content).infolist()
    if sum(entry.file_size for entry in entries if entry.filename.endswith(".xml")) > MOST_BYTES:
        raise Refused(TOO_LONG, code="long")
    from openpyxl import load_workbook  # 0.3 s, and only imports need it

    try:
        book = load_workbook(io.BytesIO(content), read_only=True)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what a sheet says of its size may be anything, and the reader would fill it up
        for row in sheet.iter_rows(values_only=True):
            yield [_text(value) for value in row]
    except Exception:  # noqa: BLE001 (the reader raises whatever it meets in a broken file)
        raise Refused(NO_SHEET, code="kind") from None


def _text(value):
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    return unguard(str(value))


def _of_csv(content):
    text = _decoded(content)
    first = text.lstrip().partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            yield [unguard(cell) for cell in row]
    except csv.Error:
        raise Refused(NO_SHEET, code="kind") from None


def _decoded(content):
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    elif b"\x00" in content or content.lstrip()[:1] in (b"<", b"%", b"{"):
        raise Refused(NO_SHEET, code="kind")
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Refused(NO_SHEET, code="kind")
