"""What a stay would be granted, tried out: by a project's rates or those of a call year, and nothing is saved."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from consortium.models import ActivityType, Organisation, Project
from mobilities import explanations, rate_tables
from mobilities.grants import RateMissing, calculate
from mobilities.models import UnitCost, UnitCostKind
from westum.base.distances import in_km, in_whole_kilometres
from westum.base.formats import country


@dataclass(frozen=True)
class Rates:
    """Whose tables of which call year are used. `example_of` is the country, when they stand in for the own one's."""

    key: str
    label: str
    call_year: int
    country: str
    example_of: str = ""


@dataclass(frozen=True)
class Outcome:
    """The grant of a stay, or the sentence that says which rate is missing."""

    destination: str
    distance_km: int
    is_measured: bool
    grant: explanations.Grant | None = None
    missing: str = ""
    rates_url: str = ""  # where the rate is missing


def of_projects(user):
    """The rates of the projects that the user sees, or travels in; what goes on now comes first."""
    own = Project.objects.visible_to(user) | Project.objects.filter(mobilities__participant__user=user)
    shown = Project.objects.own().filter(pk__in=own.values("pk"), call_year__isnull=False).select_related("owner")
    ordered = sorted(shown.newest_first(), key=lambda project: not project.takes_registrations)
    return [
        Rates(
            project.slug,
            project.name,
            project.call_year,
            project.rates_of,
            project.rates_of if project.has_example_rates else "",
        )
        for project in ordered
        if project.is_erasmus
    ]


def of_call_years(home):
    """Call years for which a table of day rates is there, newest first; another country's are examples."""
    rows = UnitCost.objects.filter(kind=UnitCostKind.DAY_RATE).order_by("-call_year", "-sending_country")
    return [
        Rates(
            f"{year}-{sending}",
            _("Call %(call)s, rates of this country: %(country)s") % {"call": year, "country": country(sending)},
            year,
            sending,
            sending if sending != home else "",
        )
        for year, sending in rows.values_list("call_year", "sending_country").distinct()
    ]


def members_of(user):
    """From where the user may start: the members that the user sees, for a traveller those that sent this person."""
    seen = Organisation.objects.visible_to(user).members()
    sending = Organisation.objects.filter(outgoing_mobilities__participant__user=user)
    return Organisation.objects.filter(pk__in=(seen | sending).values("pk")).in_order()


def own_member(user):
    """The one member that is the user's own, or None."""
    own = {right.organisation_id for right in user.rights}
    found = [member for member in members_of(user) if not own or member.pk in own]
    return found[0] if len(found) == 1 else None


def activities_of(call_year):
    return ActivityType.objects.in_call(call_year).outgoing()


def measured(start, place):
    """Whole kilometres between two pairs of latitude and longitude."""
    return in_whole_kilometres(in_km(start, place))


def outcome(facts, book, *, destination, is_measured):
    """Raises NotGranted when the programme funds no such stay."""
    said = {"destination": destination, "distance_km": facts.distance_km, "is_measured": is_measured}
    try:
        return Outcome(**said, grant=explanations.explain_all(calculate(facts, book)))
    except RateMissing as missing:
        return Outcome(**said, missing=explanations.missing(missing), rates_url=rate_tables.where_missing(missing))


def difference(outcomes):
    """By how many euro the first of two known grants is higher; None where there are no two."""
    amounts = [one.grant.own_eur for one in outcomes if one.grant]
    return amounts[0] - amounts[1] if len(amounts) == 2 else None
