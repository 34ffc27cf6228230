import pytest
from django.urls import reverse

from consortium import goal_trees, project_facts
from consortium.models import Goal, GoalRule, Project
from consortium.permissions import NotAllowed
from tests import factories
from tests.consortium.conftest import fields
from westum.base.history import lines_of


def page(name, project, *args):
    return reverse(f"consortium:{name}", args=[project.slug, *args])


@pytest.fixture
def care(project):
    return project.goals.get(code="1")


@pytest.fixture
def guidance(project):
    return project.goals.get(code="2")


def part_of(goal, code, **more):
    return factories.GoalFactory(project=goal.project, parent=goal, code=code, position=int(code[-1]) + 20, **more)


def tree(project):
    return [(goal.code, [part.code for part in parts]) for goal, parts in goal_trees.branches(project)]


def test_goal_is_added_behind_the_others_and_stands_on_the_public_page(sign_in, coordinator, client, project, send):
    after = send(
        sign_in(coordinator), page("goal_new", project), code="3", title_sv="Mat", title_en="Food", text_en="To cook."
    )
    assert after.redirect_chain == [(page("goals", project), 302)]
    assert tree(project) == [("A", []), ("1", []), ("2", []), ("3", [])]
    public = client.get(project.get_absolute_url(), headers={"Accept-Language": "en"}).text
    assert "Food" in public
    assert "To cook." in public
    assert (lines_of(project)[0].what, lines_of(project)[0].detail) == ("added a goal", "3 Mat")


def test_changed_goal_has_its_history(sign_in, coordinator, project, care, send):
    send(sign_in(coordinator), page("goal_edit", project, care.pk), aim_staff_en="To dare.")
    care.refresh_from_db()
    assert (care.aim_staff_en, care.version, care.position) == ("To dare.", 1, 1)
    assert lines_of(care)[0].detail == "Changed: aim for staff in English."


def test_second_editor_sees_both_values(sign_in, coordinator, project, care, send):
    client = sign_in(coordinator)
    address = page("goal_edit", project, care.pk)
    mine = fields(client.get(address).context["form"], title_en="Mine")
    send(client, address, title_en="Theirs")
    conflict = client.post(address, mine).context["form"].conflict
    assert [(line["mine"], line["theirs"]) for line in conflict] == [("Mine", "Theirs")]


def test_goal_becomes_part_of_another(sign_in, coordinator, project, care, guidance, send):
    send(sign_in(coordinator), page("goal_edit", project, guidance.pk), parent=care.pk)
    assert tree(project) == [("A", []), ("1", ["2"])]
    assert list(project.goals.choosable()) == [guidance]


def test_what_is_no_tree_of_two_levels_is_refused(coordinator, project, care, guidance):
    part = part_of(care, "1.1")
    overarching = project.goals.get(code="A")
    elsewhere = factories.GoalFactory()
    for goal, parent, sentence in [
        (guidance, part, "two levels"),
        (guidance, overarching, "same kind"),
        (guidance, elsewhere, "same kind"),
        (care, guidance, "parts of its own"),
        (care, care, "two levels"),
    ]:
        changed = Goal.objects.get(pk=goal.pk)
        changed.parent = parent
        with pytest.raises(NotAllowed, match=sentence):
            goal_trees.save(goal=changed, by=coordinator)
    changed = Goal.objects.get(pk=care.pk)
    changed.kind = "overarching"
    with pytest.raises(NotAllowed, match="has parts"):
        goal_trees.save(goal=changed, by=coordinator)
    assert tree(project) == [("A", []), ("1", ["1.1"]), ("2", [])]


def test_same_code_twice_is_said_at_its_field(sign_in, coordinator, project, send):
    after = send(sign_in(coordinator), page("goal_new", project), code="2", title_sv="x", title_en="x")
    assert after.context["form"].errors == {"code": ["Another goal of this kind has the code. Write another one."]}


@pytest.mark.parametrize("changes", [{"counts_mobilities": False}, {"audience": "staff"}, {"kind": "overarching"}])
def test_goal_that_mobilities_count_towards_stays_open_to_them(changes, coordinator, project, care, traveller, host):
    changed = Goal.objects.get(pk=care.pk)
    for name, value in changes.items():
        setattr(changed, name, value)
    mobility = factories.MobilityFactory(
        project=project, participant=traveller, receiving_organisation=host, goals=[care]
    )
    with pytest.raises(NotAllowed, match="1 mobility counts towards “Care”"):
        goal_trees.save(goal=changed, by=coordinator)
    part = Goal(project=project, kind="focus_area", parent=care, code="1.1", title_sv="x", title_en="x")
    with pytest.raises(NotAllowed, match="1 mobility counts towards “Care”"):
        goal_trees.save(goal=part, by=coordinator)
    mobility.goals.clear()
    assert goal_trees.save(goal=changed, by=coordinator).version == 1


def test_goal_that_a_mobility_counts_towards_is_not_deleted(sign_in, coordinator, project, care, traveller, host):
    factories.MobilityFactory(project=project, participant=traveller, receiving_organisation=host, goals=[care])
    client = sign_in(coordinator)
    shown = client.get(page("goal_delete", project, care.pk)).text
    assert "1 mobility counts towards “Care”. It stays as it is." in shown
    assert f"/mobilities/?project=exempel&amp;goal={care.pk}" in shown
    assert "Delete the goal" not in shown
    answer = client.post(page("goal_delete", project, care.pk))
    assert answer.context["form"].non_field_errors() == ["1 mobility counts towards “Care”. It stays as it is."]
    assert project.goals.filter(pk=care.pk).exists()


def test_goal_with_parts_or_that_the_rule_needs_is_not_deleted(coordinator, project, care, guidance):
    part = part_of(care, "1.1")
    with pytest.raises(NotAllowed, match="has parts"):
        goal_trees.delete(goal=care, by=coordinator)
    goal_trees.delete(goal=part, by=coordinator)
    goal_trees.delete(goal=guidance, by=coordinator)
    with pytest.raises(NotAllowed, match="at least 1 focus areas"):
        goal_trees.delete(goal=care, by=coordinator)
    assert tree(project) == [("A", []), ("1", [])]


def test_deleted_goal_is_told(sign_in, coordinator, project, guidance, send):
    send(sign_in(coordinator), page("goal_delete", project, guidance.pk))
    assert not Goal.objects.filter(pk=guidance.pk).exists()
    assert (lines_of(project)[0].what, lines_of(project)[0].detail) == ("deleted a goal", "2 Vägledning")


def test_goals_move_among_their_own(sign_in, coordinator, project, care, guidance):
    for code in ("1.1", "1.2"):
        part_of(care, code)
    client = sign_in(coordinator)
    second = project.goals.get(code="1.2")
    for goal, direction in [(second, "up"), (care, "down"), (care, "down")]:
        answer = client.post(page("goal_move", project, goal.pk), {"direction": direction})
        assert answer["Location"] == page("goals", project)
    assert tree(project) == [("A", []), ("2", []), ("1", ["1.2", "1.1"])]
    assert sorted(project.goals.values_list("position", flat=True)) == [1, 2, 3, 4, 5]


def test_rule_is_changed_and_never_asks_for_more_than_there_is(sign_in, coordinator, project, send):
    client = sign_in(coordinator)
    after = send(client, page("goal_rule", project), min_focus_areas=3)
    assert after.context["form"].errors == {
        "min_focus_areas": ["There are 2 focus areas to choose from. Write at most that."]
    }
    after = send(client, page("goal_rule", project), min_focus_areas=2)
    assert "Each mobility serves at least 2 focus areas." in after.text
    assert GoalRule.objects.get(project=project).version == 1


def test_project_without_a_rule_gets_one(sign_in, coordinator, association, send):
    project = factories.ProjectFactory(owner=association)
    factories.GoalFactory(project=project)
    client = sign_in(coordinator)
    assert "How many focus areas a mobility must serve is not stated." in client.get(page("goals", project)).text
    send(client, page("goal_rule", project), min_focus_areas=1)
    assert Project.objects.get(pk=project.pk).goal_rule.min_focus_areas == 1


# The accreditation


@pytest.fixture
def accreditation(association):
    found = factories.ProjectFactory(programme="KA120-VET", owner=association, name_en="Accreditation")
    whole = factories.GoalFactory(project=found, code="1", position=1)
    part_of(whole, "1.1")
    factories.GoalRuleFactory(project=found, min_focus_areas=1)
    return found


def test_yearly_project_is_made_with_the_goals_of_its_accreditation(coordinator, project, accreditation, association):
    yearly = factories.ProjectFactory.build(owner=association, accreditation=accreditation)
    project_facts.make(project=yearly, copied_from=project, by=coordinator)
    assert tree(yearly) == tree(accreditation) == [("1", ["1.1"])]
    assert yearly.members.count() == 2
    Goal.objects.get(project=accreditation, code="1.1").delete()
    assert tree(yearly) == [("1", ["1.1"])]


def test_yearly_project_without_goals_takes_them_over_by_a_button(sign_in, coordinator, association, accreditation):
    yearly = factories.ProjectFactory(owner=association, accreditation=accreditation)
    client = sign_in(coordinator)
    shown = client.get(page("goals", yearly))
    assert "Copy the goals of the accreditation" in shown.text
    assert page("goals", accreditation) in shown.text
    token = shown.context["inherit_form"]["form_token"].value()
    for _twice in range(2):
        assert client.post(page("goals_inherit", yearly), {"form_token": token}).status_code == 302
    assert tree(yearly) == [("1", ["1.1"])]
    with pytest.raises(NotAllowed, match="goals of its own"):
        goal_trees.inherit(project=yearly, by=coordinator)


def test_only_a_yearly_project_belongs_to_an_accreditation(sign_in, coordinator, project, accreditation, send):
    settings = reverse("consortium:project_settings", args=[project.slug])
    after = send(sign_in(coordinator), settings, accreditation=accreditation.pk, programme="KA122-VET")
    assert after.context["form"].errors == {
        "accreditation": ["Only a project of KA121-VET belongs to an accreditation. Choose none."]
    }


def test_project_without_accreditation_inherits_nothing(sign_in, coordinator, project):
    after = sign_in(coordinator).post(page("goals_inherit", project), follow=True)
    assert "The project belongs to no accreditation." in after.text


# Who and when


def test_goals_of_an_ended_project_stay(sign_in, coordinator, project, care):
    project.state = "ended"
    project.save()
    shown = sign_in(coordinator).get(page("goals", project)).text
    assert "The project has ended and can only be read." in shown
    assert page("goal_edit", project, care.pk) not in shown
    for act in (
        lambda: goal_trees.save(goal=care, by=coordinator),
        lambda: goal_trees.move(goal=care, up=False, by=coordinator),
        lambda: goal_trees.delete(goal=care, by=coordinator),
        lambda: goal_trees.set_rule(rule=project.goal_rule, by=coordinator),
        lambda: goal_trees.inherit(project=project, by=coordinator),
    ):
        with pytest.raises(NotAllowed, match="Reopen it"):
            act()


def test_nobody_else_finds_them(sign_in, staff, auditor, contact, outsider, project, care):
    for user in (staff, auditor, contact, outsider):
        client = sign_in(user)
        for name in ("goal_edit", "goal_delete", "goal_move"):
            assert client.post(page(name, project, care.pk), {"direction": "down"}).status_code == 404
        for name in ("goals", "goal_new", "goal_rule"):
            assert client.get(page(name, project)).status_code == 404


def test_goal_is_found_in_its_own_project_alone(sign_in, coordinator, care, association):
    other = factories.ProjectFactory(owner=association)
    assert sign_in(coordinator).get(page("goal_edit", other, care.pk)).status_code == 404


def test_list_takes_the_same_queries_for_any_number_of_goals(
    sign_in, coordinator, association, django_assert_max_num_queries
):
    client = sign_in(coordinator)
    counted = []
    for n in (1, 3, 50):
        project = factories.ProjectFactory(owner=association)
        whole = factories.GoalFactory(project=project)
        factories.GoalFactory.create_batch(n, project=project, parent=whole)
        with django_assert_max_num_queries(20) as queries:
            assert len(client.get(page("goals", project)).context["kinds"][0]["rows"]) == n + 1
        counted.append(len(queries))
    assert len(set(counted)) == 1
