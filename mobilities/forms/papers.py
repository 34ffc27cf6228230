"""Papers: uploads of a mobility, the placement report and its review."""

from django import forms
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from mobilities.models import DocumentKind, PlacementReport
from westum.base import files
from westum.base.forms import PlainForm
from westum.base.uploads import KINDS

LIMITS = _("PDF, picture (JPG, PNG) or text document (DOCX, ODT), at most 20 MB.")
ACCEPTED = ",".join(f".{extension}" for kind in KINDS for extension in kind.extensions)


def file_field(**options):
    return forms.FileField(
        help_text=LIMITS,
        widget=forms.FileInput(attrs={"accept": ACCEPTED}),
        # The content is looked at by westum.base.files, which has the better sentence for an empty file.
        allow_empty_file=True,
        **options,
    )


class KeptFile:
    """A form whose `file` is checked by its content, and kept when all the rest is right."""

    def clean_file(self):
        upload = self.cleaned_data["file"]
        return files.store(upload, by=self.user) if upload else None


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
