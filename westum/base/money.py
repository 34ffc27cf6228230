"""Money is Decimal. SQL stores it, compares stored columns and sums it through `Total`, and does nothing else with it."""

from decimal import ROUND_HALF_UP, Decimal

from django.db.models import DecimalField, Sum
from django.db.models.functions import Round

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
