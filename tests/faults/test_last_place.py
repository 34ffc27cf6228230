"""R4: contestants for the last places of a share, on PostgreSQL. With the lock nobody gets one too many; without it they do."""

import pytest
from django.db import transaction

from consortium import project_states, shares
from consortium.models import Allocation, AwardedLine
from consortium.models.members import AllocationQuerySet
from consortium.permissions import NotAllowed
from mobilities import lifecycle
from mobilities.models import Mobility, MobilityState
from tests import factories
from tests.faults.races import race
from westum.base.forms import Changed

pytestmark = [
    pytest.mark.faults,
    pytest.mark.databases("postgresql"),
    pytest.mark.django_db(transaction=True),
]

# Way to a place, contestants, places, trials. The rule itself is tried most; submitting is the same rule and much more.
FIELDS = [
    ("take", 2, 1, 500),
    ("take", 8, 1, 240),
    ("take", 8, 3, 60),
    ("submit", 2, 1, 150),
    ("submit", 8, 1, 40),
    ("submit", 8, 3, 10),
]


@pytest.fixture
def scene(member_a, project):
    return Scene(project, member_a)


class Scene:
    """One member's share of places for learners, and drafts that want one each."""

    def __init__(self, project, organisation):
        self.project, self.organisation = project, organisation
        self.learners = factories.ActivityTypeFactory()
        self.member = project.members.get(organisation=organisation)
        self.line = shares.awarded_lines(project).get(activity_type=self.learners)
        self.by = factories.UserFactory()
        self.drafts = []

    @property
    def share(self):
        return Allocation.objects.get(member=self.member, activity_type=self.learners)

    def draw_up(self, number):
        self.drafts = [
            factories.MobilityFactory(
                project=self.project, participant=factories.ParticipantFactory(organisation=self.organisation)
            )
            for _draft in range(number)
        ]

    def empty(self, places, taken=0):
        """Nobody has a place but those that are none of the contestants'."""
        Allocation.objects.unkept("the stage of a trial").filter(pk=self.share.pk).update(
            places=places, places_taken=taken, version=0
        )
        Mobility.objects.unkept("the stage of a trial").filter(pk__in=[draft.pk for draft in self.drafts]).update(
            state=MobilityState.DRAFT, has_place=False, submitted_at=None, submitted_by=None
        )

    def take(self, _contestant):
        with transaction.atomic():
            return shares.take_place(project=self.project, organisation=self.organisation, activity_type=self.learners)

    def submit(self, contestant):
        return lifecycle.submit(mobility=self.drafts[contestant], by=self.by).has_place

    def holders(self):
        return Mobility.objects.filter(project=self.project, has_place=True).count()


def run(scene, way, contestants, places, trials):
    """In how many trials more got a place than there are, and in how many the counter is wrong."""
    found = {"over": 0, "miscounted": 0, "winners": 0, "faults": []}
    if way == "submit":
        scene.draw_up(contestants)

    def after(results):
        found["faults"] += [result for result in results if isinstance(result, Exception)]
        winners = sum(result is True for result in results)
        found["winners"] += winners
        found["over"] += winners > places
        counted = scene.share.places_taken
        found["miscounted"] += counted != winners or (way == "submit" and counted != scene.holders())

    race(
        trials=trials,
        contestants=contestants,
        act=getattr(scene, way),
        before=lambda: scene.empty(places),
        after=after,
    )
    print(f"n = {trials} trials, {contestants} contestants for {places}: {way}, over in {found['over']}")
    return found


@pytest.mark.parametrize(("way", "contestants", "places", "trials"), FIELDS)
def test_last_places_go_to_as_many_as_there_are(way, contestants, places, trials, scene):
    found = run(scene, way, contestants, places, trials)
    assert found == {"over": 0, "miscounted": 0, "winners": trials * min(contestants, places), "faults": []}


@pytest.mark.parametrize("way", ["take", "submit"])
def test_without_the_lock_places_are_oversold(way, scene, monkeypatch):
    """The control: our own code, and neither the share nor the project that is submitted to is read under its lock."""
    monkeypatch.setattr(project_states, "locked", lambda project: project)
    monkeypatch.setattr(AllocationQuerySet, "select_for_update", lambda rows, **options: rows.all())
    found = run(scene, way, contestants=2, places=1, trials=100)
    assert found["over"] > 50


def test_share_that_shrinks_meets_who_takes_its_last_place(scene):
    """Five places, four taken: one contestant takes the fifth while the coordinator gives it to somebody else."""
    trials, both = 100, []

    def act(contestant):
        if contestant == 0:
            return scene.take(contestant)
        return shares.give_places(
            member=scene.member, activity_type=scene.learners, places=4, reason="Moved.", by=scene.by
        ).places

    def before():
        scene.empty(places=5, taken=4)
        shared = sum(Allocation.objects.filter(activity_type=scene.learners).values_list("places", flat=True))
        AwardedLine.objects.filter(pk=scene.line.pk).update(places_shared=shared)

    def after(results):
        taken, given = results
        share = scene.share
        assert share.places_taken <= share.places
        if taken is True:
            assert (share.places, share.places_taken) == (5, 5)
            assert isinstance(given, NotAllowed)
        else:
            assert (taken, given, share.places, share.places_taken) == (False, 4, 4, 4)
        both.append(taken)

    race(trials=trials, contestants=2, act=act, before=before, after=after)
    print(f"n = {trials} trials, the place was taken first in {sum(both)}")


def test_rest_of_the_award_is_given_once(scene, member_b):
    """Three places are left of the award; two coordinators give them to two members."""
    trials = 100
    members = [scene.member, scene.project.members.get(organisation=member_b)]

    def act(contestant):
        return shares.give_places(
            member=members[contestant], activity_type=scene.learners, places=13, reason="Asked for.", by=scene.by
        ).places

    def before():
        Allocation.objects.unkept("the stage of a trial").filter(activity_type=scene.learners).update(places=10)
        AwardedLine.objects.filter(pk=scene.line.pk).update(places=23, places_shared=20)

    def after(results):
        assert sorted(type(result).__name__ for result in results) == ["NotAllowed", "int"]
        scene.line.refresh_from_db()
        given = Allocation.objects.filter(activity_type=scene.learners).values_list("places", flat=True)
        assert (scene.line.places_shared, sum(given)) == (23, 23)

    race(trials=trials, contestants=2, act=act, before=before, after=after)
    print(f"n = {trials} trials, 0 over")


def test_first_share_of_a_member_comes_into_being_once(scene, association):
    """Both coordinators saw that there was none: the second one is shown what the first one gave."""
    trials = 50
    member = factories.ProjectMemberFactory(project=scene.project, organisation=association)

    def act(contestant):
        return shares.give_places(
            member=member, activity_type=scene.learners, places=2 + contestant, reason="New.", by=scene.by, version=0
        ).places

    def after(results):
        [given] = [result for result in results if isinstance(result, int)]
        assert [type(result) for result in results if not isinstance(result, int)] == [Changed]
        assert Allocation.objects.get(member=member).places == given

    race(
        trials=trials,
        contestants=2,
        act=act,
        before=lambda: Allocation.objects.filter(member=member).delete(),
        after=after,
    )
    print(f"n = {trials} trials, 0 double")
