"""Two hosts become one while stays and rounds are written that point to the one that goes, on PostgreSQL: all of them
point to the one that stays, or are refused in words."""

import random
import time

import pytest

from consortium import host_merges, hosts
from consortium.models import Organisation
from consortium.permissions import NotAllowed
from mobilities import lifecycle, partnerships
from mobilities.models import Mobility, PartnershipReview
from tests import factories
from tests.faults.races import race

pytestmark = [
    pytest.mark.faults,
    pytest.mark.databases("postgresql"),
    pytest.mark.django_db(transaction=True),
]
TRIALS = 60


class Scene:
    def __init__(self):
        association = factories.OrganisationFactory(kind="other")
        self.member = factories.OrganisationFactory()
        self.project = factories.running_project(members=[self.member])
        self.by = factories.UserFactory()
        factories.MembershipFactory(user=self.by, organisation=association, role="coordinator")
        self.stays = factories.OrganisationFactory(host=True)
        self.head_start, self.found = random.Random("merging"), {"moved": 0, "refused": 0}

    def before(self):
        self.goes = factories.OrganisationFactory(host=True)
        self.school = factories.OrganisationFactory()  # without a round, which another one would wait for
        self.draft = factories.MobilityFactory(project=self.project, participant=self._somebody())
        self.draft.receiving_organisation = self.goes
        self.new = Mobility(
            project=self.project,
            participant=self._somebody(),
            activity_type=self.draft.activity_type,
            receiving_organisation=self.goes,
        )

    def _somebody(self):
        return factories.ParticipantFactory(organisation=self.member)

    def act(self, contestant):
        time.sleep(self.head_start.uniform(0, 0.02))
        if contestant == 0:
            one, other = (Organisation.objects.get(pk=host.pk) for host in (self.stays, self.goes))
            return host_merges.merge(one=one, other=other, kept={}, by=self.by)
        if contestant == 1:
            return lifecycle.register(mobility=self.new, goals=[], by=self.by)
        if contestant == 2:
            return lifecycle.amend(mobility=self.draft, goals=[], by=self.by)
        return partnerships.begin(member=self.school, partner=self.goes, held_on=factories.day(0), by=self.by)

    def after(self, results):
        assert not Organisation.objects.filter(pk=self.goes.pk).exists(), results
        for result in results[1:]:
            if isinstance(result, NotAllowed):
                assert result.sentence == hosts.MERGED_AWAY
                self.found["refused"] += 1
                continue
            assert isinstance(result, Mobility | PartnershipReview), results
            result.refresh_from_db()
            host = result.partner if isinstance(result, PartnershipReview) else result.receiving_organisation
            assert host == self.stays
            self.found["moved"] += 1


def test_what_points_to_a_host_goes_along_or_is_refused():
    scene = Scene()
    race(trials=TRIALS, contestants=4, act=scene.act, before=scene.before, after=scene.after)
    print(f"n = {TRIALS}: {scene.found}")
    assert all(scene.found.values()), scene.found
