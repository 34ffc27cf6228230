"""The journey as the traveller sees it: one step, four stops, and who helps."""

import pytest

from consortium.models import ProjectState
from mobilities import journey
from mobilities.models import Mobility, MobilityState
from tests import factories
from tests.cast import cast  # noqa: F401  (its own: the tests count people)
from westum.base.formats import day

# State → the stop, what the next step says, whether it is the traveller's turn.
SEEN = {
    "draft": (0, "We are planning your trip", False),
    "submitted": (0, "We are planning your trip", False),
    "accepted": (0, "Your trip is ready", False),
    "ongoing": (1, "You are there now", False),
    "completed": (2, "Tell us how it was", True),
    "reported": (None, None, None),
    "closed": (None, None, None),
}


def journey_of(mobility):
    return journey.journey_of(Mobility.objects.with_parties().get(pk=mobility.pk))


@pytest.mark.parametrize("state", SEEN)
def test_each_state_has_one_step_and_one_stop(mobility_of, state):
    stop, what, mine = SEEN[state]
    seen = journey_of(mobility_of(state))
    assert [stage["state"] for stage in seen.stages].count("now") == int(stop is not None)
    if stop is None:
        assert {stage["state"] for stage in seen.stages} == {"done"}
        assert seen.step is None
    else:
        assert seen.stages[stop]["state"] == "now"
        assert (seen.step.what, seen.step.mine) == (what, mine)


@pytest.mark.parametrize(
    ("report", "what", "mine"),
    [("submitted", "We are reading your report", False), ("returned", "Change your report", True)],
)
def test_after_sending_in_one_can_rest_until_a_question_comes(mobility_of, report, what, mine):
    step = journey_of(mobility_of("completed", placement_report=report)).step
    assert (step.what, step.mine) == (what, mine)


def test_after_sending_in_the_stop_is_done_and_says_when(mobility_of):
    seen = journey_of(mobility_of("completed", placement_report="submitted"))
    assert [stage["state"] for stage in seen.stages] == ["done", "done", "done", "now"]
    sent = day(seen.report.submitted_at)
    assert [stage["when"] for stage in seen.stages] == [
        f"You left on {day(seen.mobility.start_date)}",
        f"You came home on {day(seen.mobility.end_date)}",
        f"Sent on {sent}",
        "When we have read your report",
    ]
    done = journey_of(mobility_of("reported"))
    assert [stage["when"] for stage in done.stages][2:] == [f"Sent on {sent}", ""]


def test_what_is_over_is_told_as_over_and_what_is_to_come_as_to_come(sign_in, participant, mobility_of):
    ahead, abroad, home = mobility_of("accepted"), mobility_of("ongoing"), mobility_of("completed")
    words = [[stage["when"].rpartition(" on ")[0] for stage in journey_of(one).stages][:3] for one in (ahead, home)]
    assert words == [["You leave", "", "At the latest"], ["You left", "You came home", "At the latest"]]
    assert [stage["when"] for stage in journey_of(abroad).stages][1] == f"Until {day(abroad.end_date)}"
    pages = [sign_in(participant).get(one.get_absolute_url()).text for one in (ahead, abroad, home)]
    assert ["You went to" in page for page in pages] == [False, False, True]


@pytest.mark.parametrize(
    ("report", "what"), [(None, None), ("returned", None), ("submitted", "We are reading your report")]
)
def test_in_an_ended_project_nobody_is_asked_for_a_report(mobility_of, project, report, what):
    mobility = mobility_of("completed", placement_report=report)
    project.state = ProjectState.ENDED
    project.save()
    step = journey_of(mobility).step
    assert (step.what if step else None) == what


def test_draft_without_days_and_host_is_just_a_trip(mobility_of):
    seen = journey_of(mobility_of("draft", start_date=None, end_date=None, receiving_organisation=None))
    assert (seen.title, seen.place) == ("Your trip", "")
    assert [stage["when"] for stage in seen.stages] == ["", "", "", ""]


def test_what_matters_now_stands_first(mobility_of, participant):
    for state in reversed(MobilityState.values):
        mobility_of(state)
    assert [seen.mobility.state for seen in journey.journeys_of(participant)] == [
        "ongoing", "completed", "accepted", "submitted", "draft", "reported", "closed", "withdrawn", "cancelled",
    ]  # fmt: skip


def test_helper_is_the_responsible_contact_person_or_another_one(mobility_of, project, member_a, member_b, contact):
    mobility = mobility_of("accepted")
    assert journey_of(mobility).helper == contact
    second = factories.MembershipFactory(organisation=member_a).user
    member = project.members.get(organisation=member_a)
    member.contact = second
    member.save()
    assert journey_of(mobility).helper == second
    membership = second.memberships.get()
    factories.MembershipFactory(user=second, organisation=member_b)  # rights elsewhere help nobody here
    membership.to_date = factories.day(-1)
    membership.save()
    assert journey_of(mobility).helper == contact


def test_without_a_contact_person_the_page_says_whom_to_ask(sign_in, participant, mobility_of):
    mobility = mobility_of("accepted")
    assert journey_of(mobility).helper is None
    assert "Ask at your school." in sign_in(participant).get(mobility.get_absolute_url()).text


@pytest.mark.parametrize("state", MobilityState.values)
def test_page_of_the_traveller_shows_the_journey_and_nothing_of_the_desk(
    sign_in, participant, contact, mobility_of, state
):
    mobility = mobility_of(state, returned_comment="Only for the contact person.")
    page = sign_in(participant).get(mobility.get_absolute_url())
    assert page.status_code == 200
    assert page.templates[0].name == "mobilities/journey_page.html"
    assert "Your trip to Porto, Portugal" in page.text
    assert f"mailto:{contact.email}" in page.text
    for word in ("History", "Only for the contact person.", "In the funder"):
        assert word not in page.text


def test_help_line_shows_address_and_number_of_who_helps(mobility_of, sign_in, participant, contact):
    mobility = mobility_of("ongoing")
    contact.phone = "+46 70 123 45 67"
    contact.save()
    page = sign_in(participant).get(mobility.get_absolute_url())
    assert f'href="mailto:{contact.email}"' in page.text
    assert f">{contact.email}<" in page.text
    assert 'href="tel:+46701234567"' in page.text
    contact.phone = ""
    contact.save()
    assert "tel:+" not in sign_in(participant).get(mobility.get_absolute_url()).text
