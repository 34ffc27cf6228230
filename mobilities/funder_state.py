"""The funder's own system: how a mobility stands in it, and under which number, beside the mobility's own life."""

from django.db import transaction
from django.utils.translation import gettext as _

from consortium.models import ProjectState
from consortium.permissions import NotAllowed
from mobilities import lifecycle
from mobilities.models import FunderState, MobilityState
from westum.base import history
from westum.base.forms import Changed

FACTS = (
    "start_date",
    "end_date",
    "travel_days",
    "travel_mode",
    "distance_km",
    "receiving_organisation",
    "activity_type",
)


def differing(mobility):
    """What has changed since it was complete there, in words; empty where nothing is known of it."""
    records = mobility.history.filter(funder_state=FunderState.COMPLETE).order_by("-history_date", "-history_id")
    before = records.first() if mobility.funder_state == FunderState.DIFFERS else None
    return history.compared(mobility, before, FACTS) if before else []


def refusal(mobility):
    """Why nothing can be noted for the mobility as it stands; empty when it can."""
    if mobility.accepted_at is None:
        return _("Only an accepted mobility is entered in the funder's system.")
    if mobility.state == MobilityState.CLOSED:
        return _("A closed mobility is not changed any more.")
    return lifecycle.PROJECT_HAS_ENDED if mobility.project.state == ProjectState.ENDED else ""


@transaction.atomic
def record(*, mobility, funder_state, funder_id, by, version=None):
    """Note how the mobility stands in the funder's own system, under which number.

    With `version`, that of the row which the user saw, it raises Changed when somebody has changed the row since.
    """
    mobility = lifecycle.locked(mobility)
    if version is not None and mobility.version != version:
        raise Changed
    if why_not := refusal(mobility):
        raise NotAllowed(why_not)
    if funder_state == FunderState.ABSENT and funder_id:
        raise NotAllowed(_("Choose how it is entered there, or leave the number empty."), field="funder_state")
    if funder_state == FunderState.COMPLETE and not funder_id:
        raise NotAllowed(_("Write the number that the mobility has in the funder's system."), field="funder_id")
    mobility.funder_state, mobility.funder_id = funder_state, funder_id
    return lifecycle.save(mobility, "funder_state", "funder_id", verb="noted the funder's system")
