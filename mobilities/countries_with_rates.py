"""What the facts of a project learn of the rates: of which countries there are any."""

from consortium import rate_countries
from mobilities.models import UnitCost, UnitCostKind


def with_day_rates():
    """The countries whose agencies' day rates are in the tables, entered or not yet."""
    rows = UnitCost.objects.filter(kind=UnitCostKind.DAY_RATE).order_by()
    return rows.values_list("sending_country", flat=True).distinct()


def register():
    rate_countries.told_by(with_day_rates)
