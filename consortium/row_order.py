"""Rows of a project that stand in an order of their own."""

from django.db.models import F, Max
from django.utils.translation import gettext as _

from consortium.permissions import NotAllowed
from westum.base.history import KeptQuerySet

AWAY = 10_000  # further than any position, so that no two rows stand on one while they change places


def end_of(rows):
    """The position behind the last of the rows (a queryset)."""
    return (rows.aggregate(last=Max("position"))["last"] or 0) + 1


def swapped(rows, row, *, up):
    """The rows as a list in which `row` has changed places with the one above or below; as they are at the edge.

    Raises NotAllowed when somebody else has taken the row away.
    """
    order = list(rows)
    if row not in order:
        raise NotAllowed(_("It is no longer here. Open the page anew."))
    here = order.index(row)
    there = here - 1 if up else here + 1
    if 0 <= there < len(order):
        order[here], order[there] = order[there], order[here]
    return order


def put(rows):
    """Number the rows from 1 in the order of the list. The caller holds the lock of what they belong to."""
    if not rows:
        return
    kept = KeptQuerySet(type(rows[0])).unkept("the order alone changes; the project has the line")
    kept.filter(pk__in=[row.pk for row in rows]).update(position=F("position") + AWAY)
    for number, row in enumerate(rows, 1):
        row.position = number
    kept.bulk_update(rows, ["position"])
