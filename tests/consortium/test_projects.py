"""A project as such: made, copied, its facts changed, taken along its life, with its members."""

import pytest
from django.urls import reverse
from django.utils import timezone

from consortium import objections, project_facts, project_members, project_states, shares, wishes
from consortium.models import Goal, Project, ProjectMember, ProjectState, ProjectText, Wish, WishAnswer
from consortium.permissions import NotAllowed
from tests import factories
from tests.consortium.conftest import fields
from westum.base.history import lines_of


def settings(project):
    return reverse("consortium:project_settings", args=[project.slug])


def step(project, verb):
    return reverse("consortium:project_step", args=[project.slug, verb])


def change(project, verb, **more):
    return project_states.change(project=project, verb=project_states.BY_NAME[verb], by=None, **more)


def in_state(project, state):
    project.state = state
    project.save()
    return project


@pytest.fixture
def planned(association, member_a, learners):
    project = factories.ProjectFactory(state="planned", owner=association, name_en="Next year", name_sv="Nästa år")
    factories.DecisionFactory(project=project)
    factories.ProjectMemberFactory(project=project, organisation=member_a)
    return project


@pytest.fixture
def earlier(project):
    """The cast's project with a tree of goals, a text, and a member as its paper prints it."""
    whole = factories.GoalFactory(project=project, code="9", position=9)
    factories.GoalFactory(project=project, code="9.1", position=10, parent=whole, counts_mobilities=False)
    ProjectText.objects.create(project=project, position=3, heading_sv="Syfte", heading_en="Purpose", text_sv="Lära.")
    member = project.members.order_by("pk").first()
    member.printed_name, member.hint_en = "Almby l.", "and others"
    member.contact = factories.UserFactory()
    member.save()
    member.municipalities.add(factories.MunicipalityFactory())
    return project


# How one is made


def test_new_project_is_planned_and_found_at_its_address(sign_in, coordinator, association, send):
    page = send(
        sign_in(coordinator),
        reverse("consortium:project_new"),
        name_sv="Åter till världen",
        name_en="Back to the world",
        programme="KA121-VET",
        call_year=2027,
    )
    assert page.redirect_chain == [("/desk/ater-till-varlden/settings/", 302)]
    found = page.context["project"]
    assert (found.state, found.owner, found.call_year, found.members.count()) == ("planned", association, 2027, 0)
    assert [line.what for line in lines_of(found)] == ["created the project"]


def test_address_made_from_the_name_is_free(association):
    for slug in ("nytt", "nytt-2"):
        factories.ProjectFactory(slug=slug, owner=association)
    assert project_facts.free_slug("Nytt") == "nytt-3"
    assert project_facts.free_slug("New") == "new-2"
    assert project_facts.free_slug("…") == "project"
    assert len(project_facts.free_slug("å" * 160)) <= 60


@pytest.mark.parametrize(
    ("slug", "sentence"),
    [
        ("exempel", "Another project has this address. Write another short name."),
        ("new", "This address is taken. Write another short name."),
    ],
)
def test_taken_address_is_said_at_its_field(slug, sentence, sign_in, coordinator, project, send):
    wanted = {"slug": slug, "name_sv": "N", "name_en": "N", "programme": "ESF+"}
    page = send(sign_in(coordinator), reverse("consortium:project_new"), **wanted)
    assert page.context["form"].errors == {"slug": [sentence]}


def test_copy_has_members_goals_and_texts_and_no_persons_places_or_decisions(sign_in, coordinator, earlier, send):
    client = sign_in(coordinator)
    address = reverse("consortium:project_new") + "?copy=exempel"
    page = send(client, address, name_sv="Nästa", name_en="Next")
    copy = page.context["project"]
    assert (copy.slug, copy.state, copy.call_year, copy.programme) == ("nasta", "planned", 2025, "KA121-VET")
    assert copy.reference is None
    assert [
        (m.organisation, m.printed_name, m.hint_en, m.contact, list(m.municipalities.all()))
        for m in copy.members.order_by("pk")
    ] == [
        (m.organisation, m.printed_name, m.hint_en, None, list(m.municipalities.all()))
        for m in earlier.members.order_by("pk")
    ]
    shown = ("kind", "code", "position", "title_en", "parent__code", "counts_mobilities")
    assert list(copy.goals.values_list(*shown)) == list(earlier.goals.values_list(*shown))
    assert not set(copy.goals.values_list("parent", flat=True)) & set(earlier.goals.values_list("pk", flat=True))
    assert copy.goal_rule.min_focus_areas == earlier.goal_rule.min_focus_areas == 1
    assert [(text.position, text.heading, text.text_sv) for text in copy.texts.all()] == [(3, "Purpose", "Lära.")]
    assert copy.decision is None
    assert not any(member.allocations.exists() for member in copy.members.all())
    assert Goal.objects.filter(project=earlier).count() == earlier.goals.count() > 2
    assert [line.what for line in lines_of(copy.goals.first())] == ["copied this from an earlier project"]


def test_nobody_but_the_coordinator_finds_the_pages(sign_in, staff, auditor, contact, participant, outsider, planned):
    member = planned.members.get()
    addresses = [
        reverse("consortium:project_new"),
        settings(planned),
        step(planned, "start"),
        reverse("consortium:members_add", args=[planned.slug]),
        reverse("consortium:member_remove", args=[planned.slug, member.pk]),
    ]
    for user in (staff, auditor, contact, participant, outsider):
        client = sign_in(user)
        for address in addresses:
            assert client.get(address).status_code == client.post(address).status_code == 404


def test_record_of_another_owner_is_administered_by_nobody(sign_in, coordinator, association):
    record = factories.ProjectFactory(is_reference_record=True)
    member = factories.ProjectMemberFactory(project=record)
    client = sign_in(coordinator)
    for address in (settings(record), reverse("consortium:member_remove", args=[record.slug, member.pk])):
        assert client.get(address).status_code == 404
    assert project_states.open_to(record) == []


# Its facts


def test_changed_facts_stand_on_the_public_page_and_in_the_history(sign_in, coordinator, client, project, send):
    page = send(sign_in(coordinator), settings(project), name_en="Under another name", reference="2024-1-X")
    assert page.redirect_chain == [(settings(project), 302)]
    public = client.get(project.get_absolute_url(), headers={"Accept-Language": "en"}).text
    assert "Under another name" in public
    assert "2024-1-X" in public
    line = lines_of(project)[0]
    assert (line.what, line.who) == ("changed the facts of the project", "Sara Exempelsson")
    assert line.detail == "Changed: reference, name in English."


def test_second_editor_sees_both_values(sign_in, coordinator, project, send):
    client = sign_in(coordinator)
    mine = fields(client.get(settings(project)).context["form"], name_en="Mine")
    send(client, settings(project), name_en="Theirs")
    page = client.post(settings(project), mine)
    assert [(line["mine"], line["theirs"]) for line in page.context["form"].conflict] == [("Mine", "Theirs")]
    page = client.post(settings(project), fields(page.context["form"]), follow=True)
    assert page.context["project"].name == "Mine"


def test_step_of_somebody_else_is_not_undone_by_saved_facts(sign_in, coordinator, project):
    client = sign_in(coordinator)
    mine = fields(client.get(settings(project)).context["form"], name_en="Mine")
    change(project, "report")
    page = client.post(settings(project), mine)
    assert [line["mine"] for line in page.context["form"].conflict] == ["Mine"]
    client.post(settings(project), fields(page.context["form"]))
    project.refresh_from_db()
    assert (project.state, project.name_en) == ("reporting", "Mine")


def test_key_and_rates_are_stated_with_the_facts(sign_in, coordinator, project, send):
    factories.made_up_rates(sending_country="ES")
    client = sign_in(coordinator)
    asked = client.get(settings(project)).context["form"].fields["rates_of"]
    assert asked.choices == [("ES", "Spain"), ("SE", "Sweden")]
    send(client, settings(project), rates_of="ES", organisational_percent=40)
    project.refresh_from_db()
    assert (project.rates_of, project.organisational_percent) == ("ES", 40)
    assert lines_of(project)[0].what == "changed the facts of the project"


def test_project_of_another_fund_is_asked_for_no_rates(sign_in, coordinator, project):
    project.programme = "ESF+"
    project.save()
    asked = sign_in(coordinator).get(settings(project)).context["form"].fields
    assert not {"rates_of", "organisational_percent"} & asked.keys()


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"rates_of": "PT"}, "rates_of", "This is not in the list. Choose something in it."),
        (
            {"organisational_percent": 101},
            "organisational_percent",
            "Write a share from 0 to 100 per cent.",
        ),
        (
            {"organisational_percent": "half"},
            "organisational_percent",
            "This is no whole number. Write it as in 12.",
        ),
        (
            {"call_year": 2023},
            "call_year",
            "Places or money have been shared out by this call year. It can no longer be changed.",
        ),
        (
            {"programme": "ESF+"},
            "programme",
            "Another fund would be another project. Choose a programme of the same fund.",
        ),
        ({"call_year": 1850}, "call_year", "Write the call year with four digits, from 1995 to 2100."),
    ],
)
def test_facts_on_which_something_rests_stay(changes, field, sentence, sign_in, coordinator, project, send):
    page = send(sign_in(coordinator), settings(project), **changes)
    assert page.context["form"].errors == {field: [sentence]}
    project.refresh_from_db()
    assert (project.call_year, project.programme) == (2024, "KA121-VET")


# Its life


def test_life_of_a_project(sign_in, coordinator, planned, send):
    client = sign_in(coordinator)
    for verb, state in [("start", "running"), ("report", "reporting"), ("end", "ended")]:
        assert step(planned, verb) in client.get(settings(planned)).text
        page = send(client, step(planned, verb))
        assert page.context["project"].state == state
    assert page.context["project"].ended_on == factories.day(0)
    page = send(client, step(planned, "reopen"), reason="The agency asks once more.")
    assert (page.context["project"].state, page.context["project"].ended_on) == ("reporting", None)
    page = send(client, step(planned, "resume"), reason="Three more months.")
    assert page.context["project"].state == "running"
    assert [(line.what, line.detail) for line in page.context["lines"]][:5] == [
        ("took up the project again", "Three more months."),
        ("reopened the project", "The agency asks once more."),
        ("closed the project", ""),
        ("began to report the project", ""),
        ("started the project", ""),
    ]


STEPS = {
    ("planned", "start"),
    ("running", "report"),
    ("reporting", "end"),
    ("reporting", "resume"),
    ("ended", "reopen"),
}


@pytest.mark.parametrize("verb", list(project_states.BY_NAME))
@pytest.mark.parametrize("state", ProjectState.values)
def test_each_verb_is_open_in_its_state_alone(state, verb, planned):
    in_state(planned, state)
    assert (project_states.BY_NAME[verb] in project_states.open_to(planned)) == ((state, verb) in STEPS)
    if (state, verb) not in STEPS:
        with pytest.raises(NotAllowed, match="From there this is not possible"):
            change(planned, verb)
        assert Project.objects.get(pk=planned.pk).state == state


def test_step_that_is_not_open_says_so_and_has_no_button(sign_in, coordinator, planned):
    client = sign_in(coordinator)
    page = client.get(step(planned, "end"))
    assert "From where the project stands this is not possible." in page.text
    assert "data-once" not in page.text.split("<main")[1].split("</main")[0]
    assert client.get(step(planned, "bury")).status_code == 404


def test_project_without_decision_or_call_year_does_not_start(association, learners):
    bare = factories.ProjectFactory(state="planned", call_year=None, owner=association)
    assert [
        (objection.sentence, objection.stops)
        for objection in project_states.objections_to(project_states.BY_NAME["start"], bare)
    ] == [
        ("No decision of the funder has been entered, so the project has no period yet.", True),
        ("The call year is not stated. It decides activities and rates.", True),
        ("The project has no members yet, so nobody can register mobilities.", False),
    ]
    with pytest.raises(NotAllowed, match="No decision of the funder"):
        change(bare, "start")


def test_wishes_that_have_not_been_sent_are_remarked_on(planned, learners):
    member = planned.members.get()
    WishAnswer.objects.create(member=member, asked_at=timezone.now())
    found = project_states.objections_to(project_states.BY_NAME["start"], planned)
    assert [(objection.stops, objection.url) for objection in found] == [
        (False, f"/desk/{planned.slug}/wishes/request/")
    ]


def test_start_remarks_on_members_that_were_never_asked_for_wishes(coordinator):
    planned = factories.ProjectFactory(state="planned")
    factories.DecisionFactory(project=planned)
    member = factories.ProjectMemberFactory(project=planned)
    factories.ProjectMemberFactory(project=planned)
    sentence = "2 members were never asked for their wishes. Afterwards that is not possible."
    assert [(one.sentence, one.stops) for one in objections.to("start", planned)] == [(sentence, False)]
    wishes.decline(member=member, note="", by=coordinator)
    assert "1 member was never asked for its wishes. Afterwards that is not possible." in [
        one.sentence for one in objections.to("start", planned)
    ]
    wishes.ask(project=planned, answer_by=factories.day(5), by=coordinator)
    assert [one.sentence for one in objections.to("start", planned) if "never asked" in one.sentence] == []


@pytest.mark.parametrize(
    ("state", "verb", "sentence"),
    [
        ("submitted", "report", "1 mobility is submitted and waits for a decision. Accept it or send it back first."),
        ("submitted", "end", "1 mobility is submitted and waits for a decision. Accept it or send it back first."),
        ("accepted", "end", "1 mobility is accepted and has not begun. Wait for it, or cancel it first."),
        ("ongoing", "end", "1 mobility is ongoing. Wait until it is over."),
    ],
)
def test_open_mobilities_stop_the_step_and_are_linked(
    state, verb, sentence, sign_in, coordinator, project, traveller, host
):
    in_state(project, "running" if verb == "report" else "reporting")
    factories.MobilityFactory(project=project, participant=traveller, receiving_organisation=host, state=state)
    page = sign_in(coordinator).get(step(project, verb))
    assert [objection.sentence for objection in page.context["objections"] if objection.stops] == [sentence]
    assert f"/mobilities/?project=exempel&amp;state={state}" in page.text
    assert "data-once" not in page.text.split("<main")[1].split("</main")[0]
    with pytest.raises(NotAllowed, match=sentence[:20]):
        change(project, verb)


@pytest.mark.parametrize("state", ["draft", "completed", "reported", "closed", "withdrawn", "cancelled"])
def test_what_is_over_or_never_was_stops_nothing(state, project, traveller, host):
    in_state(project, "reporting")
    project.decisions.update(ends_on=factories.day(0))
    factories.MobilityFactory(project=project, participant=traveller, receiving_organisation=host, state=state)
    remarks = project_states.objections_to(project_states.BY_NAME["end"], project)
    assert [objection.stops for objection in remarks] == [False] * (state in {"draft", "completed", "reported"})
    assert change(project, "end").state == "ended"


def test_ended_project_is_read_only(sign_in, coordinator, project, association):
    in_state(project, "ended")
    client = sign_in(coordinator)
    page = client.get(settings(project))
    assert "Everything in the project is read only." in page.text
    assert 'name="name_sv"' not in page.text
    page = client.post(settings(project), fields(page.context["form"], name_en="Another"))
    assert page.context["form"].non_field_errors() == [
        "The project has ended and can only be read. Reopen it to change anything."
    ]
    with pytest.raises(NotAllowed):
        project_members.add(project=project, organisations=[association], by=coordinator)
    with pytest.raises(NotAllowed):
        project_members.remove(member=project.members.first(), by=coordinator)
    project.refresh_from_db()
    assert project.name_en == "Example project"


# Its members


def test_members_are_added_with_what_they_stand_for(sign_in, coordinator, planned, member_b, send):
    member_b.municipalities.add(factories.MunicipalityFactory())
    address = reverse("consortium:members_add", args=[planned.slug])
    page = sign_in(coordinator).get(address)
    assert [str(choice) for choice in page.context["form"].fields["organisations"].queryset] == ["Björkby lärcentrum"]
    page = send(sign_in(coordinator), address, organisations=[member_b.pk])
    assert page.redirect_chain == [(settings(planned), 302)]
    member = planned.members.get(organisation=member_b)
    assert [str(one) for one in member.municipalities.all()] == ["Alingsås"]
    assert lines_of(planned)[0].detail == "Björkby lärcentrum"
    assert "Björkby lärcentrum" in sign_in(coordinator).get(planned.get_absolute_url()).text


def test_member_that_has_only_wished_can_be_removed(sign_in, coordinator, planned, learners, send):
    member = planned.members.get()
    answer = WishAnswer.objects.create(member=member)
    Wish.objects.create(member=member, activity_type=learners, places=2, days=14, purpose="Care")
    factories.AllocationFactory(member=member, activity_type=learners, places=0)
    address = reverse("consortium:member_remove", args=[planned.slug, member.pk])
    client = sign_in(coordinator)
    assert "What the member has wished for is removed as well." in client.get(address).text
    page = send(client, address)
    assert page.redirect_chain == [(settings(planned), 302)]
    assert not ProjectMember.objects.filter(pk=member.pk).exists()
    assert not WishAnswer.objects.filter(pk=answer.pk).exists()
    assert lines_of(planned)[0].what == "removed a member"


def test_member_with_places_or_mobilities_stays(sign_in, coordinator, project, traveller, host, member_a):
    member = project.members.get(organisation=member_a)
    address = reverse("consortium:member_remove", args=[project.slug, member.pk])
    client = sign_in(coordinator)
    assert "The member has places. Give or move them to others first." in client.get(address).text
    with pytest.raises(NotAllowed, match="has places"):
        project_members.remove(member=member, by=coordinator)
    for share in member.allocations.all():
        shares.give_places(member=member, activity_type=share.activity_type, places=0, reason="x", by=coordinator)
    factories.MobilityFactory(project=project, participant=traveller, receiving_organisation=host, state="draft")
    page = client.get(address)
    assert "1 mobility of the project is this member&#x27;s. It stays a member." in page.text
    with pytest.raises(NotAllowed, match="1 mobility"):
        project_members.remove(member=member, by=coordinator)
    assert project.members.count() == 2


@pytest.mark.parametrize("state", ["reporting", "ended"])
def test_members_stay_when_the_project_is_over(state, sign_in, coordinator, planned, member_b):
    in_state(planned, state)
    page = sign_in(coordinator).get(settings(planned))
    assert reverse("consortium:members_add", args=[planned.slug]) not in page.text
    with pytest.raises(NotAllowed):
        project_members.add(project=planned, organisations=[member_b], by=coordinator)


def test_settings_take_the_same_queries_for_any_number_of_members(
    sign_in, coordinator, association, django_assert_max_num_queries
):
    client = sign_in(coordinator)
    counted = []
    for n in (1, 3, 50):
        project = factories.running_project(members=factories.OrganisationFactory.create_batch(n), owner=association)
        with django_assert_max_num_queries(20) as queries:
            page = client.get(settings(project))
        assert len(page.context["members"]) == n
        counted.append(len(queries))
    assert len(set(counted)) == 1
