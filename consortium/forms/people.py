from django import forms
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from consortium import people
from consortium.models import Invitation, Membership, Organisation, Project
from consortium.permissions import Role
from westum.base.forms import PlainForm, RowForm
from westum.base.text import fold

# What a role is for, in the words of a form.
ROLES = [
    (Role.CONTACT, gettext_lazy("Contact person: registers the mobilities of one member")),
    (Role.STAFF, gettext_lazy("Project staff: reads everything, exports and orders reports")),
    (Role.COORDINATOR, gettext_lazy("Coordinator: decides, and lets people in")),
    (Role.AUDITOR, gettext_lazy("Auditor: reads one project until a stated day")),
]


def a_day():
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class _PeriodForm(RowForm):
    """A role and its days. An auditor, and nobody else, is bound to a project."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = ROLES
        self.fields["project"].queryset = Project.objects.own().newest_first()
        self.fields["project"].empty_label = _("No project")

    def clean(self):
        cleaned = super().clean()
        role, project, last_day = cleaned.get("role"), cleaned.get("project"), cleaned.get("to_date")
        if last_day and last_day < timezone.localdate():
            self.add_error("to_date", _("This day has passed. Choose today or a later day."))
        if role == Role.AUDITOR and not project:
            self.add_error("project", _("Choose the project that the auditor reads."))
        if role == Role.AUDITOR and not last_day and "to_date" not in self.errors:
            self.add_error("to_date", _("Give the last day on which the auditor may read."))
        if role and role != Role.AUDITOR and project:
            self.add_error("project", _("Only an auditor is bound to a project. Choose none."))
        return cleaned


class InvitationForm(_PeriodForm):
    groups = [
        (gettext_lazy("The person"), ["name", "email", "language"]),
        (gettext_lazy("The role"), ["role", "organisation", "project"]),
        (gettext_lazy("From when to when"), [("from_date", "to_date")]),
    ]

    class Meta:
        model = Invitation
        fields = ["name", "email", "language", "role", "organisation", "project", "from_date", "to_date"]
        widgets = {"role": forms.RadioSelect, "from_date": a_day(), "to_date": a_day()}
        help_texts = {
            "email": gettext_lazy("The invitation goes there. Later it is the address for logging in."),
            "project": gettext_lazy("Only for an auditor: the project that is audited."),
            "from_date": gettext_lazy("Empty: at once."),
            "to_date": gettext_lazy("Empty: until somebody ends it. An auditor needs a last day."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["organisation"].queryset = Organisation.objects.inviting(self.user).in_order()
        self.fields["organisation"].empty_label = _("Choose an organisation")

    def clean_email(self):
        return self.cleaned_data["email"].lower()

    def clean_from_date(self):
        first_day = self.cleaned_data["from_date"]
        if first_day and first_day < timezone.localdate():
            raise forms.ValidationError(_("This day has passed. Choose today or a later day."))
        return first_day

    def validate_constraints(self):
        """Among the constraints is one against inviting twice; an invitation that has run out gives way to the new one."""
        if people.same_as(self.instance).run_out().exists():
            return
        super().validate_constraints()


class MembershipForm(_PeriodForm):
    """Another role in the same organisation, or other days."""

    groups = [
        (gettext_lazy("The role"), ["role", "project"]),
        (gettext_lazy("From when to when"), [("from_date", "to_date")]),
        ("", ["reason"]),
    ]
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("One sentence. It stands in the history, and in the mail to the person."),
    )

    class Meta:
        model = Membership
        fields = ["role", "project", "from_date", "to_date"]
        labels = {"from_date": gettext_lazy("First day"), "to_date": gettext_lazy("Last day")}
        widgets = {"role": forms.RadioSelect, "from_date": a_day(), "to_date": a_day()}
        help_texts = {
            "project": gettext_lazy("Only for an auditor: the project that is audited."),
            "to_date": gettext_lazy("Empty: until somebody ends it. An auditor needs a last day."),
        }

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.version_seen = self.instance.version  # cleaning compares it with the one that the page was made from


class ConfirmForm(PlainForm):
    """A question that is answered by a button."""


class PeopleFilters(forms.Form):
    """Search and filters of the list of people. What the address says in vain is ignored."""

    SHOWN = [
        ("", gettext_lazy("Those who have access")),
        ("ended", gettext_lazy("Those whose access has ended")),
    ]
    q = forms.CharField(
        label=gettext_lazy("Search name, address or organisation"),
        required=False,
        widget=forms.TextInput(attrs={"type": "search"}),
    )
    role = forms.ChoiceField(label=gettext_lazy("Role"), required=False)
    show = forms.ChoiceField(label=gettext_lazy("Show"), required=False, choices=SHOWN)

    def __init__(self, data, **kwargs):
        super().__init__(data, **kwargs)
        self.fields["role"].choices = [
            ("", _("All roles")),
            *((role, capfirst(label)) for role, label in Role.choices),
        ]
        self.is_valid()

    def chosen(self, name):
        return self.cleaned_data.get(name, "")

    @property
    def are_set(self):
        return any(self.chosen(name) for name in self.fields)

    @property
    def ended(self):
        return self.chosen("show") == "ended"

    def narrow(self, memberships):
        memberships = memberships.over() if self.ended else memberships.not_over()
        if role := self.chosen("role"):
            memberships = memberships.filter(role=role)
        for word in fold(self.chosen("q")).split():
            memberships = memberships.matching(word)
        return memberships
