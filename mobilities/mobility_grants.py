"""The grant of a mobility through its life: planned from the facts, kept when it is accepted, settled by the real days.

    draft, submitted   worked out anew each time, by the tables as they stand
    accepted, ongoing  kept with the rates that it was accepted with
    completed, …       worked out by the real days, with the same rates; both are kept, and so is their difference

The call year of the project decides every rate, and `Project.rates_of` whose tables are used. The verbs are called by
`lifecycle` under the lock of the mobility's row.
"""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext_lazy as _

from mobilities import grant_lines, travel_distances
from mobilities.eligibility import Shortfall
from mobilities.grants import GrantFacts, NotGranted, RateBook, RateMissing, calculate
from mobilities.grants import GrantLine as Line
from mobilities.models import GrantLine, GrantPhase
from mobilities.models.states import COMPLETED_OR_LATER

SETTLED = "settled by the real days"
# What a mobility may lack, by the field at which it is given.
LACKING = {
    "project": _("The call year of the project is not stated."),
    "activity_type": _("Choose an activity."),
    "receiving_organisation": _("Choose where the stay takes place."),
    "distance_km": _("The distance is not known: give the place of the host, or write it."),
    "end_date": _("Give the first and the last day."),
}


@dataclass(frozen=True)
class Grant:
    """The lines of a mobility's grant, or the one thing that keeps them from being worked out.

    `lacking` names facts of the mobility that are not there yet, `missing` what a table lacks, `refused` the rule by
    which the programme funds no such stay.
    """

    lines: tuple[Line, ...] = ()
    lacking: tuple[Shortfall, ...] = ()
    missing: RateMissing | None = None
    refused: NotGranted | None = None

    @property
    def is_known(self):
        return bool(self.lines)

    @property
    def amount_eur(self):
        """The sum of the lines; None while they cannot be worked out."""
        return sum((line.amount_eur for line in self.lines), Decimal(0)) if self.lines else None

    @property
    def is_verified(self):
        return all(line.is_verified for line in self.lines)

    def by_category(self):
        return {line.category: line.amount_eur for line in self.lines}


class Books:
    """Rate books, each read once: for pages and tasks that work out many grants."""

    def __init__(self):
        self._books = {}

    def of(self, project):
        case = (project.call_year, project.rates_of)
        if case not in self._books:
            self._books[case] = RateBook.load(call_year=project.call_year, sending_country=project.rates_of)
        return self._books[case]


def worked_out(mobility, books=None, *, keeping=()):
    """The Grant by the facts of the mobility as they stand, with the rates of the lines `keeping` where there are some.

    Reads the database for the rate book alone when project, both organisations and activity type are loaded.
    """
    if lacking := _lacking(mobility):
        return Grant(lacking=lacking)
    try:
        book = (books or Books()).of(mobility.project).keeping(keeping)
        return Grant(lines=tuple(calculate(facts_of(mobility), book)))
    except RateMissing as missing:
        return Grant(missing=missing)
    except NotGranted as refused:
        return Grant(refused=refused)


def facts_of(mobility):
    """What the calculation asks, of a mobility that lacks nothing."""
    return GrantFacts(
        call_year=mobility.project.call_year,
        sending_country=mobility.sending_organisation.country,
        activity_code=code_of(mobility.activity_type),
        receiving_country=mobility.receiving_organisation.country,
        distance_km=distance_of(mobility),
        activity_days=mobility.days,
        travel_days=mobility.travel_days,
        travel_mode=mobility.travel_mode,
        fewer_opportunities=mobility.fewer_opportunities,
        course_fee_days=mobility.course_fee_days,
        linguistic_support=mobility.linguistic_support,
    )


def code_of(activity_type):
    """The Commission's code, or our own key: before 2021 the Commission had no codes that we know."""
    return activity_type.ec_code or activity_type.key


def distance_of(mobility):
    """In whole kilometres one way: as it was corrected or accepted, else between the places. None where not known."""
    if mobility.distance_km is not None:
        return mobility.distance_km
    if mobility.receiving_organisation is None:
        return None
    return travel_distances.between(mobility.sending_organisation, mobility.receiving_organisation)


def kept(mobility, phase):
    """The Grant that is kept in a phase; without lines where none is."""
    rows = [row for row in mobility.grant_lines.all() if row.phase == phase]
    return Grant(lines=tuple(grant_lines.from_row(row) for row in sorted(rows, key=lambda row: row.pk)))


def accept(mobility):
    """Keep the grant with the rates of the moment; where it cannot be worked out nothing is kept, and pages say why."""
    return _keep(mobility, GrantPhase.ACCEPTED, worked_out(mobility), reason="accepted")


def correct(mobility):
    """Facts of an accepted mobility have changed: the rates that it was accepted with stay."""
    return _keep(mobility, GrantPhase.ACCEPTED, _by_accepted_rates(mobility), reason="corrected")


def settle(mobility):
    """Keep the grant by the real days beside the accepted one."""
    return _keep(mobility, GrantPhase.ACTUAL, _by_accepted_rates(mobility), reason=SETTLED)


def calculate_anew(mobility, *, reason):
    """Keep the grant by the rates of the moment instead of those kept; of a stay that is over, its settled grant."""
    return _keep(mobility, phase_of(mobility), worked_out(mobility), reason=reason)


def phase_of(mobility):
    """As which the grant that counts is kept."""
    return GrantPhase.ACTUAL if mobility.state in COMPLETED_OR_LATER else GrantPhase.ACCEPTED


def _by_accepted_rates(mobility):
    """With the rates of the acceptance, or those by which the settled grant was calculated anew."""
    phases = (GrantPhase.ACCEPTED, GrantPhase.ACTUAL)
    return worked_out(mobility, keeping=[line for phase in phases for line in kept(mobility, phase).lines])


def _keep(mobility, phase, grant, *, reason):
    held = {row.category_id: row for row in mobility.grant_lines.filter(phase=phase)}
    for line in grant.lines:
        row = held.pop(line.category, None) or GrantLine(mobility=mobility, phase=phase, category_id=line.category)
        for name, value in grant_lines.columns(line).items():
            setattr(row, name, value)
        row._change_reason = reason
        row.save()
    for row in held.values():
        row._change_reason = reason
        row.delete()
    return grant


def _lacking(mobility):
    found = []
    if mobility.project.call_year is None:
        found.append("project")
    if mobility.activity_type is None:
        found.append("activity_type")
    if mobility.receiving_organisation is None:
        found.append("receiving_organisation")
    elif distance_of(mobility) is None:
        found.append("distance_km")
    if mobility.days is None:
        found.append("end_date")
    return tuple(Shortfall(field, str(LACKING[field])) for field in found)
