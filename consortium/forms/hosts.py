"""The bank of hosts: searching in it, and what is written about a host."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from consortium import host_facts
from consortium.forms.organisations import HOME, NamedForm, PlacedForm, RowsByNameField
from consortium.models import FieldOfWork, HostVerdict, Language, Organisation, OrganisationKind
from westum.base import countries
from westum.base.file_fields import LIMITS, KeptFile, file_field
from westum.base.forms import PlainForm, RowForm
from westum.base.text import fold, sort_key

MOST_AT_A_TIME = 999  # more is a slip of the keyboard


class LanguagesField(RowsByNameField):
    """Languages by their Swedish or English names."""

    like_another = gettext_lazy("We know no language called “%(name)s”. Did you mean %(near)s?")
    unknown = gettext_lazy("We know no language called “%(name)s”. Write it as in English, German.")

    def known(self):
        by_name = {}
        for language in Language.objects.all():
            for reader in ("sv", "en"):
                with override(reader):
                    by_name[fold(str(language))] = language
        return by_name


def fields_by_breadth(fields):
    """Choices of fields of work, the narrow ones under the heading of their broad one."""
    names = {field.code: field.name for field in FieldOfWork.objects.broad()}
    groups = {}
    for field in fields:
        groups.setdefault(field.broad_code, []).append(field)
    for code, members in groups.items():
        yield names.get(code, code), [(field.code, field.name) for field in members]


class FoundForm(NamedForm):
    """An organisation that a member has found for all members. Its `all_groups` have the field found_by."""

    optional = {"found_by"}

    def _offer_finders(self):
        """Nobody is asked who acts for one organisation; then that one has found it, and stays who has."""
        finders = list(Organisation.objects.finding_hosts_for(self.user).in_order())
        if len(finders) > 1:
            field = self.fields["found_by"]
            field.queryset = Organisation.objects.finding_hosts_for(self.user).in_order()
            field.empty_label = _("Nobody") if self.instance.pk else _("Choose who found it")
            field.required = self.instance._state.adding
            return
        del self.fields["found_by"]
        if self.instance._state.adding and finders:
            self.instance.found_by = finders[0]

    @property
    def groups(self):
        """Without the questions that are not asked."""
        return [
            (legend, [name for name in names if name not in self.optional or name in self.fields])
            for legend, names in self.all_groups
        ]


class HostForm(KeptFile, PlacedForm, FoundForm):
    """A receiving organisation as the bank knows it."""

    optional = {"found_by", "without_file"}
    all_groups = [
        (gettext_lazy("The host"), ["name", "other_names", "found_by"]),
        (
            gettext_lazy("Where it is"),
            ["street", ("postal_code", "city"), "country", "place", ("latitude", "longitude")],
        ),
        (
            gettext_lazy("How it receives"),
            ["languages", "capacity", "learning_outcomes"],
        ),
        (gettext_lazy("The agreement"), [("agreed_on", "agreed_until"), "file", "without_file"]),
        (gettext_lazy("What it works with"), ["fields_of_work"]),
    ]
    languages = LanguagesField(
        label=gettext_lazy("Languages"),
        required=False,
        max_length=300,
        help_text=gettext_lazy("Those in which people work there, with commas between, as in English, German."),
    )
    file = file_field(label=gettext_lazy("The agreement as a file"), required=False)
    without_file = forms.BooleanField(label=gettext_lazy("Take the file away"), required=False)

    class Meta:
        model = Organisation
        fields = [
            "name",
            "found_by",
            "street",
            "postal_code",
            "city",
            "country",
            "latitude",
            "longitude",
            "languages",
            "capacity",
            "learning_outcomes",
            "agreed_on",
            "agreed_until",
            "fields_of_work",
        ]
        labels = {
            "capacity": gettext_lazy("How many at a time?"),
            "learning_outcomes": gettext_lazy("How does it work with learning outcomes?"),
        }
        help_texts = {
            "found_by": gettext_lazy("Its contact persons may change what stands here, beside the coordinator."),
            "capacity": gettext_lazy("Participants from the whole consortium together."),
            "learning_outcomes": gettext_lazy(
                "How it plans, follows and assesses what is learned. Name no participant: all members read it."
            ),
            "agreed_until": gettext_lazy("Empty when it has no last day."),
        }
        error_messages = {
            "capacity": {"min_value": gettext_lazy("Write how many at a time, 1 or more, or leave it empty.")}
        }
        widgets = {
            "agreed_on": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
            "agreed_until": forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
            "fields_of_work": forms.CheckboxSelectMultiple(attrs={"class": "side"}),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["city"].required = True
        self.fields["country"].choices = [("", _("Choose a country")), *countries.choices(without={HOME})]
        self.fields["fields_of_work"].label = _("Fields of work")
        self.fields["fields_of_work"].queryset = FieldOfWork.objects.narrow()
        self.fields["fields_of_work"].choices = list(fields_by_breadth(FieldOfWork.objects.narrow()))
        self._offer_finders()
        self._speak_of_file()
        if self.instance._state.adding:
            self.instance.kind, self.initial["country"] = OrganisationKind.RECEIVING, ""

    def _speak_of_file(self):
        """Who reads it; the one that is kept is named, and a new one takes its place."""
        said = [_("All members read it."), LIMITS]
        if kept := self.instance.agreement_file:
            said.insert(0, _("“%(name)s” is kept here. A new file takes its place.") % {"name": kept.name})
        else:
            del self.fields["without_file"]
        self.fields["file"].help_text = " ".join(map(str, said))

    def clean_capacity(self):
        number = self.cleaned_data["capacity"]
        if number and number > MOST_AT_A_TIME:
            raise ValidationError(_("Write at most %(n)s. No host takes more at a time.") % {"n": MOST_AT_A_TIME})
        return number

    def clean(self):
        cleaned = super().clean()
        if stored := cleaned.get("file"):
            self.instance.agreement_file = stored
        elif cleaned.get("without_file"):
            self.instance.agreement_file = None
        return cleaned

    def _post_clean(self):
        """A browser keeps all that was typed, but not the chosen file: whoever sends the form again is told."""
        super()._post_clean()
        if self.errors and self.files.get("file") and "file" not in self.errors:
            self.add_error("file", _("Choose the file once more. It is saved when all the rest is right."))

    def known(self):
        return Organisation.objects.visible_to(self.user).hosts().in_order()


class YesNoField(forms.TypedChoiceField):
    """Two buttons for a claim that nobody has answered before it is asked."""

    def __init__(self, **options):
        choices = [(True, gettext_lazy("Yes")), (False, gettext_lazy("No"))]
        widget = forms.RadioSelect(attrs={"class": "side"})
        super().__init__(choices=choices, coerce=lambda value: value == "True", widget=widget, **options)

    def has_changed(self, initial, data):
        return ("" if initial is None else str(initial)) != str(data or "")


class VerdictForm(RowForm):
    """Would the member use the host again, and why?"""

    would_use_again = YesNoField(label=gettext_lazy("Would you use this host again?"))

    class Meta:
        model = HostVerdict
        fields = ["would_use_again", "note"]
        labels = {"note": gettext_lazy("Why?")}
        widgets = {"note": forms.Textarea(attrs={"rows": 4})}
        help_texts = {"note": gettext_lazy("All members read it. Name no participant, and write nothing private.")}


class SameHostForm(forms.Form):
    q = forms.CharField(
        label=gettext_lazy("Search name or town"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search"}),
    )

    @property
    def words(self):
        return fold(self.cleaned_data["q"]).split() if self.is_valid() else []

    def found(self, hosts):
        for word in self.words:
            hosts = hosts.called(word)
        return hosts


class MergeForm(PlainForm):
    """Of each fact in which two rows of a host differ: whose value stays?"""

    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args, stays, goes, **kwargs):
        super().__init__(*args, **kwargs)
        self.versions = f"{stays.version} {goes.version}"
        self.initial["seen"] = self.versions
        for row in host_facts.compared(stays, goes):
            if row.is_question:
                choices = [(answer, ", ".join(shown.splitlines())) for answer, shown in row.choices]
                widget = forms.RadioSelect(attrs={"class": "side"})
                field = forms.ChoiceField(label=row.fact.label, choices=choices, initial=row.proposed, widget=widget)
                self.add(row.fact.name, field)

    def clean(self):
        """What is decided here is decided of what was seen."""
        cleaned = super().clean()
        if cleaned.pop("seen", "") != self.versions:
            self._put("seen", self.versions)
            self.add_error(None, _("Somebody has changed one of the two meanwhile. Compare them once more."))
        return cleaned

    @property
    def asks(self):
        return len(self.visible_fields()) > 0

    @property
    def kept(self):
        return self.cleaned_data


class HostFilterForm(forms.Form):
    q = forms.CharField(
        label=gettext_lazy("Search name or town"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    country = forms.ChoiceField(label=gettext_lazy("Country"), required=False)
    field = forms.ChoiceField(label=gettext_lazy("Field of work"), required=False)
    language = forms.ChoiceField(label=gettext_lazy("Language"), required=False)

    def __init__(self, data, *, hosts):
        """`hosts` are those that may be found: only what some of them have can be chosen."""
        super().__init__(data)
        found = set(hosts.values_list("country", flat=True))
        self.fields["country"].choices = [
            ("", _("All countries")),
            *(pair for pair in countries.choices() if pair[0] in found),
        ]
        self.fields["field"].choices = [("", _("All fields")), *_fields_of(hosts)]
        languages = {row.code: str(row) for row in Language.objects.filter(hosts__in=hosts).distinct()}
        self.fields["language"].choices = [
            ("", _("All languages")),
            *((code, capfirst(name)) for code, name in sorted(languages.items(), key=lambda pair: sort_key(pair[1]))),
        ]


def _fields_of(hosts):
    """Each broad field with the narrow ones below it, as far as some host works with them."""
    used = FieldOfWork.objects.filter(hosts__in=hosts).distinct()
    for name, choices in fields_by_breadth(used):
        broad = choices[0][0][:2]
        whole = [(broad, _("All of: %(field)s") % {"field": name})] if broad != choices[0][0] else []
        yield name, [*whole, *choices]


class HostFilters:
    """What a list of hosts shows, all of it in the address. What the address says in vain is left out of account."""

    def __init__(self, data, *, hosts):
        asked = HostFilterForm(data, hosts=hosts)
        known = {name: value for name in asked.fields if name not in asked.errors and (value := data.get(name))}
        self.form = HostFilterForm(known, hosts=hosts)
        self.form.is_valid()
        self.chosen = {name: value for name, value in self.form.cleaned_data.items() if value}

    def narrow(self, hosts):
        for word in fold(self.chosen.get("q", "")).split():
            hosts = hosts.called(word)
        if country := self.chosen.get("country"):
            hosts = hosts.filter(country=country)
        if code := self.chosen.get("field"):
            hosts = hosts.filter(pk__in=FieldOfWork.objects.within(code).values("hosts"))
        if code := self.chosen.get("language"):
            hosts = hosts.filter(languages=code)
        return hosts
