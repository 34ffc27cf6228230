"""A round as a sheet: a row for each statement."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from westum.base.sheets import Table

HEADERS = [
    _("Phase"),
    _("Number"),
    pgettext_lazy("partnership", "Statement"),
    _("School"),
    _("Workplace"),
    _("Gap"),
    _("School, since last time"),
    _("Workplace, since last time"),
    _("Note of the school"),
    _("Note of the workplace"),
]


def table_of(review, found):
    rows = (
        [
            str(row.phase),
            line.statement.number,
            str(line.statement),
            line.school.score,
            line.employer.score,
            line.gap,
            line.school.change,
            line.employer.change,
            line.school.note,
            line.employer.note,
        ]
        for row in found
        for line in row.lines
    )
    return Table(title=str(review.partner), headers=HEADERS, rows=rows)
