"""Mobilities as rows of a sheet, for who may take persons' data out of the portal.

`table_of` is what the page and the command use; the formulas that a name could hide are made harmless in `westum.base.sheets`.
"""

from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from import_export import resources
from import_export.fields import Field
from import_export.widgets import Widget

from mobilities import mobility_grants
from mobilities.models import GrantPhase, Mobility
from mobilities.rate_books import Category
from westum.base import countries, sheets


class AsItIs(Widget):
    """Dates and numbers stay what they are, so that a sheet can sort and add them."""

    def render(self, value, obj=None, **kwargs):
        return "" if value is None else value


def column(attribute, name):
    return Field(attribute=attribute, column_name=name, widget=AsItIs())


def word(attribute, name):
    """A column whose value `dehydrate_…` puts into the reader's language."""
    return Field(attribute=None, column_name=name, widget=AsItIs())


def _amount(mobility, phase):
    """What is kept in the phase, but for inclusion support; empty where nothing is."""
    amounts = {row.category_id: row.amount_eur for row in mobility.grant_lines.all() if row.phase == phase}
    amounts.pop(Category.INCLUSION_ORGANISATION, None)
    return sum(amounts.values()) if amounts else ""


class MobilityResource(resources.ModelResource):
    last_name = column("participant__last_name", _("Last name"))
    first_name = column("participant__first_name", _("First name"))
    group = word("group", _("Group"))
    member = column("sending_organisation__name", _("Member"))
    project = column("project__name", _("Project"))
    reference = column("project__reference", _("Project reference"))
    activity = column("activity_type__name", _("Activity"))
    host = column("receiving_organisation__name", _("Host"))
    town = column("receiving_organisation__city", _("Town"))
    country = word("country", _("Country"))
    start_date = column("start_date", _("First day"))
    end_date = column("end_date", _("Last day"))
    days = column("days", _("Days"))
    travel = word("travel", _("Way of travelling"))
    travel_days = column("travel_days", _("Days of travel"))
    distance = word("distance", _("Distance one way, km"))
    focus_areas = word("focus_areas", _("Focus areas"))
    state = word("state", _("State"))
    place = word("place", _("Holds a place"))
    funder_state = word("funder_state", _("In the funder's system"))
    funder_id = column("funder_id", _("The funder's number"))
    placement_report = word("placement_report", _("Placement report"))
    submitted_on = word("submitted_on", _("Submitted on"))
    accepted_on = word("accepted_on", _("Accepted on"))
    # Without inclusion support, which would tell of a participant that it is one with fewer opportunities.
    grant_accepted = word("grant_accepted", _("Grant accepted, EUR (without inclusion support)"))
    grant_actual = word("grant_actual", _("Grant by the real days, EUR (without inclusion support)"))

    class Meta:
        model = Mobility
        fields = [
            "last_name",
            "first_name",
            "group",
            "member",
            "project",
            "reference",
            "activity",
            "host",
            "town",
            "country",
            "start_date",
            "end_date",
            "days",
            "travel",
            "travel_days",
            "distance",
            "focus_areas",
            "state",
            "place",
            "funder_state",
            "funder_id",
            "placement_report",
            "submitted_on",
            "accepted_on",
            "grant_accepted",
            "grant_actual",
        ]
        chunk_size = 500

    def dehydrate_group(self, mobility):
        return capfirst(mobility.participant.get_group_display())

    def dehydrate_country(self, mobility):
        host = mobility.receiving_organisation
        return self.countries.get(host.country, host.country) if host else ""

    def dehydrate_travel(self, mobility):
        return capfirst(mobility.get_travel_mode_display())

    def dehydrate_distance(self, mobility):
        kilometres = mobility_grants.distance_of(mobility)
        return "" if kilometres is None else kilometres

    def dehydrate_focus_areas(self, mobility):
        return "; ".join(f"{goal.code} {goal.title}" for goal in mobility.goals.all())

    def dehydrate_state(self, mobility):
        return capfirst(mobility.get_state_display())

    def dehydrate_place(self, mobility):
        return gettext("yes") if mobility.has_place else gettext("no")

    def dehydrate_funder_state(self, mobility):
        return capfirst(mobility.get_funder_state_display())

    def dehydrate_placement_report(self, mobility):
        report = getattr(mobility, "placement_report", None)
        return capfirst(report.get_state_display()) if report else ""

    def dehydrate_submitted_on(self, mobility):
        return timezone.localdate(mobility.submitted_at) if mobility.submitted_at else ""

    def dehydrate_accepted_on(self, mobility):
        return timezone.localdate(mobility.accepted_at) if mobility.accepted_at else ""

    def dehydrate_grant_accepted(self, mobility):
        return _amount(mobility, GrantPhase.ACCEPTED)

    def dehydrate_grant_actual(self, mobility):
        return _amount(mobility, GrantPhase.ACTUAL)

    def rows(self, mobilities):
        """One list a mobility, read in portions, in the order of the headers."""
        self.countries = countries.names()
        for mobility in self.iter_queryset(mobilities.with_parties().with_grants().prefetch_related("goals")):
            yield self.export_resource(mobility)


def table_of(mobilities):
    """The mobilities of the queryset, in its order, in the active language."""
    resource = MobilityResource()
    headers = [str(header) for header in resource.get_export_headers()]
    return sheets.Table(gettext("Mobilities"), headers, resource.rows(mobilities))
