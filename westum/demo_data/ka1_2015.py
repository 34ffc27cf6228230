"""180 invented mobilities in the consortium's project of 2015-2017, which the fixtures describe as its paper does."""

import random
from datetime import date, timedelta

from consortium.models import GoalAudience, Project
from mobilities.models import FunderState, MobilityState, ParticipantGroup, PlacementReportState, TravelMode
from westum.demo_data import granted, journeys, sharing, tales
from westum.demo_data.moments import at
from westum.demo_data.people import CONTACT_OF
from westum.demo_data.scenes import Scene

SHARED_OUT_ON = date(2015, 6, 8)
LEARNERS, STAFF = "traineeship-2014", "staff-training-2014"
# Places for learners and for staff; together the 101 and 124 that were awarded.
SHARES = {
    "Alingsås": (8, 10),
    "Borås": (16, 18),
    "Essunga": (2, 4),
    "Färgelanda": (2, 4),
    "Kunskapsförbundet Väst": (15, 17),
    "Lidköping": (11, 13),
    "Orust": (3, 4),
    "Skövde": (13, 15),
    "Sotenäs": (2, 4),
    "Strömstad": (4, 6),
    "Uddevalla": (14, 16),
    "Varberg": (11, 13),
}
TRAVELLING = {LEARNERS: 81, STAFF: 99}
# Outcome, how it stands with the funder, state of the placement report, how many.
OUTCOMES = [
    (MobilityState.CLOSED, FunderState.COMPLETE, PlacementReportState.ACCEPTED, 138),
    (MobilityState.REPORTED, FunderState.COMPLETE, PlacementReportState.ACCEPTED, 11),
    (MobilityState.REPORTED, FunderState.DIFFERS, PlacementReportState.ACCEPTED, 3),
    (MobilityState.COMPLETED, FunderState.COMPLETE, None, 5),
    (MobilityState.COMPLETED, FunderState.COMPLETE, PlacementReportState.SUBMITTED, 3),
    (MobilityState.CANCELLED, FunderState.ABSENT, None, 12),
    (MobilityState.WITHDRAWN, FunderState.ABSENT, None, 8),
]
REASONS = {
    MobilityState.CANCELLED: [
        "Sjukdom i familjen.",
        "Värden kunde inte ta emot.",
        "Har fått arbete.",
        "Resan krockade med prov.",
    ],
    MobilityState.WITHDRAWN: ["Söker till nästa termin i stället.", "Registrerad två gånger.", "Har ångrat sig."],
}


def create_journeys(*, people, hosts, strangers):
    project = Project.objects.get(slug="ka1-2015")
    scene = Scene(project=project, people=people, hosts=hosts, strangers=strangers, rng=random.Random("ka1-2015"))
    shares = sharing.share_out(
        scene,
        {name: {LEARNERS: learners, STAFF: staff} for name, (learners, staff) in SHARES.items()},
        moment=at(SHARED_OUT_ON, 13),
    )
    outcomes = _outcomes(scene.rng)
    plans = [
        _plan(scene, number, *place, *outcome)
        for number, (place, outcome) in enumerate(zip(_places(scene.rng), outcomes, strict=True), 1)
    ]
    journeys.bring_participants(plans)
    grants = granted.Granted()
    told = [journeys.tell(plan, grants) for plan in plans]
    sharing.follow(shares, told)
    tales.save(list(shares.values()))
    journeys.save(plans, told, grants)


def _places(rng):
    """Who travels: member and activity for each of the 180, no more of a kind than the member has places.

    The member that the demonstration logs in to comes first, so that it gets closed ones and nothing old is left open there.
    """
    found = []
    for column, (activity, count) in enumerate(TRAVELLING.items()):
        places = [(name, activity) for name, shares in SHARES.items() for _ in range(shares[column])]
        found += rng.sample(places, count)
    return sorted(found, key=lambda place: place[0] != CONTACT_OF)


def _outcomes(rng):
    """The outcome of each, mixed, after as many closed ones as the first member can have."""
    outcomes = [outcome for *outcome, count in OUTCOMES for _ in range(count)]
    first = sum(SHARES[CONTACT_OF])
    mixed = outcomes[first:]
    rng.shuffle(mixed)
    return outcomes[:first] + mixed


def _plan(scene, number, member, activity, state, funder, report):
    rng = scene.rng
    start, days = _when(rng, activity)
    participant = scene.somebody(member=member, group=_group(rng, activity))
    return journeys.Plan(
        project=scene.project,
        participant=participant,
        activity=scene.activities[activity],
        host=rng.choice(list(scene.hosts.values())),
        goals=_areas(scene, participant),
        start=start,
        end=start + timedelta(days - 1),
        registered_on=max(SHARED_OUT_ON + timedelta(1 + number % 30), start - timedelta(75)),
        outcome=state,
        contact=scene.people.contacts[member],
        coordinator=scene.people.coordinator,
        funder=funder,
        funder_id="" if funder == FunderState.ABSENT else f"EXEMPEL-2015-{number:03}",
        report=report,
        travel_mode=TravelMode.GREEN if rng.random() < 0.15 else TravelMode.STANDARD,
        reason=rng.choice(REASONS[state]) if state in REASONS else "",
    )


def _when(rng, activity):
    """First day, a Monday in term, and number of days."""
    mondays = [date(2015, 9, 7) + timedelta(7 * week) for week in range(86)]
    start = rng.choice([day for day in mondays if day.month not in {6, 7, 8, 12}])
    return start, rng.choice([14, 19, 21, 26, 28]) if activity == LEARNERS else rng.choice([3, 4, 5, 5])


def _group(rng, activity):
    if activity == LEARNERS:
        return ParticipantGroup.LEARNER
    return ParticipantGroup.SUPERVISOR if rng.random() < 0.25 else ParticipantGroup.STAFF


def _areas(scene, participant):
    """One focus area, sometimes two, of those that are open to the group."""
    closed = GoalAudience.STAFF if participant.is_learner else GoalAudience.LEARNERS
    open_areas = [goal for goal in scene.areas.values() if goal.audience != closed]
    return scene.rng.sample(open_areas, 2 if scene.rng.random() < 0.2 else 1)
