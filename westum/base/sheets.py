"""Tables as XLSX and CSV, row by row, in which no text can become a formula.

A text that a spreadsheet would take for a formula gets an apostrophe in front (ASVS 5.0, 1.2.10); `unguard` takes it off again when a
sheet comes back. Numbers, days and moments are written as what they are.
"""

import codecs
import csv
import datetime as dt
import io
import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.conf import settings
from django.http import FileResponse
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from westum.base.papers import demo_words

# What starts a formula in one of the spreadsheet programs, also behind blanks and in the wide forms of East Asian keyboards.
FORMULA = re.compile("'*(?:[\t\r\n]|\\s*[=+\\-@\uff1d\uff0b\uff0d\uff20])")
# XML 1.0 has no place for these, so neither has XLSX; both formats leave them out, to say the same.
UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
CELL_CHARACTERS = 32_767  # Excel's limit for one cell
EXACT_DIGITS = 15  # Excel keeps no more of a number
SAMPLE = 100  # rows that decide how wide a column is
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv; charset=utf-8"
# Name in the address and of a command → content type, ending of the file.
FORMATS = {"xlsx": (XLSX, "xlsx"), "csv": (CSV, "csv"), "csv-sv": (CSV, "csv")}
LABELS = {"xlsx": gettext_lazy("Excel"), "csv": gettext_lazy("CSV"), "csv-sv": gettext_lazy("CSV for Swedish Excel")}


@dataclass(frozen=True)
class Table:
    """A title, the headers, and any iterable of rows; a generator is read once and never held in memory.

    A cell is None, a text, a whole number, a Decimal, a date, a moment (written in local time), or True or False.
    """

    title: str
    headers: Iterable
    rows: Iterable


def guard(text):
    """The text as a spreadsheet may have it: without unwritable characters, and with an apostrophe before what starts a formula."""
    text = UNWRITABLE.sub("", text)
    return f"'{text}" if FORMULA.match(text) else text


def unguard(text):
    """What `guard` was given: the inverse for texts that come back from a sheet."""
    return text[1:] if text.startswith("'") and FORMULA.match(text[1:]) else text


def as_cell(value):
    """One value as both formats know it: None, a guarded text, a number, a day or a moment without zone."""
    if value is None or isinstance(value, int) and abs(value) < 10**EXACT_DIGITS:
        return value
    if isinstance(value, dt.datetime):
        return timezone.make_naive(value).replace(microsecond=0) if timezone.is_aware(value) else value
    if isinstance(value, dt.date):
        return value
    if isinstance(value, Decimal | float):
        number = Decimal(str(value))
        if not number.is_finite():
            return None
        if len(number.as_tuple().digits) <= EXACT_DIGITS:
            return number
    return guard(str(value))


def write(table, *, format, stream):  # noqa: A002 (the word in the address)
    """Write the table in one of FORMATS to a binary stream."""
    if format == "xlsx":
        write_xlsx(table, stream)
    else:
        write_csv(table, stream, swedish=format == "csv-sv")


def as_attachment(table, *, format, name):  # noqa: A002 (the word in the address)
    """The response that serves the table in one of FORMATS; `name` is the file's without day and ending."""
    content = io.BytesIO()
    write(table, format=format, stream=content)
    content.seek(0)
    content_type, ending = FORMATS[format]
    filename = file_name(f"{name}-{timezone.localdate():%Y-%m-%d}", ending)
    response = FileResponse(content, as_attachment=True, filename=filename, content_type=content_type)
    response["Cache-Control"] = "private, no-store"
    return response


# XLSX


def write_xlsx(table, stream):
    """Write one sheet to a binary stream that can seek: bold frozen headers, and in a demonstration a sheet that says so."""
    from openpyxl import Workbook  # 0.3 s, and only exports need it

    book = Workbook(write_only=True)
    book.properties.title, book.properties.creator = guard(str(table.title)), "Westum"
    sheet = book.create_sheet(sheet_name(table.title))
    rows = iter(table.rows)
    sample = [list(row) for row in itertools.islice(rows, SAMPLE)]
    headers = [str(header) for header in table.headers]
    sheet.freeze_panes = "A2"
    for letter, width in zip(column_letters(), widths(headers, sample), strict=False):
        sheet.column_dimensions[letter].width = width
    sheet.append([header_cell(sheet, header) for header in headers])
    for row in itertools.chain(sample, rows):
        sheet.append([xlsx_cell(sheet, value) for value in row])
    if words := demo_words():
        book.properties.description = words
        about = book.create_sheet(_("About"))
        about.column_dimensions["A"].width = 60
        about.append([words])
    book.save(stream)


def sheet_name(title):
    """Excel refuses some characters, more than 31 of them, and an apostrophe at either end."""
    name = re.sub(r"[\[\]:*?/\\]", " ", UNWRITABLE.sub("", str(title)))
    return " ".join(name.split())[:31].strip("' ") or _("Table")


def column_letters():
    from openpyxl.utils import get_column_letter

    return map(get_column_letter, itertools.count(1))


def widths(headers, sample):
    """For each column the width in characters that fits most of the first rows, within reason."""
    columns = itertools.zip_longest(headers, *sample, fillvalue="")
    return [
        min(60, max(8, max(len(str(value if value is not None else "")) for value in column) + 2)) for column in columns
    ]


def header_cell(sheet, header):
    from openpyxl.styles import Font

    cell = xlsx_cell(sheet, header)
    cell.font = Font(bold=True)
    return cell


def xlsx_cell(sheet, value):
    from openpyxl.cell import WriteOnlyCell

    value = as_cell(value)
    if isinstance(value, str):
        cell = WriteOnlyCell(sheet, value=shortened(value))
        cell.data_type = "s"  # whatever it looks like: a formula, an error or a number
        return cell
    if value is None or isinstance(value, int):
        return value
    cell = WriteOnlyCell(sheet, value=value)
    if isinstance(value, dt.datetime):
        cell.number_format = "yyyy-mm-dd hh:mm"
    elif isinstance(value, dt.date):
        cell.number_format = "yyyy-mm-dd"
    elif isinstance(value, Decimal):
        places = max(0, -value.as_tuple().exponent)
        cell.number_format = f"0.{'0' * places}" if places else "0"
    return cell


def shortened(text):
    """A text longer than a cell can hold ends in […], so that nobody takes it for the whole."""
    return text if len(text) <= CELL_CHARACTERS else f"{text[: CELL_CHARACTERS - 4]} […]"


# CSV


def write_csv(table, stream, *, swedish=False):
    """Write to a binary stream. `swedish` is for Excel in Swedish: semicolons, decimal commas and a byte order mark."""
    for line in csv_lines(table, swedish=swedish):
        stream.write(line)


def csv_lines(table, *, swedish=False):
    """The lines of the CSV as bytes, one by one, for a streaming response. UTF-8, header first."""
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, delimiter=";" if swedish else ",", lineterminator="\r\n")
    if swedish:
        yield codecs.BOM_UTF8
    for row in itertools.chain([[str(header) for header in table.headers]], table.rows):
        writer.writerow([csv_cell(value, swedish=swedish) for value in row])
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()


def csv_cell(value, *, swedish):
    value = as_cell(value)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return text.replace(".", ",") if swedish else text
    if isinstance(value, dt.datetime):
        return value.isoformat(" ", "minutes")
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def file_name(stem, extension):
    """mobilities-2026.xlsx; in a demonstration demo-mobilities-2026.xlsx, which is how a CSV, all data, says that it is one."""
    prefix = "demo-" if settings.DEMO else ""
    return f"{prefix}{slugify(stem) or 'table'}.{extension}"
