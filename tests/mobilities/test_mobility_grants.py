"""A mobility's grant through its life: planned, kept when it is accepted, settled by the real days."""

from datetime import timedelta
from decimal import Decimal

import pytest

from consortium.permissions import NotAllowed
from mobilities import eligibility, lifecycle, mobility_grants
from mobilities.models import CountryGroup, FundedDayTier, GrantLine, GrantPhase, Mobility, TravelDayLimit, UnitCost
from mobilities.rate_books import RateBook, Tier
from tests import factories

pytestmark = pytest.mark.django_db


def amounts(mobility, phase):
    return {row.category_id: row.amount_eur for row in mobility.grant_lines.filter(phase=phase)}


@pytest.fixture
def rates():
    factories.made_up_rates()


def mobility_in(state, **fields):
    sending = fields.pop("sending_organisation", None) or factories.OrganisationFactory(placed=True)
    participant = factories.ParticipantFactory(organisation=sending)
    host = fields.pop("host", None) or factories.OrganisationFactory(host=True, placed=True)
    return factories.MobilityFactory(state=state, participant=participant, receiving_organisation=host, **fields)


def fresh(mobility):
    return Mobility.objects.with_parties().get(pk=mobility.pk)


def test_planned_grant_is_worked_out_from_the_facts(rates):
    # 15 days at 49 euro, of which the last one at 70 per cent: 14 × 49 + 34; 2,395 km: 300.
    grant = mobility_grants.worked_out(fresh(mobility_in("draft")))
    assert grant.by_category() == {"travel": 300, "individual_support": 720}
    assert grant.amount_eur == Decimal(1020)


def test_planned_grant_names_what_is_lacking(rates):
    host = factories.OrganisationFactory(host=True)
    grant = mobility_grants.worked_out(fresh(mobility_in("draft", host=host)))
    assert (grant.amount_eur, [shortfall.field for shortfall in grant.lacking]) == (None, ["distance_km"])


def test_planned_grant_names_the_rate_that_is_missing():
    mobility = mobility_in("draft")
    assert mobility_grants.worked_out(fresh(mobility)).missing.table == "travel_days"
    factories.made_up_rates()
    UnitCost.objects.unkept("a rate that nobody entered").filter(kind="individual_support").update(amount_eur=None)
    grant = mobility_grants.worked_out(fresh(mobility))
    assert (grant.amount_eur, grant.missing.table, grant.missing.case["payee"]) == (None, "day_rates", "learner_short")


@pytest.fixture
def accepted(rates):
    mobility = mobility_in("submitted")
    return lifecycle.accept(mobility=mobility, by=factories.UserFactory())


def test_acceptance_keeps_lines_and_distance(accepted):
    assert amounts(accepted, GrantPhase.ACCEPTED) == {"travel": 300, "individual_support": 720}
    assert fresh(accepted).distance_km == mobility_grants.distance_of(accepted)


def test_a_later_rate_changes_no_accepted_grant_nor_its_settlement(accepted):
    for cost in UnitCost.objects.filter(amount_eur__isnull=False):
        cost.amount_eur += 7
        cost.save()
    ongoing = lifecycle.begin(mobility=accepted)
    lifecycle.complete(mobility=ongoing)
    same = {"travel": 300, "individual_support": 720}
    assert amounts(accepted, GrantPhase.ACCEPTED) == amounts(accepted, GrantPhase.ACTUAL) == same


def test_real_days_settle_the_grant_beside_the_accepted_one(accepted):
    mobility = lifecycle.complete(mobility=lifecycle.begin(mobility=accepted))
    Mobility.objects.unkept("moved into the past").filter(pk=mobility.pk).update(
        start_date=factories.day(-24), end_date=factories.day(-10)
    )
    mobility = fresh(mobility)
    mobility.end_date -= timedelta(days=2)
    lifecycle.correct(mobility=mobility, goals=list(mobility.goals.all()), by=factories.UserFactory())
    assert amounts(mobility, GrantPhase.ACCEPTED)["individual_support"] == 720
    assert amounts(mobility, GrantPhase.ACTUAL)["individual_support"] == 13 * 49


def test_corrected_facts_before_the_end_use_the_rates_of_the_acceptance(accepted):
    for cost in UnitCost.objects.filter(kind="individual_support"):
        cost.amount_eur += 7
        cost.save()
    mobility = fresh(accepted)
    mobility.end_date += timedelta(days=1)
    lifecycle.correct(mobility=mobility, goals=list(mobility.goals.all()), by=factories.UserFactory())
    assert amounts(mobility, GrantPhase.ACCEPTED)["individual_support"] == 14 * 49 + 2 * 34
    assert not GrantLine.objects.actual().exists()


def test_kept_lines_are_read_as_they_were_worked_out(accepted):
    assert mobility_grants.kept(accepted, GrantPhase.ACCEPTED) == mobility_grants.worked_out(fresh(accepted))


def test_another_host_forgets_the_way_to_the_first(accepted):
    mobility = fresh(accepted)
    mobility.receiving_organisation = factories.OrganisationFactory(
        host=True, country="IE", city="Cork", latitude=Decimal("51.89797"), longitude=Decimal("-8.47061")
    )
    lifecycle.correct(mobility=mobility, goals=list(mobility.goals.all()), by=factories.UserFactory())
    assert amounts(mobility, GrantPhase.ACCEPTED) == {"travel": 200, "individual_support": 14 * 48 + 34}


def test_rows_that_were_removed_and_entered_anew_change_no_settlement(accepted):
    for model in (UnitCost, FundedDayTier, CountryGroup, TravelDayLimit):
        for row in model.objects.all():
            row.delete()
    factories.made_up_rates()
    for cost in UnitCost.objects.filter(amount_eur__isnull=False):
        cost.amount_eur += 9
        cost.save()
    for tier in FundedDayTier.objects.filter(day_from=1):
        tier.day_to = 10
        tier.save()
    for tier in FundedDayTier.objects.filter(day_from=15):
        tier.day_from, tier.percent = 11, 50
        tier.save()
    lifecycle.complete(mobility=lifecycle.begin(mobility=accepted))
    assert amounts(accepted, GrantPhase.ACTUAL) == {"travel": 300, "individual_support": 720}


def test_longer_stay_than_was_accepted_uses_the_tiers_of_then(rates):
    ten_days = mobility_in("draft", start_date=factories.day(30), end_date=factories.day(39))
    lines = mobility_grants.worked_out(fresh(ten_days)).lines
    book = RateBook(2024, "SE", tiers={"learner": (Tier(1, 8, 90), Tier(9, 20, 50), Tier(21, 365, 40))})
    found = book.keeping(lines).tiers["learner"]
    assert [(tier.day_from, tier.day_to, tier.percent) for tier in found] == [(1, 14, 100), (15, 365, 70)]


def test_other_bands_change_no_kept_travel(accepted):
    for cost in UnitCost.objects.filter(kind="travel"):
        cost.delete()
    UnitCost.objects.create(kind="travel", call_year=2024, km_from=2300, travel_mode="standard", amount_eur=7)
    mobility = lifecycle.complete(mobility=lifecycle.begin(mobility=accepted))
    assert amounts(mobility, GrantPhase.ACTUAL)["travel"] == 300


def test_another_country_of_the_project_changes_no_kept_grant_nor_whose_rates_it_says(accepted):
    for cost in UnitCost.objects.filter(kind="individual_support"):
        UnitCost.objects.create(
            kind=cost.kind,
            call_year=2024,
            sending_country="ES",
            payee=cost.payee,
            country_group=cost.country_group,
            amount_eur=cost.amount_eur + 100,
        )
    project = accepted.project
    project.rates_of = "ES"
    project.save()
    mobility = lifecycle.complete(mobility=lifecycle.begin(mobility=fresh(accepted)))
    actual = mobility_grants.kept(mobility, GrantPhase.ACTUAL)
    assert (actual.by_category(), actual.rates_of) == ({"travel": 300, "individual_support": 720}, "SE")
    assert mobility_grants.example_of(fresh(mobility), actual) == ""
    assert mobility_grants.example_of(fresh(mobility), mobility_grants.worked_out(fresh(mobility))) == "ES"


def test_correction_that_cannot_be_worked_out_is_refused_and_loses_nothing(accepted):
    mobility = fresh(accepted)
    mobility.receiving_organisation = factories.OrganisationFactory(host=True)  # nobody knows where it lies
    with pytest.raises(NotAllowed, match="cannot be worked out"):
        lifecycle.correct(mobility=mobility, goals=list(mobility.goals.all()), by=factories.UserFactory())
    assert amounts(accepted, GrantPhase.ACCEPTED) == {"travel": 300, "individual_support": 720}
    assert fresh(accepted).receiving_organisation == accepted.receiving_organisation


def test_acceptance_reads_the_tables_until_nothing_changes_them(rates, monkeypatch):
    read = []

    def load(call_year, sending_country):
        read.append(call_year)
        if len(read) == 2:  # an import lands between the first reading and the second
            cost = UnitCost.objects.get(kind="travel", km_from=2000, travel_mode="standard")
            cost.amount_eur = 305
            cost.save()
        return RateBook.load(call_year=call_year, sending_country=sending_country)

    monkeypatch.setattr(mobility_grants, "_load", load)
    mobility = lifecycle.accept(mobility=mobility_in("submitted"), by=factories.UserFactory())
    assert (len(read), amounts(mobility, GrantPhase.ACCEPTED)["travel"]) == (4, 305)


@pytest.mark.parametrize(("programme", "refused"), [("KA121-VET", []), ("KA122-VET", ["receiving_organisation"])])
def test_third_countries_are_for_accredited_projects_alone(rates, programme, refused):
    project = factories.running_project(programme=programme)
    swiss = factories.OrganisationFactory(host=True, placed=True, country="CH", city="Bern")
    mobility = fresh(mobility_in("draft", host=swiss, project=project))
    assert [shortfall.field for shortfall in eligibility.wrong(mobility, [])] == refused
