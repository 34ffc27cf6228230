"""The data of a grant statement: one stay and the amounts that are kept for it, ready for JSON.

They are the same in both languages; the lines are as `mobilities.grant_lines` keeps them, with the rates that they rest on.
"""

from django.utils import timezone
from django.utils.translation import gettext as _

from consortium.permissions import NotAllowed
from mobilities import grant_history, grant_lines, mobility_grants
from mobilities.models import GrantPhase, Mobility
from mobilities.models.states import ACCEPTED_OR_LATER, OFF
from reporting import covers


def locked(mobility):
    """The mobility's row under a lock that holds up no foreign keys: its grant is not kept anew meanwhile."""
    return Mobility.objects.select_for_update(of=("self",), no_key=True).get(pk=mobility.pk)


def snapshot(mobility):
    """What is granted for it now. Raises NotAllowed while no amount is kept, with the sentence why."""
    mobility = Mobility.objects.with_parties().prefetch_related("grant_lines").get(pk=mobility.pk)
    accepted, actual = (mobility_grants.kept(mobility, phase) for phase in GrantPhase)
    if why := refusal(mobility, is_known=accepted.is_known or actual.is_known):
        raise NotAllowed(why)
    told = grant_history.told(mobility, grant_history.of(mobility))
    project, host = mobility.project, mobility.receiving_organisation
    return {
        "project": covers.project_facts(project)
        | {
            "owner": project.owner.name,
            "call_year": project.call_year,
            "rates_of": project.rates_of,
            "is_example": project.has_example_rates,
        },
        "mobility": {
            "pk": mobility.pk,
            "participant": str(mobility.participant),
            "member": mobility.sending_organisation.name,
            "host": {"name": host.name, "city": host.city, "country": host.country},
            "activity": {"sv": mobility.activity_type.name_sv, "en": mobility.activity_type.name_en},
            "starts_on": mobility.start_date.isoformat(),
            "ends_on": mobility.end_date.isoformat(),
            "days": mobility.days,
            "travel_days": mobility.travel_days,
            "travel_mode": mobility.travel_mode,
            "accepted_on": timezone.localdate(mobility.accepted_at).isoformat(),
        },
        "told": [event.as_data() for event in told],
        "accepted": _written(accepted),
        "actual": _written(actual),
    }


def refusal(mobility, *, is_known):
    """Why there is nothing to state; empty when there is. `is_known`: an amount is kept."""
    if mobility.state in OFF:
        return _("The trip will not take place, so there is no grant to state.")
    if mobility.state not in ACCEPTED_OR_LATER:
        return _("The grant is kept when the mobility is accepted. Then its statement can be ordered.")
    if is_known:
        return ""
    grant = mobility_grants.worked_out(mobility)
    if grant.is_known and mobility.project.is_open:
        return _("The mobility was accepted while a rate was missing. The coordinator calculates its grant anew first.")
    if grant.is_known:
        return _("The mobility was accepted while a rate was missing, and the project has ended.")
    return _("The mobility has no amounts: %(why)s") % {"why": grant.hindrances[0].sentence}


def _written(grant):
    return [{"category": str(line.category)} | grant_lines.to_json(line) for line in grant.lines]


def lines_of(kept):
    """The lines again, of one phase of the data."""
    return [grant_lines.from_json(line["category"], line) for line in kept]
