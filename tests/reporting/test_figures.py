"""Figures: one definition each, beside the model; here they are counted, in one query."""

import pytest

from consortium.models import Project
from mobilities.models import Mobility
from reporting import figures, public
from reporting.figures import Tally
from tests import factories

pytestmark = pytest.mark.django_db


def numbers(tallies):
    return {key: (tally.learners, tally.staff, tally.all) for key, tally in tallies.items()}


def test_sets_are_what_the_model_says(journeys):
    assert numbers(figures.counted(Mobility.objects.all())) == {
        "registered": (2, 1, 3),
        "accepted": (2, 2, 4),
        "completed": (1, 1, 2),
    }
    for key in figures.SETS:
        rows = getattr(Mobility.objects.all(), key)()
        tally = figures.counted(Mobility.objects.all())[key]
        assert (tally.learners, tally.staff) == (rows.learners().count(), rows.staff().count())


def test_counting_by_a_field_takes_one_query(journeys, member_a, member_b, django_assert_num_queries):
    with django_assert_num_queries(1):
        found = figures.counted(Mobility.objects.all(), "sending_organisation")
    assert numbers(found[member_a.pk]) == {"registered": (2, 1, 3), "accepted": (2, 1, 3), "completed": (1, 1, 2)}
    assert numbers(found[member_b.pk]) == {"registered": (0, 0, 0), "accepted": (0, 1, 1), "completed": (0, 0, 0)}


def test_counting_within_what_somebody_sees(journeys, contact):
    seen = figures.counted(Mobility.objects.visible_to(contact))
    assert seen["accepted"] == Tally(2, 1)


def test_a_mobility_counts_once_for_each_of_its_goals(journeys, project):
    care, guidance = project.goals.focus_areas()
    journeys[5].goals.set([care, guidance])
    found = figures.counted(Mobility.objects.all(), "goals")
    assert (found[care.pk]["accepted"].all, found[guidance.pk]["accepted"].all) == (4, 1)
    assert figures.counted(Mobility.objects.all())["accepted"].all == 4


def test_approved_is_what_the_latest_decision_grants(project):
    first = project.decisions.get()
    assert figures.approved([project])[project.pk] == Tally(1000, 1000)
    amendment = factories.DecisionFactory(project=project, number=2, starts_on=first.starts_on)
    factories.AwardedLineFactory(decision=amendment, places=101)
    assert figures.approved([project])[project.pk] == Tally(101, None)
    assert figures.approved([project])[project.pk].all == 101


def test_what_nobody_has_granted_is_not_stated():
    project = factories.ProjectFactory()
    assert figures.approved([project]) == {}
    assert figures.UNSTATED.all is None
    assert figures.granted(figures.UNSTATED).number is None


def test_awards_of_days_and_amounts_grant_no_places(project):
    factories.AwardedLineFactory(
        decision=project.decision,
        activity_type=factories.ActivityTypeFactory(key="experts", audience="expert"),
        places=7,
    )
    assert figures.approved([project])[project.pk] == Tally(1000, 1000)


def test_shares_are_summed_by_member_and_audience(project, journeys):
    members = list(project.members.in_order())
    assert figures.places(members)[members[0].pk] == Tally(10, 10)
    assert figures.places_taken(members)[members[0].pk] == Tally(3, 1)


@pytest.mark.parametrize(
    ("learners", "staff", "shown"),
    [
        (12, 8, [20, 20, 8, 12]),
        (12, 0, [12, 12, 0, 12]),
        (12, 3, [15, 15, "not shown", "not shown"]),
        (4, 12, [16, 16, "not shown", "not shown"]),
        (2, 1, ["fewer than 5", 3, "not shown", "not shown"]),
        (0, 0, [0, 0, 0, 0]),
    ],
)
def test_public_figures_tell_no_small_group_apart(learners, staff, shown):
    tally = Tally(learners, staff)
    assert [figure.number for figure in figures.public(tally, tally)] == shown


def test_public_totals_leave_out_other_owners_and_other_funds(journeys, project):
    factories.ProjectFactory(is_reference_record=True)
    factories.ProjectFactory(programme="ESF+")
    found = public.tallies(Project.objects.all())
    assert set(found) == {project.pk}
    assert found[project.pk] == (Tally(2, 1), Tally(1000, 1000))


def test_each_number_leads_to_as_many_rows(journeys, project, coordinator, sign_in):
    client = sign_in(coordinator)
    seen = Mobility.objects.visible_to(coordinator).filter(project=project)
    shown = figures.of_project(project, seen, figures.granted(figures.approved([project])[project.pk]))
    linked = [figure for figure in shown if figure.url]
    assert len(linked) == 5
    for figure in linked:
        assert client.get(figure.url).context["page"].paginator.count == figure.number, figure.name
