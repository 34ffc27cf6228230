"""What a form for a mobility brings besides the mobility itself: a new person, a new host. All is saved, or nothing."""

from django.db import transaction

from consortium import hosts
from mobilities import lifecycle, participants


@transaction.atomic
def register(*, mobility, goals, by, person=None, host=None, submit=False):
    """Save a draft with the person and the host that are new, and hand it in when `submit` says so."""
    if person is not None:
        mobility.participant = participants.register(participant=person, by=by)
    _keep_host(mobility, host, by)
    mobility = lifecycle.register(mobility=mobility, goals=goals, by=by)
    return lifecycle.submit(mobility=mobility, by=by) if submit else mobility


@transaction.atomic
def change(*, mobility, goals, by, host=None, submit=False):
    """Save what was changed, by the verb that the state asks for, and hand a draft in when `submit` says so."""
    _keep_host(mobility, host, by)
    if lifecycle.allows(mobility, "correct"):
        return lifecycle.correct(mobility=mobility, goals=goals, by=by)
    mobility = lifecycle.amend(mobility=mobility, goals=goals, by=by)
    return lifecycle.submit(mobility=mobility, by=by) if submit else mobility


def _keep_host(mobility, host, by):
    if host is not None:
        mobility.receiving_organisation = hosts.add(host=host, by=by)
