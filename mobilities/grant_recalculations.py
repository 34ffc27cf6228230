"""Kept grants beside what the tables of their call give now: where they differ, and calculating chosen ones anew."""

from collections import defaultdict
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from consortium import project_states
from consortium.permissions import NotAllowed
from mobilities import explanations, lifecycle, mobility_grants, participants
from mobilities.grant_history import CALCULATED
from mobilities.models import FunderState, Mobility, MobilityState
from mobilities.models.states import ACCEPTED_OR_LATER
from mobilities.rate_tables import where_missing


@dataclass(frozen=True)
class Difference:
    """A mobility whose grant would be another one by the tables as they are now."""

    mobility: Mobility
    kept: mobility_grants.Grant
    now: mobility_grants.Grant

    @property
    def may_be_calculated(self):
        return self.now.is_known and self.mobility.project.is_open and not is_closed_with_a_grant(self.mobility)

    @property
    def is_closed(self):
        return is_closed_with_a_grant(self.mobility)

    @property
    def why(self):
        """What keeps the new grant from being worked out, in words; empty when nothing does."""
        if self.now.missing:
            return explanations.missing(self.now.missing)
        if self.now.refused:
            return explanations.refusal(self.now.refused)[1]
        return " ".join(str(shortfall.sentence) for shortfall in self.now.lacking)

    @property
    def where(self):
        """Where what is missing is entered, or None."""
        return where_missing(self.now.missing) if self.now.missing else None


def differences(mobilities, call_year):
    """Those of the mobilities (a queryset) that are accepted in the call and differ. As many queries for any number."""
    books, found = mobility_grants.Books(), []
    rows = mobilities.accepted().filter(project__call_year=call_year, project__is_reference_record=False)
    for mobility in rows.with_parties().prefetch_related("grant_lines").in_order():
        kept = mobility_grants.kept(mobility, mobility_grants.phase_of(mobility))
        now = mobility_grants.worked_out(mobility, books)
        if kept.by_category() != now.by_category():
            found.append(Difference(mobility, kept, now))
    return found


def is_closed_with_a_grant(mobility):
    """What it was granted is paid and the funder's system agrees. One closed without amounts may still get them."""
    return mobility.state == MobilityState.CLOSED and bool(mobility.grant_lines.all())


def is_open_for(mobility, user):
    """May the user calculate its grant anew? For buttons; the rule looks again under the lock. Read it `with_rights`."""
    is_own = participants.is_same_person(mobility.participant, user)
    if is_own or is_closed_with_a_grant(mobility):
        return False
    return mobility.may_accept and mobility.state in ACCEPTED_OR_LATER and mobility.project.is_open


@transaction.atomic
def calculate_anew(*, mobilities, reason, by):
    """Give the mobilities the grants of the present tables, as accepted and by the real days, with a line in the history of each. All, or none.

    Raises NotAllowed for one in a project that has ended, for the own one, for one that is closed with a grant, and where a rate is missing.
    What was complete in the funder's system and gets other amounts now differs.
    """
    by_project = defaultdict(list)
    for mobility in mobilities:
        by_project[mobility.project].append(mobility)
    for project in sorted(by_project, key=lambda one: one.pk):
        project_states.locked_open(project)
        for mobility in sorted(by_project[project], key=lambda one: one.pk):
            _calculate(lifecycle.locked(mobility), reason, by)
    return len(mobilities)


def _calculate(mobility, reason, by):
    if mobility.state not in ACCEPTED_OR_LATER:
        raise NotAllowed(_("%(person)s: this mobility is no longer accepted.") % {"person": mobility})
    if participants.is_same_person(mobility.participant, by):
        raise NotAllowed(_("Somebody else must change your own mobility."))
    if is_closed_with_a_grant(mobility):
        raise NotAllowed(_("%(person)s: this mobility is closed, and its grant stays as it is.") % {"person": mobility})
    told = f"{CALCULATED}\n{reason}"
    renewal = mobility_grants.renewal_of(mobility)
    if renewal.hindrance:
        why = renewal.hindrance.hindrances[0].sentence
        raise NotAllowed(_("%(person)s: %(why)s") % {"person": mobility, "why": why})
    mobility.distance_km = mobility_grants.distance_of(mobility)
    # A closed one gets amounts for the first time; that the funder's system agrees was noted before it was closed.
    is_told_to_funder = mobility.funder_state == FunderState.COMPLETE and mobility.state != MobilityState.CLOSED
    if is_told_to_funder and renewal.changes_amounts:
        mobility.funder_state = FunderState.DIFFERS
    mobility_grants.renew(mobility, renewal, reason=told)
    lifecycle.save(mobility, "distance_km", "funder_state", verb=told)
