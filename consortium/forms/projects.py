"""Forms of a project as such: its facts, a step of its life, who belongs to it."""

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from consortium import project_facts, rate_countries
from consortium.models import Organisation, OrganisationKind, Programme, Project
from consortium.permissions import Permission
from westum.base.forms import PlainForm, RowForm

NO_OWNERS = [OrganisationKind.RECEIVING, OrganisationKind.EMPLOYER]
OF_GRANTS = (gettext_lazy("How grants are worked out"), ["rates_of", "organisational_percent"])


class FactsForm(RowForm):
    groups = [
        (gettext_lazy("Name"), ["name_sv", "name_en"]),
        (gettext_lazy("Grant"), ["programme", "reference", "call_year", "accreditation", "owner"]),
        OF_GRANTS,
        (gettext_lazy("What its paper states"), [("members_stated", "goals_stated")]),
        (gettext_lazy("How sure it is"), [("programme_status", "call_year_status")]),
    ]

    class Meta:
        model = Project
        fields = [
            "name_sv",
            "name_en",
            "programme",
            "reference",
            "call_year",
            "accreditation",
            "owner",
            "rates_of",
            "organisational_percent",
            "members_stated",
            "goals_stated",
            "programme_status",
            "call_year_status",
        ]
        help_texts = {
            "reference": gettext_lazy("The funder's number, as it stands on the agreement. Empty while there is none."),
            "call_year": gettext_lazy("It decides activities and rates, never the year of travel."),
            "organisational_percent": gettext_lazy(
                "The members share the rest by their completed participants. Empty while no key is agreed."
            ),
            "accreditation": gettext_lazy("Only for a yearly project of an accredited consortium (KA121-VET)."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["programme"].choices = [("", _("Choose a programme")), *Programme.choices]
        owners = Organisation.objects.permitting(self.user, Permission.PROJECT_EDIT).exclude(kind__in=NO_OWNERS)
        self.fields["owner"].queryset = owners.in_order()
        self.fields["owner"].empty_label = _("Choose an organisation")
        accreditations = Project.objects.administered_by(self.user).filter(programme=Programme.KA120_VET)
        self.fields["accreditation"].queryset = accreditations.exclude(pk=self.instance.pk).newest_first()
        self.fields["accreditation"].empty_label = _("No accreditation")
        if "rates_of" in self.fields:
            self._ask_for_rates()
        for name in {"programme_status", "call_year_status"} & self.fields.keys():
            choices = self.fields[name].choices
            self.fields[name].choices = [(value, capfirst(str(label))) for value, label in choices]

    def _ask_for_rates(self):
        """Only of a project that grants mobilities: another fund has no unit costs."""
        if not self.instance.is_erasmus:
            del self.fields["rates_of"], self.fields["organisational_percent"]
            self.groups = [group for group in self.groups if group != OF_GRANTS]
            return
        rates_of = forms.ChoiceField(
            label=_("Whose rates"),
            choices=rate_countries.choices(self.instance.rates_of, self.instance.owner.country),
            help_text=_(
                "Each country's agency sets the day rates of those whom it sends. Another country's are marked as "
                "examples. What is accepted keeps the rates that it was accepted with."
            ),
        )
        self.add("rates_of", rates_of)

    def clean_reference(self):
        return self.cleaned_data["reference"] or None


class NewProjectForm(FactsForm):
    groups = [
        (gettext_lazy("What to begin with"), ["copied_from"]),
        (gettext_lazy("Name"), ["name_sv", "name_en", "slug"]),
        (gettext_lazy("Grant"), ["programme", "reference", "call_year", "accreditation", "owner"]),
    ]
    copied_from = forms.ModelChoiceField(
        label=gettext_lazy("Copy of an earlier project"),
        queryset=None,
        required=False,
        empty_label=gettext_lazy("Nothing: an empty project"),
        help_text=gettext_lazy(
            "Members, goals, texts and milestones are copied; persons, places and decisions are not."
        ),
    )

    class Meta(FactsForm.Meta):
        fields = ["slug", "name_sv", "name_en", "programme", "reference", "call_year", "accreditation", "owner"]
        help_texts = FactsForm.Meta.help_texts | {
            "slug": gettext_lazy("It stays for ever, as in /projects/ka1-2027/. Left empty, it is made from the name."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["copied_from"].queryset = Project.objects.administered_by(self.user).newest_first()
        self.fields["slug"].required = False
        self.fields["slug"].error_messages["invalid"] = _("Write a–z, digits and hyphens alone, as in ka1-2027.")
        owners = {right.organisation_id for right in self.user.rights}
        self.fields["owner"].initial = owners.pop() if len(owners) == 1 else None

    def clean(self):
        cleaned = super().clean()
        if not cleaned.get("slug") and "slug" not in self.errors and cleaned.get("name_sv"):
            cleaned["slug"] = project_facts.free_slug(cleaned["name_sv"])
        return cleaned


class StepForm(PlainForm):
    """A step of a project's life; `needs_reason` asks why."""

    def __init__(self, *args, needs_reason, **kwargs):
        super().__init__(*args, **kwargs)
        if needs_reason:
            reason = forms.CharField(
                label=_("Reason"),
                max_length=300,
                widget=forms.Textarea(attrs={"rows": 3}),
                help_text=_("One sentence. It stays in the history of the project."),
            )
            self.add("reason", reason)


class AddMembersForm(PlainForm):
    organisations = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Organisations"),
        queryset=None,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Tick one organisation or more.")},
    )

    def __init__(self, *args, project, **kwargs):
        super().__init__(*args, **kwargs)
        organisations = Organisation.objects.permitting(self.user, Permission.PROJECT_EDIT).members()
        self.fields["organisations"].queryset = organisations.exclude(project_members__project=project).in_order()
