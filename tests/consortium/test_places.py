"""Towns while one types."""

from decimal import Decimal

import pytest

from consortium.models import Organisation
from westum.base.place_index import named


@pytest.fixture
def found(sign_in, outsider):
    """`found(q="cork")` is the page for somebody without any role."""
    client = sign_in(outsider)
    return lambda **query: client.get("/places/", query)


def labels(response):
    return [place.name for place, _where in response.context["places"]]


def test_towns_are_found_by_everybody_who_is_logged_in(found):
    response = found(q="corcaigh")
    assert (response.status_code, labels(response)) == (200, ["Cork"])
    assert set(response["Cache-Control"].split(", ")) == {"max-age=3600", "private"}
    assert 'name="place"' in response.text


def test_the_field_says_what_was_typed_and_the_one_town_of_that_name_is_chosen(found):
    response = found(name="to1", to1_town="Ed", to1_country="SE")
    assert labels(response)[0] == "Ed"
    assert response.text.count("checked") == 1
    assert 'name="to1"' in response.text


def test_a_choice_stays_while_it_is_what_was_typed(found):
    paris, other = named("Paris")
    assert f'value="{other.key}" checked' in found(name="to", to_town="Paris", to=other.key).text
    assert f'value="{paris.key}" checked' not in found(name="to", to_town="Paris").text


@pytest.mark.parametrize(
    "query",
    [{}, {"q": ""}, {"q": "a"}, {"q": "x" * 9000}, {"q": "\x00"}, {"name": '"><b>', "q": "cork"}, {"country": "??"}],
)
def test_whatever_is_asked_is_answered_shortly(found, query):
    response = found(**query)
    assert response.status_code == 200
    assert len(response.content) < 10_000
    assert "<b>" not in response.text


def test_nobody_writes_there(sign_in, outsider):
    assert sign_in(outsider).post("/places/").status_code == 405


# The place of an organisation follows its town


@pytest.fixture
def bank(sign_in, contact, send):
    """`bank(pk, **changes)` changes a host as the contact person that found it does, or adds one; it is read anew."""
    client = sign_in(contact)

    def save(pk=None, **changes):
        page = send(client, f"/hosts/{pk}/edit/" if pk else "/hosts/new/", **changes)
        saved = Organisation.objects.hosts().filter(name=changes.get("name", "Lar Exemplo")).first()
        return page, saved

    return save


def point(organisation):
    return organisation.latitude, organisation.longitude


CORK = (Decimal("51.89797"), Decimal("-8.47061"))
NEW = {"name": "Cork Example Care", "city": "Cork", "country": "IE"}


def errors(page):
    return {name: list(map(str, found)) for name, found in page.context["form"].errors.items()}


def test_a_new_host_lies_where_its_town_is(bank, member_a):
    _page, host = bank(**NEW)
    assert point(host) == CORK


def test_what_is_written_by_hand_stays(bank, member_a):
    _page, host = bank(**NEW, latitude="51.9", longitude="-8.5")
    assert point(host) == (Decimal("51.9"), Decimal("-8.5"))
    _page, host = bank(host.pk, **NEW, capacity="3")
    assert point(host) == (Decimal("51.9"), Decimal("-8.5"))


def test_a_village_that_nobody_knows_has_no_place_until_it_is_written(bank, member_a):
    _page, host = bank(**NEW | {"city": "Baile Nach Bhfuil"})
    assert point(host) == (None, None)


def test_of_several_towns_one_is_chosen_or_none(bank, member_a):
    several = NEW | {"name": "Exempel Schule", "city": "Neustadt", "country": "DE"}
    page, host = bank(**several)
    assert host is None
    assert errors(page) == {
        "place": ["Several towns are called “Neustadt”. Choose which one you mean, or none of them."]
    }
    assert "None of these" in page.text
    one, other = named("Neustadt", country="DE")[:2]
    _page, host = bank(**several, place=other.key)
    assert point(host) == other.point
    _page, host = bank(host.pk, **several, place=one.key)
    assert point(host) == one.point
    _page, host = bank(**several | {"name": "Exempel Schule zwei"}, place="0", new_all_the_same="yes")
    assert point(host) == (None, None)


def test_a_town_that_was_chosen_in_the_list_brings_its_name_and_country(bank, member_a):
    (cork,) = named("Cork")
    _page, host = bank(name=NEW["name"], city="Cor", place=cork.key)
    assert (host.city, host.country, point(host)) == ("Cork", "IE", CORK)


def test_another_town_lies_elsewhere_and_the_outskirts_stay(bank, member_a):
    _page, host = bank(**NEW)
    outskirts = {"latitude": "51.95", "longitude": "-8.4"}
    _page, host = bank(host.pk, **NEW | outskirts)
    assert point(host) == (Decimal("51.95"), Decimal("-8.4"))
    _page, host = bank(host.pk, **NEW | {"city": "Corcaigh"})
    assert (host.city, point(host)) == ("Corcaigh", (Decimal("51.95"), Decimal("-8.4")))
    _page, host = bank(host.pk, **NEW | {"city": "Galway"})
    assert point(host) == named("Galway", country="IE")[0].point


def test_a_host_without_place_gets_it_when_its_town_is_seen_as_chosen(bank, member_a, host):
    host.found_by = member_a
    host.save()
    (porto,) = named("Porto", country="PT")
    _page, unchanged = bank(host.pk, capacity="3")
    assert point(unchanged) == (None, None)
    _page, placed = bank(host.pk, capacity="4", place=porto.key)
    assert point(placed) == porto.point


def test_the_coordinator_gives_a_member_its_place(sign_in, coordinator, member_a, send):
    send(sign_in(coordinator), f"/organisations/{member_a.pk}/edit/", city="Munkedal")
    member_a.refresh_from_db()
    assert point(member_a) == named("Munkedal", country="SE")[0].point


def test_the_fields_ask_while_one_types(sign_in, contact):
    page = sign_in(contact).get("/hosts/new/").text
    assert page.count('hx-get="/places/?name=place&amp;of=city,country"') == 2
    found = sign_in(contact).get("/places/?name=place&of=city,country&city=Cork&country=IE")
    assert labels(found) == ["Cork"]
    assert "None of these" in found.text
