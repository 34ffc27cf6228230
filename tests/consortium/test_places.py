"""Towns while one types."""

import pytest

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
