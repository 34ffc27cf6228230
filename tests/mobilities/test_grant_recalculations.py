"""Kept grants beside what the tables give now, and chosen ones calculated anew."""

from decimal import Decimal

import pytest
from django.urls import reverse

from consortium.permissions import NotAllowed
from mobilities import grant_recalculations, lifecycle
from mobilities.forms.rates import CalculateForm
from mobilities.models import GrantPhase, Mobility, TravelDayLimit, UnitCost
from tests import factories
from tests.cast import cast  # noqa: F401  (these tests count mobilities)
from tests.consortium.conftest import fields

pytestmark = pytest.mark.django_db
CALL = 2024
PATH = f"/rates/{CALL}/grants/"


@pytest.fixture
def rates():
    factories.made_up_rates(CALL)


@pytest.fixture
def office(sign_in, coordinator):
    return sign_in(coordinator)


def accepted(state="accepted", **values):
    """Accepted by the rates of the moment: 1,020 euro by those that are made up."""
    participant = factories.ParticipantFactory(organisation=factories.OrganisationFactory(placed=True))
    host = factories.OrganisationFactory(host=True, placed=True)
    mobility = factories.MobilityFactory(
        state="submitted", participant=participant, receiving_organisation=host, **values
    )
    mobility = lifecycle.accept(mobility=mobility, by=factories.UserFactory())
    if state == "completed":
        mobility = lifecycle.complete(mobility=lifecycle.begin(mobility=mobility))
    return mobility


def dearer():
    """Each day of a learner is one euro more."""
    for row in UnitCost.objects.filter(kind="individual_support", payee="learner_short"):
        row.amount_eur += 1
        row.save()


def found():
    return grant_recalculations.differences(Mobility.objects.all(), CALL)


def amounts(mobility, phase=GrantPhase.ACCEPTED):
    return {row.category_id: row.amount_eur for row in mobility.grant_lines.filter(phase=phase)}


def test_changed_rate_lists_the_accepted_mobilities(rates, office):
    mobility = accepted()
    factories.MobilityFactory(state="draft")
    assert found() == []
    assert "No grant would change" in office.get(PATH).content.decode()
    dearer()
    [one] = found()
    assert (one.mobility, one.kept.amount_eur, one.now.amount_eur, one.why) == (mobility, 1020, 1035, "")
    shown = office.get(PATH).content.decode()
    assert "€1,020" in shown
    assert "€1,035" in shown
    assert reverse("mobilities:mobility", args=[mobility.pk]) in shown
    assert PATH in office.get(f"/rates/{CALL}/").content.decode()


def test_chosen_ones_are_calculated_anew_with_a_reason(rates, office, coordinator):
    chosen, other = accepted(), accepted()
    dearer()
    form = office.get(PATH).context["form"]
    keys = {one.mobility.pk: key for key, one in form.by_choice.items()}
    office.post(PATH, fields(form, chosen=[keys[chosen.pk]], reason="The annex was misread"))
    assert amounts(chosen) == {"travel": 300, "individual_support": 735}
    assert amounts(other) == {"travel": 300, "individual_support": 720}
    told = "calculated the grant anew\nThe annex was misread"
    line = chosen.grant_lines.get(category="individual_support").history.first()
    assert (line.history_change_reason, line.history_user) == (told, coordinator)
    assert chosen.history.first().history_change_reason == told
    assert [one.mobility for one in found()] == [other]


def test_stay_that_is_over_has_both_grants_calculated(rates, office, coordinator):
    mobility = accepted("completed")
    dearer()
    grant_recalculations.calculate_anew(mobilities=[mobility], reason="Misread", by=coordinator)
    assert amounts(mobility)["individual_support"] == 735
    assert amounts(mobility, GrantPhase.ACTUAL)["individual_support"] == 735
    dearer()
    days = Mobility.objects.unkept("moved into the past").filter(pk=mobility.pk)
    days.update(start_date=factories.day(-24), end_date=factories.day(-10))
    mobility = Mobility.objects.with_parties().get(pk=mobility.pk)
    lifecycle.correct(mobility=mobility, goals=list(mobility.goals.all()), by=coordinator)
    assert amounts(mobility, GrantPhase.ACTUAL)["individual_support"] == 735  # the rates by which it was calculated


def test_missing_rate_is_told_and_nothing_is_taken_away(rates, office, coordinator):
    mobility = accepted()
    for row in UnitCost.objects.filter(kind="individual_support", payee="learner_short"):
        row.amount_eur = None
        row.save()
    [one] = found()
    assert (one.now.amount_eur, one.may_be_calculated, one.where) == (None, False, f"/rates/{CALL}/#day-rates")
    response = office.get(PATH)
    assert "Missing" in response.content.decode()
    assert not response.context["may_calculate"]
    with pytest.raises(NotAllowed, match="no rate a day has been entered"):
        grant_recalculations.calculate_anew(mobilities=[mobility], reason="Try", by=coordinator)
    assert amounts(mobility) == {"travel": 300, "individual_support": 720}


def test_what_the_programme_no_longer_funds_is_told(rates):
    mobility = accepted()
    TravelDayLimit.objects.get(travel_mode="standard").delete()
    TravelDayLimit.objects.create(call_year=CALL, travel_mode="standard", most_days=0)
    Mobility.objects.unkept("a day of travel").filter(pk=mobility.pk).update(travel_days=1)
    [one] = found()
    assert (one.why, one.where) == (
        "In this call at most 0 days of travel are funded for this way of travelling. Write fewer days.",
        None,
    )


def test_rate_entered_after_the_acceptance_gives_a_grant(coordinator):
    mobility = accepted()
    assert amounts(mobility) == {}
    assert found() == []
    factories.made_up_rates(CALL)
    [one] = found()
    assert (one.kept.amount_eur, one.now.amount_eur) == (None, 1020)
    [(_key, label)] = CalculateForm(differences=[one]).fields["chosen"].choices
    assert label.endswith(": €1,020, until now nothing")
    grant_recalculations.calculate_anew(mobilities=[mobility], reason="Entered now", by=coordinator)
    assert sum(amounts(mobility).values()) == Decimal(1020)


def test_ended_project_is_listed_and_not_calculated(rates, office, coordinator):
    mobility = accepted()
    dearer()
    mobility.project.state, mobility.project.ended_on = "ended", factories.day(0)
    mobility.project.save()
    response = office.get(PATH)
    assert [one.may_be_calculated for one in response.context["page"]] == [False]
    assert (
        "The project has ended: it is calculated anew when the project has been reopened." in response.content.decode()
    )
    assert reverse("consortium:project_settings", args=[mobility.project.slug]) in response.content.decode()
    with pytest.raises(NotAllowed, match="The project has ended"):
        grant_recalculations.calculate_anew(mobilities=[mobility], reason="Try", by=coordinator)


def test_own_and_cancelled_mobilities_are_not_calculated(rates, coordinator):
    mobility = accepted()
    dearer()
    mobility.participant.user = coordinator
    mobility.participant.save()
    with pytest.raises(NotAllowed, match="Somebody else"):
        grant_recalculations.calculate_anew(mobilities=[mobility], reason="Mine", by=coordinator)
    lifecycle.cancel(mobility=mobility, reason="Ill", by=factories.UserFactory())
    with pytest.raises(NotAllowed, match="no longer accepted"):
        grant_recalculations.calculate_anew(mobilities=[mobility], reason="Try", by=coordinator)
    assert found() == []


def test_amount_that_was_not_seen_is_not_saved(rates, office):
    mobility = accepted()
    dearer()
    form = office.get(PATH).context["form"]
    sent = fields(form, chosen=list(form.by_choice), reason="Misread")
    dearer()
    response = office.post(PATH, sent)
    assert response.context["form"].errors["chosen"] == [
        "The rates or the mobility have changed meanwhile. Look at the list anew."
    ]
    assert amounts(mobility)["individual_support"] == 720


@pytest.mark.parametrize("count", [1, 3, 50])
def test_list_needs_the_same_queries_for_any_number(count, rates, office, django_assert_num_queries):
    first = accepted()
    for _number in range(count - 1):
        copy = factories.MobilityFactory(
            state="accepted",
            project=first.project,
            participant=factories.ParticipantFactory(organisation=first.sending_organisation),
            receiving_organisation=first.receiving_organisation,
        )
        for line in first.grant_lines.all():
            line.pk, line._state.adding, line.mobility = None, True, copy
            line.save()
    dearer()
    office.get("/rates/")
    with django_assert_num_queries(10):
        response = office.get(PATH)
    assert len(response.context["page"]) == count
