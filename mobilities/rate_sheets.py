"""The tables of a call year as one sheet: a line for each row, and a first column that says of which table it is."""

from dataclasses import dataclass
from decimal import Decimal

from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from import_export import resources

from consortium.models import SourceStatus
from mobilities import rate_tables
from mobilities.exports import column
from mobilities.models import (
    CountryGroup,
    FundedDayTier,
    Payee,
    TierAudience,
    TravelDayLimit,
    TravelMode,
    UnitCost,
    UnitCostKind,
)
from mobilities.rate_books import Table
from westum.base import sheets

GROUP, TIER, TRAVEL_DAYS = "country_group", "tier", "travel_days"
YES_OR_NO = {True: _("yes"), False: _("no")}
KINDS = {
    **dict(UnitCostKind.choices),
    GROUP: CountryGroup._meta.verbose_name,
    TIER: FundedDayTier._meta.verbose_name,
    TRAVEL_DAYS: TravelDayLimit._meta.verbose_name,
}
# Column → code → word, for the columns in which a choice stands.
WORDS = {
    "kind": KINDS,
    "payee": dict(Payee.choices) | {TierAudience.LEARNER: TierAudience.LEARNER.label},
    "travel_mode": dict(TravelMode.choices),
    "is_third_country": YES_OR_NO,
    "status": dict(SourceStatus.choices),
}
# Where the fields of the models stand that have another name there.
ENDS = {
    UnitCostKind.TRAVEL: ("km_from", "km_to"),
    UnitCostKind.ORGANISATIONAL: ("first_participant", "last_participant"),
}


@dataclass
class Flat:
    """A row of any table with the columns of all; what its table does not have is empty."""

    kind: str
    sending_country: str = ""
    payee: str = ""
    country_group: str = ""
    receiving_country: str = ""
    is_third_country: bool | None = None
    first: int | None = None
    last: int | None = None
    travel_mode: str = ""
    activity_code: str = ""
    amount_eur: Decimal | None = None
    cap_eur: Decimal | None = None
    lowest_eur: Decimal | None = None
    highest_eur: Decimal | None = None
    percent: int | None = None
    days: int | None = None
    status: str = ""
    source: str = ""
    note: str = ""

    def in_words(self):
        """Its choices as words of the active language."""
        words = {name: WORDS[name].get(value, value) for name, value in vars(self).items() if name in WORDS}
        return Flat(**vars(self) | {name: "" if word is None else capfirst(str(word)) for name, word in words.items()})


def flat(row):
    common = {"status": row.status, "source": row.source, "note": row.note}
    if isinstance(row, CountryGroup):
        return Flat(
            GROUP,
            receiving_country=row.country_code,
            country_group=row.group,
            is_third_country=row.is_third_country,
            **common,
        )
    if isinstance(row, FundedDayTier):
        days = {"first": row.day_from, "last": row.day_to}
        return Flat(TIER, payee=row.audience, percent=row.percent, **days, **common)
    if isinstance(row, TravelDayLimit):
        return Flat(TRAVEL_DAYS, travel_mode=row.travel_mode, days=row.most_days, **common)
    return _flat_cost(row, common)


def _flat_cost(row, common):
    names = ["sending_country", "payee", "travel_mode", "activity_code", "amount_eur", "cap_eur", "lowest_eur"]
    found = Flat(row.kind, highest_eur=row.highest_eur, **{name: getattr(row, name) for name in names}, **common)
    if row.kind in ENDS:
        found.first, found.last = (getattr(row, name) for name in ENDS[row.kind])
    if len(row.country_group) > 1:
        found.receiving_country = row.country_group  # learners had a rate for each country until call 2017
    else:
        found.country_group = row.country_group
    return found


class RateResource(resources.Resource):
    kind = column("kind", _("Table"))
    sending_country = column("sending_country", _("Sending country"))
    payee = column("payee", _("For whom"))
    country_group = column("country_group", _("Country group"))
    receiving_country = column("receiving_country", _("Receiving country"))
    is_third_country = column("is_third_country", _("Not associated with the programme"))
    first = column("first", _("From (km, day or participant)"))
    last = column("last", _("To (km, day or participant)"))
    travel_mode = column("travel_mode", _("Way of travelling"))
    activity_code = column("activity_code", _("Activity"))
    amount_eur = column("amount_eur", _("Amount, EUR"))
    cap_eur = column("cap_eur", _("Ceiling, EUR"))
    lowest_eur = column("lowest_eur", _("Lowest allowed, EUR"))
    highest_eur = column("highest_eur", _("Highest allowed, EUR"))
    percent = column("percent", _("Per cent of the day rate"))
    days = column("days", _("Days at most"))
    status = column("status", _("How sure it is"))
    source = column("source", _("Source"))
    note = column("note", _("Note"))


def table_of(call_year):
    """All rows of the call, table by table as its page has them, in the active language. Five queries."""
    resource = RateResource()
    tables = rate_tables.load([call_year])[call_year]
    countries = sorted({row.sending_country for row in tables.rows if isinstance(row, UnitCost)} - {""})
    rows = [row for code in countries for row in tables.of(Table.DAY_RATES, code)]
    for table in rate_tables.NAMES:
        if table not in (Table.DAY_RATES, Table.ACTIVITIES):
            rows += tables.of(table)
    headers = [str(header) for header in resource.get_export_headers()]
    title = gettext("Rates of call %(call_year)s") % {"call_year": call_year}
    return sheets.Table(title, headers, (resource.export_resource(flat(row).in_words()) for row in rows))
