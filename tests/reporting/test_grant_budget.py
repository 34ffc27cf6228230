"""The budget is the sum of the grants: each number leads to the mobilities behind it, and forecasts say what they rest on."""

import io
import json
from collections import Counter
from decimal import Decimal
from urllib.parse import urlsplit

import pikepdf
import pytest
from django.urls import reverse
from django.utils import translation

from consortium import budget_shares
from consortium.models import ProjectMember
from mobilities import lifecycle, mobility_grants
from mobilities.models import Mobility, UnitCost
from mobilities.stages import Stage
from reporting import budget, budget_data, budget_report, rendering, requests
from tests import factories, granted, pdf_ua
from westum.base.formats import percent


@pytest.fixture
def rates(db):
    factories.made_up_rates()


@pytest.fixture
def mobilities(rates, project, member_a, member_b):
    return granted.mobilities(project, [member_a, member_b], 60)


@pytest.fixture
def grants(project):
    """`grants()` is what the page shows now, in English."""

    def read(slug="exempel"):
        # As a paper reads it: through JSON.
        return budget.Budget(json.loads(json.dumps(budget_data.snapshot(project))), slug).grants

    return read


def page_of(project):
    return reverse("reporting:budget", args=[project.slug])


def make(cast_project, member, state, **fields):
    person = factories.ParticipantFactory(organisation=member, email="")
    host = factories.OrganisationFactory(host=True)
    row = factories.MobilityFactory(
        **{"project": cast_project, "participant": person, "receiving_organisation": host, "distance_km": 600}
        | {"state": state}
        | fields
    )
    row = Mobility.objects.with_parties().get(pk=row.pk)
    if row.accepted_at:
        mobility_grants.accept(row)
    if state == "completed":
        mobility_grants.settle(row)
    return row


def test_members_and_categories_add_up_to_the_project(mobilities, grants):
    found = grants()
    support = found.support.amounts
    for index, stage in enumerate(Stage):
        by_category = sum(block.total.cells[index].amount or 0 for block in found.blocks)
        by_member = sum(row.cells[index].amount or 0 for row in found.member_rows)
        of_project = {Stage.ACTUAL: support[0], Stage.ACCEPTED: support[1] - support[0]}.get(stage, 0)
        assert by_category == found.total.cells[index].amount == by_member + of_project
        for block in found.blocks:
            assert block.total.cells[index].amount == budget.known_sum(row.cells[index].amount for row in block.rows)
    assert found.members_total.used + support[1] == found.total.used


def test_blocks_of_the_members_add_up_to_those_of_the_project(mobilities, grants, member_a, member_b):
    found, amounts = grants(), Counter()
    for member in (member_a, member_b):
        for block in found.blocks_of(member.pk):
            for cell in block.total.cells:
                amounts[block.total.name, cell.heading] += cell.amount or 0
    without_support = [block for block in found.blocks if block.total.name != "organisational_support"]
    assert amounts == Counter(
        {(block.total.name, cell.heading): cell.amount or 0 for block in without_support for cell in block.total.cells}
    )


def test_each_number_leads_to_the_mobilities_that_add_up_to_it(mobilities, grants, sign_in, coordinator, member_a):
    client, found = sign_in(coordinator), grants()
    blocks = [*found.blocks, *found.blocks_of(member_a.pk)]
    rows = [row for block in blocks for row in [block.total, *block.rows]] + [*found.member_rows, found.members_total]
    cells = {cell.url: cell for row in rows for cell in row.cells if cell.url and cell.url != "#support"}
    assert {urlsplit(url).path for url in cells} == {reverse("mobilities:mobilities")}
    for url, cell in cells.items():
        page = client.get(url)
        filters, shown = page.context["filters"], page.context["page"]
        assert filters.amounts_total == cell.amount, url
        assert {row.pk for row in shown.paginator.object_list} == set(filters.amounts)
        assert [row.amount_eur for row in shown] == [filters.amounts[row.pk] for row in shown]


def test_nobody_without_the_category_stands_behind_its_number(rates, grants, sign_in, auditor, project, member_a):
    learning = make(project, member_a, "accepted", linguistic_support=True)
    make(project, member_a, "accepted")
    drafted = make(project, member_a, "draft", linguistic_support=True)
    make(project, member_a, "draft")
    block = next(block for block in grants().blocks if block.total.name == "linguistic_support")
    client = sign_in(auditor)
    shown = [client.get(cell.url) for cell in block.total.cells if cell.url]
    assert [[row.pk for row in page.context["page"]] for page in shown] == [[drafted.pk], [learning.pk]]
    assert f'href="{learning.get_absolute_url()}#grant"' in shown[1].text


def test_used_is_a_part_of_what_is_shared_out_or_else_awarded(rates, grants, project, member_a):
    travel = factories.AwardedMoneyFactory(decision=project.decision, amount=2000)
    make(project, member_a, "accepted")
    shown = {block.total.name: block.total.used_share for block in grants().blocks}
    assert shown == {"travel": "10%", "individual_support": "", "organisational_support": ""}
    travel.amount_shared = 400
    travel.save()
    assert grants().blocks[0].total.used_share == "50%"


def test_used_of_a_sum_is_a_part_of_the_award_until_all_of_it_is_shared_out(rates, grants, project, member_a):
    factories.AwardedMoneyFactory(decision=project.decision, amount=2000, amount_shared=1000)
    rest = factories.AwardedMoneyFactory(decision=project.decision, key="course_fees", amount=3000)
    make(project, member_a, "accepted")
    shares = {block.total.name: block.total.used_share for block in grants().blocks}
    assert shares["travel"] == "20%"
    assert grants().total.used_share == percent(grants().total.used, Decimal(5000))
    rest.amount_shared = 400
    rest.save()
    assert grants().total.used_share == percent(grants().total.used, Decimal(1400))


def test_forecast_counts_what_each_member_calls_off(rates, grants, project, member_a, member_b):
    make(project, member_a, "cancelled")
    make(project, member_a, "submitted")
    make(project, member_b, "draft")
    make(project, member_b, "accepted")
    factories.AwardedMoneyFactory(decision=project.decision, amount=300)
    found = grants()
    travel = found.blocks[0].total
    # A called off one of two and B none of one: 200 × 1/2, 200 × 1/1, and 200 accepted.
    assert (travel.used, travel.expected, travel.forecast, travel.left, travel.beyond) == (200, 300, 500, -200, 200)
    assert found.past_in_words == (
        "Of 3 mobilities that the members have ever submitted, 1 were called off: 33%. "
        "A member that has never submitted any is counted with this part."
    )
    assert [(row.name, row.past.submitted, row.share) for row in found.past_rows] == [
        ("Almby lärcentrum", 2, "50%"),
        ("Björkby lärcentrum", 1, "0%"),
    ]
    # Half of one and the whole of another are expected of the learners: two, rounded half up.
    assert found.support.amounts == [0, 350, 1050]
    assert found.support.planned == [
        "Short placement: 1 submitted and 1 drafts. Less the part that each member calls off, 1.5 are expected, "
        "rounded half up to 2."
    ]
    assert found.support.forecast.amount_eur == 1050


def test_rows_of_a_member_on_paper_add_up_to_what_it_was_given(rates, grants, project, member_a, coordinator):
    make(project, member_a, "accepted")
    for key in ("travel", "linguistic_support"):
        factories.AwardedMoneyFactory(decision=project.decision, key=key, amount=2000)
    member, _is_new = ProjectMember.objects.get_or_create(project=project, organisation=member_a)
    for line in project.decision.lines.filter(category__isnull=False):
        budget_shares.give_money(member=member, line=line, amount=Decimal(300), reason="Asked.", by=coordinator)
    row, parts = grants(None).members_with_parts[0]
    assert row.shared == sum(part.shared or 0 for part in parts) == 600


def test_cancelled_participant_leaves_the_organisational_support(rates, grants, project, member_a, coordinator):

    make(project, member_a, "completed")
    ongoing = make(project, member_a, "ongoing")
    assert grants().support.amounts == [350, 700, 700]
    lifecycle.cancel(mobility=ongoing, reason="Ill.", by=coordinator)
    assert grants().support.amounts == [350, 350, 350]


def test_support_is_shared_by_the_stated_key(rates, grants, project, member_a, member_b):
    make(project, member_a, "completed")
    make(project, member_a, "completed")
    make(project, member_b, "completed")
    assert grants().support.parts == []
    project.organisational_percent = 40
    project.save()
    assert [(part.name, part.participants, part.amount) for part in grants().support.parts] == [
        ("The coordinator", None, Decimal("420.00")),
        ("Almby lärcentrum", 2, Decimal("420.00")),
        ("Björkby lärcentrum", 1, Decimal("210.00")),
    ]


def test_support_is_capped_at_its_award_and_says_so(rates, grants, project, member_a):
    factories.AwardedMoneyFactory(decision=project.decision, key="organisational_support", amount=100)
    make(project, member_a, "completed")
    support = grants().support
    assert [(line.name, line.amount_eur) for line in support.grant.lines] == [
        ("Short placement", 350),
        ("Beyond the award", -250),
    ]
    assert support.due == 100


def test_page_names_what_is_in_no_sum(rates, sign_in, coordinator, project, member_a):
    UnitCost.objects.unkept("not entered").filter(kind="individual_support").update(amount_eur=None)
    for _row in range(3):
        make(project, member_a, "draft")
    page = sign_in(coordinator).get(page_of(project))
    assert [(unknown.sentence, unknown.reason) for unknown in page.context["budget"].grants.unknown] == [
        (
            "3 drafts have no amount.",
            "Call 2024, sent from Sweden: no rate a day has been entered for learners who stay in a country of group 1.",
        )
    ]
    assert "3 drafts have no amount." in page.text
    assert f'href="{reverse("mobilities:rate_year", args=[2024])}#day-rates"' in page.text


def test_grant_that_can_be_worked_out_today_leads_to_where_that_is_done(
    rates, sign_in, coordinator, staff, project, member_a
):
    row = make(project, member_a, "accepted")
    for line in row.grant_lines.all():
        line.delete()
    page = sign_in(coordinator).get(page_of(project))
    assert [(unknown.sentence, unknown.reason) for unknown in page.context["budget"].grants.unknown] == [
        ("1 accepted mobility has no amount.", "It could not be worked out when it was accepted. Today it could.")
    ]
    used = next(figure for figure in page.context["budget"].figures if figure.name == "accepted and actual")
    assert used.meaning.endswith(" Without 1 mobility that has no amount.")
    where = reverse("mobilities:rate_grants", args=[2024])
    assert where in page.text
    assert where not in sign_in(staff).get(page_of(project)).text
    project.state = "ended"
    project.save()
    assert where not in sign_in(coordinator).get(page_of(project)).text


def test_page_marks_example_rates_and_doubts(sign_in, staff, project, member_a):
    factories.made_up_rates(sending_country="ES")
    project.rates_of = "ES"
    project.save()
    UnitCost.objects.unkept("in doubt").filter(kind="travel").update(status="inferred")
    make(project, member_a, "accepted")
    page = sign_in(staff).get(page_of(project)).text
    assert "These are example rates" in page
    assert "unverified rate" in page


def test_page_shows_one_member_and_leaves_unknown_ones_out_of_account(rates, sign_in, staff, project, member_a):
    make(project, member_a, "accepted")
    client = sign_in(staff)
    page = client.get(page_of(project), {"member": member_a.pk})
    assert page.context["narrowed"]["name"] == "Almby lärcentrum"
    assert "Shown for one member: Almby lärcentrum." in page.text
    for asked in ("0", "x", "²", "", "9" * 30, "9" * 5000, f"0{member_a.pk}"):
        assert client.get(page_of(project), {"member": asked}).context["narrowed"] is None


def test_auditor_of_one_project_reads_nothing_of_others(rates, sign_in, auditor, staff, project, member_a):
    make(project, member_a, "submitted")
    told = ["counted=once_submitted", "How large a part each member has called off", "have ever submitted"]
    pages = [sign_in(user).get(page_of(project)).text for user in (staff, auditor)]
    assert [[words in page for words in told] for page in pages] == [[True] * 3, [False] * 3]
    assert "if each member calls off as large a part as before" in pages[1]


def test_project_of_another_fund_has_no_grants(project):
    project.programme = "ESF+"
    assert budget_data.snapshot(project)["grants"] is None


def test_project_without_a_call_year_says_so(grants, project, member_a):
    project.call_year = None
    project.save()
    make(project, member_a, "draft")
    found = grants()
    assert [(unknown.sentence, unknown.reason) for unknown in found.unknown] == [
        ("1 draft has no amount.", "The call year of the project is not stated.")
    ]
    assert found.support is None


@pytest.mark.parametrize("language", ["sv", "en"])
def test_data_are_the_same_in_both_languages(language, mobilities, project):
    with translation.override(language):
        first = json.dumps(budget_data.snapshot(project), sort_keys=True)
    with translation.override("en"):
        assert json.dumps(budget_data.snapshot(project), sort_keys=True) == first


@pytest.mark.parametrize("language", ["sv", "en"])
def test_paper_shows_the_grants_of_its_day(language, mobilities, project, member_a, staff):
    report, _is_new = requests.order(kind="budget", project=project, language=language, by=staff, ring=False)
    make(project, member_a, "accepted")
    with translation.override(language):
        shown = budget_report.context(report)["budget"].grants
    assert shown.total.used < budget.Budget(budget_data.snapshot(project)).grants.total.used
    assert {cell.url for block in shown.blocks for row in block.rows for cell in row.cells} == {""}
    assert sum(part.cells[3].amount or 0 for _row, parts in shown.members_with_parts for part in parts) == (
        shown.members_total.cells[3].amount
    )
    pdf = rendering.set_in_type(report)
    assert pdf == rendering.set_in_type(report)
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert pdf_ua.faults(opened, language=language) == []


@pytest.mark.parametrize("rows", [3, 50])
def test_page_asks_the_same_number_of_queries(
    rows, rates, sign_in, coordinator, project, member_a, django_assert_num_queries
):
    made = granted.mobilities(project, [member_a], rows)
    client = sign_in(coordinator)
    client.get(page_of(project))
    with django_assert_num_queries(25):
        page = client.get(page_of(project))
    assert made
    assert page.context["budget"].grants.entries
