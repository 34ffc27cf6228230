"""The part of what a member submits that it calls off, and what a forecast makes of it."""

from collections import Counter
from decimal import Decimal

import pytest

from mobilities import cancellations
from mobilities.cancellations import Past, Pasts
from tests import factories

ONE, TWO, NEW = 1, 2, 3


@pytest.fixture
def pasts():
    return Pasts({ONE: Past(1, 4), TWO: Past(0, 4)})


@pytest.mark.parametrize(
    ("organisation", "expected"), [(ONE, Decimal("75.01")), (TWO, Decimal("100.01")), (NEW, Decimal("87.51"))]
)
def test_member_is_expected_to_call_off_as_before_and_a_new_one_as_the_consortium(pasts, organisation, expected):
    assert pasts.of(organisation).expected(Decimal("100.01")) == expected


def test_without_any_past_everything_is_expected():
    assert Pasts({}).of(NEW).expected(Decimal("100.01")) == Decimal("100.01")


def test_expected_participants_are_rounded_half_up_for_each_activity(pasts):
    planned = Counter({(ONE, "learners"): 2, (TWO, "learners"): 1, (ONE, "staff"): 1, (ONE, "guests"): 6})
    assert pasts.expected_participants(planned) == {"learners": 3, "staff": 1, "guests": 5}


@pytest.mark.django_db
def test_past_counts_what_was_submitted_in_own_projects_and_then_called_off():
    member = factories.OrganisationFactory()

    def make(state, **fields):
        person = factories.ParticipantFactory(organisation=member, email="")
        factories.MobilityFactory(state=state, participant=person, **fields)

    for state in ("draft", "withdrawn", "submitted", "accepted", "closed", "cancelled"):
        make(state)
    by = factories.UserFactory()
    make("withdrawn", submitted_at=factories.timezone.now(), submitted_by=by)
    make("cancelled", project=factories.running_project(is_reference_record=True))
    assert cancellations.of_members().by_organisation == {member.pk: Past(called_off=2, submitted=5)}
