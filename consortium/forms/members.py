"""The table of a project's members as the address asks for it, a member's place in the project, and its papers."""

from django import forms
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from consortium import contacts, member_table
from consortium.forms.organisations import MunicipalitiesField
from consortium.models import MemberRole, ProjectMember
from westum.base.file_fields import KeptFile, file_field
from westum.base.forms import PlainForm, RowForm
from westum.base.text import fold

ANYTHING = "anything"


class MemberFilters(forms.Form):
    """Search, role and what is missing. What the address says in vain is ignored."""

    q = forms.CharField(
        label=gettext_lazy("Search member or municipality"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    role = forms.ChoiceField(label=gettext_lazy("Role"), required=False)
    missing = forms.ChoiceField(label=gettext_lazy("Missing"), required=False)

    def __init__(self, data, *, sees_people):
        super().__init__(data)
        self.fields["role"].choices = [
            ("", _("All roles")),
            *((role, capfirst(label)) for role, label in MemberRole.choices),
        ]
        lacks = [lack for lack in member_table.Lack if sees_people or lack not in member_table.PERSONAL]
        self.fields["missing"].choices = [
            ("", _("All members")),
            (ANYTHING, _("Something is missing")),
            *((lack.value, capfirst(lack.label)) for lack in lacks),
        ]
        self.is_valid()
        asked = data.get("sort", "")
        self.sort = asked if asked.removeprefix("-") in member_table.ORDERS else "name"

    def chosen(self, name):
        return self.cleaned_data.get(name, "")

    @property
    def are_set(self):
        return any(self.chosen(name) for name in self.fields)

    def narrow(self, rows):
        if role := self.chosen("role"):
            rows = [row for row in rows if row.member.role == role]
        if lack := self.chosen("missing"):
            rows = [row for row in rows if (row.lacks if lack == ANYTHING else lack in row.lacks)]
        for word in fold(self.chosen("q")).split():
            rows = [row for row in rows if row.says(word)]
        return member_table.ordered(rows, self.sort)


class _Person(forms.ModelChoiceField):
    def label_from_instance(self, user):
        return f"{user} ({user.email})"


class MemberForm(RowForm):
    groups = [
        (gettext_lazy("In the project"), ["role", "printed_name"]),
        (gettext_lazy("Stands for"), ["municipalities", "stands_for_status", "hint_sv", "hint_en"]),
        (gettext_lazy("Who answers for it"), ["contact", "deputy"]),
    ]
    municipalities = MunicipalitiesField(
        label=gettext_lazy("Municipalities"),
        required=False,
        max_length=1000,
        help_text=gettext_lazy("Those for which it stands in this project, with commas between."),
    )
    contact = _Person(
        label=gettext_lazy("Responsible contact person"),
        queryset=None,
        required=False,
        empty_label=gettext_lazy("Nobody"),
        help_text=gettext_lazy("Those who are contact persons of the organisation today."),
    )
    deputy = _Person(label=gettext_lazy("Deputy"), queryset=None, required=False, empty_label=gettext_lazy("Nobody"))

    class Meta:
        model = ProjectMember
        fields = [
            "role",
            "printed_name",
            "municipalities",
            "stands_for_status",
            "hint_sv",
            "hint_en",
            "contact",
            "deputy",
        ]
        labels = {
            "printed_name": gettext_lazy("Name as printed"),
            "stands_for_status": gettext_lazy("How sure is that?"),
            "hint_sv": gettext_lazy("What a paper only hints at, in Swedish"),
            "hint_en": gettext_lazy("What a paper only hints at, in English"),
        }
        help_texts = {
            "printed_name": gettext_lazy("As the project's paper writes the organisation's name."),
            "hint_sv": gettext_lazy("For instance that it speaks of more municipalities without naming them."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        people = contacts.to_choose_from(self.instance.organisation_id)
        for name in ("contact", "deputy"):
            self.fields[name].queryset = people
        for name in ("role", "stands_for_status"):
            self.fields[name].choices = [(key, capfirst(label)) for key, label in self.fields[name].choices if key]


def _day(label, help_text=""):
    return forms.DateField(
        label=label, help_text=help_text, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )


class MemberPaperForm(KeptFile, PlainForm):
    signed_on = _day(gettext_lazy("Signed on"))
    signed_by = forms.CharField(
        label=gettext_lazy("Signed by"),
        max_length=120,
        help_text=gettext_lazy("Who signed for the member: the name, and the office if you like."),
    )
    file = file_field(label=gettext_lazy("File"), required=False)


class EndPaperForm(PlainForm):
    ended_on = _day(gettext_lazy("In force until"))
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("One sentence. It stays in the history."),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["ended_on"].initial = timezone.localdate()
