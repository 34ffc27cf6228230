"""Who travels: the list, one person, changes, and the way in."""

import pytest
from django.urls import reverse

from consortium.models import User
from consortium.permissions import NotAllowed
from mobilities import participants
from mobilities.models import Participant
from tests import factories
from tests.cast import cast  # noqa: F401  (its own: the tests count people)
from westum.base.models import Letter

LIST = reverse("mobilities:participants")
PRESSED = {"form_token": ""}  # a form with nothing but its button


def page(name, person):
    return reverse(f"mobilities:{name}", args=[person.pk])


def names(response):
    assert response.status_code == 200
    return [str(person) for person in response.context["page"].object_list]


def person(organisation, name="Åsa Ek", **fields):
    first, last = name.split()
    return factories.ParticipantFactory(organisation=organisation, first_name=first, last_name=last, **fields)


# The list


def test_contact_person_sees_the_own_people_and_readers_see_all(
    sign_in, contact, coordinator, staff, auditor, participant, outsider, member_a, member_b, project
):
    asa, bo = person(member_a), person(member_b, "Bo Al")
    for one in (asa, bo):
        factories.MobilityFactory(project=project, participant=one)
    own = {"Åsa Ek", "Noor Provgren"}
    assert set(names(sign_in(contact).get(LIST))) == own
    for user in (coordinator, staff):
        assert set(names(sign_in(user).get(LIST))) == own | {"Bo Al"}
    assert set(names(sign_in(auditor).get(LIST))) == {"Åsa Ek", "Bo Al"}  # of the project that the membership names
    for user in (participant, outsider):
        assert sign_in(user).get(LIST).status_code == 404


def test_search_folds_letters_and_unknown_filters_narrow_nothing(sign_in, coordinator, member_a, member_b):
    person(member_a), person(member_a, "Öst Zi"), person(member_b, "Al Bo")
    client = sign_in(coordinator)
    assert names(client.get(LIST, {"q": "asa"})) == ["Åsa Ek"]
    assert names(client.get(LIST, {"q": "ek ÅSA"})) == ["Åsa Ek"]
    assert names(client.get(LIST, {"member": member_b.pk})) == ["Al Bo"]
    assert names(client.get(LIST, {"member": "x", "sort": "x"})) == ["Al Bo", "Åsa Ek", "Öst Zi"]
    assert "Nobody found" in client.get(LIST, {"q": "xyz"}).text


def test_member_of_others_is_no_filter(sign_in, contact, member_a, member_b):
    person(member_a), person(member_b, "Al Bo")
    response = sign_in(contact).get(LIST, {"member": member_b.pk})
    assert names(response) == ["Åsa Ek"]
    assert str(member_b) not in response.text


def test_htmx_gets_the_results_alone(sign_in, contact, member_a):
    person(member_a)
    response = sign_in(contact).get(LIST, headers={"HX-Request": "true"})
    assert "<html" not in response.text
    assert "Åsa Ek" in response.text
    assert "HX-Request" in response["Vary"]


@pytest.mark.parametrize(("who", "queries"), [("coordinator", 6), ("contact", 5)])
@pytest.mark.parametrize("count", [1, 3, 50])
def test_list_asks_as_many_questions_for_fifty_as_for_one(
    sign_in, request, member_a, django_assert_num_queries, who, queries, count
):
    for number in range(count):
        person(member_a, f"X Y{number}", email="")
    client = sign_in(request.getfixturevalue(who))
    client.get(LIST)
    with django_assert_num_queries(queries):
        response = client.get(LIST)
    assert response.text.count('<tr role="row">') == count + 1


# One person


def test_page_shows_the_journeys_and_no_more_than_the_reader_sees(
    sign_in, contact, other_contact, mobility_of, traveller
):
    mobility = mobility_of("accepted")
    response = sign_in(contact).get(page("participant", traveller))
    assert mobility.get_absolute_url() in response.text
    assert sign_in(other_contact).get(page("participant", traveller)).status_code == 404


@pytest.mark.parametrize("count", [1, 3, 50])
def test_page_asks_as_many_questions_for_fifty_journeys_as_for_one(
    sign_in, contact, mobility_of, traveller, django_assert_num_queries, count
):
    for _number in range(count):
        mobility_of("draft")
    client = sign_in(contact)
    client.get(page("participant", traveller))
    with django_assert_num_queries(7):
        assert len(client.get(page("participant", traveller)).context["mobilities"]) == count


def test_facts_are_changed(sign_in, contact, send, member_a):
    asa = person(member_a)
    send(sign_in(contact), page("participant_edit", asa), last_name="Alm", group="staff")
    asa.refresh_from_db()
    assert (asa.last_name, asa.group, asa.version) == ("Alm", "staff", 1)
    assert asa.history.first().history_change_reason == "changed"


def errors_of(response):
    assert response.status_code == 200
    return {name: list(sentences) for name, sentences in response.context["form"].errors.items()}


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"first_name": ""}, {"first_name": ["Fill in “First name”."]}),
        ({"email": "asa"}, {"email": ["This is no e-mail address. Write it as in anna@example.org."]}),
        (
            {"email": "TAKEN@example.org"},
            {"email": ["This person is already registered here. Choose the person in the list."]},
        ),
    ],
)
def test_bad_input_stands_at_its_field(sign_in, contact, send, member_a, changes, expected):
    person(member_a, "Al Bo", email="taken@example.org")
    asa = person(member_a)
    response = send(sign_in(contact), page("participant_edit", asa), phone="070-1", **changes)
    assert errors_of(response) == expected
    assert response.context["form"]["phone"].value() == "070-1"
    assert Participant.objects.get(pk=asa.pk).version == 0


def test_group_stays_once_a_mobility_is_handed_in(sign_in, contact, send, mobility_of, traveller):
    mobility_of("draft")
    send(sign_in(contact), page("participant_edit", traveller), group="staff")
    traveller.refresh_from_db()
    assert traveller.group == "staff"
    mobility_of("submitted", activity_type=factories.ActivityTypeFactory(staff=True))
    response = send(sign_in(contact), page("participant_edit", traveller), group="learner")
    assert errors_of(response) == {"group": ["The group stays, because a mobility has been handed in with it."]}


def test_address_of_a_login_is_changed_by_the_coordinator_alone(
    sign_in, contact, coordinator, send, traveller, participant, mobility_of
):
    mobility = mobility_of("accepted")
    refused = send(sign_in(contact), page("participant_edit", traveller), email="new@example.org")
    assert errors_of(refused) == {"email": ["This person logs in with the address. Ask the coordinator to change it."]}
    send(sign_in(contact), page("participant_edit", traveller), email=traveller.email.upper())

    send(sign_in(coordinator), page("participant_edit", traveller), email="new@example.org")
    traveller.refresh_from_db()
    assert (traveller.email, traveller.user) == ("new@example.org", None)
    assert sign_in(participant).get(mobility.get_absolute_url()).status_code == 404
    sign_in(coordinator).post(page("participant_access", traveller), PRESSED)
    traveller.refresh_from_db()
    assert traveller.user.email == "new@example.org"


def test_second_editor_sees_both_values(sign_in, contact, member_a):
    asa = person(member_a)
    client = sign_in(contact)
    form = client.get(page("participant_edit", asa)).context["form"]
    data = {field.html_name: field.value() or "" for field in form}
    first = Participant.objects.get(pk=asa.pk)
    first.last_name = "Alm"
    participants.change(participant=first, by=contact)
    response = client.post(page("participant_edit", asa), data | {"last_name": "Berg"})
    assert [(line["mine"], line["theirs"]) for line in response.context["form"].conflict] == [("Berg", "Alm")]
    assert Participant.objects.get(pk=asa.pk).last_name == "Alm"


# The way in


def test_access_makes_one_user_and_tells_by_mail(sign_in, contact, member_a):
    asa = person(member_a, email="asa@example.org", language="sv")
    response = sign_in(contact).post(page("participant_access", asa), PRESSED, follow=True)
    assert "A mail that tells how to log in is on its way." in response.text
    user = User.objects.get(email="asa@example.org")
    asa.refresh_from_db()
    assert (asa.user, user.language, user.has_usable_password()) == (user, "sv", False)
    letter = Letter.objects.get(to="asa@example.org")
    assert letter.language == "sv"
    participants.open_access(participant=asa, by=contact)
    assert User.objects.filter(email="asa@example.org").count() == 1
    assert asa.history.filter(history_change_reason="gave access").count() == 1


def test_one_login_opens_the_journeys_at_two_members(member_a, member_b, contact):
    here, there = (person(member, email="asa@example.org") for member in (member_a, member_b))
    for one in (here, there):
        participants.open_access(participant=one, by=contact)
    assert User.objects.get(email="asa@example.org").participants.count() == 2


def test_without_an_address_or_with_a_closed_account_nobody_gets_in(sign_in, contact, member_a, deactivated):
    nowhere, closed = person(member_a, email=""), person(member_a, "Dan Av", email=deactivated.email)
    client = sign_in(contact)
    assert (
        "Write an e-mail address first."
        in errors_of(client.post(page("participant_access", nowhere), PRESSED))["__all__"][0]
    )
    assert errors_of(client.post(page("participant_access", closed), PRESSED)) == {
        "__all__": ["This account is closed. Ask the coordinator."]
    }
    assert not Letter.objects.exists()


def test_readers_and_strangers_change_nothing(sign_in, member_a, staff, auditor, other_contact, participant):
    asa = person(member_a)
    for user in (staff, auditor, other_contact, participant):
        for name in ("participant_edit", "participant_access"):
            assert sign_in(user).get(page(name, asa)).status_code == 404
            assert sign_in(user).post(page(name, asa), {}).status_code == 404


def test_invitation_finds_nothing_to_do_for_who_is_in(traveller, coordinator):
    participants.invite(participant=traveller, by=coordinator)
    assert not Letter.objects.exists()


def test_rule_refuses_what_the_page_cannot_send(traveller, contact):
    traveller.email = "new@example.org"
    with pytest.raises(NotAllowed):
        participants.change(participant=traveller, by=contact)
