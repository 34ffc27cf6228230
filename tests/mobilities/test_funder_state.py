"""What is noted of the funder's own system, and when."""

import pytest

from consortium.models import ProjectState
from consortium.permissions import NotAllowed
from mobilities import funder_state, lifecycle
from mobilities.lifecycle import PROJECT_HAS_ENDED
from mobilities.models import Mobility, MobilityState
from tests import factories
from westum.base import history
from westum.base.forms import Changed

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("state", MobilityState.values)
def test_funder_state_is_noted_from_acceptance_until_it_is_closed(mobility_of, staff, state):
    mobility = mobility_of(state)
    allowed = state in {"accepted", "ongoing", "completed", "reported", "cancelled"}
    assert (not funder_state.refusal(mobility)) == allowed
    if allowed:
        after = funder_state.record(mobility=mobility, funder_state="draft", funder_id="", by=staff)
        assert after.funder_state == "draft"
    else:
        with pytest.raises(NotAllowed):
            funder_state.record(mobility=mobility, funder_state="draft", funder_id="", by=staff)


@pytest.mark.parametrize(("noted", "number", "field"), [("complete", "", "funder_id"), ("absent", "7", "funder_state")])
def test_funder_state_and_number_agree(mobility_of, staff, noted, number, field):
    with pytest.raises(NotAllowed) as refusal:
        funder_state.record(mobility=mobility_of("accepted"), funder_state=noted, funder_id=number, by=staff)
    assert set(refusal.value.message_dict) == {field}


def test_ended_project_is_settled_with_the_funder(mobility_of, project, staff):
    mobility = mobility_of("accepted")
    project.state = ProjectState.ENDED
    project.save()
    assert funder_state.refusal(Mobility.objects.get())
    with pytest.raises(NotAllowed, match=str(PROJECT_HAS_ENDED)):
        funder_state.record(mobility=mobility, funder_state="draft", funder_id="", by=staff)


def test_who_saw_an_older_row_is_told_and_overwrites_nothing(mobility_of, staff):
    mobility = mobility_of("accepted")
    seen = mobility.version
    funder_state.record(mobility=mobility, funder_state="draft", funder_id="", by=staff, version=seen)
    with pytest.raises(Changed):
        funder_state.record(mobility=mobility, funder_state="complete", funder_id="7", by=staff, version=seen)
    assert Mobility.objects.get().funder_state == "draft"


@pytest.mark.parametrize(("before", "after"), [("complete", "differs"), ("draft", "differs"), ("absent", "absent")])
def test_cancelled_mobility_is_to_be_taken_out_of_the_funders_system(before, after):
    mobility = factories.MobilityFactory(
        state="accepted", funder_state=before, funder_id="" if before == "absent" else "7"
    )
    mobility = lifecycle.cancel(mobility=mobility, reason="Ill", by=factories.UserFactory())
    assert mobility.funder_state == after
    assert list(Mobility.objects.to_enter_with_funder()) == ([mobility] if after == "differs" else [])


def test_what_differs_there_is_told():
    mobility = factories.MobilityFactory(state="accepted", funder_state="complete", funder_id="7", travel_days=0)
    mobility.travel_days, mobility.funder_state = 2, "differs"
    mobility.save()
    assert funder_state.differing(mobility) == ["days of travel 0 → 2"]
    assert mobility.history.first().funder_state == "differs"
    assert history.lines_of(mobility)[0].detail.startswith("Changed: days of travel 0 → 2")
