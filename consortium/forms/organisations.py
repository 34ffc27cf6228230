import re
from dataclasses import replace
from difflib import get_close_matches

from django import forms
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from stdnum.se import orgnr

from consortium import look_alikes, naming
from consortium.models import Municipality, NetworkMembership, Organisation, OrganisationKind, OrganisationName
from consortium.models.organisations import checked_organisation_number
from westum.base import countries
from westum.base.distances import in_km
from westum.base.forms import RowForm
from westum.base.place_fields import Asked, PlaceChoiceField
from westum.base.place_index import named
from westum.base.text import fold, sort_key

HOME = "SE"


def countries_from_home():
    return [(HOME, countries.names()[HOME]), *countries.choices(without={HOME})]


NEAR_KM = 30  # a host on the outskirts of its town

BETWEEN = re.compile(r"[,;\n]|\s(?:och|and|&)\s", re.IGNORECASE)


class RowsByNameField(forms.CharField):
    """Rows of reference data by their names, with commas between, or "and" before the last one."""

    def prepare_value(self, value):
        if value is None or isinstance(value, str):
            return value
        return ", ".join(sorted((str(row) for row in value), key=sort_key))

    def clean(self, value):
        names = _names(super().clean(value))
        known = self.known() if names else {}
        found, unknown = [], []
        for name in names:
            try:
                found.append(self._named(name, known))
            except ValidationError as sentence:
                unknown.append(sentence)
        if unknown:
            raise ValidationError(unknown)
        return list(dict.fromkeys(found))

    def known(self):
        """Rows by folded name."""
        raise NotImplementedError

    def spellings(self, name):
        return [fold(name)]

    def _named(self, name, known):
        spellings = self.spellings(name)
        for candidate in spellings:
            if candidate in known:
                return known[candidate]
        near = get_close_matches(spellings[0], known, n=1)
        if near:
            raise ValidationError(self.like_another, params={"name": name, "near": known[near[0]]})
        raise ValidationError(self.unknown, params={"name": name})

    def has_changed(self, initial, data):
        return {fold(name) for name in _names(self.prepare_value(initial))} != {
            fold(name) for name in _names(self.prepare_value(data))
        }


def _names(text):
    return [name.strip() for name in BETWEEN.split(text or "") if name.strip()]


class MunicipalitiesField(RowsByNameField):
    like_another = gettext_lazy("There is no municipality called “%(name)s”. Did you mean %(near)s?")
    unknown = gettext_lazy("There is no municipality called “%(name)s”. Write its name as in Partille.")

    def known(self):
        return {fold(municipality.name): municipality for municipality in Municipality.objects.all()}

    def spellings(self, name):
        plain = fold(name.removesuffix(" kommun").removesuffix(" stad"))
        return [plain, plain.removesuffix("s")]


class NamedForm(RowForm):
    """What forms of members and of hosts share: country, other names, and those that are here under a like name."""

    other_names = forms.CharField(
        label=gettext_lazy("Other names"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("One a line. The organisation is found by each of them."),
    )
    country = forms.ChoiceField(label=gettext_lazy("Country"), choices=countries_from_home, initial=HOME)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.look_alikes = []
        if self.instance.pk:
            names = self.instance.other_names.values_list("name", flat=True)
            self.initial["other_names"] = "\n".join(names)

    def _look_at_row(self):
        """The other names, too, are compared with those of somebody who was faster."""
        super()._look_at_row()
        self._row_values["other_names"] = "\r\n".join(self.instance.other_names.values_list("name", flat=True))

    def clean_other_names(self):
        """Each once, in the order written; the name itself is no other name."""
        lines = [" ".join(line.split()) for line in self.cleaned_data["other_names"].splitlines()]
        names = list(dict.fromkeys(line for line in lines if line and line != self.cleaned_data.get("name")))
        limit = OrganisationName._meta.get_field("name").max_length
        for name in names:
            if len(name) > limit:
                raise ValidationError(
                    _("Another name is at most %(limit)s characters. Shorten “%(name)s”."),
                    params={"limit": limit, "name": name},
                )
        return names

    def known(self):
        """Among whom look-alikes are sought."""
        return Organisation.objects.in_order()

    def clean(self):
        """A new organisation that is like another one is saved only when the person says that it is another one."""
        cleaned = super().clean()
        name = cleaned.get("name")
        if self.instance._state.adding and name and not self._is_another_one(name):
            self.look_alikes = look_alikes.among(self.known().with_names(), name)
        if self.look_alikes:
            self.add_error(
                "name",
                _("There is already “%(name)s”. Open it, or say that this is another one.")
                % {"name": self.look_alikes[0].name},
            )
        return cleaned

    def _is_another_one(self, name):
        """Said by the button, or earlier of this name: then the form carries the answer on, should it come back."""
        if self.data.get("new_all_the_same") not in {"yes", name}:
            return False
        self.add("new_all_the_same", forms.CharField(required=False, widget=forms.HiddenInput))
        self._put("new_all_the_same", name)
        return True

    def clean_latitude(self):
        return self._in_degrees("latitude", 90, _("Latitude lies between −90 and 90."))

    def clean_longitude(self):
        return self._in_degrees("longitude", 180, _("Longitude lies between −180 and 180."))

    def _in_degrees(self, name, most, sentence):
        degrees = self.cleaned_data[name]
        if degrees is not None and abs(degrees) > most:
            raise ValidationError(sentence)
        return degrees


class PlacedForm(NamedForm):
    """With the place on the map: that of the town, unless somebody writes it by hand."""

    place = PlaceChoiceField(town="city", country="country")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["place"].listen(self)
        self.fields["latitude"].help_text = _("As in 57.73923. Empty: that of the town, from GeoNames (CC BY 4.0).")
        self.fields["longitude"].help_text = _("As in 12.10590. Empty: that of the town.")

    def clean(self):
        cleaned = super().clean()
        asked = cleaned.pop("place", None) or Asked()
        if not {"latitude", "longitude"} & {*self.changed_data, *self.errors}:
            self._take_place(asked, cleaned)
        return cleaned

    def _take_place(self, asked, cleaned):
        """What was written by hand, and what lies in or near the town, stays; so does all of a town that nobody changed."""
        here = (cleaned.get("latitude"), cleaned.get("longitude"))
        is_another = asked.chosen not in (None, replace(asked, key="").only)
        is_moved = self.instance._state.adding or {"city", "country"} & set(self.changed_data) or is_another
        if asked.is_none or not is_moved and (None not in here or not asked.chosen):
            return
        if place := asked.only:
            self._take_town(place, cleaned)
            if None in here or in_km(here, place.point) > NEAR_KM:
                cleaned["latitude"], cleaned["longitude"] = place.point
        elif named(asked.town, country=asked.country, most=2):
            sentence = _("Several towns are called “%(town)s”. Choose which one you mean, or none of them.")
            self.add_error("place", sentence % {"town": asked.town})

    def _take_town(self, place, cleaned):
        """Whoever has chosen a town in the list need not write its name to the end, nor its country."""
        if fold(cleaned.get("city", "")) not in place.words:
            cleaned["city"] = place.name
        if not cleaned.get("country") and place.country in dict(self.fields["country"].choices):
            cleaned["country"] = place.country
            self.errors.pop("country", None)


class NumberedForm(NamedForm):
    """With the number of an organisation in Sweden."""

    # Longer than the number itself: it may be typed with spaces.
    organisation_number = forms.CharField(
        label=gettext_lazy("Organisation number"),
        required=False,
        max_length=30,
        empty_value=None,
        help_text=gettext_lazy("Ten digits, as in 802414-8689. Only for organisations in Sweden."),
    )

    def clean_organisation_number(self):
        number = self.cleaned_data["organisation_number"]
        if number is None:
            return None
        checked_organisation_number(number)
        return orgnr.format(orgnr.compact(number))


class OrganisationForm(PlacedForm, NumberedForm):
    groups = [
        (
            gettext_lazy("The organisation"),
            ["kind", "name", "legal_name", "other_names", ("organisation_number", "oid")],
        ),
        (gettext_lazy("Where it is"), ["street", ("postal_code", "city"), "country", "place", "municipalities"]),
        (gettext_lazy("On the map"), [("latitude", "longitude")]),
    ]
    municipalities = MunicipalitiesField(
        label=gettext_lazy("Municipalities"),
        required=False,
        max_length=1000,
        help_text=gettext_lazy("Those for which it stands, with commas between, as in Trollhättan, Vänersborg."),
    )

    class Meta:
        model = Organisation
        fields = [
            "kind",
            "name",
            "legal_name",
            "organisation_number",
            "oid",
            "street",
            "postal_code",
            "city",
            "country",
            "municipalities",
            "latitude",
            "longitude",
        ]
        labels = {"oid": "OID"}
        help_texts = {
            "legal_name": gettext_lazy("Only when it is another than the name."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["kind"].choices = [(kind, capfirst(label)) for kind, label in OrganisationKind.choices]

    def clean_oid(self):
        oid = self.cleaned_data["oid"]
        return oid.upper() if oid else None

    def save(self, commit=True):
        """The organisation and its other names. Those that stay keep their source."""
        with transaction.atomic():
            organisation = super().save(commit)
            naming.keep_other_names(organisation, self.cleaned_data["other_names"])
        return organisation


class InNetwork(models.TextChoices):
    NOW = "now", gettext_lazy("members of the network")
    EARLIER = "earlier", gettext_lazy("former members")
    NEVER = "never", gettext_lazy("never members")


class OrganisationFilters(forms.Form):
    """Search, kind and network of the list of organisations. What the address says in vain is ignored."""

    q = forms.CharField(
        label=gettext_lazy("Search name or town"),
        required=False,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    kind = forms.ChoiceField(label=gettext_lazy("Kind"), required=False)
    network = forms.ChoiceField(label=gettext_lazy("Network"), required=False)

    def __init__(self, data, *, user):
        super().__init__(data)
        self.user = user
        self.fields["kind"].choices = [
            ("", _("All kinds")),
            *((kind, capfirst(label)) for kind, label in OrganisationKind.choices),
        ]
        self.fields["network"].choices = [
            ("", _("All, in the network or not")),
            *((value, capfirst(label)) for value, label in InNetwork.choices),
        ]
        self.is_valid()

    def chosen(self, name):
        return self.cleaned_data.get(name, "")

    @property
    def are_set(self):
        return any(self.chosen(name) for name in self.fields)

    def narrow(self, organisations):
        if kind := self.chosen("kind"):
            organisations = organisations.filter(kind=kind)
        if network := self.chosen("network"):
            organisations = self._in_network(organisations, network)
        for word in fold(self.chosen("q")).split():
            organisations = organisations.called(word)
        return organisations

    def _in_network(self, organisations, network):
        rows = NetworkMembership.objects.visible_to(self.user)
        now = Q(pk__in=rows.of_today().values("organisation"))
        ever = Q(pk__in=rows.values("organisation"))
        return organisations.filter(
            {InNetwork.NOW: now, InNetwork.EARLIER: ever & ~now, InNetwork.NEVER: ~ever}[network]
        )
