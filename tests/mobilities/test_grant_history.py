"""What is told of a kept grant after it has been calculated anew: on the page, to the traveller and on the paper."""

from datetime import timedelta

import pytest

from mobilities import grant_history, grant_recalculations, lifecycle
from mobilities.models import GrantPhase, Mobility, UnitCost
from reporting import grant_statement_data
from tests import factories
from tests.cast import cast  # noqa: F401
from tests.mobilities.test_grant_recalculations import CALL, accepted, dearer
from westum.base import history
from westum.base.formats import day

pytestmark = pytest.mark.django_db


@pytest.fixture
def renewed(coordinator):
    factories.made_up_rates(CALL)
    mobility = accepted()
    dearer()
    anew(mobility, coordinator, "The annex was misread.")
    return mobility


def anew(mobility, by, reason):
    with history.acting(user=by):
        grant_recalculations.calculate_anew(mobilities=[mobility], reason=reason, by=by)


def sentences(mobility):
    return [told.sentence for told in grant_history.told(mobility, grant_history.of(mobility))]


def said(response):
    return " ".join(response.content.decode().split())


def test_nothing_is_told_of_what_stands_as_accepted():
    factories.made_up_rates(CALL)
    mobility = accepted()
    assert sentences(mobility) == []
    assert [line.detail for line in grant_history.lines(grant_history.of(mobility))] == ["as accepted: €1,020."]


def test_sum_that_was_accepted_stays_told(renewed, coordinator):
    today = day(renewed.accepted_at)
    dearer()
    anew(renewed, coordinator, "Once more.")
    assert sentences(renewed) == [
        f"Accepted on {today} with €1,020.",
        f"Calculated anew on {today} by {coordinator}: €1,035 instead of €1,020. Reason: The annex was misread.",
        f"Calculated anew on {today} by {coordinator}: €1,050 instead of €1,035. Reason: Once more.",
    ]


def test_acceptance_without_an_amount_is_told(coordinator):
    mobility = accepted()
    factories.made_up_rates(CALL)
    anew(mobility, coordinator, "Entered now.")
    today = day(mobility.accepted_at)
    assert sentences(mobility) == [
        f"Accepted on {today} without an amount.",
        f"Calculated anew on {today} by {coordinator}: €1,020. Reason: Entered now.",
    ]


def test_stay_that_is_over_tells_both_sums(coordinator):
    factories.made_up_rates(CALL)
    mobility = accepted("completed")
    dearer()
    anew(mobility, coordinator, "Misread.")
    assert sentences(mobility)[-1] == (
        f"By the real days, calculated anew on {day(mobility.accepted_at)}: €1,035 instead of €1,020."
    )


def test_page_of_the_mobility_tells_it_and_the_history_has_the_sums(renewed, coordinator, sign_in):
    response = sign_in(coordinator).get(renewed.get_absolute_url())
    shown = said(response)
    today = day(renewed.accepted_at)
    assert all(sentence in shown for sentence in sentences(renewed))
    assert f"As accepted, calculated anew on {today}" in shown
    assert "The rates of that day stay" not in shown
    details = [line.detail for line in response.context["history"] if line.what == "kept the grant"]
    assert details == ["as accepted: €1,020 → €1,035. The annex was misread.", "as accepted: €1,020."]


def test_traveller_reads_what_was_accepted(renewed, sign_in):
    renewed.participant.user = factories.UserFactory()
    renewed.participant.save()
    shown = said(sign_in(renewed.participant.user).get("/"))
    assert "When your trip was accepted it was €1,020." in shown
    assert f"It was calculated anew on {day(renewed.accepted_at)} by other rates." in shown


def test_paper_keeps_what_was_accepted(renewed):
    data = grant_statement_data.snapshot(renewed)["told"]
    assert [grant_history.Told.from_data(event).sentence for event in data] == sentences(renewed)


def test_correction_between_is_told(renewed, coordinator):
    mobility = Mobility.objects.with_parties().get(pk=renewed.pk)
    mobility.end_date -= timedelta(days=1)
    lifecycle.correct(mobility=mobility, goals=list(mobility.goals.all()), by=coordinator)
    events = grant_history.of(mobility)
    assert [event.verb for event in events if event.phase == GrantPhase.ACCEPTED] == [
        "accepted",
        "calculated the grant anew",
        "corrected",
    ]
    assert sentences(mobility)[-1].startswith(f"Corrected on {day(mobility.accepted_at)} by ")


def test_correction_that_brings_the_first_amount_is_told(coordinator):
    mobility = accepted()
    factories.made_up_rates(CALL)
    mobility = Mobility.objects.with_parties().get(pk=mobility.pk)
    lifecycle.correct(mobility=mobility, goals=list(mobility.goals.all()), by=coordinator)
    dearer()
    anew(mobility, coordinator, "Misread.")
    assert [sentence.partition(":")[0].split(" on ")[0] for sentence in sentences(mobility)] == [
        "Accepted",
        "Corrected",
        "Calculated anew",
    ]


def test_own_rates_are_no_examples(renewed, coordinator, sign_in):
    project = renewed.project
    project.rates_of = project.owner.country
    project.save()
    assert "These are example rates" not in said(sign_in(coordinator).get(renewed.get_absolute_url()))
    assert UnitCost.objects.exists()
