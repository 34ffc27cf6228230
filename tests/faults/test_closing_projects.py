"""A mobility is submitted while the project stops to take any, on PostgreSQL: one of the two is refused."""

import random
import time

import pytest

from consortium import project_states
from consortium.models import Project, ProjectState
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
TRIALS = 100


def test_nothing_is_submitted_to_a_project_that_is_being_reported():
    organisation = factories.OrganisationFactory()
    project = factories.running_project(members=[organisation])
    draft = factories.MobilityFactory(
        project=project, participant=factories.ParticipantFactory(organisation=organisation)
    )
    by, report, head_start = factories.UserFactory(), project_states.BY_NAME["report"], random.Random("closing")
    found = {"submitted": 0, "closed": 0}

    def before():
        Project.objects.unkept("the stage of a trial").update(state=ProjectState.RUNNING)
        Mobility.objects.unkept("the stage of a trial").update(
            state=MobilityState.DRAFT, has_place=False, submitted_at=None, submitted_by=None
        )
        for share in organisation.project_members.get().allocations.all():
            share.places_taken = 0
            share.save()

    def act(contestant):
        if contestant == 1:
            return lifecycle.submit(mobility=draft, by=by).state
        time.sleep(head_start.uniform(0, 0.02))
        return project_states.change(project=project, verb=report, by=by).state

    def after(results):
        state = Project.objects.get(pk=project.pk).state, Mobility.objects.get(pk=draft.pk).state
        assert state in {
            (ProjectState.RUNNING, MobilityState.SUBMITTED),
            (ProjectState.REPORTING, MobilityState.DRAFT),
        }, results
        assert sum(isinstance(result, NotAllowed) for result in results) == 1, results
        found["submitted" if state[0] == ProjectState.RUNNING else "closed"] += 1

    race(trials=TRIALS, contestants=2, act=act, before=before, after=after)
    print(f"n = {TRIALS}: {found}")
    assert all(found.values()), found
