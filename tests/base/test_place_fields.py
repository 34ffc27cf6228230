import pytest
from django import forms
from django.utils import translation

from westum.base import place_index
from westum.base.place_fields import Asked, PlaceField
from westum.base.place_index import named


class Trip(forms.Form):
    to = PlaceField()
    home = PlaceField(required=False)


def sent(**typed):
    with translation.override("en"):
        form = Trip(typed)
        form.is_valid()
        return form


def error_of(form, name="to"):
    with translation.override("en"):
        return form.errors.as_data()[name][0]


def test_a_town_of_which_there_is_one_is_that_place():
    form = sent(to_town="Göteborg")
    assert (form.cleaned_data["to"].name, form.cleaned_data["home"]) == ("Göteborg", None)


def test_of_several_towns_one_must_be_chosen():
    paris, other = named("Paris")
    form = sent(to_town="Paris")
    assert error_of(form).code == "several"
    assert str(form.errors["to"][0]) == "Several towns are called “Paris”. Choose which one you mean."
    assert form["to"].data.offered == [paris, other]
    assert sent(to_town="Paris", to=str(other.key)).cleaned_data["to"] == other
    assert sent(to_town="Paris", to_country="FR").cleaned_data["to"] == paris


def test_a_beginning_is_answered_with_what_begins_so():
    form = sent(to_town="Tanumshe")
    assert error_of(form).code == "beginning"
    (tanumshede,) = form["to"].data.offered
    assert sent(to_town="Tanumshe", to=str(tanumshede.key)).cleaned_data["to"] == tanumshede


def test_what_was_typed_after_the_choice_counts():
    paris = str(named("Paris", country="FR")[0].key)
    assert sent(to_town="Cork", to=paris).cleaned_data["to"].name == "Cork"
    assert sent(to_town="Paris", to_country="US", to=paris).cleaned_data["to"].country == "US"


def test_a_town_that_nobody_knows_is_refused_and_an_empty_one_is_asked_for():
    assert error_of(sent(to_town="Atlantis by")).code == "unknown"
    assert error_of(sent(to_town="Göteborg", to_country="PT")).code == "unknown"
    assert error_of(sent(to_town=" ")).code == "required"
    assert error_of(sent(to_country="PT")).code == "required"


def test_what_was_typed_stays_and_the_towns_that_can_be_meant_are_offered():
    with translation.override("en"):
        page = str(sent(to_town="Paris", to_country="")["to"])
    assert 'value="Paris"' in page
    assert page.count('type="radio"') == 2
    assert "checked" not in page
    assert 'aria-invalid="true"' in page
    with translation.override("en"):
        page = str(sent(to_town="Cork")["to"])
    assert page.count("checked") == 1
    assert "224,004 inhabitants" in page


def test_towns_of_one_name_and_country_are_told_apart_by_their_points():
    with translation.override("en"):
        page = str(sent(to_town="Neustadt", to_country="DE")["to"])
    assert page.count("° N") == page.count('type="radio"') == len(named("Neustadt", country="DE"))
    with translation.override("en"):
        assert "° N" not in str(sent(to_town="Paris")["to"])


def test_a_place_that_is_known_is_shown_and_unchanged():
    (cork,) = named("Cork")
    form = Trip(initial={"to": cork})
    with translation.override("en"):
        assert 'value="Cork"' in str(form["to"])
    assert form.fields["to"].has_changed(cork, Asked("Cork", "IE", str(cork.key))) is False
    assert form.fields["to"].has_changed(cork, Asked("Corka", "IE")) is True
    assert form.fields["to"].clean(cork) == cork
    assert Trip({}).fields["to"].widget.value_omitted_from_data({}, {}, "to") is True


@pytest.mark.parametrize("typed", [{"to_town": "Malta"}, {"to_town": "malta", "to_country": "MT"}])
def test_the_name_of_a_country_offers_its_biggest_towns(typed):
    form = sent(**typed)
    assert error_of(form).code == "country"
    towns = [place for place in form["to"].data.offered if place.country == "MT"]
    assert len(towns) == place_index.MOST
    assert [place.population for place in towns] == sorted((place.population for place in towns), reverse=True)
    assert form["to"].data.offered[0] == towns[0]
    assert sent(**typed, to=str(towns[3].key)).cleaned_data["to"] == towns[3]


@pytest.mark.parametrize(("name", "biggest"), [("Spanien", "Madrid"), ("Spain", "Madrid"), ("tyskland", "Berlin")])
def test_a_country_is_known_by_both_its_names(name, biggest):
    assert Asked(name).offered[0].name == biggest
    assert Asked(name, "FR").land == ""


def test_a_village_is_ticked_only_with_its_country():
    form = sent(to_town="Strömstad")
    assert error_of(form).code == "small"
    assert [place.name for place in form["to"].data.offered] == ["Strömstad"]
    assert sent(to_town="Strömstad", to_country="SE").cleaned_data["to"].name == "Strömstad"


def test_a_town_that_is_called_as_its_country_is_that_town():
    assert Asked("Luxembourg").only.country == "LU"
