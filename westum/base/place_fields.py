"""A field that asks for a town: its name, perhaps its country, and which one when several are called so.

With script the towns are offered while one types (`/places/`); without it the form comes back with the same list.
"""

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from westum.base import countries, place_index

NONE_OF_THEM = "0"
# A smaller place of a name may not be the one that is meant: it is taken only where its country was chosen, too.
WELL_KNOWN = 15_000


@dataclass(frozen=True)
class Asked:
    """What was typed and chosen. It is true as soon as a town is written."""

    town: str = ""
    country: str = ""
    key: str = ""

    def __bool__(self):
        return bool(self.town.strip())

    @cached_property
    def chosen(self):
        """The place that was chosen, unless something else was typed afterwards."""
        place = place_index.by_key(self.key)
        if place and self.country in ("", place.country):
            return place if place.is_called(self.town) or place.country == self.land else None
        return None

    @cached_property
    def land(self):
        """The country whose name stands in the place of a town, or an empty text."""
        code = countries.called(self.town)
        return code if self.country in ("", code) else ""

    @property
    def is_none(self):
        """It was said to be none of the towns that can be meant."""
        return self.key == NONE_OF_THEM

    @cached_property
    def only(self):
        """The one place that can be meant, or None: the only one of its name, in the country that was chosen or well known."""
        if self.chosen:
            return self.chosen
        found = place_index.named(self.town, country=self.country, most=2)
        if len(found) != 1 or self.land not in ("", found[0].country):
            return None
        return found[0] if self.country or found[0].population > WELL_KNOWN else None

    @cached_property
    def offered(self):
        """What to choose among: all of this name; where there are none, what begins so. Of a country its biggest towns."""
        if self.only:
            return [self.only]
        if self.land:
            return self.found
        return place_index.named(self.town, country=self.country) or self.found

    @cached_property
    def found(self):
        """What is offered while one types."""
        towns = place_index.biggest(self.land) if self.land else []
        found = place_index.search(self.town, country=self.country)
        return [*towns, *(place for place in found if place not in towns)]


def told_apart(places):
    """Each place with its point on the map where another one of the list has the same name and country, else with nothing."""
    names = Counter((place.name, place.country) for place in places)
    return [(place, place.where if names[place.name, place.country] > 1 else "") for place in places]


def asked_of(place):
    """The question to which this place is the answer."""
    return Asked(place.name, place.country, str(place.key)) if place else Asked()


class PlaceWidget(forms.Widget):
    template_name = "components/place.html"
    use_fieldset = True
    listens = False  # to other fields of the form, instead of asking by itself

    def value_from_datadict(self, data, files, name):
        return Asked(data.get(f"{name}_town") or "", data.get(f"{name}_country") or "", data.get(name) or "")

    def value_omitted_from_data(self, data, files, name):
        return f"{name}_town" not in data

    def id_for_label(self, id_):
        return f"{id_}_town" if id_ else ""

    def get_context(self, name, value, attrs):
        context = super().get_context(name, value, attrs)
        asked = value if isinstance(value, Asked) else asked_of(value)
        context["widget"] |= {
            "asked": asked,
            "is_wrong": "aria-invalid" in context["widget"]["attrs"],
            "places": told_apart(asked.offered) if asked else [],
            "countries": [] if self.listens else countries.choices(),
            "listens": self.listens,
        }
        return context


class PlaceField(forms.Field):
    """Yields a `Place`, or None when nothing was typed."""

    widget = PlaceWidget
    default_error_messages = {
        "unknown": _(
            "We know no town called “%(town)s” there. Check its spelling and the country, or write a town near by."
        ),
        "several": _("Several towns are called “%(town)s”. Choose which one you mean."),
        "country": _("“%(town)s” is a country. Choose one of its towns, or write the one that you mean."),
        "small": _("Is this the “%(town)s” that you mean? Choose it, or choose its country."),
        "beginning": _("We know no town called exactly “%(town)s”. Choose the one that you mean."),
    }

    def clean(self, value):
        asked = value if isinstance(value, Asked) else asked_of(value)
        if not asked:
            self.validate(None)
            return None
        if asked.only:
            return asked.only
        if not asked.offered:
            code = "unknown"
        elif asked.land:
            code = "country"
        else:
            named = place_index.named(asked.town, country=asked.country, most=2)
            code = ("beginning", "small", "several")[len(named)]
        raise ValidationError(self.error_messages[code], code=code, params={"town": asked.town})

    def has_changed(self, initial, data):
        return asked_of(initial) != data


class PlaceChoices(PlaceWidget):
    """The towns that can be meant by two other fields of the form; it may be none of them."""

    listens = True

    def __init__(self, *, town, country):
        super().__init__()
        self.town, self.country = town, country

    def value_from_datadict(self, data, files, name):
        return Asked(data.get(self.town) or "", data.get(self.country) or "", data.get(name) or "")

    def value_omitted_from_data(self, data, files, name):
        return self.town not in data

    def id_for_label(self, id_):
        return f"id_{self.town}"


class PlaceChoiceField(forms.Field):
    """Which town the form's fields `town` and `country` mean; yields what was asked, for the form to decide."""

    def __init__(self, *, town, country):
        self.town, self.country = town, country
        super().__init__(label="", required=False, widget=PlaceChoices(town=town, country=country))

    def listen(self, form):
        """With script the two fields ask for the towns while one types."""
        asks = {
            "hx-get": f"{reverse('consortium:places')}?name=place&of={self.town},{self.country}",
            "hx-include": f"#id_{self.town}, #id_{self.country}",
            "hx-target": "#id_place_found",
            "hx-sync": "#id_place_found:queue last",
        }
        form.fields[self.town].widget.attrs |= asks | {"hx-trigger": "input changed delay:250ms"}
        form.fields[self.country].widget.attrs |= asks | {"hx-trigger": "change"}
