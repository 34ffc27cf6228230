"""The grant on the pages of a mobility: planned beside the form, before acceptance, as accepted, by the real days, anew."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from consortium.models import ProjectState
from consortium.permissions import NotAllowed
from mobilities import exports, grant_recalculations, lifecycle, mobility_grants
from mobilities.models import CountryGroup, GrantLine, GrantPhase, Mobility, TravelDayLimit, UnitCost
from tests import factories
from tests.cast import cast  # noqa: F401  (its own: the tests count rows)
from tests.mobilities.test_registration import NEW, errors_of, stay
from westum.base import place_index

CONTACT_QUERIES, COORDINATOR_QUERIES = 11, 19
NEW_GRANT = reverse("mobilities:mobility_new_grant")


@pytest.fixture
def placed(member_a, host):
    """The member lies in Borås and the host in Porto, 2,395 km from there."""
    for place, latitude, longitude in [(member_a, "57.72101", "12.94010"), (host, "41.14961", "-8.61099")]:
        place.latitude, place.longitude = Decimal(latitude), Decimal(longitude)
        place.save()


@pytest.fixture
def rates(placed):
    factories.made_up_rates()


def dearer(**case):
    """Each day rate, or what else `case` names, costs seven euro more from now on."""
    for cost in UnitCost.objects.filter(**case or {"kind": "individual_support"}):
        cost.amount_eur += 7
        cost.save()


def text_of(response):
    return " ".join(response.text.split())


@pytest.fixture
def accepted(rates, mobility_of, coordinator):
    return lifecycle.accept(mobility=mobility_of("submitted"), by=coordinator)


@pytest.fixture
def completed(accepted, coordinator):
    """15 days were accepted; the stay ended two days earlier."""
    mobility = lifecycle.complete(mobility=lifecycle.begin(mobility=accepted))
    Mobility.objects.unkept("moved into the past").filter(pk=mobility.pk).update(
        start_date=factories.day(-24), end_date=factories.day(-10)
    )
    return corrected(mobility, coordinator, end_date=factories.day(-12))


def corrected(mobility, by, **facts):
    mobility = Mobility.objects.with_parties().get(pk=mobility.pk)
    for name, value in facts.items():
        setattr(mobility, name, value)
    return lifecycle.correct(mobility=mobility, goals=list(mobility.goals.all()), by=by)


def amounts(mobility, phase):
    return dict(mobility.grant_lines.filter(phase=phase).values_list("category_id", "amount_eur"))


# The form: each wrong input at its field


COURSE = {"key": "course", "ec_code": "SM-COUR-TRAIN", "name_en": "Course", "min_days": 2, "max_days": 30}


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        (
            {"travel_days": "3"},
            "travel_days",
            "In this call at most 2 days of travel are funded for this way of travelling. Write fewer days.",
        ),
        (
            {"travel_days": "7", "travel_mode": "green", "green_is_declared": "on"},
            "travel_days",
            "In this call at most 6 days of travel are funded for this way of travelling. Write fewer days.",
        ),
        ({"travel_days": "-1"}, "travel_days", "This number is too low. Write at least 0."),
        (
            {"travel_mode": "green"},
            "green_is_declared",
            "Green travel needs the traveller's declaration. Tick it, or choose plane or car.",
        ),
        (
            {"green_is_declared": "on"},
            "green_is_declared",
            "Only green travel is declared. Choose it above, or remove the tick.",
        ),
        (
            {"distance_km": "2400"},
            "distance_reason",
            "Between the places it is 2,395 km. Write why the distance is another one.",
        ),
        (
            {"distance_reason": "The Commission's calculator"},
            "distance_km",
            "Write the corrected distance in kilometres.",
        ),
        (
            {"distance_km": "20100", "distance_reason": "The Commission's calculator"},
            "distance_km",
            "No two places lie more than 20,038 km apart. Write a shorter distance.",
        ),
        (
            {"distance_km": "-5", "distance_reason": "A slip"},
            "distance_km",
            "This number is too low. Write at least 0.",
        ),
        (
            {"course_fee_days": "2"},
            "course_fee_days",
            "Only a course for staff has days with a course fee. Write 0 here.",
        ),
        (
            {"end_date": factories.day(29).isoformat()},
            "end_date",
            "A mobility cannot end before it starts.",
        ),
        (
            {"end_date": factories.day(429).isoformat()},
            "end_date",
            "This activity takes at most 89 days; these are 400. Choose an earlier day.",
        ),
    ],
)
def test_wrong_facts_are_refused_at_their_field(rates, sign_in, contact, project, host, changes, field, sentence):
    data = stay(project, host, **changes)
    response = sign_in(contact).post(NEW, data)
    assert errors_of(response) == {field: [sentence]}
    assert str(response.context["form"][field].value() or "") == {"on": "True"}.get(
        data.get(field), data.get(field, "")
    )
    assert not Mobility.objects.exists()


@pytest.mark.parametrize("kilometres", [0, 9, 10, 99, 100, 499, 500, 20038])
def test_any_distance_on_earth_is_taken_with_a_reason(rates, sign_in, contact, project, host, kilometres):
    corrected = {"distance_km": str(kilometres), "distance_reason": "The Commission's calculator"}
    sign_in(contact).post(NEW, stay(project, host, **corrected))
    mobility = Mobility.objects.get()
    assert (mobility.distance_km, mobility.distance_reason) == (kilometres, "The Commission's calculator")
    expected = 0 if kilometres < 100 else 100 if kilometres < 500 else 300
    kept = {500: 200}.get(kilometres, expected)
    assert mobility_grants.worked_out(mobility).by_category()["travel"] == kept


def test_distance_that_is_that_of_the_places_needs_no_reason(rates, sign_in, contact, project, host):
    sign_in(contact).post(NEW, stay(project, host, distance_km="2395"))
    assert Mobility.objects.get().distance_km == 2395


def test_distance_between_unknown_places_says_where_it_comes_from(sign_in, contact, project, host):
    response = sign_in(contact).post(NEW, stay(project, host, distance_km="2400"))
    assert errors_of(response) == {"distance_reason": ["Write where this distance comes from."]}


def a_course(project, host, member, **changes):
    activity = factories.ActivityTypeFactory(staff=True, **COURSE)
    factories.share_out(project=project, organisation=member, activity_type=activity, places=5)
    area = [project.goals.get(code="1").pk]
    days = {"end_date": factories.day(34).isoformat(), "goals": area}
    return stay(project, host, **{"group": "staff", "activity_type": activity.pk} | days | changes)


@pytest.mark.parametrize(
    ("days", "errors"),
    [
        ("5", {}),
        ("6", {"course_fee_days": ["The stay has 5 days. Write at most as many days with a course fee."]}),
    ],
)
def test_course_fee_is_for_the_days_of_a_staff_course(rates, sign_in, contact, project, host, member_a, days, errors):
    response = sign_in(contact).post(NEW, a_course(project, host, member_a, course_fee_days=days))
    assert (errors_of(response) if errors else {}) == errors
    assert [mobility.course_fee_days for mobility in Mobility.objects.all()] == ([] if errors else [5])


def test_all_facts_of_travel_and_support_are_kept(rates, sign_in, contact, project, host):
    facts = {"travel_mode": "green", "green_is_declared": "on", "travel_days": "4"}
    support = {"linguistic_support": "on", "fewer_opportunities": "on"}
    sign_in(contact).post(NEW, stay(project, host, **facts, **support))
    mobility = Mobility.objects.get()
    assert (mobility.green_is_declared, mobility.travel_days, mobility.state) == (True, 4, "submitted")
    assert (mobility.linguistic_support, mobility.fewer_opportunities) == (True, True)


def test_travel_days_that_nobody_writes_are_none(rates, sign_in, contact, project, host):
    sign_in(contact).post(NEW, stay(project, host, travel_days="", course_fee_days=""))
    assert Mobility.objects.values_list("travel_days", "course_fee_days").get() == (0, 0)


def test_without_a_limit_in_the_tables_any_days_of_travel_are_taken(placed, sign_in, contact, project, host):
    sign_in(contact).post(NEW, stay(project, host, travel_days="5"))
    assert Mobility.objects.get().travel_days == 5


def test_call_with_one_limit_has_it_for_each_way_of_travelling(rates, mobility_of):
    TravelDayLimit.objects.filter(travel_mode="green").delete()
    mobility = mobility_of(travel_mode="green", travel_days=3)
    with pytest.raises(NotAllowed, match="at most 2 days of travel"):
        lifecycle.submit(mobility=mobility, by=factories.UserFactory())


def test_distance_off_the_earth_is_refused_whichever_way_it_comes(rates, mobility_of, contact):
    mobility = mobility_of()
    mobility.distance_km = 20100
    with pytest.raises(NotAllowed, match="from 0 to 20,038"):
        lifecycle.amend(mobility=mobility, goals=list(mobility.goals.all()), by=contact)


def test_kept_distance_needs_no_reason_when_the_place_moves_and_a_new_one_does(
    accepted, sign_in, coordinator, send, host
):
    host.latitude = Decimal("42.00000")
    host.save()
    url = reverse("mobilities:mobility_edit", args=[accepted.pk])
    client = sign_in(coordinator)
    response = send(client, url, end_date=factories.day(43).isoformat())
    assert [str(message) for message in response.context["messages"]] == ["The changes are saved."]
    accepted.refresh_from_db()
    assert accepted.distance_km == 2395
    assert set(errors_of(send(client, url, distance_km="2400"))) == {"distance_reason"}


def test_another_host_forgets_the_corrected_distance_also_in_the_form(rates, sign_in, contact, mobility_of, send):
    mobility = mobility_of(distance_km=2400, distance_reason="The Commission's calculator")
    cork = factories.OrganisationFactory(
        host=True, country="IE", city="Cork", latitude=Decimal("51.89797"), longitude=Decimal("-8.47061")
    )
    send(sign_in(contact), reverse("mobilities:mobility_edit", args=[mobility.pk]), receiving_organisation=cork.pk)
    mobility.refresh_from_db()
    assert (mobility.receiving_organisation, mobility.distance_km, mobility.distance_reason) == (cork, None, "")


def test_corrected_distance_stands_open_in_the_form(rates, sign_in, contact, mobility_of):
    plain, other = mobility_of(), mobility_of(distance_km=2400, distance_reason="The Commission's calculator")
    forms = [
        sign_in(contact).get(reverse("mobilities:mobility_edit", args=[one.pk])).context["form"]
        for one in (plain, other)
    ]
    assert [[str(legend) for legend in form.unfolded] for form in forms] == [[], ["The distance is another one"]]


# The planned grant beside the form


def test_planned_grant_follows_what_is_written_and_saves_nothing(rates, sign_in, contact, project, host):
    address = {"project": project.slug, "member": contact.memberships.get().organisation_id}
    url = NEW_GRANT + "?" + "&".join(f"{name}={value}" for name, value in address.items())
    client = sign_in(contact)
    page = text_of(client.post(url, stay(project, host)))
    assert "€300" in page
    assert "€720" in page
    assert "€1,020" in page
    assert "2,395 km one way, between the places of member and host" in page
    assert "Distance band: from 2,000 km on" in page
    greener = stay(project, host, travel_mode="green", green_is_declared="on", travel_days="2")
    assert "€330" in text_of(client.post(url, greener))
    assert not Mobility.objects.exists()


@pytest.mark.parametrize(("town", "said"), [("Cork", "Distance band"), ("Nowhere", "The distance is not known")])
def test_planned_grant_knows_where_a_new_host_lies(rates, sign_in, contact, project, host, member_a, town, said):
    url = f"{NEW_GRANT}?project={project.slug}&member={member_a.pk}"
    new = {"receiving_organisation": "", "host_name": "Nova", "host_city": town, "host_country": "IE"}
    assert said in sign_in(contact).post(url, stay(project, host, **new)).text


def test_planned_grant_says_what_is_lacking_at_its_field(rates, sign_in, contact, project):
    page = sign_in(contact).get(NEW).text
    assert [f'href="#id_{name}"' in page for name in ("activity_type", "receiving_organisation", "end_date")] == [
        True
    ] * 3
    assert "aria-live" in page


def test_planned_grant_names_a_refusal_at_its_field(rates, sign_in, contact, mobility_of):
    mobility = mobility_of(travel_days=9)
    page = sign_in(contact).get(reverse("mobilities:mobility_edit", args=[mobility.pk])).text
    assert '<a href="#id_travel_days">In this call at most 2 days of travel are funded' in page
    client, url = sign_in(contact), reverse("mobilities:mobility_edit_grant", args=[mobility.pk])
    days = {"start_date": factories.day(30).isoformat(), "end_date": factories.day(20).isoformat()}
    facts = {"activity_type": mobility.activity_type_id, "receiving_organisation": mobility.receiving_organisation_id}
    found = client.post(url, facts | days | {"travel_mode": "standard"}).text
    assert '<a href="#id_end_date">A mobility cannot end before it starts.</a>' in found
    mobility.refresh_from_db()
    assert mobility.end_date == factories.day(44)


def planned_text(client, project, member, data):
    return text_of(client.post(f"{NEW_GRANT}?project={project.slug}&member={member.pk}", data))


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        (
            {"end_date": factories.day(30).isoformat()},
            "end_date",
            "This activity takes at least 10 days; these are 1. Choose a later day.",
        ),
        (
            {"end_date": factories.day(429).isoformat()},
            "end_date",
            "This activity takes at most 89 days; these are 400. Choose an earlier day.",
        ),
        (
            {"distance_km": "-5", "distance_reason": "A slip"},
            "distance_km",
            "This number is too low. Write at least 0.",
        ),
        ({"group": "staff"}, "activity_type", "This activity is for learners. Choose one for staff."),
        (
            {"course_fee_days": "2"},
            "course_fee_days",
            "Only a course for staff has days with a course fee. Write 0 here.",
        ),
    ],
)
def test_planned_grant_refuses_what_the_form_refuses(
    rates, sign_in, contact, project, host, member_a, changes, field, sentence
):
    page = planned_text(sign_in(contact), project, member_a, stay(project, host, **changes))
    assert (
        f'There is no amount for these facts:</p> <ul class="plain-list"><li><a href="#id_{field}">{sentence}' in page
    )
    assert "Together" not in page


def test_planned_grant_refuses_more_fee_days_than_the_course_has(rates, sign_in, contact, project, host, member_a):
    data = a_course(project, host, member_a, course_fee_days="12")
    page = planned_text(sign_in(contact), project, member_a, data)
    assert "The stay has 5 days. Write at most as many days with a course fee." in page
    assert "Together" not in page


@pytest.mark.parametrize(("declared", "is_said"), [({}, True), ({"green_is_declared": "on"}, False)])
def test_planned_grant_says_that_green_travel_is_to_be_declared(
    rates, sign_in, contact, project, host, member_a, declared, is_said
):
    data = stay(project, host, travel_mode="green", **declared)
    page = planned_text(sign_in(contact), project, member_a, data)
    assert (
        "The green rate holds when the traveller's declaration is ticked." in page.replace("&#x27;", "'")
    ) == is_said
    assert "Together" in page


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ({"distance_km": "2400"}, "2,400 km one way, as written"),
        ({"distance_km": "2395"}, "2,395 km one way, between the places of member and host"),
        ({"distance_km": "2400", "distance_reason": "By road"}, "2,400 km one way, corrected: By road"),
    ],
)
def test_planned_grant_says_where_the_distance_comes_from(
    rates, sign_in, contact, project, host, member_a, written, said
):
    assert said in planned_text(sign_in(contact), project, member_a, stay(project, host, **written))


def test_distance_that_was_accepted_stays_that_of_the_places_when_one_moves(accepted, sign_in, coordinator, host):
    host.latitude = Decimal("42.00000")
    host.save()
    said = "2,395 km one way, between the places of member and host"
    for url in (accepted.get_absolute_url(), reverse("mobilities:mobility_edit", args=[accepted.pk])):
        assert said in text_of(sign_in(coordinator).get(url))


@pytest.mark.parametrize(("changes", "said"), [({}, "€1,020"), ({"travel_days": "3"}, "no amount yet")])
def test_planned_sum_stands_above_the_buttons_and_follows(
    rates, sign_in, contact, project, host, member_a, changes, said
):
    data = stay(project, host, **changes)
    client = sign_in(contact)
    assert 'hx-swap-oob="true"' in planned_text(client, project, member_a, data)
    assert f"Planned grant: {said}" in planned_text(client, project, member_a, data)
    assert f"Planned grant: {said}" in text_of(client.post(NEW, data | {"goals": []}))


def test_planned_grant_says_that_it_can_be_submitted_without_the_distance(sign_in, contact, project, host, member_a):
    page = planned_text(sign_in(contact), project, member_a, stay(project, host))
    assert "It can be submitted without the distance." in page


def test_money_of_the_organisation_stands_apart_from_the_participants_sum(rates, sign_in, contact, mobility_of):
    page = text_of(sign_in(contact).get(mobility_of("submitted", fewer_opportunities=True).get_absolute_url()))
    assert "Together</th><td>€1,020</td>" in page
    assert "To the organisation</th><td>€110</td>" in page
    assert "€1,130" not in page


def test_new_host_in_a_town_that_is_there_twice_asks_which(rates, sign_in, contact, project, host):
    new = {"receiving_organisation": "", "host_name": "Nova", "host_city": "Lagoa", "host_country": "PT"}
    client = sign_in(contact)
    response = client.post(NEW, stay(project, host, **new))
    sentence = "Several towns are called “Lagoa”. Choose which one you mean, or none of them."
    assert errors_of(response) == {"place": [sentence]}
    chosen = place_index.named("Lagoa", country="PT")[1]
    client.post(NEW, stay(project, host, **new, place=str(chosen.key)))
    made = Mobility.objects.get().receiving_organisation
    assert (made.latitude, made.longitude) == chosen.point


def test_planned_grant_is_there_after_a_refusal_without_script(rates, sign_in, contact, project, host):
    response = sign_in(contact).post(NEW, stay(project, host, goals=[]))
    assert set(errors_of(response)) == {"goals"}
    assert "€1,020" in response.text


@pytest.mark.parametrize(
    ("who", "said"),
    [
        ("coordinator", "Enter it among the rates of call 2024"),
        ("contact", "Sara Exempelsson, the coordinator, enters the rates. Ask there."),
    ],
)
def test_missing_rate_says_which_and_who_enters_it(placed, sign_in, request, coordinator, mobility_of, who, said):
    mobility = mobility_of()
    client = sign_in(request.getfixturevalue(who))
    for url in (mobility.get_absolute_url(), reverse("mobilities:mobility_edit", args=[mobility.pk])):
        page = text_of(client.get(url))
        assert "Call 2024: the table “Travel days” has not been entered." in page
        assert said in page


def test_country_in_no_group_is_a_missing_rate(rates, sign_in, contact, coordinator, mobility_of):
    CountryGroup.objects.filter(country_code="PT").delete()
    page = text_of(sign_in(contact).get(mobility_of().get_absolute_url()))
    assert "Call 2024: no country group has been entered for this country: Portugal." in page


def test_missing_rate_without_a_coordinator_still_says_whom_to_ask(placed, sign_in, contact, mobility_of):
    assert "The coordinator enters the rates. Ask there." in sign_in(contact).get(mobility_of().get_absolute_url()).text


def test_example_and_unverified_rates_are_marked(rates, sign_in, contact, project, mobility_of):
    UnitCost.objects.unkept("a test").filter(kind="travel").update(status="inferred")
    UnitCost.objects.unkept("a test").filter(sending_country="SE").update(sending_country="ES")
    project.rates_of = "ES"
    project.save()
    page = text_of(sign_in(contact).get(mobility_of().get_absolute_url()))
    assert "These are example rates from Spain, not Sweden's" in page
    assert "unverified rate" in page


@pytest.mark.parametrize("people", [1, 3, 50])
def test_planned_grant_asks_the_same_number_of_questions(
    rates, sign_in, contact, project, host, member_a, django_assert_num_queries, people
):
    factories.ParticipantFactory.create_batch(people, organisation=member_a)
    client, url = sign_in(contact), f"{NEW_GRANT}?project={project.slug}&member={member_a.pk}"
    client.post(url, stay(project, host))
    with django_assert_num_queries(PREVIEW_QUERIES):
        client.post(url, stay(project, host))


PREVIEW_QUERIES = 73  # forty of them are the savepoints around the checks of constraints


# Before and after acceptance


def test_coordinator_sees_before_accepting_what_is_kept(rates, sign_in, coordinator, mobility_of):
    mobility, client = mobility_of("submitted"), sign_in(coordinator)
    assert "The grant of €1,020 is kept with it." in client.get(mobility.get_absolute_url()).text
    page = text_of(client.get(reverse("mobilities:accept", args=[mobility.pk])))
    assert "The grant that is kept with it" in page
    assert "€1,020" in page


def test_coordinator_sees_before_accepting_what_is_missing(placed, sign_in, coordinator, mobility_of):
    mobility, client = mobility_of("submitted"), sign_in(coordinator)
    why = "Call 2024: the table “Travel days” has not been entered."
    assert f"It is accepted without amounts: {why}" in client.get(mobility.get_absolute_url()).text
    page = text_of(client.get(reverse("mobilities:accept", args=[mobility.pk])))
    assert "It can be accepted, but without amounts." in page
    assert why in page


def test_rate_that_is_edited_while_somebody_accepts_leaves_the_grant_as_it_was_read(
    rates, sign_in, mobility_of, coordinator, monkeypatch
):
    """The acceptance keeps what it read; the page then says what the present rates give."""
    mobility, load, read = mobility_of("submitted"), mobility_grants.RateBook.load, []

    def load_and_edit(**case):
        read.append(load(**case))
        if len(read) == 2:  # it has been read twice the same
            dearer()
        return read[-1]

    monkeypatch.setattr(mobility_grants.RateBook, "load", load_and_edit)
    lifecycle.accept(mobility=mobility, by=coordinator)
    monkeypatch.setattr(mobility_grants.RateBook, "load", load)
    assert amounts(mobility, GrantPhase.ACCEPTED) == {"travel": 300, "individual_support": 720}
    page = text_of(sign_in(coordinator).get(mobility.get_absolute_url()))
    assert "As accepted: €1,020 until now, then €1,123" in page


def test_page_shows_the_grant_as_accepted(accepted, sign_in, contact):
    page = text_of(sign_in(contact).get(accepted.get_absolute_url()))
    assert "The rates of that day stay, also when the tables change." in page
    assert "€1,020" in page
    assert "Calculate anew" not in page


def test_page_names_the_difference_to_the_real_days(completed, sign_in, contact):
    page = text_of(sign_in(contact).get(completed.get_absolute_url()))
    assert "By the real days" in page
    assert "2 days fewer: −€83" in page
    assert amounts(completed, GrantPhase.ACTUAL) == {"travel": 300, "individual_support": 13 * 49}


def test_stay_that_was_accepted_without_amounts_may_be_settled_with_them(
    placed, sign_in, contact, coordinator, mobility_of
):
    mobility = lifecycle.accept(mobility=mobility_of("submitted"), by=coordinator)
    factories.made_up_rates()
    lifecycle.complete(mobility=lifecycle.begin(mobility=mobility))
    page = text_of(sign_in(contact).get(mobility.get_absolute_url()))
    assert "The grant by the real days" in page
    assert "It was accepted without amounts" in page
    assert "What has changed since it was accepted" not in page


def test_what_a_corrected_mobility_has_no_longer_is_taken_away(rates, mobility_of, coordinator):
    mobility = lifecycle.accept(mobility=mobility_of("submitted", linguistic_support=True), by=coordinator)
    assert set(amounts(mobility, GrantPhase.ACCEPTED)) == {"travel", "individual_support", "linguistic_support"}
    corrected(mobility, coordinator, linguistic_support=False)
    assert set(amounts(mobility, GrantPhase.ACCEPTED)) == {"travel", "individual_support"}


def test_page_says_when_the_real_days_give_the_same(accepted, sign_in, contact):
    mobility = lifecycle.complete(mobility=lifecycle.begin(mobility=accepted))
    page = text_of(sign_in(contact).get(mobility.get_absolute_url()))
    assert "It is the same amount as when it was accepted." in page


def test_cancelled_trip_shows_what_it_was_accepted_with_and_a_withdrawn_one_nothing(
    accepted, sign_in, coordinator, mobility_of
):
    dearer()
    lifecycle.cancel(mobility=accepted, reason="Ill.", by=coordinator)
    client = sign_in(coordinator)
    page = text_of(client.get(accepted.get_absolute_url()))
    assert "The trip is cancelled. This is what it was accepted with." in page
    assert "Calculate anew" not in page
    assert 'id="grant"' not in client.get(mobility_of("withdrawn").get_absolute_url()).text


def test_project_of_another_fund_has_no_grants(rates, sign_in, coordinator, project, mobility_of):
    mobility = mobility_of("submitted")
    project.programme, project.call_year = "ESF+", None
    project.save()
    client = sign_in(coordinator)
    pages = [mobility.get_absolute_url(), reverse("mobilities:accept", args=[mobility.pk])]
    assert ['id="grant"' in client.get(url).text for url in pages] == [False, False]


def test_mobility_accepted_without_amounts_says_so_and_what_to_do(placed, sign_in, contact, coordinator, mobility_of):
    mobility = lifecycle.accept(mobility=mobility_of("submitted"), by=coordinator)
    page = text_of(sign_in(contact).get(mobility.get_absolute_url()))
    assert "It was accepted without amounts" in page
    assert "the table “Travel days” has not been entered" in page
    assert "the coordinator calculates the grant anew on this page" in page
    factories.made_up_rates()
    page = text_of(sign_in(contact).get(mobility.get_absolute_url()))
    assert "Nothing is missing any more. The coordinator calculates the grant anew on this page." in page
    page = text_of(sign_in(coordinator).get(mobility.get_absolute_url()))
    assert "As accepted: no amount until now, then €1,020" in page
    mobility.project.state = "ended"
    mobility.project.save()
    page = text_of(sign_in(coordinator).get(mobility.get_absolute_url()))
    assert "but the project has ended" in page
    assert "on this page" not in page


@pytest.mark.parametrize("others", [0, 2, 49])
@pytest.mark.parametrize(("who", "queries"), [("contact", CONTACT_QUERIES), ("coordinator", COORDINATOR_QUERIES)])
def test_page_asks_the_same_number_of_questions_whatever_else_was_granted(
    completed, sign_in, request, mobility_of, django_assert_num_queries, who, queries, others
):
    for number in range(others):
        first = factories.day(40 + number)
        mobility_grants.accept(mobility_of("accepted", start_date=first, end_date=first + timedelta(days=14)))
    client = sign_in(request.getfixturevalue(who))
    client.get(completed.get_absolute_url())
    with django_assert_num_queries(queries):
        client.get(completed.get_absolute_url())


# Calculating anew


def recalculate(client, mobility, reason="The agency has corrected its table."):
    url = reverse("mobilities:recalculate", args=[mobility.pk])
    page = client.get(url).context
    seen = page["form"].initial["seen"] if page and "form" in page else ""
    return client.post(url, {"reason": reason, "seen": seen}, follow=True)


def test_coordinator_calculates_anew_and_the_history_has_the_reason(accepted, sign_in, coordinator):
    dearer()
    client = sign_in(coordinator)
    page = text_of(client.get(reverse("mobilities:recalculate", args=[accepted.pk])))
    assert "As accepted: €1,020 until now, then €1,123" in page
    assert "the rate is €56 instead of €49: +€103" in page
    response = recalculate(client, accepted)
    assert "The grant is calculated anew." in response.text
    assert amounts(accepted, GrantPhase.ACCEPTED) == {"travel": 300, "individual_support": 14 * 56 + 39}
    reasons = GrantLine.history.filter(category_id="individual_support").values_list("history_change_reason", flat=True)
    assert list(reasons.order_by("pk")) == [
        "accepted",
        "calculated the grant anew\nThe agency has corrected its table.",
    ]
    assert "The agency has corrected its table." in response.text


def test_amount_that_was_not_shown_is_not_saved(accepted, sign_in, coordinator):
    dearer()
    client, url = sign_in(coordinator), reverse("mobilities:recalculate", args=[accepted.pk])
    seen = client.get(url).context["form"].initial["seen"]
    UnitCost.objects.unkept("a test").filter(kind="travel").update(amount_eur=1)
    sent = {"reason": "New table.", "seen": seen}
    response = client.post(url, sent)
    assert "The rates or the mobility have changed meanwhile. Look at the amounts anew." in response.text
    assert "€824" in text_of(response)
    assert amounts(accepted, GrantPhase.ACCEPTED) == {"travel": 300, "individual_support": 720}
    client.post(url, sent | {"seen": response.context["form"]["seen"].value()})
    assert amounts(accepted, GrantPhase.ACCEPTED) == {"travel": 1, "individual_support": 14 * 56 + 39}


@pytest.mark.parametrize(("before", "after"), [("complete", "differs"), ("draft", "draft")])
def test_other_amounts_differ_from_the_funders_system(accepted, coordinator, before, after):
    Mobility.objects.unkept("a test").filter(pk=accepted.pk).update(funder_state=before, funder_id="1")
    grant_recalculations.calculate_anew(mobilities=[accepted], reason="The same.", by=coordinator)
    accepted.refresh_from_db()
    assert accepted.funder_state == before
    dearer()
    grant_recalculations.calculate_anew(mobilities=[accepted], reason="New table.", by=coordinator)
    accepted.refresh_from_db()
    assert accepted.funder_state == after


def test_closed_mobility_keeps_its_grant_and_may_get_its_first(completed, coordinator, sign_in):
    Mobility.objects.unkept("a test").filter(pk=completed.pk).update(
        state="closed", funder_state="complete", funder_id="1"
    )
    dearer()
    with pytest.raises(NotAllowed, match="this mobility is closed, and its grant stays as it is"):
        grant_recalculations.calculate_anew(mobilities=[completed], reason="x", by=coordinator)
    client = sign_in(coordinator)
    assert "Calculate anew" not in client.get(completed.get_absolute_url()).text
    response = client.get(reverse("mobilities:rate_grants", args=[completed.project.call_year]))
    assert "The mobility is closed: its grant stays as it is." in response.text
    assert not response.context["may_calculate"]
    completed.grant_lines.all().delete()
    grant_recalculations.calculate_anew(mobilities=[completed], reason="The rates have come.", by=coordinator)
    assert amounts(completed, GrantPhase.ACTUAL)["individual_support"] == 13 * 56
    completed.refresh_from_db()
    assert completed.funder_state == "complete"


def test_calculating_anew_keeps_the_facts_of_each_phase(completed, coordinator):
    dearer()
    grant_recalculations.calculate_anew(mobilities=[completed], reason="New table.", by=coordinator)
    assert amounts(completed, GrantPhase.ACCEPTED)["individual_support"] == 14 * 56 + 39  # 15 days
    assert amounts(completed, GrantPhase.ACTUAL)["individual_support"] == 13 * 56


def test_calculating_anew_finds_the_host_whose_two_rows_became_one(completed, coordinator):
    dearer()
    Mobility.history.filter(id=completed.pk).update(receiving_organisation_id=987654321)
    grant_recalculations.calculate_anew(mobilities=[completed], reason="New table.", by=coordinator)
    assert amounts(completed, GrantPhase.ACCEPTED)["individual_support"] == 14 * 56 + 39


def test_calculating_anew_keeps_the_host_that_it_was_accepted_with(accepted, coordinator):
    cork = factories.OrganisationFactory(
        host=True, country="IE", city="Cork", latitude=Decimal("51.89797"), longitude=Decimal("-8.47061")
    )
    mobility = lifecycle.complete(mobility=lifecycle.begin(mobility=accepted))
    Mobility.objects.unkept("moved into the past").filter(pk=mobility.pk).update(
        start_date=factories.day(-24), end_date=factories.day(-10)
    )
    mobility = corrected(mobility, coordinator, receiving_organisation=cork)
    grant_recalculations.calculate_anew(mobilities=[mobility], reason="New table.", by=coordinator)
    assert amounts(mobility, GrantPhase.ACCEPTED) == {"travel": 300, "individual_support": 720}
    assert amounts(mobility, GrantPhase.ACTUAL) == {"travel": 200, "individual_support": 14 * 48 + 34}


def test_completed_mobility_that_came_in_as_such_is_calculated_by_its_real_days(rates, mobility_of, coordinator):
    mobility = mobility_of("completed", distance_km=None)
    grant_recalculations.calculate_anew(mobilities=[mobility], reason="The rates have come.", by=coordinator)
    assert amounts(mobility, GrantPhase.ACCEPTED) == amounts(mobility, GrantPhase.ACTUAL)
    mobility.refresh_from_db()
    assert mobility.distance_km == 2395


def test_rate_that_is_verified_by_now_may_be_taken(accepted, sign_in, coordinator):
    accepted.grant_lines.all().delete()
    UnitCost.objects.unkept("a test").filter(kind="travel").update(status="inferred")
    mobility_grants.accept(Mobility.objects.with_parties().get(pk=accepted.pk))
    UnitCost.objects.unkept("a test").filter(kind="travel").update(status="verified")
    recalculate(sign_in(coordinator), accepted)
    assert set(accepted.grant_lines.values_list("is_verified", flat=True)) == {True}


def test_where_nothing_would_change_the_page_sends_back(accepted, sign_in, coordinator):
    response = sign_in(coordinator).get(reverse("mobilities:recalculate", args=[accepted.pk]), follow=True)
    assert response.redirect_chain == [(accepted.get_absolute_url(), 302)]


def test_new_calculation_that_lacks_a_rate_changes_nothing(accepted, sign_in, coordinator):
    UnitCost.objects.unkept("a test").filter(kind="individual_support").update(amount_eur=None)
    response = recalculate(sign_in(coordinator), accepted)
    assert "no rate a day has been entered for learners" in response.text
    assert amounts(accepted, GrantPhase.ACCEPTED) == {"travel": 300, "individual_support": 720}


@pytest.mark.parametrize("state", ["draft", "submitted", "cancelled"])
def test_only_what_is_accepted_is_calculated_anew(rates, mobility_of, coordinator, sign_in, state):
    mobility = mobility_of(state)
    with pytest.raises(NotAllowed, match="no longer accepted"):
        grant_recalculations.calculate_anew(mobilities=[mobility], reason="x", by=coordinator)
    assert sign_in(coordinator).get(reverse("mobilities:recalculate", args=[mobility.pk])).status_code == 302


def test_in_an_ended_project_nothing_is_calculated_anew(accepted, project, coordinator, sign_in):
    dearer()
    project.state = ProjectState.ENDED
    project.save()
    with pytest.raises(NotAllowed, match="The project has ended"):
        grant_recalculations.calculate_anew(mobilities=[accepted], reason="x", by=coordinator)
    assert "Calculate anew" not in sign_in(coordinator).get(accepted.get_absolute_url()).text


def test_nobody_calculates_the_own_grant_anew(accepted, traveller, coordinator, sign_in):
    dearer()
    traveller.user = None
    traveller.email = coordinator.email
    traveller.save()
    with pytest.raises(NotAllowed, match="Somebody else must change your own mobility"):
        grant_recalculations.calculate_anew(mobilities=[accepted], reason="x", by=coordinator)
    assert "Calculate anew" not in sign_in(coordinator).get(accepted.get_absolute_url()).text


# The traveller's own page


def test_traveller_reads_the_planned_and_the_decided_grant(rates, sign_in, participant, mobility_of, coordinator):
    mobility, client = mobility_of("submitted"), sign_in(participant)
    page = text_of(client.get(mobility.get_absolute_url()))
    assert "This is planned. The amount can change until your trip is accepted." in page
    assert "Individual support is for food, a place to live and local travel, for 15 days." in page
    assert "€1,020" in page
    lifecycle.accept(mobility=mobility, by=coordinator)
    page = text_of(client.get(mobility.get_absolute_url()))
    assert "This is decided. It changes only if your days or your way of travelling change." in page


def test_traveller_reads_why_it_became_less(completed, sign_in, participant):
    page = text_of(sign_in(participant).get(completed.get_absolute_url()))
    assert "This is by the days that you were there." in page
    assert "It is €83 less than when your trip was accepted: 2 days fewer." in page


def test_traveller_is_told_nothing_of_a_change_that_there_is_not(accepted, sign_in, participant):
    mobility = lifecycle.complete(mobility=lifecycle.begin(mobility=accepted))
    page = text_of(sign_in(participant).get(mobility.get_absolute_url()))
    assert "This is by the days that you were there." in page
    assert "than when your trip was accepted" not in page


def test_traveller_reads_why_it_became_more(completed, coordinator, sign_in, participant):
    corrected(completed, coordinator, end_date=factories.day(-9), travel_mode="green", green_is_declared=True)
    page = text_of(sign_in(participant).get(completed.get_absolute_url()))
    assert "It is €64 more than when your trip was accepted: now green travel and 1 day more." in page
    assert "You travel green." in page


def test_money_of_the_school_explains_no_change_of_the_travellers(completed, coordinator, sign_in, participant):
    corrected(completed, coordinator, fewer_opportunities=True)
    page = text_of(sign_in(participant).get(completed.get_absolute_url()))
    assert "It is €83 less than when your trip was accepted: 2 days fewer." in page


def test_money_of_the_school_is_not_called_the_traveller_s(rates, sign_in, participant, mobility_of):
    mobility = mobility_of("submitted", fewer_opportunities=True, linguistic_support=True)
    page = text_of(sign_in(participant).get(mobility.get_absolute_url()))
    assert "Your school gets €110 as well, so that it can help you." in page
    assert "Linguistic support is for a language course." in page
    assert "€1,170" in page  # 300 + 720 + 150
    assert "€1,280" not in page


def test_traveller_to_a_course_and_on_a_visit(rates, sign_in, member_a, project, mobility_of):
    person = factories.ParticipantFactory(organisation=member_a, group="staff", user=factories.UserFactory())
    course = factories.ActivityTypeFactory(staff=True, **COURSE)
    visit = factories.ActivityTypeFactory(staff=True, key="preparatory-visit", ec_code="", name_en="Visit")
    client = sign_in(person.user)
    said = [("Course fees pay for your course.", course, 2), ("One amount pays for your whole visit.", visit, 0)]
    for sentence, activity, fee_days in said:
        mobility = mobility_of(participant=person, activity_type=activity, course_fee_days=fee_days)
        assert sentence in client.get(mobility.get_absolute_url()).text


def test_traveller_is_told_that_the_amount_is_not_known(placed, sign_in, participant, coordinator, mobility_of, host):
    client = sign_in(participant)
    missing = mobility_of("submitted")
    assert "The rates for your trip have not been entered yet." in client.get(missing.get_absolute_url()).text
    accepted = lifecycle.accept(mobility=missing, by=coordinator)
    assert "Your trip is accepted all the same." in client.get(accepted.get_absolute_url()).text
    lacking = mobility_of(start_date=None, end_date=None)
    assert "First we must know more about your trip." in client.get(lacking.get_absolute_url()).text
    off = mobility_of("cancelled")
    assert "We do not know the amount yet." not in client.get(off.get_absolute_url()).text


@pytest.mark.parametrize("count", [1, 3, 9])
def test_own_start_page_reads_the_rates_once(
    rates, sign_in, participant, mobility_of, django_assert_num_queries, count
):
    for number in range(count):
        first = factories.day(30 + 20 * number)
        mobility_of(start_date=first, end_date=first + timedelta(days=14))
    client = sign_in(participant)
    client.get("/")
    with django_assert_num_queries(START_QUERIES + 2 * count):  # two for who helps on each journey
        client.get("/")


START_QUERIES = 10


# The export


def test_export_has_way_and_grants_and_tells_of_nobody_who_has_fewer_opportunities(rates, mobility_of, coordinator):
    mobility = mobility_of("submitted", fewer_opportunities=True, travel_days=2)
    lifecycle.complete(mobility=lifecycle.begin(mobility=lifecycle.accept(mobility=mobility, by=coordinator)))
    mobility_of(start_date=factories.day(60), end_date=factories.day(74))
    table = exports.table_of(Mobility.objects.order_by("pk"))
    rows = [dict(zip(table.headers, row, strict=True)) for row in table.rows]
    without = "EUR (without inclusion support)"
    names = [
        "Days of travel",
        "Distance one way, km",
        f"Grant accepted, {without}",
        f"Grant by the real days, {without}",
    ]
    assert [[row[name] for name in names] for row in rows] == [[2, 2395, 1088, 1088], [0, 2395, "", ""]]
    assert mobility.grant_lines.accepted().filter(category="inclusion_organisation").exists()
    assert not [name for name in table.headers if "opportunit" in name or "support need" in name]
