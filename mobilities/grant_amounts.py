"""What each of many mobilities is granted in one budget category, or in all: the rows behind a number of a budget.

As in `grant_sums`: of drafts and submitted mobilities it is worked out by the tables as they stand, of the others it is
what is kept. As many queries for five thousand mobilities as for one.
"""

from decimal import Decimal

from mobilities import mobility_grants
from mobilities.models import GrantLine, Mobility
from westum.base.money import Total

WHOLE_GRANT = "grant"


def by_mobility(mobilities, category):
    """Key of a mobility → its amount in euro; what has none in the category is not there."""
    wanted = Mobility.objects.filter(pk__in=mobilities.order_by().values("pk"))
    return _kept(wanted, category) | _planned(wanted, category)


def _kept(mobilities, category):
    lines = GrantLine.objects.in_force().filter(mobility__in=mobilities)
    if category != WHOLE_GRANT:
        lines = lines.filter(category=category)
    return dict(lines.order_by().values_list("mobility").annotate(total=Total("amount_eur")))


def _planned(mobilities, category):
    books, found = mobility_grants.Books(), {}
    parties = "project", "activity_type", "sending_organisation", "receiving_organisation"
    for mobility in mobilities.planned().select_related(*parties):
        lines = mobility_grants.worked_out(mobility, books).lines
        amounts = [line.amount_eur for line in lines if category in (WHOLE_GRANT, line.category)]
        if amounts:
            found[mobility.pk] = sum(amounts, Decimal(0))
    return found
