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

from consortium.models import Organisation
from consortium.permissions import NotAllowed
from mobilities import explanations, grant_lines, travel_distances
from mobilities.eligibility import Shortfall
from mobilities.grants import GrantFacts, NotGranted, RateBook, RateMissing, calculate
from mobilities.grants import GrantLine as Line
from mobilities.models import GrantLine, GrantPhase, MobilityState
from mobilities.models.states import COMPLETED_OR_LATER

SETTLED = "settled by the real days"
# Fields of the calculation that the mobility's form has under another name.
FORM_FIELDS = {"receiving_country": "receiving_organisation"}
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
    def own_eur(self):
        """The participant's part of it."""
        return self.explained.own_eur if self.lines else None

    @property
    def organisation_eur(self):
        """What the organisation gets for the participant."""
        return self.explained.organisation_eur if self.lines else None

    @property
    def is_verified(self):
        return all(line.is_verified for line in self.lines)

    @property
    def explained(self):
        return explanations.explain_all(self.lines)

    @property
    def hindrances(self):
        """What keeps the lines from being worked out, each at its field of the mobility's form; a rate has none."""
        if self.missing:
            return (Shortfall("", explanations.missing(self.missing)),)
        if self.refused and self.refused.reason == "no_days":
            return (Shortfall("end_date", _("A mobility cannot end before it starts.")),)
        if self.refused:
            field, sentence = explanations.refusal(self.refused)
            return (Shortfall(FORM_FIELDS.get(field, field), sentence),)
        return self.lacking

    @property
    def rates_of(self):
        """The country by whose day rates it was worked out; None where no day is paid."""
        steps = (step for line in self.lines for step in line.steps)
        return next((step.about["rates_of"] for step in steps if "rates_of" in step.about), None)

    def by_category(self):
        return {line.category: line.amount_eur for line in self.lines}


def example_of(mobility, grant):
    """The country whose rates stand in for those of the project's own in a grant; empty where they are its own."""
    country = grant.rates_of or mobility.project.rates_of
    return "" if country == mobility.project.owner.country else country


class Books:
    """Rate books, each read once: for pages and tasks that work out many grants."""

    def __init__(self):
        self._books = {}

    def of(self, project, rates_of=None):
        """The book of the project's call year, by the rates of a country: the project's, or the one that is given."""
        case = (project.call_year, rates_of or project.rates_of)
        if case not in self._books:
            self._books[case] = _load(*case)
        return self._books[case]


class SteadyBooks(Books):
    """For what is kept: a book that no change of the tables has met halfway, read until it is twice the same."""

    def of(self, project, rates_of=None):
        case = (project.call_year, rates_of or project.rates_of)
        book = again = None
        while book is None or book != again:
            book, again = _load(*case), _load(*case)
        return book


def _load(call_year, sending_country):
    return RateBook.load(call_year=call_year, sending_country=sending_country)


def worked_out(mobility, books=None, *, keeping=()):
    """The Grant by the facts of the mobility as they stand, with the rates of the lines `keeping` where there are some.

    Reads the database for the rate book alone when project, both organisations and activity type are loaded.
    """
    if lacking := _lacking(mobility):
        return Grant(lacking=lacking)
    try:
        # A project that uses another country's rates by now changes nothing of what is kept.
        book = (books or Books()).of(mobility.project, Grant(tuple(keeping)).rates_of).keeping(keeping)
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
    return distance_between(mobility)


def distance_between(mobility):
    """Between the places of member and host; None where one of them is not known."""
    if mobility.receiving_organisation is None:
        return None
    return travel_distances.between(mobility.sending_organisation, mobility.receiving_organisation)


def kept(mobility, phase):
    """The Grant that is kept in a phase; without lines where none is."""
    rows = [row for row in mobility.grant_lines.all() if row.phase == phase]
    return Grant(lines=tuple(grant_lines.from_row(row) for row in sorted(rows, key=lambda row: row.pk)))


def accept(mobility):
    """Keep the grant with the rates of the moment; where it cannot be worked out nothing is kept, and pages say why."""
    return _keep(mobility, GrantPhase.ACCEPTED, worked_out(mobility, SteadyBooks()), reason="accepted")


def correct(mobility):
    """Facts of an accepted mobility have changed: the rates that it was accepted with stay.

    Raises NotAllowed where a grant is kept and none can be worked out by the new facts.
    """
    return _replace(mobility, GrantPhase.ACCEPTED, reason="corrected")


def settle(mobility):
    """Keep the grant by the real days beside the accepted one. Raises NotAllowed as `correct` does."""
    return _replace(mobility, GrantPhase.ACTUAL, reason=SETTLED)


def _replace(mobility, phase, *, reason):
    grant = foreseen(mobility, SteadyBooks())
    if not grant.is_known and kept(mobility, phase).is_known:
        hindrance = grant.hindrances[0]
        sentence = _("The grant that is kept cannot be worked out by this any more. %(why)s")
        raise NotAllowed(sentence % {"why": hindrance.sentence}, field=hindrance.field or None)
    return _keep(mobility, phase, grant, reason=reason)


def phase_of(mobility):
    """As which the grant that counts is kept."""
    return GrantPhase.ACTUAL if mobility.state in COMPLETED_OR_LATER else GrantPhase.ACCEPTED


def foreseen(mobility, books=None):
    """By the facts as they stand: before it is accepted with the rates of the tables, then with those that are kept."""
    keeping = [line for phase in GrantPhase for line in kept(mobility, phase).lines] if mobility.pk else ()
    return worked_out(mobility, books, keeping=keeping)


@dataclass(frozen=True)
class Renewal:
    """What the present tables make of a kept grant: a pair, as it is kept and as it would be, for each phase.

    Where a phase cannot be worked out, `new` names why and nothing is to be renewed.
    """

    phases: dict

    @property
    def is_possible(self):
        return all(new.is_known for _old, new in self.phases.values())

    @property
    def changes(self):
        """Would anything be another amount, or rest on verified rates where it did not?"""
        return any(
            (old.by_category(), old.is_verified) != (new.by_category(), new.is_verified)
            for old, new in self.phases.values()
        )

    @property
    def changes_amounts(self):
        return any(old.by_category() != new.by_category() for old, new in self.phases.values())

    @property
    def hindrance(self):
        """The first grant that cannot be worked out, or None."""
        return next((new for _old, new in self.phases.values() if not new.is_known), None)


def renewal_of(mobility):
    """The Renewal of a mobility that has been accepted; by the facts with which it was, and by the real ones."""
    books = Books()
    accepted = kept(mobility, GrantPhase.ACCEPTED), worked_out(_as_accepted(mobility), books)
    phases = {GrantPhase.ACCEPTED: accepted}
    if mobility.state in COMPLETED_OR_LATER:
        phases[GrantPhase.ACTUAL] = kept(mobility, GrantPhase.ACTUAL), worked_out(mobility, books)
    return Renewal(phases)


def renew(mobility, renewal, *, reason):
    """Keep the new grants of a Renewal that is possible, in place of what is kept."""
    for phase, (_old, new) in renewal.phases.items():
        _keep(mobility, phase, new, reason=reason)


def _as_accepted(mobility):
    """The mobility with the facts as they were until the stay was over."""
    if mobility.state not in COMPLETED_OR_LATER:
        return mobility
    record = mobility.history.filter(state__in=[MobilityState.ACCEPTED, MobilityState.ONGOING]).order_by("pk").last()
    if record is None:  # it came in with its end
        return mobility
    before = record.instance
    for name in ("project", "sending_organisation", "activity_type", "receiving_organisation"):
        if getattr(before, f"{name}_id") == getattr(mobility, f"{name}_id"):
            setattr(before, name, getattr(mobility, name))
    if not Organisation.objects.filter(pk=before.receiving_organisation_id).exists():
        before.receiving_organisation = mobility.receiving_organisation  # two rows of one host have become one
    return before


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
