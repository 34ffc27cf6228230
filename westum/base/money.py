"""Money is Decimal. SQL stores it, compares stored columns and sums it through `Total`, and does nothing else with it."""

from decimal import ROUND_HALF_UP, Decimal

from babel.numbers import format_currency
from django.db.models import DecimalField, Sum
from django.db.models.functions import Round
from django.utils import translation

CENT = Decimal("0.01")


def round_half_up(value, places=2):
    """A Decimal with that many places; a half goes away from zero, as the programme guides count."""
    return value.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


class _Cents(Round):
    """SQLite sums binary floats: the sum is brought back to whole cents, in SQL and once more in Python."""

    @property
    def convert_value(self):
        return lambda value, expression, connection: None if value is None else round_half_up(Decimal(value))


def Total(expression, *, filter=None, default=None):  # noqa: A002, N802  (it stands where Sum would stand)
    """Sum of a money column, exact to the cent on both databases. No row gives `default`, by default None."""
    field = DecimalField(max_digits=20, decimal_places=2)
    total = Sum(expression, filter=filter, default=default, output_field=field)
    return _Cents(total, precision=2, output_field=field)


def format_eur(value):
    """1 234,50 € or €1,234.50, in the active language."""
    return _format(value, "EUR")


def format_sek(value):
    """1 234,50 kr or SEK 1,234.50, in the active language."""
    # Babel writes "SEK1,234.50": it leaves out CLDR's space between letters and digits.
    return _format(value, "SEK", pattern="¤\xa0#,##0.00" if translation.get_language() == "en" else None)


def _format(value, currency, pattern=None):
    if not isinstance(value, Decimal):
        raise TypeError("Money is a Decimal.")
    return format_currency(round_half_up(value), currency, pattern, locale=translation.get_language() or "sv")
