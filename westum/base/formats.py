"""How dates, numbers, money and names of countries are written: by Babel, in the active language.

Nothing here turns a missing value into a zero: what is empty stays empty. Templates have the same words as filters.
"""

import datetime as dt
from decimal import Decimal, InvalidOperation

from babel import Locale
from babel.dates import format_date, format_time
from babel.lists import format_list
from babel.numbers import format_currency, format_decimal, format_percent
from django.conf import settings
from django.utils import timezone
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

LOCALES = {"sv": "sv_SE", "en": "en_GB"}
NO_BREAK = "\N{NO-BREAK SPACE}"


# Dates and times


def locale():
    """Babel's locale for the active language, British for English: 25 November, not November 25."""
    return LOCALES[(get_language() or settings.LANGUAGE_CODE)[:2]]


def as_date(value):
    """The day of a date or moment, in local time."""
    if isinstance(value, dt.datetime):
        return (timezone.localtime(value) if timezone.is_aware(value) else value).date()
    return value


def day(value):
    """25 november 2026; empty for no date."""
    return format_date(as_date(value), "d MMMM y", locale()) if value else ""


def short_day(value):
    """25 nov. 2026, for tables; empty for no date."""
    return format_date(as_date(value), "d MMM y", locale()) if value else ""


def long_date(value):
    """onsdag 25 november, with the year only when it is another than today's; empty for no date."""
    if not value:
        return ""
    date = as_date(value)
    pattern = "EEEE d MMMM" if date.year == timezone.localdate().year else "EEEE d MMMM y"
    return format_date(date, pattern, locale())


def month(value):
    """november 2026; empty for no date."""
    return format_date(as_date(value), "LLLL y", locale()) if value else ""


def weekday(value):
    """mån, Mon: of a column in a calendar."""
    return format_date(as_date(value), "ccc", locale())


def clock(value):
    """09:41, local time; empty for no moment."""
    if not value:
        return ""
    return format_time(timezone.localtime(value) if timezone.is_aware(value) else value, "HH:mm", locale=locale())


def moment(value):
    """25 november 2026 09:41, local time; empty for no moment."""
    return f"{day(value)} {clock(value)}" if value else ""


def machine(value):
    """A date or moment for the `datetime` attribute of <time>."""
    return value.isoformat() if value else ""


def lateness(value):
    """ "5 days late" for a date that has passed; empty for today, a coming day or no date."""
    days = (timezone.localdate() - as_date(value)).days if value else 0
    return ngettext("%(days)d day late", "%(days)d days late", days) % {"days": days} if days > 0 else ""


def listed(values):
    """Vänersborg, Trollhättan och Grästorp."""
    return format_list([str(value) for value in values], locale=locale())


# Numbers and money


def as_decimal(value):
    """The value as Decimal, or None when there is none."""
    try:
        return None if value is None or value == "" else Decimal(str(value))
    except InvalidOperation:
        return None


def number(value):
    """1 576 with the language's separators; words and empty values as they are."""
    amount = as_decimal(value)
    return ("" if value is None else value) if amount is None else format_decimal(amount, locale=locale())


def money(value, currency):
    """1 576 € or 1 576 kr, in English €1,576 or SEK 1,576, with no-break spaces, cents only where there are any; empty for no amount."""
    amount = as_decimal(value)
    if amount is None:
        return ""
    digits = "#,##0" if amount == amount.to_integral_value() else "#,##0.00"
    if locale() == "sv_SE":
        pattern = f"{digits}{NO_BREAK}¤"
    else:  # Babel leaves out CLDR's space between letters and digits
        pattern = f"¤{digits}" if currency == "EUR" else f"¤{NO_BREAK}{digits}"
    return format_currency(amount, currency, pattern, locale=locale(), currency_digits=False)


def point(latitude, longitude):
    """A place on the map as maps write it, 41.15000° N, 8.61000° W; empty without one."""
    if latitude is None or longitude is None:
        return ""
    written = {"latitude": _degrees(latitude), "longitude": _degrees(longitude)}
    words = (
        (_("%(latitude)s° N, %(longitude)s° E"), _("%(latitude)s° N, %(longitude)s° W")),
        (_("%(latitude)s° S, %(longitude)s° E"), _("%(latitude)s° S, %(longitude)s° W")),
    )
    return words[latitude < 0][longitude < 0] % written


def _degrees(angle):
    return format_decimal(abs(angle), "0.00000", locale=locale())


def percent(part, whole=1):
    """Part of a whole in whole per cent: 55 %; empty when there is nothing to divide."""
    part, whole = as_decimal(part), as_decimal(whole)
    return format_percent(part / whole, locale=locale()) if part is not None and whole else ""


def rate(value):
    """A number of per cent with the decimals that it has: 57.5 → 57,5 %; None for none."""
    pattern = "#,##0.##%" if locale() == LOCALES["en"] else f"#,##0.##{NO_BREAK}%"
    return None if value is None else format_percent(value / 100, pattern, locale=locale())


def language(code):
    """Two letters (ISO 639-1) → the name of the language as in a sentence; empty for none, the code when unknown."""
    return Locale.parse(locale()).languages.get(code, code) if code else ""


def country(code):
    """The country's name in the active language; a code that Babel does not know stays as it is."""
    return Locale.parse(locale()).territories.get(str(code).upper(), code) if code else ""


def language_name(code):
    """A language by its own name: svenska, English."""
    return Locale.parse(LOCALES.get(code, code)).get_language_name(code)
