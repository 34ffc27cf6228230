"""Many mobilities with their grants, made in a few statements. Places of shares are not counted."""

import random
from datetime import timedelta
from itertools import cycle

from django.utils import timezone

from mobilities import grant_lines, mobility_grants
from mobilities.models import GrantLine, GrantPhase, Mobility, MobilityState
from mobilities.models.states import ACCEPTED_OR_LATER, COMPLETED_OR_LATER
from tests import factories
from westum.base import history

TO_SUBMIT = [MobilityState.SUBMITTED, MobilityState.CANCELLED, *ACCEPTED_OR_LATER]


def mobilities(project, members, number, *, seed=20260101, states=tuple(MobilityState)):
    """`number` mobilities of the members' people, of both kinds, in each of the states, with lines where these are kept.

    Half of the completed ones were away for other days than they were accepted for.
    """
    chance = random.Random(seed)
    people = [
        factories.ParticipantFactory(organisation=member, group=group)
        for member in members
        for group in ("learner", "staff")
    ]
    hosts = [
        factories.OrganisationFactory(host=True, placed=True, country=country, city=country)
        for country in ("PT", "IE", "CH")
    ]
    by = factories.UserFactory()
    kinds = {staff: factories.ActivityTypeFactory(staff=staff) for staff in (False, True)}
    rows = [
        _mobility(project, person, kinds, chance.choice(hosts), state, n, chance, by)
        for n, person, state in zip(range(number), cycle(people), chance.choices(states, k=number), strict=False)
    ]
    history.create_many(Mobility, rows)
    _keep_grants(rows, chance)
    return rows


def _mobility(project, person, kinds, host, state, n, chance, by):
    now = timezone.now()
    start = factories.day(-1000 + n)  # no two on the same days
    return Mobility(
        project=project,
        participant=person,
        sending_organisation=person.organisation,
        receiving_organisation=host,
        activity_type=kinds[not person.is_learner],
        start_date=start,
        end_date=start + timedelta(chance.randint(9, 40)),
        travel_mode=chance.choice(["standard", "green"]),
        travel_days=chance.randint(0, 2),
        distance_km=chance.choice([50, 99, 100, 499, 500, 1999, 2000]),
        fewer_opportunities=chance.random() < 0.2,
        linguistic_support=chance.random() < 0.2,
        course_fee_days=chance.choice([0, 0, 3, 12]),
        state=state,
        has_place=state in [MobilityState.SUBMITTED, *ACCEPTED_OR_LATER],
        **({"submitted_at": now, "submitted_by": by} if state in TO_SUBMIT else {}),
        **({"accepted_at": now, "accepted_by": by} if state in [MobilityState.CANCELLED, *ACCEPTED_OR_LATER] else {}),
    )


def _keep_grants(rows, chance):
    books, lines = mobility_grants.Books(), []
    for row in rows:
        accepted = mobility_grants.worked_out(row, books)
        if row.state in [MobilityState.CANCELLED, *ACCEPTED_OR_LATER]:
            lines += _lines(row, GrantPhase.ACCEPTED, accepted)
        if row.state in COMPLETED_OR_LATER:
            row.end_date -= timedelta(chance.choice([0, 0, 1, 2]))
            lines += _lines(row, GrantPhase.ACTUAL, mobility_grants.worked_out(row, books, keeping=accepted.lines))
    Mobility.objects.unkept("the real days").bulk_update(rows, ["end_date"], batch_size=500)
    history.create_many(GrantLine, lines)


def _lines(row, phase, grant):
    return [
        GrantLine(mobility=row, phase=phase, category_id=line.category, **grant_lines.columns(line))
        for line in grant.lines
    ]
