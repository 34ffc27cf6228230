"""Registering and changing a mobility on its pages: what goes through, and what is refused where."""

import re

import pytest
from django.urls import reverse

from consortium.models import Allocation, Organisation, Project, ProjectState
from mobilities import lifecycle
from mobilities.forms.choices import host_label
from mobilities.models import Mobility, MobilityState, Participant
from tests import factories
from tests.cast import cast  # noqa: F401  (its own: the tests count people)
from tests.mobilities.conftest import fields
from westum.base import place_index

NEW = reverse("mobilities:mobility_new")


@pytest.fixture
def contact_page(sign_in, contact, project):
    return sign_in(contact)


def stay(project, host, **changes):
    """What a browser sends for a complete mobility of a new learner."""
    learner = factories.ActivityTypeFactory()
    return {
        "group": "learner",
        "first_name": "Milan",
        "last_name": "Exempelhag",
        "email": "milan@example.org",
        "language": "sv",
        "activity_type": learner.pk,
        "receiving_organisation": host.pk,
        "start_date": factories.day(30).isoformat(),
        "end_date": factories.day(44).isoformat(),
        "travel_mode": "standard",
        "goals": [project.goals.get(code="1").pk],
    } | changes


def errors_of(response):
    assert response.status_code == 200
    return {name: list(sentences) for name, sentences in response.context["form"].errors.items()}


def test_contact_person_submits_a_new_person_with_a_new_mobility(contact_page, contact, project, host, member_a):
    response = contact_page.post(NEW, stay(project, host), follow=True)

    mobility = Mobility.objects.get()
    assert response.redirect_chain == [(mobility.get_absolute_url(), 302)]
    assert (mobility.state, mobility.has_place, mobility.submitted_by) == (MobilityState.SUBMITTED, True, contact)
    assert mobility.sending_organisation == mobility.participant.organisation == member_a
    assert [goal.code for goal in mobility.goals.all()] == ["1"]
    assert "The mobility is submitted and has a place." in response.content.decode()
    assert Allocation.objects.get(member__organisation=member_a, activity_type=mobility.activity_type).places_taken == 1
    assert [record.history_change_reason for record in mobility.history.order_by("history_id")] == [
        "registered",
        "chose focus areas",
        "submitted",
    ]


def test_draft_may_have_gaps_and_takes_no_place(contact_page, project, host):
    response = contact_page.post(
        NEW,
        {
            "act": "draft",
            "group": "learner",
            "first_name": "Milan",
            "last_name": "X",
            "language": "sv",
            "travel_mode": "green",
        },
        follow=True,
    )

    mobility = Mobility.objects.get()
    assert (mobility.state, mobility.has_place) == (MobilityState.DRAFT, False)
    assert [shortfall.field for shortfall in response.context["shortfalls"]] == [
        "activity_type",
        "receiving_organisation",
        "start_date",
        "end_date",
        "green_is_declared",
        "goals",
    ]
    edit = reverse("mobilities:mobility_edit", args=[mobility.pk])
    for shortfall in response.context["shortfalls"]:
        assert f'href="{edit}#id_{shortfall.field}"' in response.content.decode()
        assert f'id="id_{shortfall.field}"' in contact_page.get(edit).content.decode()


def test_double_submit_makes_one_mobility_and_one_person(contact_page, project, host):
    data = stay(project, host) | {"form_token": contact_page.get(NEW).context["form"]["form_token"].value()}

    first, second = contact_page.post(NEW, data), contact_page.post(NEW, data)

    assert first["Location"] == second["Location"] == Mobility.objects.get().get_absolute_url()
    assert Participant.objects.count() == 1


def test_full_share_leads_to_a_page_that_says_which_and_the_number_in_the_queue(
    contact_page, project, host, member_a, mobility_of
):
    activity = factories.ActivityTypeFactory()
    factories.share_out(project=project, organisation=member_a, activity_type=activity, places=1)
    mobility_of("submitted")
    mobility_of("submitted", has_place=False)

    response = contact_page.post(NEW, stay(project, host), follow=True)

    mobility = Mobility.objects.get(participant__first_name="Milan")
    assert (mobility.state, mobility.has_place) == (MobilityState.SUBMITTED, False)
    body = response.content.decode()
    assert "Number 2 in the queue for a place" in body
    assert "The share of Almby lärcentrum for Short placement is full. 1 of 1 place is taken." in body


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        (
            {"start_date": factories.day(44).isoformat(), "end_date": factories.day(30).isoformat()},
            "end_date",
            "A mobility cannot end before it starts.",
        ),
        ({"group": ""}, "group", "Choose who travels: a learner, staff or a supervisor."),
        ({"first_name": ""}, "first_name", "Write the first name."),
        ({"last_name": ""}, "last_name", "Write the last name."),
        ({"email": "milan"}, "email", "This is no e-mail address. Write it as in anna@example.org."),
        ({"goals": []}, "goals", "Choose at least one focus area."),
        ({"start_date": ""}, "start_date", "Give the first day."),
        ({"end_date": ""}, "end_date", "Give the last day."),
        ({"activity_type": ""}, "activity_type", "Choose an activity."),
        ({"receiving_organisation": ""}, "receiving_organisation", "Choose where the stay takes place."),
        ({"group": "staff"}, "activity_type", "This activity is for learners. Choose one for staff."),
        (
            {"end_date": factories.day(31).isoformat()},
            "end_date",
            "This activity takes at least 10 days; these are 2. Choose a later day.",
        ),
        (
            {"end_date": factories.day(200).isoformat()},
            "end_date",
            "This activity takes at most 89 days; these are 171. Choose an earlier day.",
        ),
        (
            {"receiving_organisation": "", "host_name": "Nova", "host_city": "Lund"},
            "host_country",
            "Choose the country of the host.",
        ),
        ({"host_name": "Nova"}, "host_name", "Choose a host in the list or write a new one, not both."),
        (
            {"receiving_organisation": "", "host_name": "lar EXEMPLO", "host_city": "Porto", "host_country": "PT"},
            "host_name",
            "This host is in the list already. Choose it there.",
        ),
    ],
)
def test_bad_input_is_refused_at_its_field_and_what_was_typed_stays(
    contact_page, project, host, changes, field, sentence
):
    data = stay(project, host, **changes)
    response = contact_page.post(NEW, data)

    assert errors_of(response) == {field: [sentence]}
    assert (Mobility.objects.count(), Participant.objects.count()) == (0, 0)
    assert Organisation.objects.hosts().count() == 1
    form = response.context["form"]
    assert {name: form[name].value() for name in data if name != "goals"} == {
        name: str(value) if value is not None else "" for name, value in data.items() if name != "goals"
    }
    assert sentence in response.content.decode()


def links_of(response):
    """The summary's sentences with the fields they lead to, in its order."""
    summary = response.text.partition('id="errors-title"')[2].partition("</div>")[0]
    return re.findall('href="#id_([a-z_]+?)(?:_0)?">', summary)


@pytest.mark.usefixtures("traveller")
def test_empty_form_says_all_at_once_in_the_order_of_the_page(contact_page):
    response = contact_page.post(NEW, {"travel_mode": "standard", "language": "sv"})
    assert errors_of(response) == {
        "participant": ["Choose a person, or write a new one below."],
        "activity_type": ["Choose an activity."],
        "receiving_organisation": ["Choose where the stay takes place."],
        "start_date": ["Give the first day."],
        "end_date": ["Give the last day."],
        "goals": ["Choose at least one focus area."],
    }
    assert links_of(response) == [
        "participant", "activity_type", "receiving_organisation", "start_date", "end_date", "goals",
    ]  # fmt: skip


def test_empty_form_of_a_member_without_persons_says_all_at_once(contact_page):
    response = contact_page.post(NEW, {"travel_mode": "standard", "language": "sv"})
    assert links_of(response) == [
        "group", "first_name", "last_name",
        "activity_type", "receiving_organisation", "start_date", "end_date", "goals",
    ]  # fmt: skip


@pytest.mark.parametrize("group", ["learner", ""])
def test_two_persons_at_once_hide_nothing_else(contact_page, project, host, traveller, group):
    data = stay(project, host, participant=traveller.pk, group=group, end_date="2001-01-15", goals=[])
    assert set(errors_of(contact_page.post(NEW, data))) == {"participant", "end_date", "goals"}


def test_days_outside_the_project_are_refused_in_a_draft_too(contact_page, project, host):
    data = stay(project, host, start_date="2001-01-01", end_date="2001-01-15", act="draft")
    found = errors_of(contact_page.post(NEW, data))

    assert set(found) == {"start_date", "end_date"}
    assert found["start_date"][0].startswith("The project runs from ")


def test_learner_in_a_focus_area_of_staff_is_refused(contact_page, project, host):
    data = stay(project, host, goals=[project.goals.get(code="2").pk])

    assert errors_of(contact_page.post(NEW, data)) == {
        "goals": ["“Guidance” is for staff only. Choose another focus area."]
    }


def test_focus_areas_say_to_whom_they_are_open_and_persons_in_which_group_they_are(contact_page, traveller, project):
    page = contact_page.get(NEW, {"participant": traveller.pk}).text
    guidance = project.goals.get(code="2")
    assert re.findall('value="([0-9]+)"[^>]* data-audience="([a-z]+)"', page) == [(str(guidance.pk), "staff")]
    assert re.findall(f'<option value="{traveller.pk}"[^>]* data-group="([a-z]+)"', page) == ["learner"]


@pytest.mark.parametrize(("group", "offered"), [("learner", ["1"]), ("staff", ["1", "2"])])
def test_draft_is_offered_what_is_open_to_its_traveller(sign_in, contact, mobility_of, member_a, group, offered):
    person = factories.ParticipantFactory(organisation=member_a, group=group)
    form = sign_in(contact).get(reverse("mobilities:mobility_edit", args=[mobility_of(participant=person).pk])).context
    assert [goal.code for goal in form["form"].fields["goals"].queryset] == offered


def test_area_that_was_chosen_before_the_group_changed_stays_in_view_and_is_refused(
    sign_in, contact, mobility_of, project, send
):
    mobility = mobility_of(goals=[project.goals.get(code="2")])
    response = send(sign_in(contact), reverse("mobilities:mobility_edit", args=[mobility.pk]))
    assert errors_of(response) == {"goals": ["“Guidance” is for staff only. Choose another focus area."]}


@pytest.mark.parametrize(
    ("name", "city", "label"),
    [
        ("Lar Exemplo", "Porto", "Lar Exemplo, Porto, Portugal"),
        ("Lar de Pôrto", "Porto", "Lar de Pôrto, Portugal"),
        ("Escola (Vila Real)", "Vila Real", "Escola (Vila Real), Portugal"),
        ("Portoverde", "Porto", "Portoverde, Porto, Portugal"),
        ("Lar", "", "Lar, Portugal"),
    ],
)
def test_host_says_its_town_once(name, city, label):
    assert host_label(factories.OrganisationFactory.build(host=True, name=name, city=city)) == label


def test_person_who_is_registered_is_found_by_the_address_and_can_be_chosen(contact_page, project, host, traveller):
    response = contact_page.post(NEW, stay(project, host, email=traveller.email.upper()))

    assert errors_of(response) == {"email": ["This person is already registered here. Choose the person in the list."]}
    assert f'name="instead" value="{traveller.pk}"' in response.content.decode()
    data = stay(project, host, email=traveller.email.upper(), end_date="", instead=traveller.pk)
    form = contact_page.post(NEW, data).context["form"]
    assert {name: form[name].value() for name in ("participant", "first_name", "email")} == {
        "participant": str(traveller.pk),
        "first_name": None,
        "email": None,
    }
    assert form["receiving_organisation"].value() == str(host.pk)
    assert form.errors == {}
    assert Participant.objects.count() == 1


@pytest.mark.parametrize("email", ["noor.new@example.org", ""])
def test_new_person_of_a_known_name_is_asked_about_before_there_are_two(contact_page, project, host, traveller, email):
    data = stay(project, host, first_name="NÓOR", last_name="provgren", email=email)
    response = contact_page.post(NEW, data)

    assert errors_of(response) == {
        "is_another": ["Somebody of this name is registered already. Is it the same person?"]
    }
    assert Participant.objects.count() == 1
    assert f'name="instead" value="{traveller.pk}">Choose Noor Provgren, noor@example.org<' in response.text
    form = response.context["form"]
    assert (form["first_name"].value(), form["start_date"].value()) == ("NÓOR", data["start_date"])
    assert form.unfolded == ["A person who is not in the list"]

    chosen = contact_page.post(NEW, data | {"instead": traveller.pk}).context["form"]
    assert (chosen["participant"].value(), chosen.errors, "is_another" in chosen.fields) == (
        str(traveller.pk),
        {},
        False,
    )

    contact_page.post(NEW, data | {"is_another": "on"})
    assert Participant.objects.count() == 2
    assert Mobility.objects.get().participant != traveller


@pytest.mark.parametrize("name", [("Noora", "Provgren"), ("Noor", "Provgrenén"), ("\0", "X")])
def test_other_names_and_names_that_are_none_raise_no_question(contact_page, project, host, traveller, name):
    response = contact_page.post(NEW, stay(project, host, first_name=name[0], last_name=name[1]))
    assert response.status_code == 302 or "is_another" not in response.context["form"].fields


def test_namesake_at_another_member_is_not_spoken_of(contact_page, project, host, participant_of_b):
    contact_page.post(NEW, stay(project, host, first_name="Bo", last_name="Björkman"))
    assert Participant.objects.filter(last_name="Björkman").count() == 2


def test_persons_of_one_name_differ_in_the_choice(contact_page, project, traveller, member_a):
    for group in ("learner", "staff"):
        factories.ParticipantFactory(
            organisation=member_a, first_name="Noor", last_name="Provgren", email="", group=group
        )
    labels = [label for _key, label in contact_page.get(NEW).context["form"].fields["participant"].choices]
    assert labels[1:] == ["Noor Provgren, noor@example.org", "Noor Provgren, learner", "Noor Provgren, staff"]


def test_the_same_address_at_another_member_is_somebody_else(contact_page, project, host, participant_of_b):
    contact_page.post(NEW, stay(project, host, email=participant_of_b.email))

    assert Participant.objects.filter(email=participant_of_b.email).count() == 2


def test_person_who_is_chosen_needs_no_name(contact_page, project, host, traveller):
    data = stay(project, host, participant=traveller.pk, group="", first_name="", last_name="", email="")
    contact_page.post(NEW, data)

    assert Mobility.objects.get().participant == traveller
    assert Participant.objects.count() == 1


def test_person_who_is_chosen_and_another_who_is_written(contact_page, project, host, traveller):
    response = contact_page.post(NEW, stay(project, host, participant=traveller.pk))

    assert errors_of(response) == {"participant": ["Choose a person in the list or write a new one, not both."]}
    assert response.context["form"].unfolded == ["A person who is not in the list"]


def test_nobody_chosen_and_nobody_written(contact_page, project, host, traveller):
    data = stay(project, host, group="", first_name="", last_name="", email="")

    assert errors_of(contact_page.post(NEW, data)) == {"participant": ["Choose a person, or write a new one below."]}


def test_person_of_another_member_cannot_be_chosen(contact_page, project, host, traveller, participant_of_b):
    foreign = participant_of_b.participants.get()
    response = contact_page.post(NEW, stay(project, host, participant=foreign.pk))

    assert set(errors_of(response)) == {"participant"}
    assert "Björkman" not in response.content.decode()
    assert Mobility.objects.count() == 0


def test_new_host_is_shared_with_everybody(contact_page, project, host, sign_in, other_contact):
    data = stay(project, host, receiving_organisation="", host_name="Nova Šola", host_city="Maribor", host_country="SI")
    contact_page.post(NEW, data)

    mobility = Mobility.objects.get()
    new = mobility.receiving_organisation
    assert (new.name, new.city, new.country, new.kind) == ("Nova Šola", "Maribor", "SI", "receiving")
    assert (new.latitude, new.longitude) == place_index.the_only("Maribor", country="SI").point
    assert mobility.state == MobilityState.SUBMITTED
    offered = sign_in(other_contact).get(NEW).context["form"].fields["receiving_organisation"].queryset
    assert list(offered) == [host, new]


def test_new_host_in_a_village_that_nobody_knows_has_no_place_yet(contact_page, project, host):
    new = {"receiving_organisation": "", "host_name": "Nova Šola", "host_city": "Vas Nikjer", "host_country": "SI"}
    contact_page.post(NEW, stay(project, host, **new))
    new = Mobility.objects.get().receiving_organisation
    assert (new.city, new.latitude, new.longitude) == ("Vas Nikjer", None, None)


def test_coordinator_says_first_for_which_member(sign_in, coordinator, project, member_a, member_b):
    client = sign_in(coordinator)

    start = client.get(NEW)
    assert [option.pk for option in start.context["form"].fields["member"].queryset] == [member_a.pk, member_b.pk]
    form = client.get(NEW, {"project": "exempel", "member": member_b.pk}).context["form"]
    assert form.instance.sending_organisation == member_b


def test_where_no_project_runs_nothing_can_be_registered(sign_in, contact, member_a):
    ended = factories.running_project(members=[member_a], state="ended")
    response = sign_in(contact).get(NEW)

    assert "No project is open" in response.content.decode()
    assert sign_in(contact).get(NEW, {"project": ended.slug}).status_code == 200


@pytest.mark.parametrize("name", ["staff", "auditor", "outsider", "participant", "former_contact"])
def test_who_registers_nothing_finds_no_page(sign_in, project, request, name):
    assert sign_in(request.getfixturevalue(name)).get(NEW).status_code == 404


# Changing


def test_draft_is_changed_and_submitted(sign_in, contact, mobility_of, project):
    mobility = mobility_of(start_date=None, end_date=None)
    client, url = sign_in(contact), reverse("mobilities:mobility_edit", args=[mobility.pk])
    data = fields(client.get(url).context["form"])
    data |= {"start_date": factories.day(10).isoformat(), "end_date": factories.day(30).isoformat()}
    client.post(url, data)

    mobility.refresh_from_db()
    assert (mobility.state, mobility.days, mobility.has_place) == (MobilityState.SUBMITTED, 21, True)


def test_change_of_what_is_submitted_is_saved_and_not_called_a_submission(sign_in, contact, mobility_of, send):
    mobility = mobility_of("submitted")
    url = reverse("mobilities:mobility_edit", args=[mobility.pk])
    response = send(sign_in(contact), url, travel_mode="green", green_is_declared="on")
    assert [str(message) for message in response.context["messages"]] == ["The changes are saved."]


def test_history_says_that_the_focus_areas_changed(sign_in, contact, mobility_of, project):
    mobility = mobility_of("draft")
    other = factories.GoalFactory(project=project, code="3", position=3, title_en="Trade", title_sv="Handel")
    url = reverse("mobilities:mobility_edit", args=[mobility.pk])
    client = sign_in(contact)
    data = fields(client.get(url).context["form"])
    page = client.post(url, data | {"goals": [other.pk], "act": "draft"}, follow=True)
    assert [(line.what, line.detail) for line in page.context["history"]][0] == ("changed", "Changed: focus areas.")
    page = client.post(url, fields(client.get(url).context["form"]) | {"goals": [other.pk]}, follow=True)
    assert [line.detail for line in page.context["history"]][:2] == ["", ""]


def test_history_does_not_say_the_focus_areas_twice(contact_page, project, host):
    page = contact_page.post(NEW, stay(project, host), follow=True)
    assert ("chose focus areas", "") in [(line.what, line.detail) for line in page.context["history"]]


def test_who_loses_the_place_by_another_activity_is_told_the_number_in_the_queue(
    sign_in, contact, mobility_of, send, project, member_a
):
    mobility, long = mobility_of("submitted"), factories.ActivityTypeFactory(key="learner-long", name_en="Long")
    url = reverse("mobilities:mobility_edit", args=[mobility.pk])
    response = send(sign_in(contact), url, activity_type=long.pk)
    assert [str(message) for message in response.context["messages"]] == [
        "The mobility is submitted, but there is no place for it yet. It is number 1 in the queue."
    ]


def test_second_editor_sees_both_values_and_loses_nothing(sign_in, contact, coordinator, mobility_of):
    mobility = mobility_of()
    url = reverse("mobilities:mobility_edit", args=[mobility.pk])
    first, second = sign_in(contact), sign_in(coordinator)
    mine, theirs = fields(first.get(url).context["form"]), fields(second.get(url).context["form"])
    later, much_later = factories.day(50).isoformat(), factories.day(60).isoformat()
    second.post(url, theirs | {"act": "draft", "end_date": much_later})

    response = first.post(url, mine | {"act": "draft", "end_date": later})

    form = response.context["form"]
    assert [line["name"] for line in form.conflict] == ["end_date"]
    assert str(factories.day(60).day) in form.conflict[0]["theirs"]
    assert form["end_date"].value() == later
    mobility.refresh_from_db()
    assert mobility.end_date == factories.day(60)
    first.post(url, fields(form) | {"act": "draft"})
    mobility.refresh_from_db()
    assert mobility.end_date == factories.day(50)


def test_what_was_accepted_while_somebody_wrote_keeps_the_typed_text_on_the_page(
    sign_in, contact, coordinator, mobility_of
):
    mobility = mobility_of("submitted")
    url = reverse("mobilities:mobility_edit", args=[mobility.pk])
    client, later = sign_in(contact), factories.day(50).isoformat()
    typed = fields(client.get(url).context["form"]) | {"end_date": later}
    lifecycle.accept(mobility=mobility, by=coordinator)
    response = client.post(url, typed)  # shows that the row is another one
    response = client.post(url, fields(response.context["form"]))  # and again, as that page offers
    assert response.context["form"].errors == {"__all__": ["This mobility cannot be changed now."]}
    assert response.context["form"]["end_date"].value() == later
    mobility.refresh_from_db()
    assert mobility.end_date != factories.day(50)


def test_contact_person_does_not_change_what_is_accepted_and_the_coordinator_does(
    sign_in, contact, coordinator, mobility_of
):
    mobility = mobility_of("accepted", funder_state="complete", funder_id="7")
    url = reverse("mobilities:mobility_edit", args=[mobility.pk])
    assert sign_in(contact).get(url)["Location"] == mobility.get_absolute_url()

    client = sign_in(coordinator)
    data = fields(client.get(url).context["form"]) | {"end_date": factories.day(46).isoformat()}
    client.post(url, data)

    mobility.refresh_from_db()
    assert (mobility.end_date, mobility.state, mobility.funder_state) == (factories.day(46), "accepted", "differs")
    assert mobility.history.first().history_change_reason == "corrected"


def test_submitted_mobility_must_stay_complete(sign_in, contact, mobility_of):
    mobility = mobility_of("submitted")
    client, url = sign_in(contact), reverse("mobilities:mobility_edit", args=[mobility.pk])
    data = fields(client.get(url).context["form"]) | {"start_date": "", "act": "draft"}

    found = errors_of(client.post(url, data))
    assert set(found) == {"start_date"}
    mobility.refresh_from_db()
    assert mobility.start_date is not None


def test_new_host_on_a_submitted_mobility(sign_in, contact, mobility_of):
    mobility = mobility_of("submitted")
    client, url = sign_in(contact), reverse("mobilities:mobility_edit", args=[mobility.pk])
    new = {"receiving_organisation": "", "host_name": "Nova", "host_city": "Lyon", "host_country": "FR"}
    client.post(url, fields(client.get(url).context["form"]) | new)

    mobility.refresh_from_db()
    assert mobility.receiving_organisation.name == "Nova"


def test_expired_session_keeps_what_was_typed(client, project, host):
    response = client.post(NEW, stay(project, host, first_name="Typed-Name"), headers={"accept-language": "en"})

    assert response.status_code == 403
    assert "Typed-Name" in response.content.decode()


@pytest.mark.parametrize(("shares", "people"), [(1, 1), (3, 3), (20, 50)])
def test_form_asks_as_many_questions_for_fifty_people_as_for_one(
    sign_in, contact, project, member_a, django_assert_num_queries, shares, people
):
    factories.ParticipantFactory.create_batch(people, organisation=member_a)
    factories.OrganisationFactory.create_batch(shares, host=True)
    client = sign_in(contact)
    client.get(NEW)
    with django_assert_num_queries(FORM_QUERIES):
        response = client.get(NEW)
    assert len(response.context["form"].fields["participant"].queryset) == people


FORM_QUERIES = 15


def test_what_was_typed_stays_when_the_project_is_closed_meanwhile(contact_page, project, host):
    typed = stay(project, host)
    page = contact_page.get(NEW)
    address = f"?project={project.slug}&amp;member={page.context['member'].pk}"
    assert f'action="{address}"' in page.content.decode()
    Project.objects.filter(pk=project.pk).unkept("a test").update(state=ProjectState.ENDED)

    response = contact_page.post(NEW + address.replace("&amp;", "&"), typed)

    assert "The project does not take mobilities now." in response.content.decode()
    assert response.context["form"]["last_name"].value() == "Exempelhag"
    assert not Mobility.objects.exists()
