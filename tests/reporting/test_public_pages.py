"""The pages of members and of the network, the four figures, and one language through every link."""

import html
import re
from datetime import date

import pytest
from django.test import Client
from django.urls import reverse

from tests import factories
from tests.reporting.test_pages import text_of

pytestmark = pytest.mark.django_db
NETWORK = reverse("reporting:network")


def page_of(organisation):
    return reverse("reporting:member", args=[organisation.pk])


# A member


def test_member_stands_under_all_its_names_with_its_part_in_each_project(visitor, project, member_a, contact):
    member_a.other_names.create(name="Almby/Björkby", source_en="A paper of ours")
    row = project.members.get(organisation=member_a)
    row.printed_name, row.hint_en, row.contact = "Almby kommun", "and five others", contact
    row.save()
    row.municipalities.add(factories.MunicipalityFactory())
    response = visitor.get(page_of(member_a))
    text = text_of(response)
    assert "Also known as Almby/Björkby A paper of ours" in text
    assert "Example project" in text
    assert "Printed as Almby kommun" in text
    assert "Stands for Alingsås and five others" in text
    assert "Organisation number not stated" in text
    assert contact.name not in text
    assert contact.email not in response.content.decode()


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("verified", "Stands for Alingsås All members"),
        ("inferred", "Stands for Alingsås Our reading of its name."),
        ("secondary", "Stands for Alingsås Another paper says it."),
    ],
)
def test_member_says_whose_reading_it_is(status, words, visitor, project, member_a):
    row = project.members.get(organisation=member_a)
    row.stands_for_status = status
    row.save()
    row.municipalities.add(factories.MunicipalityFactory())
    assert words in text_of(visitor.get(page_of(member_a)))


def test_member_is_on_the_map_when_it_has_a_place(visitor, member_a):
    assert "chartmap" not in visitor.get(page_of(member_a)).content.decode()
    member_a.latitude, member_a.longitude = "58.28365", "12.28864"
    member_a.save()
    assert "chartmap" in visitor.get(page_of(member_a)).content.decode()


def test_member_is_in_no_project_of_another_owner(visitor, member_a):
    factories.running_project(members=[member_a], is_reference_record=True)
    assert "It is in no project that is registered here." in text_of(visitor.get(page_of(member_a)))


@pytest.mark.parametrize("kind", ["receiving", "employer", "other", "funder"])
def test_who_is_no_member_has_no_page(kind, visitor):
    assert visitor.get(page_of(factories.OrganisationFactory(kind=kind))).status_code == 404


def test_member_in_as_many_queries_for_fifty_projects(visitor, project, member_a, count_queries):
    counts = set()
    for more in (0, 2, 47):
        for _n in range(more):
            other = factories.ProjectMemberFactory(organisation=member_a, project__name_en="Another")
            other.municipalities.add(factories.MunicipalityFactory())
            factories.DecisionFactory(project=other.project)
        found, response = count_queries(visitor, page_of(member_a))
        counts.add(found)
    assert len(response.context["parts"]) == 50
    assert len(counts) == 1


# The network


def test_network_lists_the_members_that_are_known_and_makes_up_none(visitor, project, member_a, member_b, association):
    association.organisation_number, association.city, association.postal_code = "802414-8689", "Uddevalla", "451 50"
    association.save()
    response = visitor.get(NETWORK)
    text = text_of(response)
    assert "Organisation number 802414-8689" in text
    assert "Address 451 50 Uddevalla" in text
    assert "The papers state 41 members. 2 of them are in the register here" in text
    assert [member.name for member in response.context["members"]] == [member_a.name, member_b.name]
    assert f'href="{page_of(member_a)}"' in response.content.decode()


def test_network_stands_before_there_is_any_project(visitor):
    text = text_of(visitor.get(NETWORK))
    assert "Organisation number not stated" in text
    assert "Address not stated" in text
    assert "No members are registered yet." in text


def test_network_in_as_many_queries_for_fifty_members(visitor, association, count_queries):
    counts = set()
    for more in (1, 2, 47):
        factories.OrganisationFactory.create_batch(more)
        found, response = count_queries(visitor, NETWORK)
        counts.add(found)
    assert len(response.context["members"]) == 50
    assert len(counts) == 1


def test_network_is_the_owner_of_most_projects(visitor, project, member_a, association):
    factories.ProjectFactory(owner=member_a)
    factories.ProjectFactory(owner=association)
    for _n in range(5):
        factories.ProjectFactory(is_reference_record=True, owner=factories.OrganisationFactory(kind="other"))
    assert text_of(visitor.get(NETWORK)).count(association.name) == 2  # among the facts, and at the foot


# Figures


def figures_of(visitor, project):
    return visitor.get(project.get_absolute_url()).context["figures"]


def test_figures_have_a_day_and_lead_to_their_definition(visitor, journeys, project):
    decision = project.decision
    decision.decided_on = date(2026, 5, 4)
    decision.save()
    shown = figures_of(visitor, project)
    assert [str(figure.name) for figure in shown] == ["registered", "approved", "staff", "learners"]
    today = f"As of {factories.day(0).day} "
    assert shown[0].as_of.startswith(today)
    assert shown[1].as_of == "By the decision of 4 May 2026."
    assert shown[2].as_of == shown[3].as_of == shown[0].as_of
    definitions = visitor.get(reverse("reporting:counted")).content.decode()
    for figure in shown:
        page, anchor = figure.how.split("#")
        assert page == reverse("reporting:counted")
        assert f'id="{anchor}"' in definitions


def test_day_of_the_decision_may_not_be_stated(visitor, project):
    assert figures_of(visitor, project)[1].as_of == "By the latest decision. Its day is not stated."


def test_what_nobody_has_stated_has_no_day(visitor):
    ended = factories.ProjectFactory(state="ended")
    assert [(figure.number, figure.as_of) for figure in figures_of(visitor, ended)] == [(None, "")] * 4


# Language, and paper


@pytest.mark.parametrize(("browser", "chosen"), [("sv", "en"), ("en", "sv")])
def test_language_is_kept_through_every_public_link(browser, chosen, project, member_a, journeys):
    visitor = Client(HTTP_ACCEPT_LANGUAGE=browser)
    back = visitor.post(reverse("set_language"), {"language": chosen, "next": f"{page_of(member_a)}?x=1"})
    assert back["Location"] == f"{page_of(member_a)}?x=1"
    waiting, seen = ["/", back["Location"]], {}
    while waiting:
        path = waiting.pop()
        response = visitor.get(path, follow=True)
        seen[path] = re.search(r'<html lang="(\w+)"', response.content.decode())[1]
        links = re.findall(r'<a[^>]* href="(/[^"#]*)', response.content.decode())
        waiting += {html.unescape(link) for link in links} - seen.keys() - {*waiting, "/styleguide/"}
    assert len(seen) > 10
    assert set(seen.values()) == {chosen}


@pytest.mark.parametrize("name", ["start", "projects", "network", "counted", "privacy", "accessibility", "verify"])
def test_public_page_carries_emblem_and_address_for_paper(name, visitor, project, association):
    association.postal_code, association.city = "451 50", "Uddevalla"
    association.save()
    page = visitor.get(reverse(f"reporting:{name}"), {"x": "1"})
    text = text_of(page)
    assert "Nätverk Westum, 451 50 Uddevalla" in text
    assert re.search(rf"Read on \d+ \w+ \d{{4}} at http\S+{reverse(f'reporting:{name}')}\?x=1", text)
    assert re.search(r'<img src="[^"]*eu-emblem', page.content.decode())
