"""A planned project that was made by mistake, and who sees a planned one."""

import pytest
from django.urls import reverse

from consortium import objections, project_facts, project_removal, wishes
from consortium.models import Goal, Milestone, Project, ProjectMember, ProjectText
from consortium.permissions import NotAllowed
from tests import factories


@pytest.fixture
def mistake(project, association, coordinator):
    """A copy of the running project, with all that comes with one."""
    goal = factories.GoalFactory(project=project, code="7")
    factories.GoalFactory(project=project, code="7.1", parent=goal)
    ProjectText.objects.create(project=project, heading_sv="Syfte", heading_en="Aim")
    factories.MilestoneFactory(project=project)
    planned = Project(
        name_sv="Misstag", name_en="Mistake", slug="misstag", programme=project.programme, owner=association
    )
    return project_facts.make(project=planned, copied_from=project, by=coordinator)


def removal(project):
    return reverse("consortium:project_remove", args=[project.slug])


def test_project_made_by_mistake_is_removed_with_what_came_with_it(sign_in, send, coordinator, project, mistake):
    kept = {model: model.objects.filter(project=project).count() for model in (Goal, ProjectText, Milestone)}
    assert min(kept.values()) > 0
    page = send(sign_in(coordinator), removal(mistake))
    assert "Mistake is removed." in page.text
    assert list(Project.objects.all()) == [project]
    assert {model: model.objects.count() for model in kept} == kept
    assert set(ProjectMember.objects.values_list("project", flat=True)) == {project.pk}
    assert Project.history.filter(id=mistake.pk).latest().history_change_reason == project_removal.REMOVED


def test_settings_offer_the_removal_of_a_planned_project_alone(sign_in, coordinator, project, mistake):
    client = sign_in(coordinator)
    pages = [client.get(reverse("consortium:project_settings", args=[row.slug])).text for row in (mistake, project)]
    assert [removal(row) in page for row, page in zip((mistake, project), pages, strict=True)] == [True, False]


def test_project_that_has_begun_stays(sign_in, coordinator, project):
    page = sign_in(coordinator).get(removal(project)).text
    assert "Only a planned project can be removed." in page
    with pytest.raises(NotAllowed, match="Only a planned project"):
        project_removal.remove(project=project, by=coordinator)


def with_decision(mistake):
    factories.DecisionFactory(project=mistake)


def with_asked_member(mistake):
    wishes.ask(project=mistake, answer_by=factories.day(9), by=None)


def with_yearly_project(mistake):
    mistake.programme = "KA120-VET"
    mistake.save()
    factories.ProjectFactory(slug="yearly", programme="KA121-VET", owner=mistake.owner, accreditation=mistake)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (with_decision, "A decision of the funder has been entered."),
        (with_asked_member, "Members have been asked for their wishes."),
        (with_yearly_project, "It is the accreditation of"),
    ],
)
def test_what_others_entered_holds_the_project(given, sentence, coordinator, mistake):
    given(mistake)
    assert [objection.sentence[: len(sentence)] for objection in objections.to("remove_project", mistake)] == [sentence]
    with pytest.raises(NotAllowed, match=sentence):
        project_removal.remove(project=mistake, by=coordinator)
    assert Project.objects.filter(pk=mistake.pk).exists()


def test_rows_of_other_apps_hold_the_project_too(coordinator, mistake, association):
    factories.ReportFactory(project=mistake)
    with pytest.raises(NotAllowed, match="others have entered something in it: reports"):
        project_removal.remove(project=mistake, by=coordinator)
    assert ProjectMember.objects.filter(project=mistake).exists()


def test_removed_twice_is_said(coordinator, mistake):
    project_removal.remove(project=Project.objects.get(pk=mistake.pk), by=coordinator)
    with pytest.raises(NotAllowed, match="Only a planned project"):
        project_removal.remove(project=mistake, by=coordinator)


def test_planned_project_is_not_public_but_shown_to_its_people(
    client, sign_in, coordinator, contact, outsider, mistake
):
    address = mistake.get_absolute_url()
    assert client.get(address).status_code == 404
    assert "Mistake" not in client.get(reverse("reporting:projects")).text
    assert [sign_in(user).get(address).status_code for user in (contact, outsider)] == [200, 404]
    assert "Not public yet." in sign_in(coordinator).get(address).text


def test_start_page_names_planned_projects_to_their_people_alone(sign_in, coordinator, contact, project, association):
    factories.ProjectFactory(slug="plan", name_en="Plan of others", state="planned", owner=association)
    pages = [sign_in(user).get(reverse("reporting:start")).text for user in (coordinator, contact)]
    assert ["Plan of others" in page for page in pages] == [True, False]
    assert all(project.name in page for page in pages)


def test_page_of_a_member_names_planned_projects_to_their_people_alone(sign_in, staff, auditor, mistake, member_a):
    pages = [sign_in(user).get(member_a.get_absolute_url()).text for user in (staff, auditor)]
    assert ["Mistake" in page for page in pages] == [True, False]


def test_filters_of_mobilities_offer_planned_projects_to_their_people_alone(sign_in, staff, auditor, mistake):
    pages = [sign_in(user).get(reverse("mobilities:mobilities")).text for user in (staff, auditor)]
    assert ["Mistake" in page for page in pages] == [True, False]
