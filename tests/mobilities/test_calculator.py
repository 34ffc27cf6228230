"""The calculator: what it offers to whom, what it works out, and what it says where it cannot."""

from decimal import Decimal

import pytest

from mobilities.models import UnitCost
from tests import factories

URL = "/calculator/"
STAY = {"activity": "short-learning", "days": "21", "to1_town": "Porto", "to1_country": "PT"}


@pytest.fixture
def rates(db):
    factories.made_up_rates()


@pytest.fixture
def asked(sign_in, contact, member_a, project, rates):
    """`asked(days="5")` is the page after the stay with these answers; a contact person of Borås asks."""
    member_a.latitude, member_a.longitude = Decimal("57.72101"), Decimal("12.94010")
    member_a.save()
    client = sign_in(contact)
    return lambda **answers: client.get(URL, STAY | answers)


def outcomes(page):
    assert page.context["form"].errors == {}
    return page.context["form"].outcomes


def errors(page):
    assert page.status_code == 200
    assert page.context["form"].outcomes == [] or page.context["form"].errors
    return {name: list(map(str, found)) for name, found in page.context["form"].errors.items()}


def lines(outcome):
    return {line.category.value: line.amount_eur for line in outcome.grant.lines}


def test_the_page_begins_with_the_running_project_and_the_own_member(sign_in, contact, member_a, project, rates):
    page = sign_in(contact).get(URL)
    form = page.context["form"]
    assert (form.is_bound, form.initial) == (False, {"rates": "exempel", "member": member_a.pk})
    assert "Then the sum stands here." in page.text


def test_a_stay_is_worked_out_with_its_sentences(asked):
    (porto,) = outcomes(page := asked())
    assert (porto.destination, porto.distance_km, porto.is_measured) == ("Porto, Portugal", 2395, True)
    assert lines(porto) == {"travel": 300, "individual_support": 14 * 49 + 7 * 34}
    assert "Days 1 to 14: 14 days × €49 = €686." in page.text
    assert "2,395 km one way, measured between the places" in page.text
    assert "example rates" not in page.text


def test_two_places_stand_side_by_side_with_their_difference(asked):
    page = asked(to2_town="Cork")
    porto, cork = outcomes(page)
    assert porto.grant.amount_eur - cork.grant.amount_eur == page.context["difference"] == Decimal(114)
    assert "<b>Porto, Portugal</b> is granted €114 more than <b>Cork, Ireland</b>." in page.text
    other_way = asked(to1_town="Cork", to1_country="IE", to2_town="Porto", to2_country="PT")
    assert other_way.context["difference"] == Decimal(-114)
    assert "<b>Porto, Portugal</b> is granted €114 more than <b>Cork, Ireland</b>." in other_way.text
    assert "Both are granted the same sum." in asked(to2_town="Braga").text


def test_all_that_is_asked_changes_the_sum(asked):
    (rich,) = outcomes(asked(mode="green", travel_days="4", fewer="on", linguistic="on"))
    assert lines(rich) == {
        "travel": 330,
        "individual_support": 14 * 49 + 11 * 34,
        "linguistic_support": 150,
        "inclusion_organisation": 110,
    }
    (companion,) = outcomes(asked(accompanying="on", days="5"))
    assert lines(companion) == {"travel": 300, "individual_support": 5 * 89}


def test_a_course_for_staff_has_as_many_days_with_a_fee_as_the_stay(asked):
    factories.ActivityTypeFactory(staff=True, key="course", ec_code="SM-COUR-TRAIN")
    course = {"activity": "course", "days": "5"}
    assert lines(outcomes(asked(**course, fee_days="5"))[0])["course_fees"] == 400
    assert errors(asked(**course, fee_days="6")) == {
        "fee_days": ["The stay has 5 days. Write at most as many days with a course fee."]
    }


def test_what_an_accompanying_person_does_not_get_is_said(asked):
    sentence = "That part of your answers is left out."
    page = asked(accompanying="on", fewer="on", linguistic="on", fee_days="3")
    assert lines(outcomes(page)[0]) == lines(outcomes(asked(accompanying="on"))[0])
    assert sentence in page.text
    assert sentence not in asked(accompanying="on").text
    assert sentence not in asked(fewer="on").text


def test_after_an_error_the_address_of_the_result_leads_to_the_summary(asked):
    page = asked(days="").text
    assert page.count("Write how many days the stay has, at least 1.") == 2  # summary and field
    assert page.index('id="result-title"') < page.index('id="errors-title"') < page.index('id="grant-title"')


def test_days_may_be_said_by_the_first_and_the_last(asked):
    (said,) = outcomes(asked(days="", first="2026-03-02", last="2026-03-22"))
    assert said.grant.amount_eur == outcomes(asked())[0].grant.amount_eur
    assert outcomes(asked(days="21", first="2026-03-02", last="2026-03-22"))


@pytest.mark.parametrize(
    ("answers", "field", "beginning"),
    [
        ({"days": ""}, "days", "Write how many days the stay has, at least 1."),
        ({"days": "0"}, "days", "Write how many days the stay has, at least 1."),
        ({"days": "-5"}, "days", "Write how many days the stay has, at least 1."),
        ({"days": "x"}, "days", "This is no whole number."),
        ({"days": "9"}, "days", "This activity takes at least 10 days, and these are 9."),
        ({"days": "400"}, "days", "This activity takes at most 89 days, and these are 400."),
        ({"days": "99999999999999999999"}, "days", "This number is too high."),
        ({"days": "20", "first": "2026-03-02", "last": "2026-03-22"}, "days", "From the first to the last day there are 21"),
        ({"days": "", "first": "2026-03-02"}, "last", "Give the first and the last day."),
        ({"days": "", "last": "2026-03-02"}, "first", "Give the first and the last day."),
        ({"days": "", "first": "2026-03-02", "last": "2026-03-01"}, "last", "The last day is before the first."),
        ({"days": "", "first": "2026-03-02", "last": "2026-03-04"}, "last", "This activity takes at least 10 days"),
        ({"days": "", "first": "0001-01-01", "last": "9999-12-31"}, "last", "The last day is more than 999 days away."),
        ({"days": "", "first": "soon", "last": "2026-03-04"}, "first", "This is no date."),
        ({"travel_days": "3"}, "travel_days", "In this call at most 2 days of travel are funded"),
        ({"travel_days": "7", "mode": "green"}, "travel_days", "In this call at most 6 days of travel are funded"),
        ({"travel_days": "-1"}, "travel_days", "This number is too low."),
        ({"fee_days": "-1"}, "fee_days", "This number is too low."),
        ({"km1": "20100"}, "km1", "Write the distance one way in kilometres, from 0 to 20,038."),
        ({"km1": "-1"}, "km1", "Write the distance one way in kilometres, from 0 to 20,038."),
        ({"km1": "NaN"}, "km1", "This is no distance. Write whole kilometres, as in 420."),
        ({"fee_days": "3"}, "fee_days", "Only a course for staff has days with a course fee. Write 0 here."),
        ({"to1_town": "Göteborg", "to1_country": "SE"}, "to1", "A stay abroad is funded"),
        ({"to2_town": "Malmö"}, "to2", "A stay abroad is funded"),
        ({"to1_town": ""}, "to1", "Write to which town the stay goes."),
        ({"to2_country": "PT"}, "to2", "Write to which town the stay goes."),
        ({"km2": "100"}, "to2", "Write to which town the stay goes."),
        ({"to1_town": "Paris", "to1_country": ""}, "to1", "Several towns are called “Paris”."),
        ({"to1_town": "Atlantis by"}, "to1", "We know no town called “Atlantis by” there."),
        ({"activity": ""}, "activity", "Choose an answer at “Activity”."),
        ({"activity": "erasmuspro-2018"}, "activity", "This call does not fund this activity."),
        ({"rates": "2013-SE"}, "rates", "This is not in the list."),
        ({"mode": "rocket"}, "mode", "This is not in the list."),
        ({"member": "0"}, "member", "This is not in the list."),
        ({"member": ""}, "member", "Choose a member, or write a town below it"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(asked, answers, field, beginning):
    page = asked(**answers)
    found = errors(page)
    assert list(found) == [field]
    assert found[field][0][: len(beginning)] == beginning
    assert page.context["form"]["activity"].value() == (STAY | answers)["activity"]


@pytest.mark.parametrize(
    ("km", "travel"),
    [("0", 0), ("9", 0), ("99.4", 0), ("99.5", 100), ("100", 100), ("499", 100), ("499.6", 200), ("500", 200), ("20038", 300)],
)  # fmt: skip
def test_the_distance_may_be_written(asked, km, travel):
    (outcome,) = outcomes(page := asked(km1=km))
    assert (lines(outcome)["travel"], outcome.is_measured) == (travel, False)
    assert ("there is no travel support" in page.text) == (travel == 0)


def test_with_a_distance_the_country_will_do(asked):
    (village,) = outcomes(asked(to1_town="Vila Que Não Há", km1="2400"))
    assert (village.destination, lines(village)["travel"]) == ("Vila Que Não Há, Portugal", 300)
    assert outcomes(asked(to1_town="", km1="2400"))[0].destination == "Portugal"
    assert outcomes(asked(member="", km1="2400"))[0].distance_km == 2400


def test_the_journey_may_begin_in_another_town(asked):
    (outcome,) = outcomes(asked(start_town="Strömstad", start_country="SE"))
    assert outcome.distance_km != 2395
    assert errors(asked(start_town="Porto", start_country="PT")) == {
        "to1": ["A stay abroad is funded, so choose another country than the own one."]
    }
    assert list(errors(asked(start_town="Neustadt"))) == ["start"]


def test_a_member_whose_place_nobody_knows_says_so(asked, member_a):
    member_a.latitude = member_a.longitude = None
    member_a.save()
    assert errors(asked()) == {"member": ["The place of Almby lärcentrum is not known yet. Write a town below it."]}
    assert outcomes(asked(start_town="Borås"))


def test_what_a_table_lacks_is_said_and_whom_to_ask(asked, project):
    UnitCost.objects.filter(kind="individual_support", country_group="1").unkept("made up").update(amount_eur=None)
    (outcome,) = outcomes(page := asked())
    assert outcome.grant is None
    assert outcome.missing == (
        "Call 2024, sent from Sweden: no rate a day has been entered for learners who stay in a country of group 1."
    )
    assert page.context["difference"] is None
    assert "The coordinator can enter it: ask there." in page.text
    assert 'href="/rates/2024/#day-rates"' in page.text
    assert outcomes(asked(to1_town="Tokyo", to1_country=""))[0].missing == (
        "Call 2024: no country group has been entered for this country: Japan."
    )


def test_a_call_year_without_rates_says_what_is_missing(asked, project):
    project.call_year = 2026
    project.save()
    factories.ActivityTypeFactory()
    (outcome,) = outcomes(asked())
    assert outcome.missing == "Call 2026: the table “Travel days” has not been entered."


def test_rates_of_another_country_are_marked_as_examples(asked, project):
    factories.made_up_rates(2023, "ES")
    page = asked(rates="2023-ES")
    assert outcomes(page)[0].grant.amount_eur == 300 + 14 * 49 + 7 * 34
    assert "These are example rates from Spain, not Sweden's." in page.text
    project.call_year, project.rates_of = 2023, "ES"
    project.save()
    assert "example rates" in asked().text


def test_unverified_rates_are_marked(asked):
    UnitCost.objects.filter(kind="travel").unkept("made up").update(status="unverified")
    assert "unverified rate" in (text := asked().text)
    assert "A rate behind this is not verified" in text


def test_a_participant_sees_the_own_trips_project_and_sender(
    sign_in, participant, mobility_of, member_a, project, rates
):
    factories.running_project(slug="another", owner=project.owner)
    mobility_of("draft")
    page = sign_in(participant).get(URL)
    form = page.context["form"]
    assert [table.key for table in form.projects] == ["exempel"]
    assert list(form.fields["member"].queryset) == [member_a]
    assert page.context["nav"] == []


def test_nobody_chooses_projects_or_members_of_others(sign_in, outsider, contact, member_a, project, rates):
    nobody = sign_in(outsider).get(URL).context["form"]
    assert (nobody.projects, list(nobody.fields["member"].queryset)) == ([], [])
    assert [table.key for table in nobody.call_years] == ["2024-SE"]
    assert list(sign_in(contact).get(URL).context["form"].fields["member"].queryset) == [member_a]


def test_the_coordinator_chooses_among_all_members(sign_in, coordinator, project, member_a, member_b, rates):
    form = sign_in(coordinator).get(URL).context["form"]
    assert (set(form.fields["member"].queryset), form.initial["member"]) == ({member_a, member_b}, "")


def test_the_coordinator_enters_what_is_missing(sign_in, coordinator, member_a, project, rates):
    UnitCost.objects.filter(kind="individual_support").unkept("made up").update(amount_eur=None)
    page = sign_in(coordinator).get(URL, STAY | {"start_town": "Borås"})
    assert "Enter it in the rates" in page.text
    assert "ask there" not in page.text


def test_without_any_rates_the_page_says_so(sign_in, outsider):
    page = sign_in(outsider).get(URL, STAY | {"rates": ""})
    assert {"rates", "activity"} <= set(errors(page))


def test_with_script_the_result_alone_comes(sign_in, contact, project, rates):
    part = sign_in(contact).get(URL, STAY, headers={"HX-Request": "true", "HX-Target": "result"})
    assert "<h1>" not in part.text
    whole = sign_in(contact).get(URL, STAY, headers={"HX-Request": "true", "HX-Target": "calculator"})
    assert "<h1>" in whole.text


def test_while_somebody_writes_no_field_is_called_wrong_and_the_result_says_what_is_missing(asked, sign_in, contact):
    script = {"HX-Request": "true", "HX-Target": "calculator"}
    page = sign_in(contact).get(URL, STAY | {"days": "5", "to1_town": ""}, headers=script)
    assert "aria-invalid" not in page.text
    assert [field.name for field, _sentence in page.context["form"].problems] == ["days", "to1"]
    assert 'href="#id_to1_town"' in page.text
    assert "aria-invalid" in asked(days="5").text


def test_the_page_reads_as_much_for_many_members_as_for_one(
    sign_in, coordinator, project, rates, django_assert_num_queries
):
    client = sign_in(coordinator)
    answers = STAY | {"start_town": "Borås", "to2_town": "Cork"}
    client.get(URL, answers)
    for _more in (0, 2, 47):
        factories.OrganisationFactory.create_batch(_more)
        with django_assert_num_queries(13):
            client.get(URL, answers)
