from django import forms
from django.conf import settings
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from consortium.models import Project
from reporting.models.reports import OF_A_PROJECT, ReportKind
from westum.base.forms import PlainForm


def language_field(label):
    return forms.ChoiceField(label=label, choices=settings.LANGUAGES, widget=forms.RadioSelect, initial=get_language)


class OrderForm(PlainForm):
    """Which paper, of which project, in which language."""

    kind = forms.ChoiceField(
        label=_("Report"), choices=[(kind.value, kind.label) for kind in OF_A_PROJECT], initial=ReportKind.PARTICIPANTS
    )
    project = forms.ModelChoiceField(
        label=_("Project"),
        queryset=None,
        empty_label=None,
        to_field_name="slug",
        error_messages={
            "required": _("Choose the project that the report is about."),
            "invalid_choice": _("Choose one of the projects in the list."),
        },
    )
    language = language_field(_("Language of the report"))

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, user=user, **kwargs)
        self.fields["project"].queryset = Project.objects.reporting(user).newest_first()


class StatementOrderForm(PlainForm):
    """In which language a statement is wanted, of a member or of one grant."""

    language = language_field(_("Language of the statement"))
