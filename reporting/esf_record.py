"""The public record of an ESF project: each field of the list of operations in the printed order, under its printed label.

The labels are those of the project's programme period; the Swedish catalogue has them as the ESF Council prints them.
What the record does not print is None, which the page shows as not stated.
"""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from consortium.models import EsfPeriod
from reporting import naming
from westum.base.formats import country, day, money, rate


@dataclass(frozen=True)
class Fact:
    """A label and a value, and words about the value that are ours."""

    label: str
    value: object
    note: str = ""


def facts(project, operation):
    if operation.period == EsfPeriod.FROM_2007:
        return list(_from_2007(project, operation))
    return list(_from_2021(project, operation))


def _from_2021(project, operation):
    starts_on, ends_on = project.period
    yield Fact(_("Diary number"), project.reference)
    yield Fact(_("Name"), project.name_sv)
    yield Fact(_("Start date"), starts_on and day(starts_on))
    yield Fact(_("End date"), ends_on and day(ends_on))
    yield Fact(_("Country concerned"), operation.country and country(operation.country))
    yield Fact(_("Fund concerned"), operation.fund)
    yield Fact(_("Programme CCI"), operation.programme_cci)
    yield Fact(_("Project owner's organisation number"), operation.owner_number)
    yield Fact(_("Project owner"), operation.owner_name)
    yield Fact(
        _("The Union's co-financing rate"),
        rate(operation.union_rate),
        _("The Union's part, not what the project pays itself.") if operation.union_rate is not None else "",
    )
    yield Fact(_("Programme area"), code(operation.programme_area))
    yield Fact(_("Specific objective"), code(operation.specific_objective))
    yield Fact(_("Secondary theme: fighting child poverty"), yes_or_no(operation.fights_child_poverty))
    yield Fact(_("Region"), operation.region and operation.region.name)
    yield Fact(_("NUTS 2 code"), operation.nuts2)
    yield Fact(_("Recipient's postal code"), operation.owner_postal_code)
    yield Fact(_("Recipient's town"), operation.owner_city)
    yield Fact(_("Type of intervention"), code(operation.intervention_type))
    yield Fact(_("Number of participants"), operation.participants_planned, _("Planned."))
    yield Fact(_("Operation of strategic importance"), yes_or_no(operation.is_strategic))
    yield Fact(_("Total project budget"), sek(operation.total_cost_sek))
    yield Fact(_("Granted ESF support"), sek(operation.granted_support_sek))


def _from_2007(project, operation):
    """Whose project it is comes first: it is not ours. The contact person of a record this old is left out."""
    area = operation.programme_area
    yield Fact(_("Project owner"), operation.owner_name)
    yield Fact(
        _("Programme area"), area and _("Programme area %(code)s %(name)s") % {"code": area.code, "name": area.name}
    )
    yield Fact(_("Project phase"), operation.get_phase_display().capitalize())
    yield Fact(_("Granted ESF support"), sek(operation.granted_support_sek))
    yield Fact(_("Total project budget"), sek(operation.total_cost_sek))
    yield Fact(_("Project period"), naming.period(project))
    yield Fact(_("Region"), operation.region and operation.region.name)
    yield Fact(_("Diary number"), project.reference, _("Printed in the background text.") if project.reference else "")


def codes(operation):
    """The codes that the record prints without words; what they stand for comes from elsewhere."""
    if operation.period == EsfPeriod.FROM_2007:
        return []
    found = [
        (_("Programme area"), operation.programme_area),
        (_("Specific objective"), operation.specific_objective),
        (_("Type of intervention"), operation.intervention_type),
    ]
    return [(label, row) for label, row in found if row]


def code(row):
    return row.code if row else None


def sek(value):
    return None if value is None else money(value, "SEK")


def yes_or_no(value):
    return None if value is None else _("Yes") if value else _("No")
