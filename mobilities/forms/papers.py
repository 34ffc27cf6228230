"""Papers: uploads of a mobility, the placement report and its review."""

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from mobilities.models import DocumentKind, PlacementReport
from westum.base.file_fields import KeptFile, file_field
from westum.base.forms import PlainForm


def kinds_to_add():
    """The placement report has a page of its own."""
    return [
        (kind, capfirst(str(label))) for kind, label in DocumentKind.choices if kind != DocumentKind.PLACEMENT_REPORT
    ]


class DocumentForm(KeptFile, PlainForm):
    kind = forms.ChoiceField(
        label=_("What is it?"),
        choices=kinds_to_add,
    )
    file = file_field(label=_("File"))


class PlacementReportForm(KeptFile, PlainForm):
    """The file with the report, and two questions that one may leave. A new file is needed the first time only."""

    file = file_field(label=_("Your report"))
    tasks = forms.CharField(
        label=_("What did you do?"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("You can write a little. Swedish or English is fine."),
    )
    learned = forms.CharField(
        label=_("What did you learn?"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args, report=None, **kwargs):
        report = report or PlacementReport()
        super().__init__(*args, initial={"tasks": report.tasks, "learned": report.learned}, **kwargs)
        if report.pk:
            self.fields["file"].required = False


class ReviewForm(PlainForm):
    """Accepting needs no words, sending back does."""

    comment = forms.CharField(
        label=_("What should be changed?"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Write here only if you send the report back."),
    )

    def clean(self):
        super().clean()
        self.sends_back = self.data.get("act") == "send_back"
        if self.sends_back and not self.cleaned_data.get("comment") and "comment" not in self.errors:
            self.add_error("comment", _("Write what should be changed, so that the sender knows."))
