"""The verbs as pages: opened, sent, sent with gaps, opened too late, and by somebody who may not."""

import pytest
from django.urls import reverse

from consortium.models import Allocation
from mobilities.models import Mobility
from tests import factories

PRESSED = {"form_token": ""}  # a form with nothing but its button
# Verb → state before, what is sent, state after, what the next page says.
PAGES = {
    "submit": ("draft", PRESSED, "submitted", "The mobility is submitted and has a place."),
    "send_back": ("submitted", {"comment": "Which ward?"}, "draft", "The mobility is a draft again"),
    "give_place": ("queued", PRESSED, "submitted", "The mobility has a place now."),
    "accept": ("submitted", PRESSED, "accepted", "The mobility is accepted."),
    "withdraw": ("draft", {"reason": "Changed school."}, "withdrawn", "The mobility is withdrawn."),
    "cancel": ("ongoing", {"reason": "Ill."}, "cancelled", "The mobility is cancelled."),
    "funder": (
        "accepted",
        {"funder_state": "complete", "funder_id": "77", "version": "0"},
        "accepted",
        "The funder&#x27;s number is noted.",
    ),
    "close": ("reported", PRESSED, "closed", "The mobility is closed."),
}
BY_CONTACT = {"submit", "withdraw", "cancel"}


@pytest.fixture
def ready(mobility_of):
    def make(verb):
        state = PAGES[verb][0]
        if state == "queued":
            return mobility_of("submitted", has_place=False)
        return mobility_of(state, funder_state="complete" if verb == "close" else "absent")

    return make


def page_of(mobility, verb):
    return reverse(f"mobilities:{verb}", args=[mobility.pk])


def errors_of(response):
    assert response.status_code == 200
    return {name: list(sentences) for name, sentences in response.context["form"].errors.items()}


@pytest.mark.parametrize("verb", PAGES)
def test_page_tells_what_happens_and_does_it(sign_in, coordinator, ready, verb):
    mobility, client = ready(verb), sign_in(coordinator)
    page = client.get(page_of(mobility, verb))
    assert page.context["button"] in page.text
    assert str(mobility) in page.text
    _before, data, after, sentence = PAGES[verb]
    response = client.post(page_of(mobility, verb), data, follow=True)
    assert response.redirect_chain == [(mobility.get_absolute_url(), 302)]
    assert sentence in response.text
    assert Mobility.objects.get().state == after


@pytest.mark.parametrize("verb", PAGES)
def test_link_that_is_too_old_leads_to_how_it_stands(sign_in, coordinator, mobility_of, verb):
    mobility = mobility_of("closed")
    client = sign_in(coordinator)
    response = client.get(page_of(mobility, verb), follow=True)
    assert response.redirect_chain == [(mobility.get_absolute_url(), 302)]
    assert "This is not possible now." in response.text
    assert set(errors_of(client.post(page_of(mobility, verb), PAGES[verb][1]))) == {"__all__"}


@pytest.mark.parametrize(
    ("verb", "field", "sentence"),
    [
        ("send_back", "comment", "Fill in “What should be changed?”."),
        ("withdraw", "reason", "Fill in “Why?”."),
        ("cancel", "reason", "Fill in “Why?”."),
    ],
)
def test_reason_is_asked_for(sign_in, coordinator, ready, verb, field, sentence):
    mobility = ready(verb)
    assert errors_of(sign_in(coordinator).post(page_of(mobility, verb), {field: " "})) == {field: [sentence]}
    assert Mobility.objects.get().state == mobility.state


def test_funder_form_keeps_what_was_typed(sign_in, staff, mobility_of):
    mobility = mobility_of("accepted")
    client = sign_in(staff)
    seen = {"version": mobility.version}
    missing = client.post(page_of(mobility, "funder"), seen | {"funder_state": "complete", "funder_id": ""})
    assert errors_of(missing) == {"funder_id": ["Write the number that the mobility has in the funder's system."]}
    unknown = client.post(page_of(mobility, "funder"), seen | {"funder_state": "lost", "funder_id": "77"})
    assert set(errors_of(unknown)) == {"funder_state"}
    assert unknown.context["form"]["funder_id"].value() == "77"


def test_second_who_notes_the_funders_state_sees_what_the_first_has_noted(sign_in, staff, coordinator, mobility_of):
    mobility = mobility_of("accepted", funder_state="complete", funder_id="77")
    seen = {"version": mobility.version}
    sign_in(coordinator).post(page_of(mobility, "funder"), seen | {"funder_state": "differs", "funder_id": "77"})
    response = sign_in(staff).post(page_of(mobility, "funder"), seen | {"funder_state": "complete", "funder_id": "78"})
    assert [row["name"] for row in response.context["form"].conflict] == ["funder_state", "funder_id"]
    assert Mobility.objects.get().funder_state == "differs"


def test_draft_with_gaps_is_not_submitted_and_each_gap_is_named(sign_in, contact, mobility_of):
    mobility = mobility_of("draft", start_date=None, end_date=None)
    response = sign_in(contact).post(page_of(mobility, "submit"), PRESSED)
    assert errors_of(response) == {"__all__": ["Give the first day.", "Give the last day."]}


@pytest.mark.parametrize("verb", PAGES)
def test_who_may_not_finds_no_page(sign_in, contact, staff, auditor, participant, other_contact, outsider, ready, verb):
    mobility = ready(verb)
    may = {staff} if verb == "funder" else {contact} if verb in BY_CONTACT else set()
    for user in {contact, staff, auditor, participant, other_contact, outsider}:
        client = sign_in(user)
        assert client.get(page_of(mobility, verb)).status_code == (200 if user in may else 404)
        if user not in may:
            assert client.post(page_of(mobility, verb), PAGES[verb][1]).status_code == 404
    assert Mobility.objects.get().state == mobility.state


def test_submitted_again_without_a_place_the_number_in_the_queue_is_said(
    sign_in, contact, coordinator, mobility_of, project, member_a
):
    mobility, waiting = mobility_of("submitted"), mobility_of("submitted", has_place=False)
    sign_in(coordinator).post(page_of(mobility, "send_back"), {"comment": "Which ward?"})
    response = sign_in(contact).post(page_of(mobility, "submit"), PRESSED, follow=True)
    assert "there is no place for it yet. It is number 2 in the queue." in response.text
    assert [row.has_place for row in (Mobility.objects.get(pk=mobility.pk), waiting)] == [False, False]


@pytest.mark.parametrize(
    ("has_place", "others", "sentence"),
    [
        (True, 0, "its place becomes free. Nobody waits in the queue for it now."),
        (True, 1, "loses its place. 1 other waits in the queue, and you decide who gets it."),
        (True, 2, "loses its place. 2 others wait in the queue, and you decide who gets it."),
        (False, 1, "leaves the queue; submitted again, it lines up last."),
    ],
)
def test_page_that_sends_back_says_what_becomes_of_the_place(
    sign_in, coordinator, mobility_of, member_a, has_place, others, sentence
):
    mobility = mobility_of("submitted", has_place=has_place)
    for _number in range(others):
        mobility_of("submitted", has_place=False, participant=factories.ParticipantFactory(organisation=member_a))
    assert sentence in sign_in(coordinator).get(page_of(mobility, "send_back")).text


def test_double_press_gives_one_place(sign_in, coordinator, ready):
    mobility, client = ready("give_place"), sign_in(coordinator)
    token = client.get(page_of(mobility, "give_place")).context["form"]["form_token"].value()
    answers = [client.post(page_of(mobility, "give_place"), {"form_token": token}) for _number in range(2)]
    assert [answer.url for answer in answers] == [mobility.get_absolute_url()] * 2
    assert sum(Allocation.objects.values_list("places_taken", flat=True)) == 1


# The mobility's own page: one yellow card, and the buttons that the reader may press


def shown(response):
    assert response.status_code == 200
    return {action["url"].split("/")[-2] for action in response.context["actions"]}


@pytest.mark.parametrize(
    ("state", "of_contact", "of_coordinator"),
    [
        ("draft", {"edit", "withdraw"}, {"edit", "withdraw"}),
        ("submitted", {"edit", "withdraw"}, {"edit", "withdraw", "send-back"}),
        ("accepted", {"cancel"}, {"edit", "cancel"}),
        ("ongoing", {"cancel"}, {"edit", "cancel"}),
        ("completed", {"report"}, {"edit", "report"}),
        ("reported", set(), set()),
        ("closed", set(), set()),
        ("withdrawn", set(), set()),
        ("cancelled", set(), set()),
    ],
)
def test_page_offers_what_the_reader_may_do(
    sign_in, contact, coordinator, staff, auditor, mobility_of, state, of_contact, of_coordinator
):
    address = mobility_of(state).get_absolute_url()
    assert shown(sign_in(contact).get(address)) == of_contact
    assert shown(sign_in(coordinator).get(address)) == of_coordinator
    assert shown(sign_in(staff).get(address)) == shown(sign_in(auditor).get(address)) == set()


def test_draft_lists_its_gaps_with_a_way_to_each(sign_in, contact, auditor, mobility_of):
    mobility = mobility_of("draft", start_date=None, end_date=None)
    edit = reverse("mobilities:mobility_edit", args=[mobility.pk])
    page = sign_in(contact).get(mobility.get_absolute_url()).text
    assert f'<a href="{edit}#id_start_date">Give the first day.</a>' in page
    assert edit not in sign_in(auditor).get(mobility.get_absolute_url()).text


def test_complete_draft_is_submitted_by_one_press(sign_in, contact, mobility_of):
    mobility = mobility_of("draft")
    page = sign_in(contact).get(mobility.get_absolute_url())
    (step,) = page.context["steps"]
    assert (step.action, step.url) == ("Submit", page_of(mobility, "submit"))
    assert f'action="{step.url}"' in page.text


@pytest.mark.parametrize(
    ("places", "sentence", "action"),
    [
        (0, "Almby lärcentrum has no places for Short placement yet.", "Give more places"),
        (1, "Almby lärcentrum has free places for Short placement, but others wait too.", "Give a place"),
    ],
)
def test_queue_says_which_share_and_which_number(
    sign_in, coordinator, project, member_a, mobility_of, places, sentence, action
):
    factories.share_out(
        project=project, organisation=member_a, activity_type=factories.ActivityTypeFactory(), places=places
    )
    mobility = mobility_of("submitted", has_place=False)
    page = sign_in(coordinator).get(mobility.get_absolute_url())
    assert "Number 1 in the queue for a place" in page.text
    assert sentence in page.text
    assert page.context["steps"][0].action == action


def test_full_share_is_named_in_the_queue(sign_in, contact, project, member_a, mobility_of):
    factories.share_out(project=project, organisation=member_a, activity_type=factories.ActivityTypeFactory(), places=1)
    mobility_of("submitted")
    queued = mobility_of("submitted", has_place=False)
    page = sign_in(contact).get(queued.get_absolute_url()).text
    assert "The share of Almby lärcentrum for Short placement is full." in page
    assert "1 of 1 place is taken." in page


def test_what_was_sent_back_says_why(sign_in, contact, mobility_of):
    mobility = mobility_of("draft", returned_comment="Which ward?")
    page = sign_in(contact).get(mobility.get_absolute_url())
    assert "Which ward?" in page.text


def test_what_is_over_says_why(sign_in, contact, mobility_of):
    mobility = mobility_of("cancelled", ended_reason="The host closed.")
    page = sign_in(contact).get(mobility.get_absolute_url())
    assert "The host closed." in page.text
    assert page.context["stages"] == []


@pytest.mark.parametrize("papers", [1, 3, 50])
def test_page_asks_as_many_questions_for_fifty_papers_as_for_one(
    sign_in, contact, mobility_of, django_assert_num_queries, papers
):
    mobility = mobility_of("completed", placement_report="submitted")
    for version in range(papers):
        factories.DocumentFactory(
            mobility=mobility,
            kind="attendance",
            version=version + 1,
            state="uploaded" if version == papers - 1 else "replaced",
        )
    client = sign_in(contact)
    client.get(mobility.get_absolute_url())
    with django_assert_num_queries(13):
        assert len(client.get(mobility.get_absolute_url()).context["earlier"]) == papers - 1
