import io
from decimal import Decimal

import pikepdf
import pytest
from django.urls import reverse
from django.utils import translation

from consortium import budget_shares
from consortium.models import BudgetShare
from reporting import budget, budget_data, budget_report, rendering, requests
from tests import factories, pdf_ua
from tests.consortium.conftest import fields


@pytest.fixture
def travel(project):
    return factories.AwardedMoneyFactory(decision=project.decision, amount=Decimal("1000.50"))


@pytest.fixture
def member(project, member_a):
    return project.members.get(organisation=member_a)


def give(member, line, amount):
    return budget_shares.give_money(member=member, line=line, amount=Decimal(amount), reason="Asked.", by=None)


def shown(project, language="en"):
    with translation.override(language):
        return budget.Budget(budget_data.snapshot(project))


def page_of(project):
    return reverse("reporting:budget", args=[project.slug])


def share_page(member, line):
    return reverse("consortium:budget_share", args=[member.project.slug, member.pk, *budget_shares.address(line)])


def test_totals_of_members_equal_those_of_the_project(project, member, member_b, travel):
    give(member, travel, "400.25")
    give(project.members.get(organisation=member_b), travel, "100")
    found = shown(project)
    part = found.parts[0]
    assert (part.total.awarded, part.total.shared, part.total.left) == (
        Decimal("1000.50"),
        Decimal("500.25"),
        Decimal("500.25"),
    )
    assert part.members_total == part.total.shared
    assert [(row.name, row.places, row.total) for row in part.members] == [
        ("Almby lärcentrum", 20, Decimal("400.25")),
        ("Björkby lärcentrum", 20, 100),
    ]
    assert (found.places_awarded, found.places_shared, found.places_given) == (2000, 40, 40)


def test_currencies_are_never_added_up(project, member, travel):
    factories.AwardedMoneyFactory(decision=project.decision, key="course_fees", currency="SEK", amount=700)
    found = shown(project)
    assert [(part.currency, part.total.awarded) for part in found.parts] == [("EUR", Decimal("1000.50")), ("SEK", 700)]


def test_what_no_paper_states_is_no_zero(project):
    found = shown(project)
    assert not found.has_money
    assert found.parts == []
    assert found.figures[0].number == ""


def test_project_without_a_decision_has_an_empty_budget(db):
    found = shown(factories.ProjectFactory())
    assert (found.parts, found.activities, found.places_awarded) == ([], [], None)


def test_page_shows_lines_members_and_what_is_left(sign_in, staff, project, member, travel):
    give(member, travel, "400")
    page = sign_in(staff).get(page_of(project)).text
    for words in ("€1,000.50", "€400", "€600.50", "Almby lärcentrum"):
        assert words in page
    assert share_page(member, travel) in page


def test_page_without_money_says_so(sign_in, coordinator, project):
    page = sign_in(coordinator).get(page_of(project)).text
    assert "No amounts stated" in page
    assert "€0" not in page


@pytest.mark.parametrize("who", ["contact", "outsider", "participant"])
def test_who_does_not_see_the_whole_project_finds_no_budget(who, request, sign_in, project, member, travel):
    client = sign_in(request.getfixturevalue(who))
    assert client.get(page_of(project)).status_code == 404
    seen = 200 if who == "contact" else 404  # the share of the own member
    assert client.get(share_page(member, travel)).status_code == seen


def test_share_is_given_on_its_page(sign_in, coordinator, auditor, project, member, travel):
    client, url = sign_in(coordinator), share_page(member, travel)
    sent = fields(client.get(url).context["form"], amount="250.50", reason="For trains.")
    page = client.post(url, sent, follow=True)
    assert page.redirect_chain == [(page_of(project), 302)]
    assert "the share was €0 and is now €250.50" in page.text
    assert "For trains." in sign_in(auditor).get(url).text
    assert sign_in(auditor).post(url, sent).status_code == 404


@pytest.mark.parametrize(("amount", "sentence"), [("1000.51", "has €1,000.50 left"), ("-1", ""), ("much", "")])
def test_wrong_amount_is_said_at_its_field(amount, sentence, sign_in, coordinator, member, travel):
    client, url = sign_in(coordinator), share_page(member, travel)
    page = client.post(url, fields(client.get(url).context["form"], amount=amount, reason="Kept words."))
    assert list(page.context["form"].errors) == ["amount"]
    assert sentence in page.context["form"].errors["amount"][0]
    assert "Kept words." in page.text
    assert not BudgetShare.objects.exists()


def test_second_editor_sees_both_amounts(sign_in, coordinator, member, travel):
    client, url = sign_in(coordinator), share_page(member, travel)
    mine = fields(client.get(url).context["form"], amount="5", reason="Mine.")
    give(member, travel, "4")
    page = client.post(url, mine)
    assert [(one["mine"], one["theirs"]) for one in page.context["form"].conflict] == [("5", "4.00")]
    client.post(url, fields(page.context["form"]))
    assert BudgetShare.objects.get().amount == 5


def test_line_that_is_not_awarded_has_no_page(sign_in, coordinator, project, member, travel):
    url = reverse("consortium:budget_share", args=[project.slug, member.pk, "course_fees", "whole-project"])
    assert sign_in(coordinator).get(url).status_code == 404


@pytest.mark.parametrize("rows", [1, 3, 50])
def test_page_asks_the_same_number_of_queries(rows, sign_in, coordinator, association, django_assert_num_queries):
    members = [factories.OrganisationFactory() for _row in range(rows)]
    project = factories.running_project(members=members, owner=association)
    line = factories.AwardedMoneyFactory(decision=project.decision)
    for member in project.members.all():
        give(member, line, "10")
    client = sign_in(coordinator)
    client.get(page_of(project))
    with django_assert_num_queries(24):
        page = client.get(page_of(project))
    assert len(page.context["budget"].parts[0].members) == rows


@pytest.mark.parametrize("language", ["sv", "en"])
def test_paper_is_made_of_the_data_of_its_day(language, project, member, staff, travel):
    give(member, travel, "400")
    report, _is_new = requests.order(kind="budget", project=project, language=language, by=staff, ring=False)
    give(member, travel, "500")
    pdf = rendering.set_in_type(report)
    assert pdf == rendering.set_in_type(report)
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert pdf_ua.faults(opened, language=language) == []
    with translation.override(language):
        assert budget_report.context(report)["budget"].parts[0].total.shared == 400
