import pytest

from consortium.models import Allocation, AwardedLine
from mobilities.models import MobilityState
from tests import factories


@pytest.mark.parametrize("state", MobilityState.values)
def test_mobility_comes_in_any_state_with_counters_that_agree(project, traveller, state):
    mobility = factories.MobilityFactory(project=project, participant=traveller, state=state)

    assert mobility.state == state
    mobility.full_clean()
    taken = sum(share.places_taken for share in Allocation.objects.all())
    assert taken == int(mobility.has_place)
    for line in AwardedLine.objects.filter(decision__project=project):
        shares = Allocation.objects.filter(member__project=project, activity_type=line.activity_type)
        assert line.places_shared == sum(share.places for share in shares)


def test_cast_is_there_at_once(
    coordinator, contact, other_contact, former_contact, deactivated, staff, auditor, participant, fellow, outsider,
    participant_of_b, project, host,
):  # fmt: skip
    assert project.takes_registrations
