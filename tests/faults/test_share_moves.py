"""R4: places move between two members while mobilities of both are registered, on PostgreSQL. Every counter equals its rows."""

import random
import time

import pytest

from consortium import decisions, share_moves, shares
from consortium.models import Allocation, AwardedLine, Decision
from consortium.permissions import NotAllowed
from mobilities import lifecycle
from mobilities.models import Mobility, MobilityState
from tests import factories
from tests.faults.races import race

pytestmark = [
    pytest.mark.faults,
    pytest.mark.databases("postgresql"),
    pytest.mark.django_db(transaction=True),
]

TRIALS = 500
# Places of A and of B before a trial, who moves one place to whom, whose mobility is registered.
SCENES = [
    ((1, 0), "AB", "A"),  # both want the last place
    ((0, 1), "BA", "A"),  # the registered one waits, or gets the place that comes
    ((1, 1), "AB", "B"),
    ((2, 1), "BA", "B"),  # the place that goes away is the one that is wanted
]


class Scene:
    def __init__(self, project, organisations):
        self.project = project
        self.learners = factories.ActivityTypeFactory()
        self.members = {
            name: project.members.get(organisation=organisation)
            for name, organisation in zip("AB", organisations, strict=True)
        }
        self.line = shares.awarded_lines(project).get(activity_type=self.learners)
        self.by = factories.UserFactory()
        self.drafts = {
            name: factories.MobilityFactory(
                project=project, participant=factories.ParticipantFactory(organisation=member.organisation)
            )
            for name, member in self.members.items()
        }
        self.trial, self.head_start = -1, random.Random("moves")
        self.found = {"moved": 0, "refused": 0, "placed": 0, "queued": 0}

    def before(self):
        self.trial += 1
        places, _way, _who = SCENES[self.trial % len(SCENES)]
        for member, number in zip(self.members.values(), places, strict=True):
            Allocation.objects.unkept("the stage of a trial").filter(member=member, activity_type=self.learners).update(
                places=number, places_taken=0
            )
        AwardedLine.objects.filter(pk=self.line.pk).update(places_shared=sum(places))
        Mobility.objects.unkept("the stage of a trial").filter(project=self.project).update(
            state=MobilityState.DRAFT, has_place=False, submitted_at=None, submitted_by=None
        )

    def act(self, contestant):
        _places, (giver, receiver), who = SCENES[self.trial % len(SCENES)]
        if contestant == 1:
            return lifecycle.submit(mobility=self.drafts[who], by=self.by).has_place
        time.sleep(self.head_start.uniform(0, 0.03))  # submitting is the longer way to the same lock
        return share_moves.move_places(
            giver=self.members[giver],
            receiver=self.members[receiver],
            activity_type=self.learners,
            places=1,
            reason="Wanted there.",
            by=self.by,
        ).places

    def after(self, results):
        moved, has_place = results
        assert moved == 1 or isinstance(moved, NotAllowed), moved
        assert has_place in {True, False}, has_place
        self.found["moved" if moved == 1 else "refused"] += 1
        self.found["placed" if has_place else "queued"] += 1
        held = 0
        for share in Allocation.objects.filter(activity_type=self.learners, member__project=self.project):
            rows = Mobility.objects.holding_a_place().filter(
                project=self.project, sending_organisation=share.member.organisation_id
            )
            assert share.places_taken == rows.count() <= share.places
            held += share.places_taken
        assert held == has_place
        self.line.refresh_from_db()
        given = Allocation.objects.filter(activity_type=self.learners, member__project=self.project)
        assert (
            self.line.places_shared
            == sum(given.values_list("places", flat=True))
            == sum(SCENES[self.trial % len(SCENES)][0])
        )


def test_pairs_of_moves_and_registrations_keep_every_counter(project, member_a, member_b, contact):
    scene = Scene(project, [member_a, member_b])
    began = time.monotonic()
    race(trials=TRIALS, contestants=2, act=scene.act, before=scene.before, after=scene.after)
    print(f"n = {TRIALS} pairs in {time.monotonic() - began:.0f} s: {scene.found}")
    assert min(scene.found.values()) > TRIALS / 20, scene.found


def test_moves_in_both_directions_do_not_wait_for_each_other(project, member_a, member_b):
    """A gives to B while B gives to A: one order of locks, so both end, and nothing is lost."""
    scene, trials = Scene(project, [member_a, member_b]), 100
    names = ["AB", "BA"]

    def act(contestant):
        giver, receiver = [scene.members[name] for name in names[contestant]]
        share_moves.move_places(
            giver=giver, receiver=receiver, activity_type=scene.learners, places=2, reason="Swap.", by=scene.by
        )

    def after(results):
        assert results == [None, None]
        places = Allocation.objects.filter(activity_type=scene.learners).values_list("places", flat=True)
        assert list(places) == [10, 10]

    race(trials=trials, contestants=2, act=act, before=lambda: None, after=after)
    print(f"n = {trials} trials, 0 lost")


def test_no_place_is_given_of_a_decision_that_has_just_been_replaced(project, member_a, member_b):
    """A decision is entered while a share of the one before grows: what counts then has counted it, or refused it."""
    scene, trials = Scene(project, [member_a, member_b]), 100
    found = {"given": 0, "given first": 0}

    def before():
        scene.trial += 1
        scene.newest = decisions.newest(project)

    def act(contestant):
        time.sleep(scene.head_start.uniform(0, 0.02))
        if contestant == 1:
            places = 5 + scene.trial % 6  # never the number of the trial before
            shares.give_places(
                member=scene.members["A"], activity_type=scene.learners, places=places, reason="Wanted.", by=scene.by
            )
            return shares.awarded_lines(project).get(activity_type=scene.learners).decision_id
        lines = [
            AwardedLine(activity_type=line.activity_type, places=line.places)
            for line in decisions.lines_of(scene.newest)
        ]
        decision = Decision(starts_on=scene.newest.starts_on, ends_on=scene.newest.ends_on)
        decisions.enter(project=project, decision=decision, lines=lines, follows=scene.newest.pk, by=scene.by)
        return None

    def after(results):
        assert results[0] is None, results
        assert isinstance(results[1], int), results
        newest = decisions.newest(project)
        assert newest.number == scene.newest.number + 1
        given = Allocation.objects.filter(activity_type=scene.learners, member__project=project)
        counted = newest.lines.get(activity_type=scene.learners).places_shared
        assert counted == sum(given.values_list("places", flat=True))
        earlier = scene.newest.lines.get(activity_type=scene.learners)
        found["given first" if earlier.places_shared == counted else "given"] += 1

    race(trials=trials, contestants=2, act=act, before=before, after=after)
    print(f"n = {trials} pairs, every counter equal to its rows: {found}")
    assert min(found.values()) > trials / 20, found
