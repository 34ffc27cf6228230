"""Registering a mobility: the person comes from the list, or is written with it."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from consortium.models import Municipality
from mobilities import eligibility
from mobilities.forms.choices import GroupedSelect, capitalise, person_label
from mobilities.forms.mobilities import MobilityForm
from mobilities.models import Participant, ParticipantGroup
from westum.base.text import fold

NEW_PERSON = _("A person who is not in the list")
PERSON_FIELDS = ["group", "first_name", "last_name", "email", "phone", "home_municipality"]


def of_person(name, **options):
    return Participant._meta.get_field(name).formfield(**{"required": False} | options)


class RegistrationForm(MobilityForm):
    """A new mobility of somebody whom the member has registered before, or of a new person who is written here."""

    participant = forms.ModelChoiceField(
        label=_("Person"),
        queryset=None,
        required=False,
        empty_label=_("Choose a person"),
        widget=GroupedSelect,
    )
    group = forms.ChoiceField(
        label=_("Who is it?"),
        choices=ParticipantGroup.choices,
        required=False,
        widget=forms.RadioSelect(attrs={"class": "side"}),
    )
    first_name = of_person("first_name")
    last_name = of_person("last_name")
    email = of_person(
        "email",
        help_text=_("The code to log in goes there. Leave it empty if the person has none."),
    )
    phone = of_person("phone")
    language = of_person("language")
    home_municipality = of_person("home_municipality", empty_label=_("Not known"))
    is_another = forms.BooleanField(label=_("It is another person"), required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.organisation = self.instance.sending_organisation
        self.person = None  # who is new and still to be saved
        self.traveller = None
        self.known = []  # who of the member may be the same person, by the address or by the name
        self.known_by_name = False
        capitalise(self.fields["group"])
        people = self._people()
        self.fields["participant"].queryset = people.in_order()
        self.fields["participant"].label_from_instance = person_label
        self.fields["home_municipality"].queryset = Municipality.objects.in_order()
        if not people.exists():
            del self.fields["participant"]
        # The question comes with the answer that raises it, and stays while it is answered with yes.
        if not (self.is_bound and self.namesakes()):
            del self.fields["is_another"]

    def _people(self):
        return Participant.objects.editable_by(self.user).filter(organisation=self.organisation)

    def namesakes(self):
        """Who of the member has the name that is written, whatever its accents and capitals."""
        try:
            name = fold(*(self.fields[part].clean(self[part].data) for part in ("first_name", "last_name")))
        except ValidationError:
            name = ""
        found = self._people().filter(search__startswith=name).in_order() if name else []
        return [person for person in found if fold(person.first_name, person.last_name) == name]

    @property
    def groups(self):
        chosen = ["participant"] if "participant" in self.fields else []
        same = ["is_another"] if "is_another" in self.fields else []
        new = ["group", ("first_name", "last_name"), *same, ("email", "phone"), ("language", "home_municipality")]
        who = [(_("Who travels?"), chosen), (NEW_PERSON, new)] if chosen else [(_("Who travels?"), new)]
        return [*who, *super().groups]

    @property
    def folded(self):
        person = {NEW_PERSON: PERSON_FIELDS} if "participant" in self.fields else {}
        return person | super().folded

    @property
    def known_labels(self):
        return [(person, person_label(person)) for person in self.known]

    def choose_instead(self, key):
        """Take somebody of the list in the place of the person who was written."""
        self.data = self.data.copy()
        for name in [*PERSON_FIELDS, "is_another"]:
            self.data.pop(self.add_prefix(name), None)
        self.fields.pop("is_another", None)
        self._put("participant", key)

    def clean(self):
        super().clean()
        chosen = self.cleaned_data.get("participant")
        if chosen and any(self.cleaned_data.get(name) for name in ("first_name", "last_name", "email", "phone")):
            self.add_error("participant", _("Choose a person in the list or write a new one, not both."))
        elif chosen:
            self.traveller = self.instance.participant = chosen
        elif "participant" not in self.errors:
            self._clean_person()
        return self.cleaned_data

    def _clean_person(self):
        if "participant" in self.fields and not any(self[name].data for name in PERSON_FIELDS):
            self.add_error("participant", _("Choose a person, or write a new one below."))
            return
        for name, sentence in (
            ("group", _("Choose who travels: a learner, staff or a supervisor.")),
            ("first_name", _("Write the first name.")),
            ("last_name", _("Write the last name.")),
        ):
            if not self.cleaned_data.get(name) and name not in self.errors:
                self.add_error(name, sentence)
        values = {name: self.cleaned_data[name] for name in [*PERSON_FIELDS, "language"] if self.cleaned_data.get(name)}
        person = Participant(organisation=self.organisation, **values)
        try:
            person.validate_constraints(exclude=set(self.errors))
        except ValidationError as violations:
            self.refuse(violations)
            self.known = list(self._people().filter(email__iexact=person.email)) if person.email else []
        if "is_another" in self.fields and not self.known and not self.cleaned_data["is_another"]:
            self.known, self.known_by_name = self.namesakes(), True
            self.add_error("is_another", _("Somebody of this name is registered already. Is it the same person?"))
        self.person = self.traveller = self.instance.participant = person

    def _wrong(self, goals):
        """Without a person nobody knows what is right for the group; all the rest is said at once."""
        if self.traveller and self.traveller.group:
            return super()._wrong(goals)
        return eligibility.wrong_whoever_travels(self.instance)
