"""Rows that follow on each other: tiers of days, distance bands, numbers of participants. None overlaps, no gap is left."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from consortium.models import ActivityType
from mobilities.models import FundedDayTier, TierAudience, TravelMode, UnitCost, UnitCostKind
from mobilities.rate_books import EVERY_ACTIVITY, SECOND_GENERATION, THIRD_COUNTRY, Table
from mobilities.rate_tables import NAMES, name_of_activity, names_of_activities
from westum.base.formats import number


@dataclass(frozen=True)
class Part:
    """From `first` to `last`, or to the end where that is None; `values` by column, which may lack one."""

    first: int
    last: int | None
    values: dict


@dataclass(frozen=True)
class Series:
    """Such a table of a call: what its rows have in common, and which of their fields say from where to where what."""

    call_year: int
    slug: str
    name: str
    table: Table
    model: type
    common: dict
    first: str
    last: str
    value: str
    columns: tuple[str, ...]  # more than one where a part has a row for each way of travelling
    begins_at: int | None = None
    may_be_open: bool = True

    @property
    def rows(self):
        return self.model.objects.filter(call_year=self.call_year, **self.common).order_by(self.first)

    def column_of(self, row):
        return row.travel_mode if len(self.columns) > 1 else self.columns[0]

    def new_row(self, column):
        fields = {"travel_mode": column} if len(self.columns) > 1 else {}
        return self.model(call_year=self.call_year, **self.common, **fields)

    def parts(self, rows):
        """What the rows say, in order."""
        found = {}
        for row in rows:
            part = found.setdefault(
                getattr(row, self.first), Part(getattr(row, self.first), getattr(row, self.last), {})
            )
            part.values[self.column_of(row)] = getattr(row, self.value)
        return list(found.values())


def of_call(call_year):
    """All series that the call has, or could have."""
    modes = tuple(TravelMode.values) if call_year >= SECOND_GENERATION else (TravelMode.STANDARD.value,)
    yield Series(
        call_year,
        slug="travel",
        name=NAMES[Table.TRAVEL],
        table=Table.TRAVEL,
        model=UnitCost,
        common={"kind": UnitCostKind.TRAVEL} | ({"travel_mode": modes[0]} if len(modes) == 1 else {}),
        first="km_from",
        last="km_to",
        value="amount_eur",
        columns=modes,
    )
    for audience in TierAudience:
        yield Series(
            call_year,
            slug=f"tiers-{audience}",
            name=_("%(table)s, %(who)s") % {"table": NAMES[Table.TIERS], "who": audience.label},
            table=Table.TIERS,
            model=FundedDayTier,
            common={"audience": audience},
            first="day_from",
            last="day_to",
            value="percent",
            columns=("percent",),
            begins_at=1,
            may_be_open=False,
        )
    for code, name in _with_support(call_year):
        yield Series(
            call_year,
            slug=f"support-{code or EVERY_ACTIVITY}",
            name=_("%(table)s, %(who)s") % {"table": NAMES[Table.ORGANISATIONAL], "who": name},
            table=Table.ORGANISATIONAL,
            model=UnitCost,
            common={"kind": UnitCostKind.ORGANISATIONAL, "activity_code": code},
            first="first_participant",
            last="last_participant",
            value="amount_eur",
            columns=("amount",),
            begins_at=1,
        )


def find(call_year, slug):
    """The series of the call by its name in the address, or None."""
    return next((one for one in of_call(call_year) if one.slug == slug), None)


def slug_of(row):
    """The name of the series that the row belongs to; None for a row that nothing follows on."""
    if isinstance(row, FundedDayTier):
        return f"tiers-{row.audience}"
    if isinstance(row, UnitCost) and row.kind == UnitCostKind.TRAVEL:
        return "travel"
    if isinstance(row, UnitCost) and row.kind == UnitCostKind.ORGANISATIONAL:
        return f"support-{row.activity_code or EVERY_ACTIVITY}"
    return None


def _with_support(call_year):
    """(code, name) of what participants are counted by: all together until call 2020, then each activity."""
    if call_year < SECOND_GENERATION:
        return [("", name_of_activity("", {}))]
    names = names_of_activities(call_year)
    rows = UnitCost.objects.filter(call_year=call_year, kind=UnitCostKind.ORGANISATIONAL).order_by("pk")
    codes = [*rows.values_list("activity_code", flat=True)]
    codes += [kind.ec_code or kind.key for kind in ActivityType.objects.in_call(call_year)]
    return [(code, name_of_activity(code, names)) for code in dict.fromkeys([*codes, THIRD_COUNTRY])]


def faults(series, parts):
    """What keeps the parts from following on each other: (number of the part, "first" or "last", sentence)."""
    for place, part in enumerate(parts):
        if part.last is None and not series.may_be_open:
            yield place, "last", _("Write on which day it ends.")
            return
        if part.last is None and place < len(parts) - 1:
            yield place, "last", _("Write where it ends: only the last row may go on without an end.")
            return
        if part.last is not None and part.last < part.first:
            yield place, "last", _("The end cannot be before the beginning.")
            return
        expected = parts[place - 1].last + 1 if place else series.begins_at
        if expected is None or part.first == expected:
            continue
        words = {"n": number(expected), "end": number(expected - 1)}
        if place == 0:
            yield place, "first", _("The first row begins at %(n)s.") % words
        elif part.first < expected:
            yield place, "first", _("The row before ends at %(end)s, so both overlap. Begin at %(n)s.") % words
        else:
            yield place, "first", _("The row before ends at %(end)s, so there is a gap. Begin at %(n)s.") % words
