"""What comes next and who owes it: start page, list and a mobility's own page read the same table."""

from datetime import timedelta

import pytest
from django.urls import reverse

from consortium.models import ProjectState
from consortium.permissions import Role
from mobilities import lifecycle, next_steps
from mobilities.models import Mobility, MobilityState
from tests import factories

# What is made → the steps that wait, with the owner of each.
SCENES = {
    "draft": ({"state": "draft"}, {"complete": "contact"}),
    "sent back": ({"state": "draft", "returned_comment": "Which ward?"}, {"change": "contact"}),
    "queued": ({"state": "submitted", "has_place": False}, {"place": "coordinator"}),
    "submitted": ({"state": "submitted"}, {"accept": "coordinator"}),
    "accepted": ({"state": "accepted"}, {"funder": "coordinator"}),
    "entered": ({"state": "accepted", "funder_state": "complete"}, {}),
    "differs": ({"state": "ongoing", "funder_state": "differs"}, {"funder": "coordinator"}),
    "home": ({"state": "completed", "funder_state": "complete"}, {"report": "participant"}),
    "returned": (
        {"state": "completed", "funder_state": "complete", "placement_report": "returned"},
        {"report": "participant"},
    ),
    "sent in": (
        {"state": "completed", "funder_state": "complete", "placement_report": "submitted"},
        {"review": "contact"},
    ),
    "reported": ({"state": "reported", "funder_state": "complete"}, {"close": "coordinator"}),
    "reported, not entered": ({"state": "reported"}, {"funder": "coordinator"}),
    "closed": ({"state": "closed"}, {}),
    "withdrawn": ({"state": "withdrawn"}, {}),
    "cancelled": ({"state": "cancelled"}, {}),
}


def steps_of(mobility, user):
    row = next_steps.with_steps(Mobility.objects.with_parties()).get(pk=mobility.pk)
    return next_steps.steps_of(row, user)


def keys(steps):
    return {step.kind.key: step.kind.owner for step in steps}


@pytest.mark.parametrize("scene", SCENES)
def test_steps_of_each_state_are_the_same_everywhere(mobility_of, coordinator, scene):
    fields, expected = SCENES[scene]
    mobility = mobility_of(**fields)
    assert keys(steps_of(mobility, coordinator)) == expected
    assert keys(next_steps.waiting(coordinator)) == expected
    for kind in next_steps.KINDS:
        assert next_steps.narrow(Mobility.objects.all(), kind.key).exists() == (kind.key in expected)


@pytest.mark.parametrize("scene", SCENES)
def test_in_an_ended_project_nobody_owes_a_step(mobility_of, project, coordinator, scene):
    mobility = mobility_of(**SCENES[scene][0])
    project.state = ProjectState.ENDED
    project.save()
    assert steps_of(mobility, coordinator) == next_steps.waiting(coordinator) == []


def test_whoever_owes_it_is_told_so_and_sent_there(mobility_of, coordinator, contact, participant, auditor):
    home = mobility_of("completed", funder_state="complete")
    found = {name: steps_of(home, user)[0] for name, user in
             {"participant": participant, "contact": contact, "coordinator": coordinator, "auditor": auditor}.items()}  # fmt: skip
    assert {name: step.mine for name, step in found.items()} == {
        "participant": True, "contact": False, "coordinator": False, "auditor": False,
    }  # fmt: skip
    assert found["participant"].url.endswith("/report/")
    assert (found["participant"].owner_label, found["contact"].owner_label) == ("you", "the participant")
    assert found["contact"].url == home.get_absolute_url()
    assert found["participant"].due_date == home.end_date + timedelta(days=30)


def test_contact_person_sends_in_for_who_has_no_login(mobility_of, member_a, contact):
    person = factories.ParticipantFactory(organisation=member_a, email="")
    step = steps_of(mobility_of("completed", funder_state="complete", participant=person), contact)[0]
    assert (step.kind.key, step.mine) == ("report_for", True)
    assert keys(next_steps.waiting(contact)) == {"report_for": "contact"}


def reviewed(mobility_of, sender, **fields):
    mobility = mobility_of("completed", funder_state="complete", **fields)
    factories.PlacementReportFactory(mobility=mobility, submitted_by=sender)
    return mobility


def test_report_that_a_contact_person_sent_in_is_read_by_the_coordinator(mobility_of, contact, coordinator):
    step = steps_of(reviewed(mobility_of, contact), coordinator)[0]
    assert (step.kind.key, step.mine) == ("second_review", True)


def test_report_that_the_coordinator_sent_in_is_read_by_the_contact_person(mobility_of, contact, coordinator):
    step = steps_of(reviewed(mobility_of, coordinator), contact)[0]
    assert (step.kind.key, step.mine) == ("review", True)


def test_contact_persons_own_report_is_read_by_the_coordinator(mobility_of, member_a, contact, coordinator):
    person = factories.ParticipantFactory(organisation=member_a, group="staff", user=contact)
    assert keys(steps_of(reviewed(mobility_of, contact, participant=person), coordinator)) == {
        "second_review": "coordinator"
    }


def test_steps_of_a_start_page_count_what_the_user_sees(mobility_of, project, coordinator, contact, member_b):
    early, late = mobility_of("draft", start_date=factories.day(20)), mobility_of("draft")
    mobility_of("draft", participant=factories.ParticipantFactory(organisation=member_b))
    (step,) = next_steps.waiting(contact)
    assert (step.count, step.due_date, step.mine, step.url) == (2, early.start_date, True, "/mobilities/?step=complete")
    assert not step.is_late(early.start_date)
    assert step.is_late(late.start_date)
    assert next_steps.waiting(coordinator)[0].count == 3


def test_contact_person_who_reads_in_another_member_owes_nothing_there(
    mobility_of, association, project, contact, member_b, sign_in
):
    """Contact person of A, auditor of the project: B's drafts are seen, and are B's contact person's to do."""
    factories.MembershipFactory(
        user=contact, role=Role.AUDITOR, organisation=association, project=project, to_date=factories.day(30)
    )
    own = mobility_of("draft", start_date=factories.day(20))
    other = mobility_of("draft", participant=factories.ParticipantFactory(organisation=member_b))
    assert [(step.mine, step.url) for row in (own, other) for step in steps_of(row, contact)] == [
        (True, reverse("mobilities:mobility_edit", args=[own.pk])),
        (False, other.get_absolute_url()),
    ]
    for step, row in zip(next_steps.waiting(contact), [own, other], strict=True):
        assert (step.mine, step.count, step.due_date) == (row is own, 1, row.start_date)
        assert [found.pk for found in sign_in(contact).get(step.url).context["page"]] == [row.pk]


def test_what_was_sent_back_waits_since_then_and_is_changed_on_the_form(mobility_of, coordinator, contact):
    mobility = lifecycle.send_back(mobility=mobility_of("submitted"), comment="Which ward?", by=coordinator)
    (step,) = steps_of(mobility, contact)
    assert (str(step.what), str(step.action)) == ("Sent back by the coordinator: change and submit again", "Change")
    assert step.url == reverse("mobilities:mobility_edit", args=[mobility.pk])
    assert step.since == mobility.history.first().history_date


def test_what_was_sent_back_is_first_on_the_contacts_start_page(mobility_of, contact, sign_in):
    mobility_of("draft", start_date=factories.day(2), end_date=factories.day(16))
    mobility_of("draft", returned_comment="Which ward?")
    steps = sign_in(contact).get("/").context["mine"]
    assert [step["url"] for step in steps] == ["/mobilities/?step=change", "/mobilities/?step=complete"]


def test_page_of_what_was_sent_back_offers_the_change_not_the_submission(mobility_of, coordinator, contact, sign_in):
    mobility = lifecycle.send_back(mobility=mobility_of("submitted"), comment="Which ward?", by=coordinator)
    page = sign_in(contact).get(mobility.get_absolute_url())
    (step,) = page.context["steps"]
    assert (step.url, step.form) == (reverse("mobilities:mobility_edit", args=[mobility.pk]), None)
    assert "Which ward?" in page.text


def test_record_of_others_owes_nothing(mobility_of, project, coordinator):
    mobility_of("draft")
    project.is_reference_record = True
    project.save()
    assert next_steps.waiting(coordinator) == []


def test_unknown_step_narrows_nothing(mobility_of):
    mobility_of("draft")
    assert next_steps.narrow(Mobility.objects.all(), "dance").count() == 1


def test_step_without_a_day_has_no_date(mobility_of, coordinator):
    mobility = mobility_of("draft", start_date=None, end_date=None)
    assert steps_of(mobility, coordinator)[0].due_date is None
    closing = mobility_of("reported", funder_state="complete")
    assert steps_of(closing, coordinator)[0].due_date is None


@pytest.mark.parametrize("count", [1, 3, 50])
def test_steps_ask_as_many_questions_for_fifty_as_for_one(
    mobility_of, member_a, coordinator, django_assert_num_queries, count
):
    states = [state for state in MobilityState.values if state != "submitted"]
    for number in range(count):
        mobility_of(states[number % len(states)], participant=factories.ParticipantFactory(organisation=member_a))
    assert coordinator.has_role(Role.COORDINATOR)
    with django_assert_num_queries(1):
        rows = list(next_steps.with_steps(Mobility.objects.with_parties()))
        for row in rows:
            next_steps.steps_of(row, coordinator)
    with django_assert_num_queries(len(next_steps.KINDS)):
        next_steps.waiting(coordinator)
    assert len(rows) == count
